// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/models/live_series.h"

#include <limits>

namespace millrace::desktop {

namespace {

constexpr std::int64_t kRateWindowUs = 1'000'000;

telemetry::TimeSeries makeSeries()
{
    telemetry::TimeSeries::Shape shape;
    shape.fineStep = base::Micros(250'000);
    shape.finePoints = 4 * 66; // a minute, and what the widest decimation needs beyond its edge
    shape.coarseStep = base::Micros(1'000'000);
    shape.coarsePoints = 3600 + 60;
    return telemetry::TimeSeries(shape);
}

} // namespace

LiveSeries::LiveSeries()
    : m_points(makeSeries())
{
}

void LiveSeries::clear()
{
    *this = LiveSeries();
}

void LiveSeries::backfill(const std::vector<telemetry::Point>& points)
{
    const auto live = m_firstLiveUs
        ? m_points.range(*m_firstLiveUs, std::numeric_limits<std::int64_t>::max())
        : std::vector<telemetry::Point>();
    m_points = makeSeries();
    for (const auto& point : points) {
        if (!m_firstLiveUs || point.atUs < *m_firstLiveUs)
            m_points.add(point);
    }
    for (const auto& point : live)
        m_points.add(point);
    if (!m_newest && !points.empty())
        m_newest = points.back();
}

void LiveSeries::add(const telemetry::QueueSample& sample, std::int64_t atUs, std::uint64_t epoch)
{
    if (!m_recent.empty() && m_epoch == epoch && m_recent.back().atUs >= atUs)
        return;
    if (m_epoch != epoch)
        m_recent.clear();
    m_epoch = epoch;
    // Keep the youngest that is at least a window old: the rate spans it.
    while (m_recent.size() > 1 && m_recent[1].atUs <= atUs - kRateWindowUs)
        m_recent.pop_front();

    std::optional<telemetry::QueueSample> before;
    std::int64_t beforeUs = 0;
    if (!m_recent.empty()) {
        before = m_recent.front().sample;
        beforeUs = m_recent.front().atUs;
    }
    const auto point = telemetry::toPoint(before, beforeUs, sample, atUs);
    // The very first one has no rates: left out of the lines, or they would break where the past ends.
    const bool isFirst = !m_newest;
    m_recent.push_back({sample, atUs});
    m_newest = point;
    if (isFirst)
        return;
    m_points.add(point);
    if (!m_firstLiveUs)
        m_firstLiveUs = atUs;
}

std::vector<telemetry::Point> LiveSeries::range(std::int64_t fromUs, std::int64_t untilUs) const
{
    return m_points.range(fromUs, untilUs);
}

} // namespace millrace::desktop
