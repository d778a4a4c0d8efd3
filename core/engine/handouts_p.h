// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/batch.h"
#include "core/engine/ring_p.h"

#include <cstdint>
#include <map>
#include <vector>

namespace millrace::engine {

/// What each step handed out, and how much of it is still out. A row may go once nothing is.
class Handouts
{
public:
    /// Adds one message to the row of this step.
    /// @returns its id
    std::uint64_t add(Sequence sequence)
    {
        if (m_current.empty())
            m_open.push(0);
        ++m_open.back();
        m_current.push_back(sequence);
        return m_first + m_open.size() - 1;
    }
    /// One message of row `id` was settled or given back.
    void release(std::uint64_t id, std::vector<std::uint64_t>& removed);
    /// Ends the step: moves its row, if there is one, into `rows`.
    void finishStep(std::vector<HandoutRow>& rows);

    // ---- between construction and the first step
    void addLoaded(std::uint64_t id) { m_loaded.emplace(id, 0); }
    void holdLoaded(std::uint64_t id) { ++m_loaded.at(id); }
    /// New rows get larger ids than loaded ones. Rows that nothing holds go with the next step.
    /// @param usedThrough  an id that is not to be given again either
    void finishLoad(std::uint64_t usedThrough, std::vector<std::uint64_t>& removed);

private:
    std::uint64_t m_first = 1;               ///< id of the first in `m_open`
    Ring<std::uint32_t> m_open;              ///< how many of each row are still out
    std::map<std::uint64_t, std::uint32_t> m_loaded;
    std::vector<Sequence> m_current;
};

} // namespace millrace::engine
