// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/base/failpoint.h"

#ifdef MR_FAILPOINTS

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string_view>

namespace millrace::base {

namespace {

struct Armed
{
    Armed() noexcept
    {
        const char* text = std::getenv("MILLRACE_FAILPOINT"); // NOLINT(concurrency-mt-unsafe): nobody sets it
        if (text == nullptr)
            return;
        name = text;
        const std::size_t colon = name.find(':');
        if (colon != name.npos)
            left = std::atol(text + colon + 1);
        name = name.substr(0, colon);
    }
    std::string_view name; ///< empty: no place kills
    std::atomic<long> left{1};
};

} // namespace

void passFailpoint(const char* name) noexcept
{
    static Armed armed;
    if (!armed.name.empty() && armed.name == name && --armed.left == 0)
        ::kill(::getpid(), SIGKILL);
}

} // namespace millrace::base

#endif
