// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/viewmodels/overview_view_model.h"

#include "app/desktop/models/text_format.h"
#include "transport/client/async.h"

#include <QCoroFuture>

#include <algorithm>
#include <cmath>
#include <limits>

namespace millrace::desktop {

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kHour = 3600 * kSecond;

std::int64_t spanUs(OverviewViewModel::Range range)
{
    switch (range) {
    case OverviewViewModel::Range::Minute: return 60 * kSecond;
    case OverviewViewModel::Range::TenMinutes: return 600 * kSecond;
    case OverviewViewModel::Range::Hour: return kHour;
    }
    return 60 * kSecond;
}

} // namespace

OverviewViewModel::OverviewViewModel(client::Pipeline* pipeline, QObject* parent)
    : QObject(parent)
    , m_pipeline(pipeline)
{
    connect(pipeline, &client::Pipeline::snapshotReady, this, &OverviewViewModel::onSnapshot);
    connect(pipeline, &client::Pipeline::freshnessChanged, this, [this](client::Freshness freshness) {
        if (freshness == client::Freshness::Fresh)
            fetchHistory();
    });
    if (const auto snapshot = pipeline->snapshot())
        onSnapshot(snapshot);
    if (pipeline->freshness() == client::Freshness::Fresh)
        fetchHistory();
}

std::chrono::seconds OverviewViewModel::span() const
{
    return std::chrono::seconds(spanUs(m_range) / kSecond);
}

void OverviewViewModel::setRange(Range range)
{
    if (range == m_range)
        return;
    m_range = range;
    Q_EMIT rangeChanged();
}

void OverviewViewModel::setPaused(bool paused)
{
    if (paused == m_paused)
        return;
    if (paused) {
        m_pausedAtUs = endUs();
        m_pausedPoints = m_series.range(m_pausedAtUs - spanUs(m_range), m_pausedAtUs + 1);
        if (m_range != Range::Hour) {
            // Older ones, should the person change the range while paused.
            auto hour = m_series.range(m_pausedAtUs - kHour, m_pausedAtUs - spanUs(m_range));
            hour.insert(hour.end(), m_pausedPoints.begin(), m_pausedPoints.end());
            m_pausedPoints = std::move(hour);
        }
    }
    m_paused = paused;
    if (!paused) {
        m_pausedPoints.clear();
        showFigures();
    }
    Q_EMIT pausedChanged();
}

void OverviewViewModel::setQueue(const QString& queue)
{
    if (queue == m_queue)
        return;
    setPaused(false);
    m_queue = queue;
    m_series.clear();
    m_sample.reset();
    m_figures.reset();
    if (m_pipeline) {
        if (const auto snapshot = m_pipeline->snapshot())
            onSnapshot(snapshot);
    }
    Q_EMIT queueChanged();
    Q_EMIT figuresChanged();
    fetchHistory();
}

void OverviewViewModel::onSnapshot(const client::SnapshotPtr& snapshot)
{
    m_atUs = snapshot->atUs;
    m_arrivedAt = std::chrono::steady_clock::now();
    updateQueues(*snapshot);

    const telemetry::QueueSample* sample = &snapshot->total;
    if (!m_queue.isEmpty()) {
        const std::string name = m_queue.toStdString();
        const auto found = std::find_if(snapshot->queues.begin(), snapshot->queues.end(),
                                        [&](const auto& queue) { return queue.name == name; });
        sample = found == snapshot->queues.end() ? nullptr : &found->sample;
    }
    if (sample) {
        m_sample = *sample;
        m_series.add(*sample, snapshot->atUs, snapshot->epoch);
    } else {
        m_sample.reset();
    }
    const auto& total = snapshot->total;
    if (!m_hasActivity && (total.submitted > 0 || total.depth() > 0 || total.dead > 0)) {
        m_hasActivity = true;
        Q_EMIT activityChanged();
    }
    if (!m_paused)
        showFigures();
}

void OverviewViewModel::updateQueues(const client::Snapshot& snapshot)
{
    QStringList names;
    names.reserve(qsizetype(snapshot.queues.size()));
    for (const auto& queue : snapshot.queues)
        names << QString::fromStdString(queue.name);
    if (names == m_queues)
        return;
    m_queues = std::move(names);
    Q_EMIT queuesChanged();
}

std::uint64_t OverviewViewModel::deadOfLastMinute(std::uint64_t now) const
{
    const auto minute = m_series.range(m_atUs - 60 * kSecond, m_atUs + 1);
    if (minute.empty())
        return 0;
    const auto before = std::uint64_t(minute.front().dead);
    return now > before ? now - before : 0;
}

void OverviewViewModel::showFigures()
{
    if (m_sample) {
        Figures figures;
        figures.sample = *m_sample;
        figures.rates = m_series.newest().value_or(telemetry::Point());
        figures.newDead = deadOfLastMinute(m_sample->dead);
        m_figures = figures;
    } else {
        m_figures.reset();
    }
    Q_EMIT figuresChanged();
}

std::int64_t OverviewViewModel::endUs() const
{
    if (m_paused)
        return m_pausedAtUs;
    if (m_atUs == 0)
        return 0;
    const auto since = std::chrono::steady_clock::now() - m_arrivedAt;
    return m_atUs + std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

std::vector<telemetry::Point> OverviewViewModel::points() const
{
    const std::int64_t end = endUs();
    const std::int64_t from = end - spanUs(m_range);
    if (!m_paused)
        return m_series.range(from, end + 1);
    const auto first = std::find_if(m_pausedPoints.begin(), m_pausedPoints.end(),
                                    [from](const auto& point) { return point.atUs >= from; });
    return {first, m_pausedPoints.end()};
}

QList<double> OverviewViewModel::trend(double (*value)(const telemetry::Point&)) const
{
    constexpr int kPoints = 60;
    QList<double> values(kPoints, std::numeric_limits<double>::quiet_NaN());
    const std::int64_t end = endUs();
    const auto minute = m_series.range(end - kPoints * kSecond, end + 1);
    for (const auto& point : minute) {
        const auto index = kPoints - 1 - (end - point.atUs) / kSecond;
        if (index >= 0 && index < kPoints)
            values[index] = value(point);
    }
    // Steps of the past are a second apart and may skip one; a single hole is not a gap.
    for (int i = 1; i + 1 < kPoints; ++i) {
        if (std::isnan(values[i]) && !std::isnan(values[i - 1]) && !std::isnan(values[i + 1]))
            values[i] = (values[i - 1] + values[i + 1]) / 2;
    }
    return values;
}

void OverviewViewModel::fetchHistory()
{
    if (!m_pipeline || !m_pipeline->capabilities().can(client::Capability::History))
        return;
    client::spawn(this, "load history", loadHistory(++m_generation, m_queue.toStdString()));
}

QCoro::Task<base::Result<void>> OverviewViewModel::loadHistory(std::uint64_t generation, std::string queue)
{
    const QPointer<OverviewViewModel> self(this);
    const std::int64_t until = std::numeric_limits<std::int64_t>::max();
    const std::int64_t from = m_atUs > 0 ? m_atUs - kHour : 0;
    auto pending = m_pipeline->series(std::move(queue), from, until);
    const auto points = co_await pending;
    if (!self || self->m_generation != generation)
        co_return base::Result<void>();
    if (points) {
        self->m_historyProblem.clear();
        self->m_series.backfill(*points);
        const bool hadActivity = std::any_of(points->begin(), points->end(), [](const telemetry::Point& point) {
            return point.inRate > 0 || point.ready > 0 || point.dead > 0;
        });
        if (hadActivity && !self->m_hasActivity) {
            self->m_hasActivity = true;
            Q_EMIT self->activityChanged();
        }
    } else {
        self->m_historyProblem = describeError(points.error());
        Q_EMIT self->figuresChanged();
    }
    co_return base::Result<void>();
}

} // namespace millrace::desktop
