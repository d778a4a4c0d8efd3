// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <sys/types.h>

#include "tests/bench/load.h"

#include <QString>

namespace millrace::bench {

/// What a client process is told when it is started; the rest comes line by line.
struct RoleOptions
{
    QString endpoint;
    QString name;
    Shape shape;
    std::uint64_t numbers = 0; ///< of messages, for the ledger
    pid_t node = 0;            ///< whose CPU time is read
};

/// A client process: says {"ready":true} when it has its session, then does what each line of standard input asks
/// (JSON, member `do`: produce, pace, take, sweep, replay, ledger) and answers each with one line, a report or {"error":…};
/// `take` says {"attached":true} before. Ends with its input. @returns the exit code
[[nodiscard]] int runRole(const RoleOptions& options);

} // namespace millrace::bench
