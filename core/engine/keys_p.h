// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/batch.h"
#include "core/engine/deduplication_p.h"
#include "core/engine/token_bucket_p.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace millrace::engine {

/// The unsettled messages of one partition key of one queue, in the order in which they may start.
///
/// A message's place is its sequence; that of a replay is the place of the dead letter that it was. Only the
/// first may start, only while none is leased, and only if no dead letter that blocks has a lower place. The
/// others cost one entry of this line each, and an entry among the troubled only if they expire or have
/// their bytes in memory.
class KeyLine
{
public:
    struct Entry
    {
        Sequence place = 0;
        Sequence sequence = 0; ///< 0 = has left
        std::uint8_t priority = message::kDefaultPriority;
        bool isBusy = false; ///< leased, or waits for its retry
    };
    /// How many are ready but not first (or not yet in their lane), in their lane, and parked.
    struct Counts
    {
        std::uint64_t held = 0;
        std::uint64_t inLane = 0;
        std::uint64_t parked = 0;
    };

    explicit KeyLine(std::string_view key)
        : m_key(key)
    {
    }
    [[nodiscard]] const std::string& key() const noexcept { return m_key; }
    void insert(Entry entry);
    void remove(Sequence place);
    void setBusy(Sequence place, bool isBusy);
    [[nodiscard]] bool contains(Sequence place) const { return find(place) < m_entries.size(); }
    /// Null if it is not in line.
    [[nodiscard]] const Entry* entryOf(Sequence sequence) const;
    /// Null if nothing waits.
    [[nodiscard]] const Entry* first() const noexcept
    {
        return m_begin < m_entries.size() ? &m_entries[m_begin] : nullptr;
    }
    [[nodiscard]] std::uint64_t size() const noexcept { return m_size; }

    /// Dead letter `sequence` at `place` parks all behind it.
    void block(Sequence place, Sequence sequence);
    /// @returns false if `sequence` did not block
    bool unblock(Sequence sequence);
    [[nodiscard]] bool isParked(Sequence place) const noexcept
    {
        return !m_blocks.empty() && m_blocks.front().place < place;
    }
    struct Block
    {
        Sequence place = 0;
        Sequence sequence = 0;
    };
    [[nodiscard]] const std::vector<Block>& blocks() const noexcept { return m_blocks; }

    [[nodiscard]] Counts counts() const noexcept
    {
        const std::uint64_t inLane = isInLane ? 1 : 0;
        return {m_idle - m_parked - inLane, inLane, m_parked};
    }
    /// Nothing refers to this key any more.
    [[nodiscard]] bool isVoid() const noexcept { return m_size == 0 && m_blocks.empty() && scheduled == 0; }

    Sequence current = 0;        ///< the one that was let go: in its lane, leased, or waits for its retry; 0 = none
    std::uint32_t scheduled = 0; ///< of this key, not in line before their deliver-at
    bool isInLane = false;       ///< the current one is ready
    bool isLeased = false;       ///< the current one is leased
    bool isDirty = false;        ///< the step must look at it
    bool isThrottled = false;    ///< is among those of its queue that wait for a token
    std::int64_t throttledUntilUs = 0; ///< steady; if so
    TokenBucket bucket;

private:
    [[nodiscard]] std::size_t find(Sequence place) const;
    void trim();
    void recountParked();

    std::string m_key;
    std::vector<Entry> m_entries; ///< by place; before m_begin there is nothing
    std::size_t m_begin = 0;
    std::uint64_t m_size = 0;     ///< those that have not left
    std::uint64_t m_idle = 0;     ///< those of them that are not busy
    std::uint64_t m_parked = 0;   ///< those of the idle that are behind a block
    bool m_hasReplays = false;    ///< some place may differ from its message's sequence
    std::vector<Block> m_blocks;  ///< by place
};

/// All lines of a queue; the addresses stay.
using KeyLines = std::unordered_map<std::string, KeyLine, TextHash, std::equal_to<>>;

} // namespace millrace::engine
