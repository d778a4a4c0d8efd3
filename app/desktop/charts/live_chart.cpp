// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/charts/live_chart.h"

#include <QAreaSeries>
#include <QChart>
#include <QGraphicsLayout>
#include <QLegend>
#include <QLineSeries>
#include <QMouseEvent>
#include <QResizeEvent>
#include <QValueAxis>

#include <algorithm>
#include <cmath>
#include <limits>

namespace millrace::desktop {

namespace {

constexpr double kNoFigure = std::numeric_limits<double>::quiet_NaN();
constexpr int kInset = 12;

QPen linePen(const QColor& color, double width)
{
    QPen pen(color, width);
    pen.setJoinStyle(Qt::RoundJoin);
    pen.setCosmetic(true);
    return pen;
}

} // namespace

LiveChart::LiveChart(Kind kind,
                     const QString& title,
                     const QString& unit,
                     FigureFormat format,
                     NiceScale scale,
                     QWidget* parent)
    : QChartView(new QChart, parent)
    , m_kind(kind)
    , m_title(title)
    , m_unit(unit)
    , m_format(format)
    , m_scale(scale)
    , m_axisX(new QValueAxis(this))
    , m_axisY(new QValueAxis(this))
{
    auto* view = chart();
    view->legend()->hide();
    view->setAnimationOptions(QChart::NoAnimation);
    view->setBackgroundVisible(false);
    view->setPlotAreaBackgroundVisible(false);
    view->setMargins(QMargins());
    view->layout()->setContentsMargins(0, 0, 0, 0);
    for (QValueAxis* axis : {m_axisX, m_axisY}) {
        axis->setLabelsVisible(false);
        axis->setLineVisible(false);
        axis->setGridLineVisible(false);
    }
    view->addAxis(m_axisX, Qt::AlignBottom);
    view->addAxis(m_axisY, Qt::AlignLeft);
    m_axisX->setRange(-double(m_span.count()), 0);
    m_axisY->setRange(0, m_scale.top());

    setFrameShape(QFrame::NoFrame);
    setRenderHint(QPainter::Antialiasing);
    setViewportUpdateMode(QGraphicsView::FullViewportUpdate);
    setCacheMode(QGraphicsView::CacheNone);
    setOptimizationFlag(QGraphicsView::DontSavePainterState);
    setBackgroundBrush(Qt::NoBrush);
    setMouseTracking(true);
    viewport()->setMouseTracking(true);
    setFocusPolicy(Qt::NoFocus);
    setAccessibleName(title);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
}

void LiveChart::setSeries(QList<ChartSeries> series)
{
    m_layers.clear();
    m_layers.reserve(std::size_t(series.size()));
    for (auto& spec : series)
        m_layers.push_back({std::move(spec), {}});
}

void LiveChart::setLook(const ChartLook& look, const QList<QColor>& colors)
{
    m_look = look;
    for (std::size_t i = 0; i < m_layers.size() && qsizetype(i) < colors.size(); ++i) {
        m_layers[i].spec.color = colors[qsizetype(i)];
        style(m_layers[i]);
    }
    layoutPlot();
    viewport()->update();
}

void LiveChart::setSpan(std::chrono::seconds span)
{
    if (span == m_span)
        return;
    m_span = span;
    m_axisX->setRange(-double(m_span.count()), 0);
}

void LiveChart::setNote(const QString& note)
{
    m_note = note;
}

void LiveChart::setPoints(std::vector<telemetry::Point> points, std::int64_t endUs)
{
    m_points = std::move(points);
    m_endUs = endUs;
    rebuild();
    const auto now = std::chrono::steady_clock::now();
    if (now - m_describedAt >= std::chrono::seconds(2)) {
        m_describedAt = now;
        setAccessibleDescription(textEquivalent());
    }
    viewport()->update();
}

// ---- geometry

QSize LiveChart::sizeHint() const
{
    return {360, 176};
}

QSize LiveChart::minimumSizeHint() const
{
    return {200, 128};
}

void LiveChart::resizeEvent(QResizeEvent* event)
{
    QChartView::resizeEvent(event);
    layoutPlot();
}

void LiveChart::layoutPlot()
{
    const QFontMetricsF small(m_look.small), body(m_look.body);
    const double top = kInset + body.height() + small.height() + 10;
    const double bottom = kInset - 2 + small.height();
    // Wide enough for the usual labels; a label that is wider makes room for itself.
    double widest = std::max(small.horizontalAdvance(QStringLiteral("10.0 ms")), 34.0);
    for (double value = 0; value <= m_scale.top(); value += m_scale.step())
        widest = std::max(widest, small.horizontalAdvance(tickLabel(value)));
    const double left = kInset + widest + 4;
    m_plot = QRectF(left, top, std::max(width() - left - kInset, 10.0), std::max(height() - top - bottom, 10.0));
    chart()->setPlotArea(m_plot);
}

double LiveChart::toX(std::int64_t atUs) const
{
    return double(atUs - m_endUs) / 1e6;
}

// ---- data to series

double LiveChart::valueOf(const telemetry::Point& point, std::size_t layer) const
{
    return double(point.*m_layers[layer].spec.figure);
}

double LiveChart::largest() const
{
    double largest = 0;
    for (const auto& point : m_points) {
        double sum = 0;
        for (std::size_t i = 0; i < m_layers.size(); ++i) {
            const double value = valueOf(point, i);
            if (!std::isfinite(value))
                continue;
            sum = m_kind == Kind::StackedArea ? sum + value : std::max(sum, value);
        }
        largest = std::max(largest, sum);
    }
    return largest;
}

void LiveChart::updateScale()
{
    if (!m_scale.update(largest(), std::chrono::steady_clock::now()))
        return;
    m_axisY->setRange(0, m_scale.top());
    layoutPlot(); // longer labels take more room
}

void LiveChart::rebuild()
{
    updateScale();
    const auto columns = std::size_t(std::max(m_plot.width(), 10.0));
    if (m_kind == Kind::StackedArea) {
        rebuildAreas(columns);
        return;
    }
    for (Layer& layer : m_layers)
        rebuildLine(layer, columns);
}

void LiveChart::rebuildLine(Layer& layer, std::size_t columns)
{
    const PointFigure figure = layer.spec.figure;
    const std::int64_t span = std::chrono::microseconds(m_span).count();
    const auto runs = splitRuns(m_points, figure, maxGapFor(span));
    std::size_t index = 0;
    for (const auto& run : runs) {
        QList<QPointF> drawn;
        const auto append = [&](const telemetry::Point& point) {
            drawn.append(QPointF(toX(point.atUs), double(point.*figure)));
        };
        const double share = double(run.back().atUs - run.front().atUs + 1) / double(span);
        const auto room = std::size_t(std::ceil(double(columns) * std::min(share, 1.0)));
        if (run.size() > 2 * room)
            std::ranges::for_each(telemetry::decimate(run, figure, room), append);
        else
            std::ranges::for_each(run, append);
        runAt(layer, index++).line->replace(drawn);
    }
    for (; index < layer.runs.size(); ++index)
        layer.runs[index].line->replace(QList<QPointF>());
}

void LiveChart::rebuildAreas(std::size_t columns)
{
    if (m_layers.empty())
        return;
    // The height of the whole stack decides which points stay; `lagSeconds` of the copy holds it.
    std::vector<telemetry::Point> stack = m_points;
    for (auto& point : stack) {
        double sum = 0;
        for (std::size_t i = 0; i < m_layers.size(); ++i)
            sum += valueOf(point, i);
        point.lagSeconds = float(sum);
    }
    const std::int64_t span = std::chrono::microseconds(m_span).count();
    const PointFigure height = &telemetry::Point::lagSeconds;
    std::size_t index = 0;
    for (const auto& run : splitRuns(stack, height, maxGapFor(span))) {
        const double share = double(run.back().atUs - run.front().atUs + 1) / double(span);
        const auto room = std::size_t(std::ceil(double(columns) * std::min(share, 1.0)));
        std::vector<telemetry::Point> kept(run.begin(), run.end());
        if (run.size() > 2 * room)
            kept = telemetry::decimate(run, height, room);
        QList<QPointF> lower(qsizetype(kept.size()));
        for (std::size_t p = 0; p < kept.size(); ++p)
            lower[qsizetype(p)] = QPointF(toX(kept[p].atUs), 0);
        for (std::size_t i = 0; i < m_layers.size(); ++i) {
            QList<QPointF> upper = lower;
            for (std::size_t p = 0; p < kept.size(); ++p)
                upper[qsizetype(p)].ry() += valueOf(kept[p], i);
            Drawn& drawn = runAt(m_layers[i], index);
            drawn.lower->replace(lower);
            drawn.line->replace(upper);
            lower = std::move(upper);
        }
        ++index;
    }
    for (Layer& layer : m_layers) {
        for (std::size_t rest = index; rest < layer.runs.size(); ++rest) {
            layer.runs[rest].lower->replace(QList<QPointF>());
            layer.runs[rest].line->replace(QList<QPointF>());
        }
    }
}

LiveChart::Drawn& LiveChart::runAt(Layer& layer, std::size_t index)
{
    while (layer.runs.size() <= index) {
        Drawn drawn;
        drawn.line = new QLineSeries(this);
        if (m_kind == Kind::StackedArea) {
            drawn.lower = new QLineSeries(this);
            drawn.area = new QAreaSeries(drawn.line, drawn.lower);
            attach(drawn.area);
        } else {
            attach(drawn.line);
        }
        layer.runs.push_back(drawn);
        style(layer);
    }
    return layer.runs[index];
}

void LiveChart::attach(QAbstractSeries* series)
{
    chart()->addSeries(series);
    series->attachAxis(m_axisX);
    series->attachAxis(m_axisY);
}

void LiveChart::style(Layer& layer)
{
    for (Drawn& drawn : layer.runs) {
        if (drawn.area) {
            QColor fill = layer.spec.color;
            fill.setAlphaF(0.62F);
            drawn.area->setBrush(fill);
            drawn.area->setPen(Qt::NoPen); // it would draw the sides too
        } else {
            drawn.line->setPen(linePen(layer.spec.color, 1.6));
        }
    }
}

// ---- what tests and screen readers read

QList<double> LiveChart::lastValues() const
{
    QList<double> values;
    for (std::size_t i = 0; i < m_layers.size(); ++i)
        values << (m_points.empty() ? kNoFigure : valueOf(m_points.back(), i));
    return values;
}

QString LiveChart::textEquivalent() const
{
    QStringList parts;
    const auto values = lastValues();
    for (std::size_t i = 0; i < m_layers.size(); ++i)
        parts << m_layers[i].spec.name + QLatin1Char(' ') + m_format(values[qsizetype(i)]);
    return m_title + QLatin1String(": ") + parts.join(QLatin1String(", "));
}

QList<QList<QPointF>> LiveChart::drawnRuns(int series) const
{
    QList<QList<QPointF>> runs;
    for (const Drawn& drawn : m_layers[std::size_t(series)].runs) {
        if (drawn.line->count() > 0)
            runs << drawn.line->points();
    }
    return runs;
}

// ---- pointer

void LiveChart::mouseMoveEvent(QMouseEvent* event)
{
    const double x = event->position().x();
    m_pointerX = x >= m_plot.left() && x <= m_plot.right() ? std::optional(x) : std::nullopt;
    viewport()->update();
}

void LiveChart::leaveEvent(QEvent* event)
{
    m_pointerX.reset();
    viewport()->update();
    QChartView::leaveEvent(event);
}

std::optional<telemetry::Point> LiveChart::pointUnder(double x) const
{
    if (m_points.empty() || m_plot.width() <= 0)
        return std::nullopt;
    const std::int64_t span = std::chrono::microseconds(m_span).count();
    const double share = (x - m_plot.left()) / m_plot.width();
    const auto wanted = m_endUs - span + std::int64_t(share * double(span));
    const auto nearest = std::ranges::min_element(m_points, {}, [wanted](const telemetry::Point& point) {
        return std::abs(point.atUs - wanted);
    });
    if (std::abs(nearest->atUs - wanted) > maxGapFor(span))
        return std::nullopt;
    return *nearest;
}

} // namespace millrace::desktop
