// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLatin1String>
#include <QWidget>

class QLabel;
class QPushButton;

namespace millrace::desktop {

class PlainLabel;

/// Says which kind of empty a place is and what the likely next step is. Plain text.
class EmptyState : public QWidget
{
    Q_OBJECT

public:
    explicit EmptyState(QWidget* parent = nullptr);

    /// @param action  label of the button; empty = none
    void setContent(QLatin1String iconName, const QString& title, const QString& text, const QString& action = {});
    [[nodiscard]] QString title() const;
    [[nodiscard]] QString text() const;
    [[nodiscard]] QPushButton* actionButton() const { return m_action; }

Q_SIGNALS:
    void actionTriggered();

private:
    void refreshIcon();
    QLatin1String m_iconName;
    QLabel* m_icon = nullptr;
    PlainLabel* m_title = nullptr;
    PlainLabel* m_text = nullptr;
    QPushButton* m_action = nullptr;
};

} // namespace millrace::desktop
