// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/batch.h"

#include <algorithm>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace millrace::engine {

/// A min-heap that skips nothing by itself: whoever pops checks whether the entry still holds.
template<typename Entry>
class Heap
{
public:
    void push(Entry entry);
    Entry pop();
    [[nodiscard]] bool empty() const noexcept { return m_entries.empty(); }
    [[nodiscard]] const Entry& top() const { return m_entries.front(); }
    [[nodiscard]] std::size_t size() const noexcept { return m_entries.size(); }
    template<typename Keep>
    void filter(Keep&& keep);

private:
    std::vector<Entry> m_entries;
};

/// Everything that happens at a time by itself. Durations run on the steady clock; deliver-at and
/// expiry, which people set by the calendar, are compared with the wall clock whenever it is read, so
/// that a clock that jumps back delivers nothing early.
class Timers
{
public:
    enum class Kind : std::uint8_t {
        QueueLeases, CappedLease, Retry, Deduplication, Retention, QueueTokens, KeyTokens, Deferred
    };
    struct Steady
    {
        std::int64_t atUs = 0;
        Kind kind = Kind::Retry;
        std::uint64_t id = 0; ///< queue id, lease token or sequence
        friend auto operator<=>(const Steady&, const Steady&) = default;
    };
    struct Wall
    {
        std::int64_t atUs = 0;
        Sequence sequence = 0;
        bool isExpiry = false;
        friend auto operator<=>(const Wall&, const Wall&) = default;
    };

    void atSteady(std::int64_t us, Kind kind, std::uint64_t id) { m_steady.push({us, kind, id}); }
    void atWall(std::int64_t us, Sequence sequence, bool isExpiry)
    {
        m_wall.push({us, sequence, isExpiry});
    }
    [[nodiscard]] std::optional<Steady> nextSteady(std::int64_t nowUs);
    [[nodiscard]] std::optional<Wall> nextWall(std::int64_t nowUs);
    /// The wall entry just popped held no longer.
    void passStaleWall() noexcept { m_staleWall -= m_staleWall > 0 ? 1 : 0; }
    /// A wall entry no longer holds. When most do not, `isLive(entry)` decides which stay.
    template<typename IsLive>
    void forgetWall(IsLive&& isLive);
    /// When to look again, on the steady clock; at most a second ahead for what hangs on the wall clock.
    [[nodiscard]] std::optional<std::int64_t> next(std::int64_t steadyUs, std::int64_t wallUs) const;

private:
    static constexpr std::size_t kFewStale = 1024;
    static constexpr std::int64_t kWallCheckUs = 1'000'000;
    Heap<Steady> m_steady;
    Heap<Wall> m_wall;
    std::size_t m_staleWall = 0;
};

template<typename Entry>
void Heap<Entry>::push(Entry entry)
{
    m_entries.push_back(entry);
    std::push_heap(m_entries.begin(), m_entries.end(), std::greater<>());
}

template<typename Entry>
Entry Heap<Entry>::pop()
{
    std::pop_heap(m_entries.begin(), m_entries.end(), std::greater<>());
    const Entry entry = m_entries.back();
    m_entries.pop_back();
    return entry;
}

template<typename Entry>
template<typename Keep>
void Heap<Entry>::filter(Keep&& keep)
{
    std::erase_if(m_entries, [&](const Entry& entry) { return !keep(entry); });
    std::make_heap(m_entries.begin(), m_entries.end(), std::greater<>());
}

template<typename IsLive>
void Timers::forgetWall(IsLive&& isLive)
{
    if (++m_staleWall < kFewStale || m_staleWall * 2 < m_wall.size())
        return;
    m_wall.filter(isLive);
    m_staleWall = 0;
}

} // namespace millrace::engine
