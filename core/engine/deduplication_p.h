// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/batch.h"
#include "core/engine/ring_p.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace millrace::engine {

/// Lets maps with string keys be asked with a view, without building a string.
struct TextHash
{
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept
    {
        return std::hash<std::string_view>{}(text);
    }
};

/// The idempotency keys of one queue that still count. Bounded by time alone: no key leaves early.
class Deduplication
{
public:
    struct Entry
    {
        std::uint64_t id = 0;
        Sequence sequence = 0;
        std::string messageId;
        std::int64_t untilUs = 0; ///< steady
    };
    /// The message that was accepted under `key`, if its window is open at `nowUs`.
    [[nodiscard]] const Entry* find(std::string_view key, std::int64_t nowUs) const;
    /// `untilUs` never decreases from call to call.
    /// @returns id of the expired row that the key had before; 0 = none
    std::uint64_t add(std::string_view key, Entry entry);
    /// Drops up to `limit` keys whose window has closed, and appends the ids of their rows.
    void expire(std::int64_t nowUs, std::size_t limit, std::vector<std::uint64_t>& ids);
    [[nodiscard]] bool empty() const noexcept { return m_order.empty(); }
    [[nodiscard]] std::int64_t firstUntilUs() const { return m_order.front().untilUs; }
    [[nodiscard]] std::int64_t lastUntilUs() { return m_order.back().untilUs; }
    /// What the keys take in memory, about.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return m_bytes; }

    bool isTimed = false; ///< a timer of this queue runs

private:
    using Keys = std::unordered_map<std::string, Entry, TextHash, std::equal_to<>>;
    struct Place
    {
        std::int64_t untilUs = 0;
        std::uint64_t id = 0;
        const Keys::value_type* node = nullptr;
    };
    [[nodiscard]] static std::uint64_t costOf(std::string_view key, const Entry& entry) noexcept
    {
        constexpr std::uint64_t kOverheadBytes = 96; // of a node of the map and a place
        return kOverheadBytes + sizeof(Entry) + key.size() + entry.messageId.size();
    }
    Keys m_keys;
    std::uint64_t m_bytes = 0;
    Ring<Place> m_order;
};

} // namespace millrace::engine
