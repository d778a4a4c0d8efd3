// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/telemetry/time_series.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace millrace::telemetry {

namespace {

constexpr float kNoFigure = std::numeric_limits<float>::quiet_NaN();

float perSecond(std::uint64_t before, std::uint64_t after, double seconds) noexcept
{
    return static_cast<float>(static_cast<double>(after - before) / seconds);
}

float toMilliseconds(const Quantiles& quantiles, std::int64_t us) noexcept
{
    return quantiles.count == 0 ? kNoFigure : static_cast<float>(static_cast<double>(us) / 1e3);
}

bool isRestart(const QueueSample& before, const QueueSample& after) noexcept
{
    return before.submitted > after.submitted || before.acknowledged > after.acknowledged
           || before.retried > after.retried || before.deadLettered > after.deadLettered
           || before.delivered > after.delivered;
}

std::int64_t stepOf(std::int64_t atUs, base::Micros step) noexcept
{
    const std::int64_t quotient = atUs / step.count();
    return atUs % step.count() < 0 ? quotient - 1 : quotient;
}

} // namespace

Point toPoint(const std::optional<QueueSample>& before,
              std::int64_t beforeUs,
              const QueueSample& sample,
              std::int64_t atUs) noexcept
{
    Point point;
    point.atUs = atUs;
    point.ready = static_cast<float>(sample.ready);
    point.scheduled = static_cast<float>(sample.scheduled);
    point.retrying = static_cast<float>(sample.retrying);
    point.leased = static_cast<float>(sample.leased);
    point.dead = static_cast<float>(sample.dead);
    point.lagSeconds = static_cast<float>(static_cast<double>(sample.lagUs) / 1e6);
    point.waitingP50 = toMilliseconds(sample.waiting, sample.waiting.p50Us);
    point.waitingP95 = toMilliseconds(sample.waiting, sample.waiting.p95Us);
    point.waitingP99 = toMilliseconds(sample.waiting, sample.waiting.p99Us);
    point.runningP50 = toMilliseconds(sample.running, sample.running.p50Us);
    point.runningP95 = toMilliseconds(sample.running, sample.running.p95Us);
    point.runningP99 = toMilliseconds(sample.running, sample.running.p99Us);

    point.inRate = point.outRate = point.retryRate = point.deadRate = kNoFigure;
    if (before && beforeUs < atUs && !isRestart(*before, sample)) {
        const double seconds = static_cast<double>(atUs - beforeUs) / 1e6;
        point.inRate = perSecond(before->submitted, sample.submitted, seconds);
        point.outRate = perSecond(before->acknowledged, sample.acknowledged, seconds);
        point.retryRate = perSecond(before->retried, sample.retried, seconds);
        point.deadRate = perSecond(before->deadLettered, sample.deadLettered, seconds);
    }
    return point;
}

TimeSeries::TimeSeries(Shape shape)
    : m_fine{shape.fineStep, shape.finePoints, {}, 0}
    , m_coarse{shape.coarseStep, shape.coarsePoints, {}, 0}
{
}

void TimeSeries::add(const Point& point)
{
    m_fine.add(point);
    m_coarse.add(point);
}

std::vector<Point> TimeSeries::range(std::int64_t fromUs, std::int64_t untilUs) const
{
    const auto reachesBack = [fromUs](const Ring& ring) {
        return ring.points.size() < ring.limit
               || (!ring.points.empty() && ring.at(0).atUs <= fromUs);
    };
    const bool coarseIsOlder
        = !m_coarse.points.empty()
          && (m_fine.points.empty() || m_coarse.at(0).atUs < m_fine.at(0).atUs);
    const Ring& ring = !reachesBack(m_fine) && coarseIsOlder ? m_coarse : m_fine;

    std::vector<Point> found;
    std::size_t low = 0;
    std::size_t high = ring.points.size();
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        if (ring.at(middle).atUs < fromUs)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < ring.points.size() && ring.at(low).atUs < untilUs; ++low)
        found.push_back(ring.at(low));
    return found;
}

std::size_t TimeSeries::memoryBytes() const noexcept
{
    return sizeof(TimeSeries)
           + (m_fine.points.capacity() + m_coarse.points.capacity()) * sizeof(Point);
}

const Point& TimeSeries::Ring::at(std::size_t index) const
{
    const std::size_t position = begin + index;
    return points[position < points.size() ? position : position - points.size()];
}

void TimeSeries::Ring::add(const Point& point)
{
    if (limit == 0)
        return;
    const auto last = [this]() -> const Point& { return at(points.size() - 1); };
    if (!points.empty() && last().atUs > point.atUs) {
        // Only a clock that jumped back comes here, so that straightening the ring costs nothing.
        std::rotate(points.begin(),
                    points.begin() + static_cast<std::ptrdiff_t>(begin),
                    points.end());
        begin = 0;
        while (!points.empty() && points.back().atUs > point.atUs)
            points.pop_back();
    }
    if (!points.empty() && stepOf(last().atUs, step) == stepOf(point.atUs, step)) {
        const std::size_t position = begin + points.size() - 1;
        points[position < points.size() ? position : position - points.size()] = point;
    } else if (points.size() < limit) {
        // A ring that was straightened and cut begins at 0 again, hence appending is in order.
        points.push_back(point);
    } else {
        points[begin] = point;
        begin = begin + 1 == points.size() ? 0 : begin + 1;
    }
}

std::vector<Point> decimate(std::span<const Point> points, float Point::*member, std::size_t columns)
{
    std::vector<Point> kept;
    if (points.empty() || columns == 0)
        return kept;
    const std::int64_t first = points.front().atUs;
    const double width = static_cast<double>(std::max<std::int64_t>(points.back().atUs - first, 0)) + 1;
    const Point* lowest = nullptr;
    const Point* highest = nullptr;
    const auto flush = [&] {
        if (lowest != nullptr) {
            kept.push_back(*std::min(lowest, highest));
            if (lowest != highest)
                kept.push_back(*std::max(lowest, highest));
        }
        lowest = highest = nullptr;
    };
    std::size_t column = 0;
    for (const Point& point : points) {
        const double offset = static_cast<double>(point.atUs - first) / width;
        const auto here = static_cast<std::size_t>(offset * static_cast<double>(columns));
        const float value = point.*member;
        if (here != column || std::isnan(value))
            flush();
        column = here;
        if (std::isnan(value))
            continue;
        if (lowest == nullptr || value < lowest->*member)
            lowest = &point;
        if (highest == nullptr || value > highest->*member)
            highest = &point;
    }
    flush();
    return kept;
}

} // namespace millrace::telemetry
