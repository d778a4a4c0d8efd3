// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/submit_times_p.h"

#include <algorithm>

namespace millrace::engine {

std::int64_t SubmitTimes::find(Sequence sequence, std::int64_t fallback) const
{
    const auto after = std::upper_bound(m_entries.begin(),
                                        m_entries.end(),
                                        sequence,
                                        [](Sequence value, const Entry& entry) {
                                            return value < entry.first;
                                        });
    return after == m_entries.begin() ? fallback : std::prev(after)->us;
}

void SubmitTimes::prune(Sequence oldest)
{
    const auto after = std::upper_bound(m_entries.begin(),
                                        m_entries.end(),
                                        oldest,
                                        [](Sequence value, const Entry& entry) {
                                            return value < entry.first;
                                        });
    if (after != m_entries.begin())
        m_entries.erase(m_entries.begin(), std::prev(after));
}

void SubmitTimes::thin()
{
    std::size_t kept = 0;
    for (std::size_t i = 0; i < m_entries.size(); i += 2)
        m_entries[kept++] = m_entries[i];
    m_entries.resize(kept);
}

} // namespace millrace::engine
