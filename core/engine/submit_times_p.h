// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/batch.h"

#include <cstdint>
#include <vector>

namespace millrace::engine {

/// When messages that wait in the store were submitted, by sequence: one entry per 100 ms instead of
/// one per message. Thinned out when it grows, so that an old message costs accuracy and not memory.
class SubmitTimes
{
public:
    /// @returns true if it took an entry, which is the moment to think of prune()
    bool note(Sequence sequence, std::int64_t us)
    {
        if (!m_entries.empty() && us >= m_entries.back().us
            && us - m_entries.back().us < kResolutionUs)
            return false;
        if (m_entries.size() >= kMaxEntries)
            thin();
        m_entries.push_back({sequence, us});
        return true;
    }
    /// Time of the entry that covers `sequence`; `fallback` if there is none.
    [[nodiscard]] std::int64_t find(Sequence sequence, std::int64_t fallback) const;
    /// Forgets what lies before the entry that covers `oldest`.
    void prune(Sequence oldest);
    [[nodiscard]] bool isLarge() const noexcept { return m_entries.size() >= kMaxEntries / 2; }
    /// Replaces each time by `convert(time)`.
    template<typename Convert>
    void convert(Convert&& convert)
    {
        for (Entry& entry : m_entries)
            entry.us = convert(entry.us);
    }

private:
    static constexpr std::int64_t kResolutionUs = 100'000;
    static constexpr std::size_t kMaxEntries = 8192;
    struct Entry
    {
        Sequence first;
        std::int64_t us;
    };
    void thin();
    std::vector<Entry> m_entries;
};

} // namespace millrace::engine
