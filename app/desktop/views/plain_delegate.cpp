// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/plain_delegate.h"

#include "app/desktop/models/dead_letter_group_model.h"
#include "app/desktop/models/dead_letter_text.h"
#include "app/desktop/models/queue_table_model.h"
#include "app/desktop/models/sparkline.h"
#include "app/desktop/models/text_format.h"
#include "app/desktop/views/safe_text.h"
#include "app/desktop/views/theme.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QHelpEvent>
#include <QLocale>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>

namespace millrace::desktop {

bool PlainDelegate::helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem&, const QModelIndex& index)
{
    if (event == nullptr || event->type() != QEvent::ToolTip)
        return false;
    showPlainToolTip(event->globalPos(), index.data(kPlainToolTipRole).toString(), view);
    return true;
}

void PlainDelegate::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    option->state &= ~QStyle::State_HasFocus;
    option->textElideMode = Qt::ElideRight;
}

void PlainDelegate::paintBackground(QPainter* painter, const QStyleOptionViewItem& option)
{
    const QWidget* widget = option.widget;
    const QStyle* style = widget != nullptr ? widget->style() : QApplication::style();
    style->drawPrimitive(QStyle::PE_PanelItemViewItem, &option, painter, widget);
}

void SparklineDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    QStyleOptionViewItem item = option;
    initStyleOption(&item, index);
    paintBackground(painter, item);
    const auto line = index.data(QueueTableModel::SparklineRole).value<Sparkline>();
    if (line.size() < 2)
        return;
    const QRectF area = QRectF(item.rect).adjusted(kGrid, 6, -kGrid, -6);
    const double top = std::max(1.0F, line.highest());
    const double step = area.width() / static_cast<double>(Sparkline::kCapacity - 1);
    const double left = area.right() - step * static_cast<double>(line.size() - 1);
    QPainterPath path;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const QPointF point(left + step * static_cast<double>(i), area.bottom() - area.height() * line.at(i) / top);
        if (i == 0)
            path.moveTo(point);
        else
            path.lineTo(point);
    }
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(Theme::instance().color(Token::Ready), 1.4));
    painter->drawPath(path);
    painter->restore();
}

QSize GroupDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const int line = QFontMetrics(Theme::font(TextSize::Body)).height();
    const int small = QFontMetrics(Theme::font(TextSize::Small)).height();
    const bool isAll = index.data(DeadLetterGroupModel::TextRole).toString().isEmpty();
    return {option.rect.width(), 2 * kGrid + line + (isAll ? 0 : 2 * small + kHalfGrid)};
}

void GroupDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    QStyleOptionViewItem item = option;
    initStyleOption(&item, index);
    paintBackground(painter, item);
    const Theme& theme = Theme::instance();
    QRect area = item.rect.adjusted(kGrid + kHalfGrid, kGrid, -kGrid, -kGrid);
    painter->save();
    const auto write = [&](const QFont& font,
                           const QColor& color,
                           const QString& text,
                           const QRect& into,
                           int flags,
                           Qt::TextElideMode elide = Qt::ElideRight) {
        painter->setFont(font);
        painter->setPen(color);
        const QString shown = QFontMetrics(font).elidedText(text, elide, into.width());
        painter->drawText(into, flags | Qt::TextSingleLine, shown);
    };
    QFont title = Theme::font(TextSize::Body);
    title.setWeight(QFont::DemiBold);
    const int line = QFontMetrics(title).height();
    const QString count = QLocale().toString(index.data(DeadLetterGroupModel::CountRole).toULongLong());
    const int countWidth = QFontMetrics(title).horizontalAdvance(count);
    const QRect first(area.left(), area.top(), area.width(), line);
    write(title, theme.color(Token::Text), count, first, Qt::AlignRight);
    write(title, theme.color(Token::Text), index.data(DeadLetterGroupModel::TitleRole).toString(),
          first.adjusted(0, 0, -countWidth - kGrid, 0), Qt::AlignLeft);
    const QFont small = Theme::font(TextSize::Small);
    const int smallLine = QFontMetrics(small).height();
    const QRect second(area.left(), first.bottom() + 3, area.width(), smallLine);
    // Groups of one class often begin alike and differ at the end.
    write(small, theme.color(Token::Muted), index.data(DeadLetterGroupModel::TextRole).toString(), second, Qt::AlignLeft,
          Qt::ElideMiddle);
    const QRect third(area.left(), second.bottom() + 1, area.width(), smallLine);
    write(small, theme.color(Token::Muted), index.data(DeadLetterGroupModel::SpanRole).toString(), third, Qt::AlignLeft);
    painter->restore();
}

} // namespace millrace::desktop
