// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/telemetry/time_series.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::zeromq {

/// Time series of a node in bounded memory: all queues together and the 64 busiest at 1 s for an hour and 10 s for a
/// day; every other queue at 10 s for an hour, as long as there is room. Thread: the broker's.
class SeriesStore
{
public:
    static constexpr std::size_t kFullQueues = 64;
    static constexpr std::size_t kMaxBytes = 64ULL * 1024 * 1024;

    void addTotal(const telemetry::QueueSample& sample, std::int64_t atUs);
    void addQueue(const std::string& name, const telemetry::QueueSample& sample, std::int64_t atUs);
    /// Lets the busiest queues of the last minute have the fine series. Call once a minute.
    void rank();
    /// The empty name is the total. nullopt = nothing is kept of it.
    [[nodiscard]] std::optional<std::vector<telemetry::Point>> range(std::string_view name,
                                                                     std::int64_t fromUs,
                                                                     std::int64_t untilUs) const;
    [[nodiscard]] std::size_t memoryBytes() const noexcept;

private:
    struct Line
    {
        telemetry::TimeSeries series;
        bool isFull = false;
        std::optional<telemetry::QueueSample> before;
        std::int64_t beforeUs = 0;
        std::uint64_t eventsAtRank = 0;
        void add(const telemetry::QueueSample& sample, std::int64_t atUs);
        [[nodiscard]] std::uint64_t events() const noexcept;
        void reshape(bool full, std::int64_t nowUs);
    };
    Line m_total;
    std::map<std::string, Line, std::less<>> m_queues;
    std::size_t m_full = 0;
};

} // namespace millrace::zeromq
