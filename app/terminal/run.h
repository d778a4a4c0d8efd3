// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCoroTask>

#include <functional>

namespace millrace::terminal {

/// What the program does; returns an ExitCode.
using Command = std::function<QCoro::Task<int>()>;

/// Runs the event loop until `command` has ended. Thread: main. @returns its exit code
[[nodiscard]] int runToEnd(const Command& command);

} // namespace millrace::terminal
