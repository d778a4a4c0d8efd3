// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/widgets/chip.h"

#include "app/desktop/models/text_format.h"

#include <QPainter>
#include <QPainterPath>

namespace millrace::desktop {

namespace {

constexpr int kShapeSide = 9;
constexpr int kShapeGap = 6;

QPolygonF polygon(const QRectF& area, std::initializer_list<QPointF> parts)
{
    QPolygonF points;
    for (const QPointF& part : parts)
        points << QPointF(area.left() + part.x() * area.width(), area.top() + part.y() * area.height());
    return points;
}

} // namespace

Shape shapeOf(message::State state)
{
    using message::State;
    switch (state) {
    case State::Ready: return Shape::Dot;
    case State::Scheduled: return Shape::Ring;
    case State::Leased: return Shape::Diamond;
    case State::Retrying: return Shape::Triangle;
    case State::Parked: return Shape::Bar;
    case State::Dead: return Shape::Cross;
    case State::Expired: return Shape::Cross;
    case State::Done:
    case State::Replayed: return Shape::Square;
    case State::Cancelled:
    case State::Archived:
    case State::Discarded: return Shape::Bar;
    }
    return Shape::Dot;
}

void paintShape(QPainter& painter, Shape shape, const QRectF& area, const QColor& color)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    const QRectF inner = area.adjusted(0.5, 0.5, -0.5, -0.5);
    const QPen line(color, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
    switch (shape) {
    case Shape::Dot: painter.drawEllipse(inner); break;
    case Shape::Ring:
        painter.setBrush(Qt::NoBrush);
        painter.setPen(line);
        painter.drawEllipse(inner.adjusted(0.9, 0.9, -0.9, -0.9));
        break;
    case Shape::Square: painter.drawRoundedRect(inner.adjusted(0.5, 0.5, -0.5, -0.5), 1.5, 1.5); break;
    case Shape::Triangle: painter.drawPolygon(polygon(inner, {{0.5, 0.0}, {1.0, 0.95}, {0.0, 0.95}})); break;
    case Shape::Diamond:
        painter.drawPolygon(polygon(inner, {{0.5, -0.05}, {1.05, 0.5}, {0.5, 1.05}, {-0.05, 0.5}}));
        break;
    case Shape::Cross:
        painter.setPen(line);
        painter.drawLine(inner.topLeft() + QPointF(1, 1), inner.bottomRight() - QPointF(1, 1));
        painter.drawLine(inner.topRight() + QPointF(-1, 1), inner.bottomLeft() + QPointF(1, -1));
        break;
    case Shape::Bar:
        painter.drawRoundedRect(QRectF(inner.left(), inner.center().y() - 1.5, inner.width(), 3), 1.5, 1.5);
        break;
    }
    painter.restore();
}

int paintChip(QPainter& painter, const QRect& area, Shape shape, const QColor& color, const QString& word)
{
    const QRectF mark(area.left(), area.center().y() - kShapeSide / 2.0 + 0.5, kShapeSide, kShapeSide);
    paintShape(painter, shape, mark, color);
    const int left = kShapeSide + kShapeGap;
    const QRect rest = area.adjusted(left, 0, 0, 0);
    const QString shown = painter.fontMetrics().elidedText(word, Qt::ElideRight, rest.width());
    painter.drawText(rest, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine, shown);
    return left + painter.fontMetrics().horizontalAdvance(shown);
}

Chip::Chip(QWidget* parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setFont(Theme::font(TextSize::Small));
    connect(&Theme::instance(), &Theme::themeChanged, this, [this] { update(); });
}

Chip::Chip(message::State state, QWidget* parent)
    : Chip(parent)
{
    setState(state);
}

void Chip::setState(message::State state)
{
    setLook(shapeOf(state), Theme::token(state), stateName(state));
}

void Chip::setLook(Shape shape, Token token, const QString& word)
{
    const QString visible = visibleLine(QStringView(word));
    if (shape == m_shape && token == m_token && visible == m_word)
        return;
    const bool resized = visible.size() != m_word.size() || visible != m_word;
    m_shape = shape;
    m_token = token;
    m_word = visible;
    setAccessibleName(m_word);
    if (resized)
        updateGeometry();
    update();
}

void Chip::setFlat(bool flat)
{
    m_flat = flat;
    updateGeometry();
    update();
}

QSize Chip::sizeHint() const
{
    const int margin = m_flat ? 0 : 2 * (kGrid + 1);
    const int width = kShapeSide + kShapeGap + fontMetrics().horizontalAdvance(m_word) + 2;
    return {width + margin, fontMetrics().height() + (m_flat ? 2 : kGrid)};
}

void Chip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const auto& theme = Theme::instance();
    QRect area = rect();
    if (!m_flat) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(theme.color(Token::Border));
        painter.setBrush(theme.color(Token::Raised));
        const QRectF frame = QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5);
        painter.drawRoundedRect(frame, frame.height() / 2, frame.height() / 2);
        area.adjust(kGrid + 1, 0, -kHalfGrid, 0);
    }
    painter.setPen(theme.color(isEnabled() ? Token::Text : Token::Muted));
    paintChip(painter, area, m_shape, theme.color(m_token), m_word);
}

} // namespace millrace::desktop
