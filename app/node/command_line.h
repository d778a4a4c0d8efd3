// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CLI/CLI.hpp>

#include "app/node/commands.h"
#include "app/terminal/options.h"
#include "app/terminal/run.h"

#include <optional>
#include <string>
#include <vector>

namespace millrace::node {

inline constexpr std::uint64_t kMostRows = 1'000'000;

/// What was asked for: one of them is set after parsing.
struct Choice
{
    std::optional<ServeOptions> serve;
    std::optional<std::vector<std::string>> demo; ///< its arguments
    Command command;
};

/// The options of all commands; they live as long as the parser.
struct Options
{
    ServeOptions serve;
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

/// --data, --endpoint and --json.
void addTarget(CLI::App& command, Target& target);

/// pause and resume of a queue.
void addPause(CLI::App& app, Options& options, Choice& choice);
/// queues, running, retrying, messages, schedules, pipeline. `options` and `choice` must live as long as the parser.
void addLiveCommands(CLI::App& app, Options& options, Choice& choice);

} // namespace millrace::node
