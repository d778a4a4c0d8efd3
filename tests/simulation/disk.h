// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/message/life.h"
#include "core/message/policy.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace millrace::simulation {

/// What lies in the database, read with SQL of its own: no code of the store stands between.
struct Disk
{
    struct Live
    {
        message::QueueId queue = 0;
        std::uint8_t priority = 0;
        std::int64_t deliverAtUs = 0, expiresAtUs = 0;
        std::string partitionKey;
        message::Sequence replayOf = 0, place = 0;
        std::uint32_t replayCount = 0;
        std::string bytes; ///< envelope and body
    };
    struct Failure
    {
        std::uint32_t failures = 0;
        std::int64_t dueAtUs = 0;
        std::vector<message::Attempt> history;
    };
    struct Dead
    {
        message::QueueId queue = 0;
        message::State state = message::State::Dead;
        message::Reason reason = message::Reason::Rejected;
        std::uint32_t attempts = 0, replayCount = 0;
        message::Sequence replayOf = 0, replayedAs = 0;
        std::string bytes;
        std::vector<message::Attempt> history;
    };
    struct Key
    {
        message::QueueId queue = 0;
        std::string key;
        message::Sequence sequence = 0;
        std::int64_t expiresAtUs = 0;
    };
    struct Queue
    {
        std::string name;
        bool isPaused = false, isSetByOperator = false;
        message::QueuePolicy policy;
        std::optional<message::QueuePolicy> filePolicy;
    };
    /// A key of live messages, or one that a dead letter holds up.
    struct Held
    {
        message::QueueId queue = 0;
        std::string key;
        message::Sequence place = 0;
        friend bool operator==(const Held&, const Held&) = default;
    };
    struct Schedule
    {
        bool isPaused = false, isByOperator = false, isRemoved = false;
        std::int64_t lastDueUs = 0, nextUs = 0;
        std::string cron, target;
        friend bool operator==(const Schedule&, const Schedule&) = default;
    };
    struct Operation
    {
        int state = 0;
        std::uint64_t total = 0, cursor = 0, moved = 0, skipped = 0;
    };

    std::map<message::Sequence, Live> live;
    std::map<message::Sequence, Failure> failures;
    std::map<message::Sequence, Dead> dead;
    std::map<message::QueueId, Queue> queues;
    std::map<message::Sequence, Held> unique; ///< by the message that holds the key
    std::map<message::Sequence, Held> blocks; ///< by the dead letter
    std::map<std::string, Schedule> schedules;
    std::uint64_t subscriptions = 0;
    std::vector<Key> keys;
    std::set<message::Sequence> handedOut; ///< named by any row of hand-outs
    std::set<message::Sequence> suspects;  ///< that have been out alone
    std::set<message::Sequence> alone;     ///< and still are
    std::map<std::uint64_t, Operation> operations;
    std::uint64_t audits = 0;
};

/// Reads everything through a connection that only reads. Errors: what SQLite says.
[[nodiscard]] base::Result<Disk> readDisk(const std::string& file, const std::string& vfs);
/// What the store says of its last stop, before anybody opens it to write.
[[nodiscard]] bool readsClean(const std::string& file, const std::string& vfs);
/// @returns "ok", or what `PRAGMA integrity_check` found
[[nodiscard]] std::string checkIntegrity(const std::string& file, const std::string& vfs);

} // namespace millrace::simulation
