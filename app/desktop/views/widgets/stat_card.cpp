// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/widgets/stat_card.h"

#include "app/desktop/models/text_format.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace millrace::desktop {

namespace {

constexpr int kInset = kGrid + kHalfGrid;

void paintTrend(QPainter& painter, const QRectF& area, const QList<double>& values, const QColor& color)
{
    double low = 0, high = 0;
    for (const double value : values) {
        if (std::isfinite(value)) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    }
    if (values.size() < 2 || high <= low)
        return;
    QPainterPath line;
    bool isDown = false;
    for (qsizetype i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i])) {
            isDown = false;
            continue;
        }
        const QPointF at(area.left() + area.width() * double(i) / double(values.size() - 1),
                         area.bottom() - area.height() * (values[i] - low) / (high - low));
        if (isDown)
            line.lineTo(at);
        else
            line.moveTo(at);
        isDown = true;
    }
    painter.setPen(QPen(color, 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(line);
}

} // namespace

StatCard::StatCard(const QString& label, Token token, QWidget* parent)
    : QWidget(parent)
    , m_label(label)
    , m_figure(notAvailable())
    , m_token(token)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&Theme::instance(), &Theme::themeChanged, this, [this] { update(); });
    refreshAccessible();
}

void StatCard::setFigure(const QString& figure)
{
    if (figure == m_figure)
        return;
    m_figure = visibleLine(QStringView(figure));
    refreshAccessible();
    update();
}

void StatCard::setNote(const QString& note, Token token)
{
    const QString visible = visibleLine(QStringView(note));
    if (visible == m_note && token == m_noteToken)
        return;
    m_note = visible;
    m_noteToken = token;
    refreshAccessible();
    update();
}

void StatCard::setTrend(const QList<double>& values)
{
    m_trend = values;
    update();
}

QSize StatCard::sizeHint() const
{
    return {20 * kGrid, minimumSizeHint().height()};
}

QSize StatCard::minimumSizeHint() const
{
    const int small = QFontMetrics(Theme::font(TextSize::Small)).height();
    const int large = QFontMetrics(Theme::font(TextSize::Figure)).height();
    return {14 * kGrid, 2 * kInset + 2 * small + large + kHalfGrid};
}

void StatCard::refreshAccessible()
{
    //: For screen readers: %1 the name of a figure, %2 the figure, %3 a note.
    setAccessibleName(tr("%1: %2. %3").arg(m_label, m_figure, m_note));
}

void StatCard::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto& theme = Theme::instance();
    painter.setPen(theme.color(Token::Border));
    painter.setBrush(theme.color(Token::Raised));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), kRadius, kRadius);

    const QRect inner = rect().adjusted(kInset, kInset, -kInset, -kInset);
    const QFont small = Theme::font(TextSize::Small), large = Theme::font(TextSize::Figure);
    const int smallHeight = QFontMetrics(small).height(), largeHeight = QFontMetrics(large).height();

    const int mark = 8;
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.color(m_token));
    painter.drawRoundedRect(
        QRectF(inner.left(), inner.top() + (smallHeight - mark) / 2.0, 3, mark), 1.5, 1.5);
    painter.setFont(small);
    painter.setPen(theme.color(Token::Muted));
    painter.drawText(QRect(inner.left() + kGrid, inner.top(), inner.width() - kGrid, smallHeight),
                     Qt::AlignLeft | Qt::AlignVCenter, m_label);

    painter.setFont(large);
    painter.setPen(theme.color(Token::Text));
    const QRect figureArea(inner.left(), inner.top() + smallHeight + 2, inner.width(), largeHeight);
    painter.drawText(figureArea, Qt::AlignLeft | Qt::AlignVCenter, m_figure);

    const int figureWidth = painter.fontMetrics().horizontalAdvance(m_figure) + 2 * kGrid;
    const QRectF trendArea = QRectF(figureArea).adjusted(figureWidth, kHalfGrid, 0, -kHalfGrid);
    if (trendArea.width() > 3 * kGrid)
        paintTrend(painter, trendArea, m_trend, theme.color(m_token));

    painter.setFont(small);
    painter.setPen(theme.color(m_noteToken));
    const QRect noteArea(inner.left(), figureArea.bottom() + 1 + kHalfGrid, inner.width(), smallHeight);
    painter.drawText(noteArea, Qt::AlignLeft | Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(m_note, Qt::ElideRight, noteArea.width()));
}

} // namespace millrace::desktop
