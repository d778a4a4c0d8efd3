// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "tests/bench/roles.h"

namespace millrace::bench {

struct Passed
{
    Report produced, consumed;
};

/// Both roles in this process: a worker in the event loop of the calling thread, and a thread of its own that submits.
[[nodiscard]] base::Result<Passed>
passFast(const std::shared_ptr<client::Connection>& connection, Shape shape, std::uint64_t count);
/// The same at a fixed rate; notes latencies.
[[nodiscard]] base::Result<Passed>
passPaced(const std::shared_ptr<client::Connection>& connection, Shape shape, Pace pace);

} // namespace millrace::bench
