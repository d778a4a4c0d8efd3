// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/telemetry/sample.h"
#include "core/telemetry/time_series.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace millrace::desktop {

/// The points that the charts of one queue (or of all) show: 250 ms steps for the last minute, 1 s for an hour, in
/// bounded memory. Filled once with what the pipeline remembers and then from snapshots.
/// Thread: one at a time.
class LiveSeries
{
public:
    LiveSeries();

    void clear();
    /// What the pipeline remembers, oldest first; what is already here stays and wins.
    void backfill(const std::vector<telemetry::Point>& points);
    /// Rates are taken over the last second, so that they do not jitter with the telemetry period. A sample of
    /// another epoch (the node restarted) has no rates. Samples that are not newer are ignored.
    void add(const telemetry::QueueSample& sample, std::int64_t atUs, std::uint64_t epoch);

    /// Points with from ≤ atUs < until, oldest first, from the finest steps that reach back to `from`.
    [[nodiscard]] std::vector<telemetry::Point> range(std::int64_t fromUs, std::int64_t untilUs) const;
    [[nodiscard]] const std::optional<telemetry::Point>& newest() const { return m_newest; }

private:
    struct Seen
    {
        telemetry::QueueSample sample;
        std::int64_t atUs = 0;
    };
    telemetry::TimeSeries m_points;
    std::deque<Seen> m_recent; ///< of the last second, oldest first
    std::optional<telemetry::Point> m_newest;
    std::optional<std::int64_t> m_firstLiveUs;
    std::uint64_t m_epoch = 0;
};

} // namespace millrace::desktop
