// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/charts/nice_scale.h"
#include "app/desktop/charts/segments.h"
#include "core/telemetry/time_series.h"

#include <QChartView>
#include <QColor>
#include <QFont>
#include <QList>
#include <QString>

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

class QAbstractSeries;
class QAreaSeries;
class QLineSeries;
class QValueAxis;

namespace millrace::desktop {

/// One line or one layer of a chart.
struct ChartSeries
{
    QString name;
    PointFigure figure = nullptr;
    QColor color;
};

/// How a figure is written at the axis, in the legend and under the pointer.
using FigureFormat = QString (*)(double);

/// The colours and fonts of a chart; given by the views, which know the theme.
struct ChartLook
{
    QColor raised, border, grid, text, muted;
    QFont small, body;
};

/// Live points over the time that led here, as stacked areas or as lines. X is relative: the span to now, so
/// the axis never moves. A gap in the figures is a gap in the line.
///
/// Points are decimated to two per pixel column, and each series is replaced in one call. Title, legend with the last
/// values, axis labels and the values under the pointer are painted here, plain text only.
/// Thread: gui.
class LiveChart : public QChartView
{
    Q_OBJECT

public:
    enum class Kind { Lines, StackedArea };

    LiveChart(Kind kind,
              const QString& title,
              const QString& unit,
              FigureFormat format,
              NiceScale scale,
              QWidget* parent = nullptr);

    void setSeries(QList<ChartSeries> series);
    /// Series by index take these; for a change of theme.
    void setLook(const ChartLook& look, const QList<QColor>& colors);
    void setSpan(std::chrono::seconds span);
    /// Said at the right of the title, for example `few samples`.
    void setNote(const QString& note);
    /// Shows the points; `endUs` is the right edge. Schedules one repaint.
    void setPoints(std::vector<telemetry::Point> points, std::int64_t endUs);

    /// How often it was painted, since it was made.
    [[nodiscard]] quint64 paintCount() const { return m_paintCount; }
    [[nodiscard]] QString title() const { return m_title; }
    [[nodiscard]] QString note() const { return m_note; }
    [[nodiscard]] double axisTop() const { return m_scale.top(); }
    /// The newest value of each series, by index; NaN = none. What the legend shows.
    [[nodiscard]] QList<double> lastValues() const;
    /// Title and last values as a sentence: the chart for those who do not see it.
    [[nodiscard]] QString textEquivalent() const;
    /// What is drawn of one series now, in seconds (negative) and values, one list per run.
    [[nodiscard]] QList<QList<QPointF>> drawnRuns(int series) const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void drawBackground(QPainter* painter, const QRectF& rect) override;
    void drawForeground(QPainter* painter, const QRectF& rect) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    /// One run of one series as Qt Charts draws it. Made when first needed, then reused.
    struct Drawn
    {
        QLineSeries* line = nullptr;
        QLineSeries* lower = nullptr; ///< of an area
        QAreaSeries* area = nullptr;
    };
    struct Layer
    {
        ChartSeries spec;
        std::vector<Drawn> runs;
    };
    void layoutPlot();
    void rebuild();
    void rebuildLine(Layer& layer, std::size_t columns);
    void rebuildAreas(std::size_t columns);
    Drawn& runAt(Layer& layer, std::size_t index);
    void attach(QAbstractSeries* series);
    void style(Layer& layer);
    void updateScale();
    [[nodiscard]] double toX(std::int64_t atUs) const;
    [[nodiscard]] double largest() const;
    [[nodiscard]] double valueOf(const telemetry::Point& point, std::size_t layer) const;
    [[nodiscard]] std::optional<telemetry::Point> pointUnder(double x) const;
    void paintHeader(QPainter& painter) const;
    void paintAxes(QPainter& painter) const;
    void paintEmpty(QPainter& painter) const;
    void paintPointer(QPainter& painter) const;
    [[nodiscard]] QString spanLabel(double seconds) const;
    [[nodiscard]] QString tickLabel(double value) const;

    Kind m_kind;
    QString m_title, m_unit, m_note;
    FigureFormat m_format;
    NiceScale m_scale;
    ChartLook m_look;
    QValueAxis* m_axisX = nullptr;
    QValueAxis* m_axisY = nullptr;
    std::vector<Layer> m_layers;
    std::vector<telemetry::Point> m_points;
    std::int64_t m_endUs = 0;
    std::chrono::seconds m_span{60};
    QRectF m_plot;
    std::optional<double> m_pointerX; ///< in pixels
    quint64 m_paintCount = 0;
    std::chrono::steady_clock::time_point m_describedAt{};
};

} // namespace millrace::desktop
