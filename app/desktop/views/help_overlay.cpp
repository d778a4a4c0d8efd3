// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/help_overlay.h"

#include "app/desktop/views/theme.h"

#include <QKeyEvent>
#include <QPainter>

namespace millrace::desktop {

namespace {

constexpr int kRow = 26;
constexpr int kTitleRow = 34;
constexpr int kPanelWidth = 480;
constexpr int kKeysWidth = 136;

} // namespace

HelpOverlay::HelpOverlay(QWidget* window)
    : QWidget(window)
{
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Keyboard shortcuts"));
    window->installEventFilter(this);
    hide();
}

void HelpOverlay::open(const QList<ShortcutHelp>& general, const QString& pageName, const QList<ShortcutHelp>& page)
{
    m_general = general;
    m_page = page;
    m_pageName = pageName;
    QStringList spoken;
    for (const auto& list : {general, page}) {
        for (const auto& line : list)
            spoken << line.keys + QLatin1String(": ") + line.meaning;
    }
    setAccessibleDescription(spoken.join(QLatin1String("; ")));
    setGeometry(parentWidget()->rect());
    raise();
    show();
    setFocus();
}

QRectF HelpOverlay::panel() const
{
    const auto lines = m_general.size() + m_page.size();
    const double height = 3 * kGrid + kTitleRow * (m_page.isEmpty() ? 1 : 2) + double(lines) * kRow;
    return QRectF((width() - kPanelWidth) / 2.0, (this->height() - height) / 2.0, kPanelWidth, height);
}

void HelpOverlay::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto& theme = Theme::instance();
    painter.fillRect(rect(), QColor(0, 0, 0, theme.isDark() ? 140 : 80));
    painter.setPen(theme.color(Token::Border));
    painter.setBrush(theme.color(Token::Raised));
    painter.drawRoundedRect(panel(), kRadius, kRadius);
    QRectF area = panel().adjusted(3 * kGrid, kGrid, -3 * kGrid, -kGrid);
    paintList(painter, area, tr("Keyboard shortcuts"), m_general);
    if (!m_page.isEmpty())
        paintList(painter, area, m_pageName, m_page);
}

void HelpOverlay::paintList(QPainter& painter, QRectF& area, const QString& title, const QList<ShortcutHelp>& list) const
{
    const auto& theme = Theme::instance();
    QFont bold = Theme::font(TextSize::Body);
    bold.setBold(true);
    painter.setFont(bold);
    painter.setPen(theme.color(Token::Text));
    painter.drawText(QRectF(area.left(), area.top(), area.width(), kTitleRow), Qt::AlignLeft | Qt::AlignVCenter, title);
    area.adjust(0, kTitleRow, 0, 0);
    for (const auto& line : list) {
        painter.setFont(Theme::codeFont());
        const int keysWidth = painter.fontMetrics().horizontalAdvance(line.keys) + 2 * kGrid;
        painter.setPen(theme.color(Token::Border));
        painter.setBrush(theme.color(Token::Sunken));
        painter.drawRoundedRect(QRectF(area.left(), area.top() + 2.5, keysWidth, kRow - 5), 4, 4);
        painter.setPen(theme.color(Token::Text));
        painter.drawText(QRectF(area.left(), area.top(), keysWidth, kRow), Qt::AlignCenter, line.keys);
        painter.setFont(Theme::font(TextSize::Body));
        const double left = std::max(keysWidth + kGrid, kKeysWidth);
        painter.drawText(QRectF(area.left() + left, area.top(), area.width() - left, kRow),
                         Qt::AlignLeft | Qt::AlignVCenter,
                         line.meaning);
        area.adjust(0, kRow, 0, 0);
    }
}

void HelpOverlay::mousePressEvent(QMouseEvent*)
{
    hide();
}

void HelpOverlay::keyPressEvent(QKeyEvent* event)
{
    hide();
    event->accept();
}

bool HelpOverlay::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Resize && isVisible())
        setGeometry(parentWidget()->rect());
    return QWidget::eventFilter(watched, event);
}

} // namespace millrace::desktop
