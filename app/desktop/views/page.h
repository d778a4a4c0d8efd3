// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>
#include <QWidget>

namespace millrace::desktop {

/// One line of the shortcuts overlay.
struct ShortcutHelp
{
    QString keys;    ///< as printed on the keys, for example `F8`
    QString meaning; ///< translated
};

/// One page of the main window. Does work only between activated() and deactivated(): a page that nobody sees
/// repaints nothing. Thread: gui.
class Page : public QWidget
{
    Q_OBJECT

public:
    using QWidget::QWidget;

    /// The page came to the front.
    virtual void activated() {}
    /// Another page did, or the window was minimised.
    virtual void deactivated() {}
    /// What `?` says about this page.
    [[nodiscard]] virtual QList<ShortcutHelp> shortcuts() const { return {}; }
};

} // namespace millrace::desktop
