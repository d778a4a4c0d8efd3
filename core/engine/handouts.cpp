// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/handouts_p.h"

#include <algorithm>

namespace millrace::engine {

void Handouts::release(std::uint64_t id, std::vector<std::uint64_t>& removed)
{
    if (id >= m_first) {
        if (--m_open[id - m_first] == 0)
            removed.push_back(id);
        while (!m_open.empty() && m_open.front() == 0) {
            m_open.pop();
            ++m_first;
        }
        return;
    }
    const auto found = m_loaded.find(id);
    if (found != m_loaded.end() && --found->second == 0) {
        removed.push_back(id);
        m_loaded.erase(found);
    }
}

void Handouts::finishStep(std::vector<HandoutRow>& rows)
{
    if (m_current.empty())
        return;
    if (!std::is_sorted(m_current.begin(), m_current.end()))
        std::sort(m_current.begin(), m_current.end());
    rows.push_back({m_first + m_open.size() - 1, m_current});
    m_current.clear();
}

void Handouts::finishLoad(std::uint64_t usedThrough, std::vector<std::uint64_t>& removed)
{
    if (!m_loaded.empty())
        usedThrough = std::max(usedThrough, m_loaded.rbegin()->first);
    m_first = usedThrough + 1;
    for (auto row = m_loaded.begin(); row != m_loaded.end();) {
        if (row->second == 0) {
            removed.push_back(row->first);
            row = m_loaded.erase(row);
        } else {
            ++row;
        }
    }
}

} // namespace millrace::engine
