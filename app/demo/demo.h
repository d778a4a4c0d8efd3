// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/terminal/console.h"

#include <QCoroTask>

#include <cstdint>
#include <string>

namespace millrace::demo {

using namespace terminal; // what is printed, and how the program ends

struct DemoOptions
{
    std::string workload; ///< empty = all
    std::uint64_t count = 0;
    double rate = -1; ///< negative = each workload's own
    bool json = false;
    std::string data; ///< empty = a temporary directory
};

/// Runs the demo workloads on a node of its own. Thread: main. @returns an ExitCode
[[nodiscard]] QCoro::Task<int> run(DemoOptions options);

} // namespace millrace::demo
