// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/node/failpoint_p.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>

namespace millrace::zeromq {

namespace {

std::atomic<Failpoint> g_point{Failpoint::None};
std::atomic<std::uint32_t> g_skip{0};

Failpoint pointOf(std::string_view name) noexcept
{
    if (name == "before-commit")
        return Failpoint::BeforeCommit;
    if (name == "after-commit-before-send")
        return Failpoint::AfterCommitBeforeSend;
    if (name == "commit-fails")
        return Failpoint::CommitFails;
    return Failpoint::None;
}

} // namespace

void armFailpoint(Failpoint point, std::uint32_t skip) noexcept
{
    g_point = Failpoint::None;
    g_skip = skip;
    g_point = point;
}

void armFailpointFromEnvironment() noexcept
{
    const char* text = std::getenv("MILLRACE_FAILPOINT"); // NOLINT(concurrency-mt-unsafe): start of a node
    if (text == nullptr)
        return;
    const std::string_view value = text;
    const std::size_t colon = value.find(':');
    const Failpoint point = pointOf(value.substr(0, colon));
    if (point == Failpoint::None)
        return;
    const long skip = colon == value.npos ? 0 : std::strtol(value.data() + colon + 1, nullptr, 10);
    armFailpoint(point, static_cast<std::uint32_t>(skip > 0 ? skip : 0));
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

void dieHere() noexcept
{
    ::kill(::getpid(), SIGKILL);
    std::abort();
}

} // namespace millrace::zeromq
