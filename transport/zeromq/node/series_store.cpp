// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/node/series_store_p.h"

#include <algorithm>

namespace millrace::zeromq {

namespace {

using telemetry::TimeSeries;

constexpr TimeSeries::Shape kLight{
    .fineStep = base::Micros(10'000'000), .finePoints = 360, .coarseStep = base::Micros(10'000'000), .coarsePoints = 0};
/// What a full line comes to, by its shape; lines grow to this as time passes.
constexpr std::size_t kFullBytes = (3600 + 8640) * sizeof(telemetry::Point);
constexpr std::size_t kLightBytes = 360 * sizeof(telemetry::Point);
constexpr std::size_t kMaxLight
    = (SeriesStore::kMaxBytes - (SeriesStore::kFullQueues + 1) * kFullBytes) / (kLightBytes + 512);

} // namespace

void SeriesStore::Line::add(const telemetry::QueueSample& sample, std::int64_t atUs)
{
    series.add(telemetry::toPoint(before, beforeUs, sample, atUs));
    before = sample;
    beforeUs = atUs;
}

std::uint64_t SeriesStore::Line::events() const noexcept
{
    return before ? before->submitted + before->delivered + before->acknowledged : 0;
}

void SeriesStore::Line::reshape(bool full, std::int64_t nowUs)
{
    constexpr std::int64_t kHourUs = 3'600'000'000;
    TimeSeries shaped = full ? TimeSeries() : TimeSeries(kLight);
    for (const telemetry::Point& point : series.range(nowUs - kHourUs, nowUs + 1))
        shaped.add(point);
    series = std::move(shaped);
    isFull = full;
}

void SeriesStore::addTotal(const telemetry::QueueSample& sample, std::int64_t atUs)
{
    m_total.add(sample, atUs);
}

void SeriesStore::addQueue(const std::string& name, const telemetry::QueueSample& sample, std::int64_t atUs)
{
    auto found = m_queues.find(name);
    if (found == m_queues.end()) {
        const bool full = m_full < kFullQueues;
        if (!full && m_queues.size() - m_full >= kMaxLight)
            return;
        found = m_queues.emplace(name, Line{}).first;
        found->second.reshape(full, atUs);
        m_full += full ? 1 : 0;
    }
    found->second.add(sample, atUs);
}

void SeriesStore::rank()
{
    if (m_queues.size() <= kFullQueues)
        return;
    struct Entry
    {
        std::uint64_t events;
        Line* line;
    };
    std::vector<Entry> entries;
    for (auto& [name, line] : m_queues) {
        const std::uint64_t events = line.events();
        entries.push_back({events >= line.eventsAtRank ? events - line.eventsAtRank : events, &line});
        line.eventsAtRank = events;
    }
    // Who has the fine series keeps it among equals, so that nothing is reshaped without need.
    std::stable_sort(entries.begin(), entries.end(), [](const Entry& left, const Entry& right) {
        return left.events != right.events ? left.events > right.events : left.line->isFull > right.line->isFull;
    });
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const bool full = i < kFullQueues;
        if (entries[i].line->isFull != full)
            entries[i].line->reshape(full, entries[i].line->beforeUs);
    }
    m_full = std::min(kFullQueues, entries.size());
}

std::optional<std::vector<telemetry::Point>> SeriesStore::range(std::string_view name,
                                                                std::int64_t fromUs,
                                                                std::int64_t untilUs) const
{
    if (name.empty())
        return m_total.series.range(fromUs, untilUs);
    const auto found = m_queues.find(name);
    if (found == m_queues.end())
        return std::nullopt;
    return found->second.series.range(fromUs, untilUs);
}

std::size_t SeriesStore::memoryBytes() const noexcept
{
    std::size_t bytes = m_total.series.memoryBytes();
    for (const auto& [name, line] : m_queues)
        bytes += line.series.memoryBytes() + name.size() + sizeof(Line);
    return bytes;
}

} // namespace millrace::zeromq
