// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/charts/live_chart.h"
#include "app/desktop/charts/paint_scheduler.h"
#include "app/desktop/viewmodels/overview_view_model.h"
#include "app/desktop/views/page.h"
#include "app/desktop/views/theme.h"

#include <vector>

class QComboBox;
class QPushButton;
class QStackedLayout;

namespace millrace::desktop {

class EmptyState;
class PlainLabel;
class Segmented;
class StatCard;

/// The pipeline at a glance: six figures and seven charts, of all queues or of one. Thread: gui.
class OverviewPage : public Page
{
    Q_OBJECT

public:
    explicit OverviewPage(OverviewViewModel* model, QWidget* parent = nullptr);

    void activated() override;
    void deactivated() override;
    [[nodiscard]] OverviewViewModel* model() const { return m_model; }
    [[nodiscard]] QList<ShortcutHelp> shortcuts() const override;

    /// False: there is nothing that could run here, so the empty page does not offer it.
    void setOffersDemo(bool offers);
    /// Depth, rates, lag, retries, dead letters, waiting, running.
    [[nodiscard]] const std::vector<LiveChart*>& charts() const { return m_charts; }
    /// Depth, lag, in, out, retries, dead.
    [[nodiscard]] const std::vector<StatCard*>& cards() const { return m_cards; }

Q_SIGNALS:
    /// The button of the empty page was pressed.
    void demoRequested();

private:
    enum class Unit { Messages, Seconds, PerSecond, Milliseconds };
    struct Line
    {
        QString name;
        PointFigure figure;
        Token token;
    };
    QWidget* buildHeader();
    QWidget* buildCards();
    QWidget* buildCharts();
    LiveChart* addChart(LiveChart::Kind kind, const QString& title, Unit unit, double smallestTop, QList<Line> lines);
    LiveChart* addQuantileChart(const QString& title, PointFigure p50, PointFigure p95, PointFigure p99);
    void applyTheme();
    void showEmptyState();
    void updateFigures();
    void updateNotes();
    void updateQueues();
    void updatePaused();
    void updateTrends();
    void refreshChart(LiveChart* chart);

    OverviewViewModel* m_model;
    PaintScheduler m_scheduler;
    std::vector<LiveChart*> m_charts;
    std::vector<QList<Token>> m_chartTokens; ///< by chart, then series
    std::vector<StatCard*> m_cards;
    QTimer m_trendTimer;
    QStackedLayout* m_stack = nullptr;
    EmptyState* m_empty = nullptr;
    bool m_offersDemo = true;
    QComboBox* m_queues = nullptr;
    Segmented* m_range = nullptr;
    QPushButton* m_pause = nullptr;
    PlainLabel* m_state = nullptr;
};

} // namespace millrace::desktop
