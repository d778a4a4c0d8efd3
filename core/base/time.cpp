// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/base/time.h"

namespace millrace::base {

Now systemNow() noexcept
{
    return {std::chrono::time_point_cast<Micros>(std::chrono::steady_clock::now()),
            std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now())};
}

} // namespace millrace::base
