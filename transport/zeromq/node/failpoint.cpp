// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/node/failpoint_p.h"

#include <atomic>

namespace millrace::zeromq {

namespace {

std::atomic<Failpoint> g_point{Failpoint::None};
std::atomic<std::uint32_t> g_skip{0};

} // namespace

void armFailpoint(Failpoint point, std::uint32_t skip) noexcept
{
    g_point = Failpoint::None;
    g_skip = skip;
    g_point = point;
}

bool failpointReached(Failpoint point) noexcept
{
    if (g_point.load(std::memory_order_relaxed) != point)
        return false;
    if (g_skip > 0) {
        --g_skip;
        return false;
    }
    g_point = Failpoint::None;
    return true;
}

} // namespace millrace::zeromq
