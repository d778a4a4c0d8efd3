// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/views/page.h"

#include <QWidget>

namespace millrace::desktop {

/// Shortcuts of the window and of the page in front, over the window; a click or Escape closes it. Thread: gui.
class HelpOverlay : public QWidget
{
    Q_OBJECT

public:
    explicit HelpOverlay(QWidget* window);

    void open(const QList<ShortcutHelp>& general, const QString& pageName, const QList<ShortcutHelp>& page);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void paintList(QPainter& painter, QRectF& area, const QString& title, const QList<ShortcutHelp>& list) const;
    [[nodiscard]] QRectF panel() const;
    QList<ShortcutHelp> m_general, m_page;
    QString m_pageName;
};

} // namespace millrace::desktop
