// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/views/theme.h"

#include <QWidget>

class QLabel;
class QPushButton;
class QToolButton;

namespace millrace::desktop {

class PlainLabel;

/// One sentence across the page, with a button or two. Hidden until show…() is called. Plain text.
class Banner : public QWidget
{
    Q_OBJECT

public:
    enum class Kind { Hint, Success, Warning, Error };
    explicit Banner(QWidget* parent = nullptr);

    /// @param action  label of the button; empty = none
    void showText(Kind kind, const QString& text, const QString& action = {}, bool closable = true);
    void dismiss();
    [[nodiscard]] QString text() const;
    [[nodiscard]] Kind kind() const { return m_kind; }
    [[nodiscard]] QPushButton* actionButton() const { return m_action; }

Q_SIGNALS:
    void actionTriggered();
    void dismissed();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void refreshIcon();
    [[nodiscard]] Token token() const;
    Kind m_kind = Kind::Hint;
    QLabel* m_icon = nullptr;
    PlainLabel* m_text = nullptr;
    QPushButton* m_action = nullptr;
    QToolButton* m_close = nullptr;
};

} // namespace millrace::desktop
