// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/views/theme.h"

#include <QAbstractButton>
#include <QList>
#include <QRectF>
#include <QString>
#include <QWidget>

class QButtonGroup;
class QVBoxLayout;

namespace millrace::desktop {

/// One entry of the side bar: icon, name and a live count.
class NavigationButton : public QAbstractButton
{
    Q_OBJECT

public:
    NavigationButton(QLatin1String iconName, const QString& name, QWidget* parent = nullptr);

    /// Empty = none. `isAlert` marks something that wants attention.
    void setBadge(const QString& badge, bool isAlert);
    [[nodiscard]] QString badge() const { return m_badge; }
    /// Where the name is, left of the count.
    [[nodiscard]] QRect textArea() const;
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;

private:
    [[nodiscard]] QRectF badgeArea() const;
    bool m_showsFocus = false; ///< it came by keyboard
    QString m_badge;
    bool m_isAlert = false;
};

/// The side bar. Thread: gui.
class Navigation : public QWidget
{
    Q_OBJECT

public:
    explicit Navigation(QWidget* parent = nullptr);

    /// @returns the entry's index
    int addEntry(QLatin1String iconName, const QString& name, const QString& shortcut);
    void setCurrent(int index);
    [[nodiscard]] int current() const;
    [[nodiscard]] NavigationButton* entry(int index) const;

Q_SIGNALS:
    void currentChanged(int index);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QVBoxLayout* m_column = nullptr;
    QButtonGroup* m_group = nullptr;
};

} // namespace millrace::desktop
