// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/terminal/console.h"
#include "core/message/dead_letter.h"

#include <QCoroTask>

#include <cstdint>
#include <string>
#include <vector>

namespace millrace::node {

using namespace terminal; // what is printed, and how the program ends

/// Which node a command talks to.
struct Target
{
    std::string data;     ///< the node that holds this directory; empty = the default one
    std::string endpoint; ///< base endpoint, instead of `data`
    bool json = false;
};

struct ServeOptions
{
    std::string data;
    std::string pipeline;
    std::string name;
};

/// Which dead letters a command is about.
struct DeadLetterQuery
{
    std::vector<std::string> refs;
    bool all = false;
    std::vector<std::string> queues;
    std::vector<std::string> reasons;
    std::string state; ///< name; empty = dead
    std::string text;
    std::uint32_t limit = 50;
    std::string note; ///< why, for the audit log
};

/// One queue, and what is done to it.
struct QueueChange
{
    std::string queue;
    std::vector<std::string> settings; ///< `key=value`, keys as in a pipeline file
    std::string key;                   ///< a partition key
};

/// Live messages of one queue.
struct MessageQuery
{
    std::string queue;
    std::vector<std::string> refs;
    std::string note; ///< why, for the audit log
    std::uint32_t limit = 100;
};

// Each returns an ExitCode. Thread: main, with an event loop.
[[nodiscard]] int serve(ServeOptions options);
[[nodiscard]] QCoro::Task<int> status(Target target);
[[nodiscard]] QCoro::Task<int> setPaused(Target target, std::string queue, bool paused);
[[nodiscard]] QCoro::Task<int> listDeadLetters(Target target, DeadLetterQuery query);
[[nodiscard]] QCoro::Task<int> showDeadLetter(Target target, std::string ref);
[[nodiscard]] QCoro::Task<int>
changeDeadLetters(Target target, message::Verb verb, DeadLetterQuery query);

[[nodiscard]] QCoro::Task<int> listQueues(Target target);
[[nodiscard]] QCoro::Task<int> showQueue(Target target, std::string queue);
[[nodiscard]] QCoro::Task<int> setPolicy(Target target, QueueChange change);
[[nodiscard]] QCoro::Task<int> resetPolicy(Target target, std::string queue);
[[nodiscard]] QCoro::Task<int> resumeKey(Target target, QueueChange change);
[[nodiscard]] QCoro::Task<int> listRunning(Target target, MessageQuery query);
[[nodiscard]] QCoro::Task<int> listRetrying(Target target, MessageQuery query);
[[nodiscard]] QCoro::Task<int> actOnMessages(Target target, message::LiveAct act, MessageQuery query);
[[nodiscard]] QCoro::Task<int> listSchedules(Target target);
[[nodiscard]] QCoro::Task<int> pauseSchedule(Target target, std::string name, bool isPaused);
[[nodiscard]] QCoro::Task<int> runSchedule(Target target, std::string name);
/// @param file  empty = standard output
[[nodiscard]] QCoro::Task<int> exportPipeline(Target target, std::string file);

} // namespace millrace::node
