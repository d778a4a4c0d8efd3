// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/command.h"
#include "tests/simulation/disk.h"

#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::simulation {

using message::QueueId;
using message::Sequence;

/// A promise that was broken; the text begins with its number where it has one.
struct Violation : std::runtime_error
{
    using std::runtime_error::runtime_error;
};

/// One turn of the node, as seen from outside the engine.
struct Step
{
    std::uint64_t number = 0;
    base::Now now;
    bool spaceIsLow = false;
    std::vector<engine::Command> commands;
    // What the store was asked to write. The model only takes from it what nobody could foretell: the numbers of new
    // messages, and which members of an operation this step moved.
    std::vector<engine::NewMessage> messages;
    std::vector<engine::DeadLetterChange> changes;
    std::vector<engine::OperationRow> operations;
    std::set<Sequence> suspects; ///< handed out alone
    std::set<Sequence> dead;     ///< become dead letters
    std::vector<engine::Effect> effects;
};

/// What a start finds of the run before.
struct LastRun
{
    bool stoppedCleanly = true;
    bool isRebuild = false; ///< the same process: only its store was opened again
};

/// What the pipeline has promised so far, and the state that follows from it. Written from the promises
/// (core/README.md), not from the engine: no code of core/engine but the values of its commands and effects.
///
/// A copy is a state to which a crash may return.
class Model
{
public:
    struct Tried
    {
        std::string worker, errorClass;
        friend bool operator==(const Tried&, const Tried&) = default;
    };
    struct Message
    {
        QueueId queue = 0;
        std::string id, partitionKey, bytes;
        std::uint8_t priority = 0;
        std::int64_t deliverAtUs = 0, expiresAtUs = 0;
        bool isDue = true; ///< its deliver-at was reached once
        std::uint32_t failures = 0, replayCount = 0;
        Sequence replayOf = 0;
        Sequence place = 0;              ///< among those of its partition key: a replay has that of its dead letter
        std::vector<Tried> history;
        bool wasHandedOut = false;       ///< since it was accepted
        bool mustBeRedelivered = false;  ///< was in flight when the node stopped
        bool isPlain = true;             ///< in order with all others: has never left its place
        std::int64_t notBeforeUs = 0;    ///< steady; a delay that its worker asked for
        std::int64_t notBeforeWallUs = 0;
        std::uint64_t failedInStep = 0;  ///< the last failure, delayed as the policy says
        std::int64_t firstAttemptUs = 0, firstAttemptWallUs = 0; ///< of the first attempt that failed
        // suspects: in flight when the node died
        bool isSuspect = false;
        bool maybeSuspect = false;       ///< not in flight itself, but of the same hand-out as one that was
        std::uint32_t crashes = 0;       ///< while it was out alone
        std::int64_t aloneAtWallUs = 0;  ///< when it was handed out alone, and no end of that is durable; 0 = it is not
        // while it is leased
        std::uint64_t token = 0;
        engine::ClientId client = 0;
        std::string worker;
        std::int64_t startedUs = 0, deadlineUs = 0;
        [[nodiscard]] bool isLeased() const { return token != 0; }
    };
    struct Dead
    {
        Message message;
        message::State state = message::State::Dead;
        message::Reason reason = message::Reason::Rejected;
        Sequence replayedAs = 0;
    };
    struct Key
    {
        Sequence sequence = 0;
        std::string id;
        std::int64_t untilUs = 0;     ///< steady: a duplicate until then,
        std::int64_t openAtUs = 0;    ///< and accepted anew from then on
        std::int64_t expiresWallUs = 0;
    };
    struct Queue
    {
        message::QueueDefinition definition;
        bool isPaused = false;
        std::uint32_t sinceLower = UINT32_MAX; ///< hand-outs since one of a lower priority came before a higher
        std::uint64_t waiting = 0, leased = 0;
        std::map<std::string, Key, std::less<>> keys;
        [[nodiscard]] std::uint64_t depth() const { return waiting + leased; }
    };
    struct Operation
    {
        message::Verb verb = message::Verb::Replay;
        message::OperationState state = message::OperationState::Running;
        std::set<Sequence> left; ///< not moved, not known to be skipped
        std::uint64_t total = 0, moved = 0;
    };

    // ---- what survives a crash
    std::map<Sequence, Message> live;
    std::map<Sequence, Dead> dead;
    std::map<QueueId, Queue> queues;
    std::vector<message::SubscriptionDefinition> subscriptions;
    std::map<std::uint64_t, Operation> operations;
    std::uint64_t accepted = 0, done = 0, audits = 0;

    // ---- what does not
    std::map<std::pair<engine::ClientId, QueueId>, std::pair<std::uint64_t, std::string>> workers; ///< credit, name

    // ---- what the world has seen: never taken back
    struct Seen
    {
        Sequence highest = 0;   ///< of all sequences that left the node or are safe
        std::uint64_t lastToken = 0;
        std::uint64_t retriedAtOnce = 0;
        std::uint64_t messages = 0;
        bool keysAreScarce = false; ///< the engine may refuse keys for want of room
    };

    /// Takes one step. Throws Violation.
    void apply(const Step& step, Seen& seen);
    /// The node starts at `now` with what this state holds.
    void restart(base::Now now, const LastRun& lastRun, const std::set<Sequence>& handedOut);
    /// @returns what differs; empty = the disk holds this state
    [[nodiscard]] std::string differs(const Disk& disk, base::Now now) const;
    /// True if the last step changed something that must not be lost when the power fails.
    [[nodiscard]] bool mustBeSafe() const { return m_mustBeSafe; }
    [[nodiscard]] QueueId find(std::string_view name) const;

private:
    class Stepper;
    bool m_mustBeSafe = false;
    bool m_nodeDied = false; ///< what was out alone is to be charged in the first step
};

} // namespace millrace::simulation
