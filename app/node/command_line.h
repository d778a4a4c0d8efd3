// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CLI/CLI.hpp>

#include "app/node/commands.h"

#include <functional>
#include <optional>
#include <string>

namespace millrace::node {

using Command = std::function<QCoro::Task<int>()>;

inline constexpr std::uint64_t kMostRows = 1'000'000;

/// What was asked for: one of the two is set after parsing.
struct Choice
{
    std::optional<ServeOptions> serve;
    Command command;
};

/// The options of all commands; they live as long as the parser.
struct Options
{
    ServeOptions serve;
    DemoOptions demo;
    Target target;
    DeadLetterQuery query;
    QueueChange change;
    MessageQuery messages;
    std::string name; ///< of a schedule
    std::string file;
    std::string queue;
    std::string ref;
    bool verbose = false;
};

/// Accepts whole numbers only: the library reads -1 as a huge number, and nothing as 0.
[[nodiscard]] CLI::Validator wholeNumber(std::uint64_t least, std::uint64_t most);
/// An empty text, as from a variable that is not set, does not silently mean the default.
[[nodiscard]] CLI::Validator notEmpty();
/// --data, --endpoint and --json.
void addTarget(CLI::App& command, Target& target);

/// pause and resume of a queue.
void addPause(CLI::App& app, Options& options, Choice& choice);
/// queues, running, retrying, messages, schedules, pipeline. `options` and `choice` must live as long as the parser.
void addLiveCommands(CLI::App& app, Options& options, Choice& choice);

} // namespace millrace::node
