// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/base/result.h"

#include <string>
#include <string_view>

namespace millrace::terminal {

/// How the program ends; documented in --help.
enum ExitCode : int
{
    kDone = 0,
    kNotAll = 1, ///< messages that are not accounted for, or what was skipped or left out
    kUsage = 2,  ///< the command line is wrong
    kCannot = 3, ///< no node could be started or reached, or it refused
    kInterrupted = 130,
};

/// Writes one line to standard output at once.
void printLine(std::string_view line);
/// The same for a JSON object, in ASCII.
void printJson(const nlohmann::json& object);
/// Writes `millrace-node: <text>` to standard error.
void printError(std::string_view text);
/// Says so if what was printed could not be written, a disk that is full for example.
/// @returns `code`, or kCannot if it could not
[[nodiscard]] int outputWritten(int code);
/// Reports an error. @returns kCannot
[[nodiscard]] int fail(const base::Error& error);

/// Text that came from a message, as it may be shown in a terminal: control characters, which a
/// terminal would obey, become `\xNN`; so do bytes that are not UTF-8.
[[nodiscard]] std::string printable(std::string_view text);

/// What is logged to standard error.
enum class LogLevel { Warnings, Information, Everything };
/// Qt's lines included. Call once.
void setUpLog(LogLevel level);
/// For NodeOptions::log. Thread: any.
void logFromNode(char level, const std::string& line);

} // namespace millrace::terminal
