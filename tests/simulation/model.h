// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/command.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/events.h"

#include <array>
#include <map>
#include <optional>
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
    // messages, the delays that were drawn, and which members of an operation this step moved.
    std::vector<engine::NewMessage> messages;
    std::vector<engine::DeadLetterChange> changes;
    std::vector<engine::OperationRow> operations;
    std::set<Sequence> suspects; ///< handed out alone
    std::set<Sequence> dead;     ///< become dead letters
    std::map<Sequence, std::int64_t> retries; ///< failed: when they are due again, UTC
    Sequence reservedThrough = 0; ///< 0 = no more sequences were reserved
    std::vector<engine::Effect> effects;

    void take(const engine::Batch& batch);
};

/// What a start finds of the run before.
struct LastRun
{
    bool stoppedCleanly = true;
    bool isRebuild = false; ///< the same process: only its store was opened again
};

/// What a start finds that hangs on when the node got round to forgetting it.
struct Found
{
    std::set<Sequence> handedOut; ///< named by a hand-out, or as a suspect
    std::vector<Disk::Key> keys;  ///< in the order in which they came
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
        std::string id, partitionKey, uniqueKey, bytes;
        std::uint8_t priority = 0;
        std::int64_t deliverAtUs = 0, expiresAtUs = 0;
        bool isUnstored = false;  ///< at durability memory: ends with the node
        bool isScheduled = false; ///< its deliver-at is ahead
        std::uint32_t failures = 0, replayCount = 0;
        Sequence replayOf = 0;
        Sequence place = 0;              ///< among those of its partition key: a replay has that of its dead letter
        std::vector<Tried> history;
        bool wasHandedOut = false;       ///< since it was accepted
        bool mustBeRedelivered = false;  ///< was in flight when the node stopped
        bool isPlain = true;             ///< in order with all others: has never left its place
        bool isInMemory = false;         ///< nothing of its queue must be fetched before it
        bool isSizeKnown = true;         ///< has been in memory since the start
        bool isRetrying = false;         ///< waits for its next attempt
        std::int64_t dueUs = 0;          ///< steady: and until then
        std::int64_t dueWallUs = 0;      ///< as the store says it
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
        std::optional<message::Progress> progress;
        [[nodiscard]] bool isLeased() const { return token != 0; }
    };
    struct Dead
    {
        Message message;
        message::State state = message::State::Dead;
        message::Reason reason = message::Reason::Rejected;
        Sequence replayedAs = 0;
        std::int64_t diedWallUs = 0;
    };
    /// Who was accepted first under a key.
    struct First
    {
        Sequence sequence = 0;
        std::string id;
        bool isUnstored = false;
    };
    struct Key
    {
        First first;
        std::int64_t untilUs = 0; ///< steady: a duplicate until then
        std::int64_t expiresWallUs = 0;
    };
    struct Queue
    {
        message::QueueDefinition definition;
        std::optional<message::QueuePolicy> filePolicy;
        bool isSetByOperator = false;
        bool isPaused = false;
        std::uint64_t waiting = 0, leased = 0, dead = 0;
        std::map<std::string, Key, std::less<>> keys;
        std::map<std::string, First, std::less<>> unique;
        std::map<std::string, std::map<Sequence, Sequence>> blocks; ///< by partition key: dead letter, and its place
        std::uint64_t bytes = 0;
        // of this run of the node
        bool bytesMayDiffer = false;   ///< a message left before anybody knew its size
        std::int64_t tokensFullAtNs = 0; ///< steady: when the bucket is full again
        std::map<std::string, std::int64_t> keyTokensFullAtNs;
        std::uint32_t sinceLower = UINT32_MAX; ///< hand-outs since one of a lower priority came before a higher
        std::uint32_t owed = 0;        ///< hand-outs from the top since one below it, while one waits there in memory
        /// Hand-outs while one waits in memory there.
        std::array<std::uint32_t, message::kHighestPriority + 1> passed{};

        [[nodiscard]] const message::QueuePolicy& policy() const { return definition.policy; }
        [[nodiscard]] std::uint64_t depth() const { return waiting + leased; }
        /// No room for one more of so many bytes, when `planned` others have come that are in `more` too.
        [[nodiscard]] bool isFull(std::uint64_t more, std::uint64_t planned = 0) const
        {
            return depth() + planned >= policy().maxDepth || bytes + more > policy().maxDepthBytes;
        }
        [[nodiscard]] bool isParked(const Message& message) const;
    };
    struct Operation
    {
        message::Verb verb = message::Verb::Replay;
        message::OperationState state = message::OperationState::Running;
        std::set<Sequence> left; ///< not moved, not known to be skipped
        std::uint64_t total = 0, moved = 0;
    };
    struct Schedule
    {
        message::ScheduleDefinition definition;
        bool isPaused = false, isByOperator = false, isRemoved = false;
        std::int64_t lastDueUs = 0;
        std::int64_t lastFiredUs = 0; ///< the same, of those that time made due
        std::int64_t storedNextUs = 0;
        std::int64_t nextUs = 0, blockedUntilUs = 0; ///< of this run of the node
    };
    /// How one submitted message may be answered.
    struct Verdict
    {
        Sequence told = 0;
        std::optional<std::string> firstId; ///< it is a duplicate of this one
        bool mayBeAccepted = true;
        std::set<base::ErrorCode> refusals; ///< with which it may be refused
    };
    /// A submit, and how far it has come.
    struct Work
    {
        engine::Submit command;
        std::vector<Verdict> verdicts;
        std::size_t next = 0;
        std::uint64_t id = 0; ///< 0 = was never deferred
        QueueId queue = 0;    ///< waited for
        std::int64_t untilUs = 0;
        [[nodiscard]] std::uint64_t bytesLeft() const;
    };

    // ---- what survives a crash
    std::map<Sequence, Message> live;
    std::map<Sequence, Dead> dead;
    std::map<QueueId, Queue> queues;
    std::vector<message::SubscriptionDefinition> subscriptions;
    std::map<std::string, Schedule> schedules;
    std::map<std::uint64_t, Operation> operations;
    std::uint64_t accepted = 0, done = 0, cancelled = 0, audits = 0;
    std::uint64_t ended = 0; ///< with the node, at durability memory

    // ---- what does not
    std::map<std::pair<engine::ClientId, QueueId>, std::pair<std::uint64_t, std::string>> workers; ///< credit, name
    std::map<std::uint64_t, Work> deferred;
    std::uint64_t lastDeferred = 0;
    std::uint64_t cancelledNow = 0; ///< in this run of the node
    Sequence lastSequence = 0;      ///< in this run of the node; 0 = none was given yet
    std::int64_t lastWallUs = 0;    ///< of the step before

    /// How the engine was set up.
    struct Limits
    {
        bool keysAreScarce = false; ///< it may refuse keys for want of room
        bool memoryIsAmple = false; ///< what comes in stays in memory
        std::uint64_t deferredMessages = 10'000, deferredBytes = 16 * 1024 * 1024;
        std::int64_t deferForUs = 30'000'000;
    };
    // ---- what the world has seen: never taken back
    struct Seen
    {
        Limits limits;
        Sequence highest = 0;   ///< of all sequences that left the node or are safe
        std::uint64_t lastToken = 0;
        std::uint64_t retriedAtOnce = 0;
        std::uint64_t messages = 0;
        EventCounts events;
    };

    /// Takes one step. Throws Violation.
    void apply(const Step& step, Seen& seen);
    /// The node starts at `now` with what this state holds, and `found` says of what is in flight and remembered.
    void restart(base::Now now, const LastRun& lastRun, const Found& found);
    /// @returns what differs; empty = the disk holds this state
    [[nodiscard]] std::string differs(const Disk& disk, base::Now now) const;
    /// True if the last step changed something that must not be lost when the power fails.
    [[nodiscard]] bool mustBeSafe() const { return m_mustBeSafe; }
    [[nodiscard]] QueueId find(std::string_view name) const;
    [[nodiscard]] message::State stateOf(const Message& message) const;

private:
    class Stepper;
    void dropUnstored();
    void rememberKeys(const std::vector<Disk::Key>& rows, std::int64_t steady, std::int64_t wall);
    bool m_mustBeSafe = false;
    bool m_nodeDied = false; ///< what was out alone is to be charged in the first step
};

/// The first minute after both, in steps of `cron`: the few forms that the simulation uses.
[[nodiscard]] std::int64_t nextRun(const std::string& cron, std::int64_t lastDueUs, std::int64_t wallUs);

} // namespace millrace::simulation
