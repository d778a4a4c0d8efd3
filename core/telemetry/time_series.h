// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/telemetry/sample.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace millrace::telemetry {

/// One point of a chart. NaN where there is no figure.
struct Point
{
    std::int64_t atUs = 0; ///< UTC
    float ready = 0, scheduled = 0, retrying = 0, leased = 0, dead = 0; ///< messages
    float lagSeconds = 0;
    float inRate = 0, outRate = 0, retryRate = 0, deadRate = 0; ///< per second; out = acknowledged
    float waitingP50 = 0, waitingP95 = 0, waitingP99 = 0;       ///< milliseconds
    float runningP50 = 0, runningP95 = 0, runningP99 = 0;       ///< milliseconds
};

/// The point between two samples of one queue. Rates are NaN if `before` is absent, not older, or has
/// larger totals (the node restarted).
[[nodiscard]] Point toPoint(const std::optional<QueueSample>& before,
                            std::int64_t beforeUs,
                            const QueueSample& sample,
                            std::int64_t atUs) noexcept;

/// Points of one queue in bounded memory: a fine ring and a coarse one.
class TimeSeries
{
public:
    struct Shape
    {
        base::Micros fineStep{1'000'000};
        std::size_t finePoints = 3600;
        base::Micros coarseStep{10'000'000};
        std::size_t coarsePoints = 8640;
    };
    TimeSeries() = default;
    explicit TimeSeries(Shape shape);

    /// Points arrive in order of time; within one step the newest replaces the one before.
    /// A clock that jumped back: earlier points with a later time are dropped.
    void add(const Point& point);
    /// Points with from ≤ atUs < until, oldest first, from the finest ring that reaches back to `from`.
    [[nodiscard]] std::vector<Point> range(std::int64_t fromUs, std::int64_t untilUs) const;
    [[nodiscard]] std::size_t memoryBytes() const noexcept;

private:
    struct Ring
    {
        base::Micros step{};
        std::size_t limit = 0;
        std::vector<Point> points; ///< grows to `limit`, then is a ring
        std::size_t begin = 0;
        void add(const Point& point);
        [[nodiscard]] const Point& at(std::size_t index) const;
    };
    Ring m_fine{base::Micros(1'000'000), 3600, {}, 0};
    Ring m_coarse{base::Micros(10'000'000), 8640, {}, 0};
};

/// At most two points per column (its lowest and highest value of `value`), so that a line looks the
/// same with fewer points. Points whose value is NaN end a column early and are left out.
/// @param member  which figure decides
[[nodiscard]] std::vector<Point> decimate(std::span<const Point> points, float Point::* member, std::size_t columns);

} // namespace millrace::telemetry
