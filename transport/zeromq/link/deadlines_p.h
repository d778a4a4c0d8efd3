// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace millrace::zeromq {

using SteadyClock = std::chrono::steady_clock;
using TimePoint = SteadyClock::time_point;

/// Numbers of requests by deadline. Answered requests stay until their deadline: looking them up then is cheaper than
/// finding them here when they are answered. Thread: one.
class Deadlines
{
public:
    void add(TimePoint deadline, std::uint64_t request)
    {
        m_heap.emplace_back(deadline, request);
        std::push_heap(m_heap.begin(), m_heap.end(), std::greater<>());
    }
    [[nodiscard]] std::optional<TimePoint> next() const
    {
        return m_heap.empty() ? std::nullopt : std::optional(m_heap.front().first);
    }
    /// The next request whose deadline has passed, if there is one.
    [[nodiscard]] std::optional<std::uint64_t> takeExpired(TimePoint now)
    {
        if (m_heap.empty() || m_heap.front().first > now)
            return std::nullopt;
        std::pop_heap(m_heap.begin(), m_heap.end(), std::greater<>());
        const std::uint64_t request = m_heap.back().second;
        m_heap.pop_back();
        return request;
    }

private:
    std::vector<std::pair<TimePoint, std::uint64_t>> m_heap;
};

} // namespace millrace::zeromq
