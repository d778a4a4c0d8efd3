// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/leases_p.h"

#include <cstdint>
#include <map>
#include <vector>

namespace millrace::engine {

/// What was in flight when the node died, and may have killed it. Found at load and never later.
///
/// One at a time is out, alone with its worker, in the whole node: so a crash speaks against one message at most.
struct Suspects
{
    struct Suspect
    {
        std::uint32_t crashes = 0; ///< while it was out alone
        bool isStored = false;     ///< has a row
    };
    std::map<Sequence, Suspect> all;
    std::vector<Queue*> queues;              ///< that had one at load
    Attachment* worker = nullptr;            ///< reserved: for the next one, or has the one that is out
    Sequence out = 0;                        ///< 0 = none
    std::uint64_t crashedHandoutsThrough = 0;

    // what the first step makes durable
    bool hasNews = false;
    bool isCrash = false;                    ///< the node died: what was out alone is charged
    std::vector<SuspectRow> wereOut;
    std::vector<Sequence> orphans;           ///< rows of messages that are gone

    [[nodiscard]] bool mayHaveWork() const noexcept
    {
        return out == 0 && (worker != nullptr || !all.empty());
    }
};

} // namespace millrace::engine
