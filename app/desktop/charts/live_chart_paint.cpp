// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/charts/live_chart.h"

#include <QLocale>
#include <QPainter>
#include <QPaintEvent>

#include <algorithm>
#include <cmath>

// What LiveChart paints itself: everything but the lines and areas.

namespace millrace::desktop {

namespace {

constexpr double kInset = 12;
constexpr double kRadius = 6;
constexpr double kSwatch = 8;

} // namespace

void LiveChart::paintEvent(QPaintEvent* event)
{
    ++m_paintCount;
    QChartView::paintEvent(event);
}

void LiveChart::drawBackground(QPainter* painter, const QRectF&)
{
    painter->save();
    painter->resetTransform();
    painter->fillRect(viewport()->rect(), palette().color(QPalette::Window));
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(m_look.border);
    painter->setBrush(m_look.raised);
    painter->drawRoundedRect(QRectF(viewport()->rect()).adjusted(0.5, 0.5, -0.5, -0.5), kRadius, kRadius);

    painter->setRenderHint(QPainter::Antialiasing, false);
    painter->setPen(QPen(m_look.grid, 1));
    for (double value = 0; value <= m_scale.top() * 1.001; value += m_scale.step()) {
        const double y = m_plot.bottom() - m_plot.height() * value / m_scale.top();
        painter->drawLine(QPointF(m_plot.left(), y), QPointF(m_plot.right(), y));
    }
    painter->restore();
}

void LiveChart::drawForeground(QPainter* painter, const QRectF&)
{
    painter->save();
    painter->resetTransform();
    painter->setRenderHint(QPainter::Antialiasing);
    paintHeader(*painter);
    paintAxes(*painter);
    if (m_points.empty())
        paintEmpty(*painter);
    else if (m_pointerX)
        paintPointer(*painter);
    painter->restore();
}

void LiveChart::paintHeader(QPainter& painter) const
{
    QFont bold = m_look.body;
    bold.setWeight(QFont::DemiBold);
    painter.setFont(bold);
    painter.setPen(m_look.text);
    const QFontMetricsF titleMetrics(bold), metrics(m_look.small);
    const double width = viewport()->width() - 2 * kInset;
    const QRectF titleArea(kInset, kInset - 2, width, titleMetrics.height());
    painter.drawText(titleArea, Qt::AlignLeft | Qt::AlignVCenter, m_title);
    painter.setFont(m_look.small);
    painter.setPen(m_look.muted);
    const double titleWidth = titleMetrics.horizontalAdvance(m_title) + 6;
    painter.drawText(titleArea.adjusted(titleWidth, 1, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, m_unit);
    painter.drawText(titleArea, Qt::AlignRight | Qt::AlignVCenter, m_note);

    double x = kInset;
    const double y = titleArea.bottom() + 3;
    const auto values = lastValues();
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const auto& spec = m_layers[i].spec;
        const QString value = m_format(values[qsizetype(i)]);
        const double nameWidth = metrics.horizontalAdvance(spec.name);
        const double valueWidth = metrics.horizontalAdvance(value);
        const double needed = kSwatch + 5 + nameWidth + 5 + valueWidth;
        if (x + needed > kInset + width + 4)
            break;
        painter.setPen(Qt::NoPen);
        painter.setBrush(spec.color);
        painter.drawRoundedRect(QRectF(x, y + (metrics.height() - 3) / 2, kSwatch, 3), 1.5, 1.5);
        const QRectF nameArea(x + kSwatch + 5, y, nameWidth + 2, metrics.height());
        painter.setPen(m_look.muted);
        painter.drawText(nameArea, Qt::AlignLeft | Qt::AlignVCenter, spec.name);
        painter.setPen(m_look.text);
        painter.drawText(QRectF(nameArea.right() + 3, y, valueWidth + 2, metrics.height()),
                         Qt::AlignLeft | Qt::AlignVCenter,
                         value);
        x += needed + 14;
    }
}

QString LiveChart::spanLabel(double seconds) const
{
    if (seconds == 0)
        return tr("now");
    const QLocale locale;
    const QChar minus(0x2212);
    if (m_span > std::chrono::minutes(1))
        //: Axis of a chart: %1 minutes ago, with a minus sign.
        return minus + tr("%1 min").arg(locale.toString(seconds / 60, 'f', 0));
    //: Axis of a chart: %1 seconds ago, with a minus sign.
    return minus + tr("%1 s").arg(locale.toString(seconds, 'f', 0));
}

QString LiveChart::tickLabel(double value) const
{
    QString label = m_format(value);
    // Ticks are round: 15 s, not 15.0 s.
    const QString zero = QLocale().decimalPoint() + QLatin1Char('0');
    const auto at = label.indexOf(zero);
    if (at > 0 && (at + zero.size() == label.size() || !label[at + zero.size()].isDigit()))
        label.remove(at, zero.size());
    return label;
}

void LiveChart::paintAxes(QPainter& painter) const
{
    painter.setFont(m_look.small);
    painter.setPen(m_look.muted);
    const double height = painter.fontMetrics().height();
    for (double value = 0; value <= m_scale.top() * 1.001; value += m_scale.step()) {
        const double y = m_plot.bottom() - m_plot.height() * value / m_scale.top();
        const bool isCrowded = m_plot.height() / (m_scale.top() / m_scale.step()) < height * 0.9;
        if (isCrowded && value > 0 && value < m_scale.top() * 0.999)
            continue;
        painter.drawText(QRectF(0, y - height / 2, m_plot.left() - 6, height),
                         Qt::AlignRight | Qt::AlignVCenter,
                         tickLabel(value));
    }
    constexpr int kParts = 4;
    for (int part = 0; part <= kParts; ++part) {
        const double share = double(part) / kParts;
        const double x = m_plot.left() + m_plot.width() * share;
        const QString label = spanLabel(double(m_span.count()) * (1 - share));
        const double labelWidth = painter.fontMetrics().horizontalAdvance(label);
        const double left = part == 0 ? x : part == kParts ? x - labelWidth : x - labelWidth / 2;
        painter.drawText(QRectF(left, m_plot.bottom() + 3, labelWidth + 2, height), Qt::AlignLeft, label);
    }
}

void LiveChart::paintEmpty(QPainter& painter) const
{
    painter.setFont(m_look.small);
    painter.setPen(m_look.muted);
    painter.drawText(m_plot, Qt::AlignCenter, tr("no figures yet"));
}

void LiveChart::paintPointer(QPainter& painter) const
{
    const auto point = pointUnder(*m_pointerX);
    if (!point)
        return;
    const double share = 1 + double(point->atUs - m_endUs) / 1e6 / double(m_span.count());
    const double x = m_plot.left() + m_plot.width() * std::clamp(share, 0.0, 1.0);
    painter.setPen(QPen(m_look.muted, 1, Qt::DashLine));
    painter.drawLine(QPointF(x, m_plot.top()), QPointF(x, m_plot.bottom()));

    painter.setFont(m_look.small);
    const auto metrics = painter.fontMetrics();
    QStringList lines{spanLabel(std::round(double(m_endUs - point->atUs) / 1e6))};
    for (std::size_t i = 0; i < m_layers.size(); ++i)
        lines << m_layers[i].spec.name + QLatin1Char(' ') + m_format(valueOf(*point, i));
    double width = 0;
    for (const auto& line : lines)
        width = std::max(width, double(metrics.horizontalAdvance(line)));
    const QSizeF size(width + 14 + 10, metrics.height() * double(lines.size()) + 8);
    const bool isLeft = x + 10 + size.width() > m_plot.right();
    const double top = std::max(2.0, std::min(m_plot.top(), height() - size.height() - 2));
    const QRectF box(QPointF(isLeft ? x - 10 - size.width() : x + 10, top), size);
    painter.setPen(m_look.border);
    painter.setBrush(m_look.raised);
    painter.drawRoundedRect(box, 4, 4);
    double y = box.top() + 4;
    for (qsizetype i = 0; i < lines.size(); ++i) {
        if (i > 0) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(m_layers[std::size_t(i - 1)].spec.color);
            painter.drawRoundedRect(QRectF(box.left() + 7, y + metrics.height() / 2.0 - 3, 6, 6), 2, 2);
        }
        painter.setPen(i == 0 ? m_look.muted : m_look.text);
        painter.drawText(QRectF(box.left() + 18, y, width + 4, metrics.height()), Qt::AlignLeft, lines[i]);
        y += metrics.height();
    }
}

} // namespace millrace::desktop
