// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/message/cron.h"

#include <cstddef>
#include <cstdlib>

/// The text of a schedule: whatever is accepted has a next time, and it is later.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto cron = millrace::message::Cron::parse({reinterpret_cast<const char*>(data), size});
    std::int64_t us = 1'800'000'000'000'000;
    for (int i = 0; cron && i < 5; ++i) {
        const auto next = cron->nextAfter(us);
        if (!next || *next <= us || *next % 60'000'000 != 0)
            std::abort();
        us = *next;
    }
    return 0;
}
