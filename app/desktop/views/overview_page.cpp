// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/overview_page.h"

#include "app/desktop/views/icons.h"
#include "app/desktop/views/safe_text.h"
#include "app/desktop/views/widgets/empty_state.h"
#include "app/desktop/views/widgets/segmented.h"
#include "app/desktop/views/widgets/stat_card.h"

#include <QComboBox>
#include <QGridLayout>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStackedLayout>
#include <QVBoxLayout>

#include <cmath>

namespace millrace::desktop {

namespace {

/// Charts are refreshed this often while they are seen.
constexpr int kChartRate = 5;
/// Below this many durations a p99 says little.
constexpr std::uint64_t kFewSamples = 100;

enum Card { kDepth, kLag, kIn, kOut, kRetries, kDead };

} // namespace

OverviewPage::OverviewPage(OverviewViewModel* model, QWidget* parent)
    : Page(parent)
    , m_model(model)
    , m_scheduler(kChartRate)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(2 * kGrid, kGrid + kHalfGrid, 2 * kGrid, kGrid + kHalfGrid);
    column->setSpacing(kGrid + kHalfGrid);
    column->addWidget(buildHeader());
    auto* body = new QWidget(this);
    m_stack = new QStackedLayout(body);
    m_stack->setContentsMargins(0, 0, 0, 0);
    column->addWidget(body, 1);

    auto* live = new QWidget(body);
    auto* liveColumn = new QVBoxLayout(live);
    liveColumn->setContentsMargins(0, 0, 0, 0);
    liveColumn->setSpacing(kGrid + kHalfGrid);
    liveColumn->addWidget(buildCards());
    liveColumn->addWidget(buildCharts(), 1);
    m_stack->addWidget(live);

    m_empty = new EmptyState(body);
    setOffersDemo(true);
    m_stack->addWidget(m_empty);
    connect(m_empty, &EmptyState::actionTriggered, this, &OverviewPage::demoRequested);

    connect(model, &OverviewViewModel::figuresChanged, this, &OverviewPage::updateFigures);
    connect(model, &OverviewViewModel::queuesChanged, this, &OverviewPage::updateQueues);
    connect(model, &OverviewViewModel::pausedChanged, this, &OverviewPage::updatePaused);
    connect(model, &OverviewViewModel::activityChanged, this, &OverviewPage::updateFigures);
    connect(model, &OverviewViewModel::rangeChanged, this, [this] {
        for (LiveChart* chart : m_charts)
            chart->setSpan(m_model->span());
        m_scheduler.refreshAll();
    });
    connect(&Theme::instance(), &Theme::themeChanged, this, &OverviewPage::applyTheme);
    m_trendTimer.setInterval(1000);
    connect(&m_trendTimer, &QTimer::timeout, this, &OverviewPage::updateTrends);
    applyTheme();
    updateQueues();
    updatePaused();
    updateFigures();
}

void OverviewPage::setOffersDemo(bool offers)
{
    m_offersDemo = offers;
    showEmptyState();
}

void OverviewPage::showEmptyState()
{
    if (!m_model->isHeard()) {
        m_empty->setContent(QLatin1String("disconnected"),
                            tr("Nothing was heard of the pipeline yet"),
                            tr("If this stays, look whether its node runs: “millrace-node status” tells."));
        return;
    }
    const QString title = tr("The pipeline is running and empty");
    if (m_offersDemo)
        m_empty->setContent(QLatin1String("checkout"),
                            title,
                            tr("Run 200 demo orders through it: the charts start to move, some payments are refused, "
                               "and you can replay what failed."),
                            tr("Run 200 orders"));
    else
        m_empty->setContent(QLatin1String("overview"),
                            title,
                            tr("It runs in another program. The charts start to move when that program submits messages."));
}

void OverviewPage::activated()
{
    m_scheduler.refreshAll();
    updateFigures();
    updateTrends();
    if (!m_model->isPaused()) {
        m_scheduler.start();
        m_trendTimer.start();
    }
}

void OverviewPage::deactivated()
{
    m_scheduler.stop();
    m_trendTimer.stop();
}

QList<ShortcutHelp> OverviewPage::shortcuts() const
{
    return {{QStringLiteral("P"), tr("Pause or resume the charts")},
            {QStringLiteral("1  2  3"), tr("Show a minute, ten minutes, an hour")}};
}

QWidget* OverviewPage::buildHeader()
{
    auto* header = new QWidget(this);
    auto* row = new QHBoxLayout(header);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kGrid);
    m_queues = new QComboBox(header);
    m_queues->setMinimumWidth(25 * kGrid);
    m_queues->setAccessibleName(tr("Queue"));
    connect(m_queues, &QComboBox::activated, this,
            [this](int index) { m_model->setQueue(m_queues->itemData(index).toString()); });
    row->addWidget(m_queues);
    m_state = new PlainLabel(header);
    m_state->setProperty("look", QStringLiteral("muted"));
    m_state->setElide(PlainLabel::Elide::Right);
    row->addWidget(m_state, 1);

    m_pause = new QPushButton(header);
    m_pause->setShortcut(QKeySequence(Qt::Key_P));
    connect(m_pause, &QPushButton::clicked, this, [this] { m_model->setPaused(!m_model->isPaused()); });
    row->addWidget(m_pause);
    //: Time ranges of the charts, as short as possible.
    m_range = new Segmented({tr("1 min"), tr("10 min"), tr("1 h")}, header);
    m_range->setAccessibleName(tr("Time range"));
    connect(m_range, &Segmented::currentChanged, this,
            [this](int index) { m_model->setRange(static_cast<OverviewViewModel::Range>(index)); });
    row->addWidget(m_range);
    for (int index = 0; index < 3; ++index) {
        auto* choose = new QAction(this);
        choose->setShortcut(QKeySequence(Qt::Key_1 + index));
        choose->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        connect(choose, &QAction::triggered, this, [this, index] { m_range->setCurrent(index); });
        addAction(choose);
    }
    return header;
}

QWidget* OverviewPage::buildCards()
{
    auto* cards = new QWidget(this);
    auto* row = new QHBoxLayout(cards);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kGrid + kHalfGrid);
    const auto add = [&](const QString& label, Token token) {
        auto* card = new StatCard(label, token, cards);
        m_cards.push_back(card);
        row->addWidget(card, 1);
    };
    //: Figures of the overview: how many messages wait; how long the oldest waits; rates per second.
    add(tr("Depth"), Token::Ready);
    add(tr("Lag"), Token::Scheduled);
    add(tr("In"), Token::Ready);
    add(tr("Out"), Token::Leased);
    add(tr("Retries"), Token::Retrying);
    add(tr("Dead letters"), Token::Dead);
    return cards;
}

QWidget* OverviewPage::buildCharts()
{
    using telemetry::Point;
    auto* area = new QWidget(this);
    auto* grid = new QGridLayout(area);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setSpacing(kGrid + kHalfGrid);
    auto* depth = addChart(LiveChart::Kind::StackedArea, tr("Depth by state"), Unit::Messages, 10,
                           {{stateName(message::State::Ready), &Point::ready, Token::Ready},
                            {stateName(message::State::Leased), &Point::leased, Token::Leased},
                            {stateName(message::State::Retrying), &Point::retrying, Token::Retrying},
                            {stateName(message::State::Scheduled), &Point::scheduled, Token::Scheduled}});
    auto* rates = addChart(LiveChart::Kind::Lines, tr("Throughput"), Unit::PerSecond, 10,
                           {{tr("in"), &Point::inRate, Token::Ready}, {tr("out"), &Point::outRate, Token::Leased}});
    auto* lag = addChart(LiveChart::Kind::Lines, tr("Lag, oldest ready"), Unit::Seconds, 0.1,
                         {{tr("lag"), &Point::lagSeconds, Token::Scheduled}});
    auto* retries = addChart(LiveChart::Kind::Lines, tr("Retries"), Unit::PerSecond, 1,
                             {{tr("retries"), &Point::retryRate, Token::Retrying}});
    auto* dead = addChart(LiveChart::Kind::Lines, tr("Dead letters"), Unit::Messages, 10,
                          {{stateName(message::State::Dead), &Point::dead, Token::Dead}});
    auto* waiting = addQuantileChart(tr("Waiting"), &Point::waitingP50, &Point::waitingP95, &Point::waitingP99);
    auto* running = addQuantileChart(tr("Running"), &Point::runningP50, &Point::runningP95, &Point::runningP99);
    grid->addWidget(depth, 0, 0, 1, 3);
    grid->addWidget(rates, 0, 3, 1, 3);
    grid->addWidget(lag, 1, 0, 1, 2);
    grid->addWidget(retries, 1, 2, 1, 2);
    grid->addWidget(dead, 1, 4, 1, 2);
    grid->addWidget(waiting, 2, 0, 1, 3);
    grid->addWidget(running, 2, 3, 1, 3);
    for (int i = 0; i < 6; ++i)
        grid->setColumnStretch(i, 1);
    for (int i = 0; i < 3; ++i)
        grid->setRowStretch(i, 1);
    return area;
}

LiveChart* OverviewPage::addChart(LiveChart::Kind kind, const QString& title, Unit unit, double smallestTop, QList<Line> lines)
{
    static constexpr auto kSeconds = [](double value) {
        return std::isfinite(value) ? formatDuration(std::int64_t(value * 1e6)) : notAvailable();
    };
    static constexpr auto kMilliseconds = [](double value) { return formatMilliseconds(value); };
    static constexpr auto kCompact = [](double value) { return formatCompact(value); };
    FigureFormat format = +kCompact;
    QString unitName;
    double secondsPerUnit = 0; // no duration
    switch (unit) {
    case Unit::Messages: unitName = tr("messages"); break;
    case Unit::PerSecond: unitName = tr("per second"); break;
    case Unit::Seconds:
        format = +kSeconds;
        secondsPerUnit = 1;
        break;
    case Unit::Milliseconds:
        format = +kMilliseconds;
        secondsPerUnit = 1e-3;
        break;
    }
    auto* chart = new LiveChart(kind, title, unitName, format, NiceScale(smallestTop, secondsPerUnit), this);
    QList<ChartSeries> series;
    QList<Token> tokens;
    for (const Line& line : lines) {
        series.append({line.name, line.figure, Theme::instance().color(line.token)});
        tokens.append(line.token);
    }
    chart->setSeries(series);
    chart->setSpan(m_model->span());
    m_charts.push_back(chart);
    m_chartTokens.push_back(tokens);
    m_scheduler.add([this, chart] { refreshChart(chart); });
    return chart;
}

LiveChart* OverviewPage::addQuantileChart(const QString& title, PointFigure p50, PointFigure p95, PointFigure p99)
{
    return addChart(LiveChart::Kind::Lines, title, Unit::Milliseconds, 1,
                    {{QStringLiteral("p50"), p50, Token::Leased},
                     {QStringLiteral("p95"), p95, Token::Ready},
                     {QStringLiteral("p99"), p99, Token::Scheduled}});
}

void OverviewPage::applyTheme()
{
    const auto& theme = Theme::instance();
    const ChartLook look{theme.color(Token::Raised), theme.color(Token::Border), theme.color(Token::Grid),
                         theme.color(Token::Text),   theme.color(Token::Muted),  Theme::font(TextSize::Small),
                         Theme::font(TextSize::Body)};
    for (std::size_t i = 0; i < m_charts.size(); ++i) {
        QList<QColor> colors;
        for (const Token token : m_chartTokens[i])
            colors << theme.color(token);
        m_charts[i]->setLook(look, colors);
    }
}

void OverviewPage::refreshChart(LiveChart* chart)
{
    chart->setPoints(m_model->points(), m_model->endUs());
}

void OverviewPage::updateQueues()
{
    const QSignalBlocker quiet(m_queues);
    m_queues->clear();
    m_queues->addItem(tr("All queues"), QString());
    for (const QString& name : m_model->queues())
        m_queues->addItem(visibleLine(QStringView(name)), name);
    const int index = m_queues->findData(m_model->queue());
    m_queues->setCurrentIndex(std::max(index, 0));
}

void OverviewPage::updatePaused()
{
    const bool paused = m_model->isPaused();
    m_pause->setText(paused ? tr("Resume") : tr("Pause"));
    m_pause->setIcon(icon(QLatin1String(paused ? "resume" : "pause")));
    m_pause->setShortcut(QKeySequence(Qt::Key_P));
    if (paused || !isVisible()) {
        m_scheduler.stop();
        m_trendTimer.stop();
    } else {
        m_scheduler.refreshAll();
        m_scheduler.start();
        m_trendTimer.start();
    }
    updateNotes();
}

void OverviewPage::updateFigures()
{
    showEmptyState();
    m_stack->setCurrentIndex(m_model->hasActivity() ? 0 : 1);
    const auto& figures = m_model->figures();
    if (!figures) {
        for (StatCard* card : m_cards) {
            card->setFigure(notAvailable());
            card->setNote({});
        }
        updateNotes();
        return;
    }
    const auto& sample = figures->sample;
    m_cards[kDepth]->setFigure(formatCount(sample.depth()));
    m_cards[kDepth]->setNote(tr("%1 ready, %2 leased").arg(formatCount(sample.ready), formatCount(sample.leased)));
    m_cards[kLag]->setFigure(formatDuration(sample.lagUs));
    m_cards[kLag]->setNote(sample.lagUs == 0 ? tr("nothing waits") : tr("oldest ready message"));
    m_cards[kIn]->setFigure(formatRate(double(figures->rates.inRate)));
    m_cards[kIn]->setNote(tr("%1 in all").arg(formatCount(sample.submitted)));
    m_cards[kOut]->setFigure(formatRate(double(figures->rates.outRate)));
    m_cards[kOut]->setNote(tr("%1 in all").arg(formatCount(sample.acknowledged)));
    m_cards[kRetries]->setFigure(formatRate(double(figures->rates.retryRate)));
    m_cards[kRetries]->setNote(sample.retrying == 1 ? tr("1 waits for a retry")
                               : sample.retrying > 1 ? tr("%1 wait for a retry").arg(formatCount(sample.retrying))
                                                   : tr("%1 in all").arg(formatCount(sample.retried)),
                               sample.retrying > 0 ? Token::Retrying : Token::Muted);
    m_cards[kDead]->setFigure(formatCount(sample.dead));
    m_cards[kDead]->setNote(figures->newDead > 0 ? tr("%1 new in 1 min").arg(formatCount(figures->newDead))
                                                 : tr("none new in 1 min"),
                            figures->newDead > 0 ? Token::Dead : Token::Muted);
    updateNotes();
}

void OverviewPage::updateNotes()
{
    QString state;
    if (m_model->isPaused())
        state = tr("Paused. New figures are kept and shown when you resume.");
    else if (!m_model->queue().isEmpty() && !m_model->figures())
        state = tr("This queue does not exist any more.");
    else if (!m_model->historyProblem().isEmpty())
        state = tr("The past could not be loaded: %1").arg(m_model->historyProblem());
    m_state->setText(state);

    const auto& figures = m_model->figures();
    if (!figures || m_charts.size() < 7)
        return;
    const auto note = [&](const telemetry::Quantiles& quantiles) {
        return quantiles.count > 0 && quantiles.count < kFewSamples
            ? tr("few samples: %1").arg(formatCount(quantiles.count))
            : QString();
    };
    // Quantiles of several queues do not add up: the node measures them for all together as well.
    m_charts[5]->setNote(note(figures->sample.waiting));
    m_charts[6]->setNote(note(figures->sample.running));
}

void OverviewPage::updateTrends()
{
    using telemetry::Point;
    m_cards[kDepth]->setTrend(m_model->trend(
        [](const Point& point) { return double(point.ready + point.leased + point.retrying + point.scheduled); }));
    m_cards[kLag]->setTrend(m_model->trend([](const Point& point) { return double(point.lagSeconds); }));
    m_cards[kIn]->setTrend(m_model->trend([](const Point& point) { return double(point.inRate); }));
    m_cards[kOut]->setTrend(m_model->trend([](const Point& point) { return double(point.outRate); }));
    m_cards[kRetries]->setTrend(m_model->trend([](const Point& point) { return double(point.retryRate); }));
    m_cards[kDead]->setTrend(m_model->trend([](const Point& point) { return double(point.dead); }));
}

} // namespace millrace::desktop
