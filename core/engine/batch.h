// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/slice.h"
#include "core/message/dead_letter.h"
#include "core/message/life.h"
#include "core/message/envelope.h"
#include "core/message/policy.h"
#include "core/message/schedule.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What one step of the engine asks the store to make true, all of it in one transaction.
namespace millrace::engine {

using message::OperationId;
using message::QueueId;
using message::Sequence;

/// A row appended to `message`.
struct NewMessage
{
    Sequence sequence = 0;
    QueueId queue = 0;
    std::uint8_t priority = message::kDefaultPriority;
    std::int64_t deliverAtUs = 0;
    std::int64_t expiresAtUs = 0;
    std::int64_t submittedAtUs = 0;
    std::string partitionKey; ///< empty = none
    base::Slice envelope;
    base::Slice body;
    /// Where the bytes lie: 0 = here; otherwise the dead letter whose evidence is shared, and envelope and body are null.
    Sequence contentOf = 0;
    Sequence replayOf = 0;
    std::uint32_t replayCount = 0;
    /// Where it stands among those of its partition key, if not by its own sequence: 0, or the place of the dead letter that it replays.
    Sequence place = 0;
    bool isUnique = false;          ///< has a row among the unique keys; not stored here
    bool isUnstored = false;        ///< at durability memory: in no batch unless it becomes a dead letter
    std::uint64_t contentBytes = 0; ///< of a shared envelope and body; not stored
};

/// Appends one attempt to a message's history and sets when it is due again.
struct FailedAttempt
{
    Sequence sequence = 0;
    std::uint32_t failures = 0; ///< so far, this one included
    std::int64_t dueAtUs = 0;   ///< UTC; 0 = dead-lettered in the same batch
    std::int64_t firstAttemptAtUs = 0; ///< UTC: when the first one began; the same in all rows of a message
    message::Attempt attempt;
};

/// Moves the next attempt of a message that failed.
struct RetryChange
{
    Sequence sequence = 0;
    std::int64_t dueAtUs = 0; ///< UTC
};

/// Moves a message (with envelope, body and history) from `message` to the dead letters.
/// Its last FailedAttempt, if any, is in the same batch and applied first.
struct NewDeadLetter
{
    Sequence sequence = 0;
    QueueId queue = 0;
    message::Reason reason = message::Reason::Rejected;
    message::Failure failure;
    std::string worker;
    std::uint32_t attempts = 0;
    std::int64_t diedAtUs = 0;
    std::string groupText{}; ///< of its fingerprint; empty = message::fingerprintText of the failure
};

/// Changes the state of a dead letter. The engine has checked that it is in `from`.
struct DeadLetterChange
{
    Sequence sequence = 0;
    message::State from = message::State::Dead;
    message::State to = message::State::Replayed;
    OperationId operation = 0;
    Sequence replayedAs = 0; ///< only for Replayed
    std::int64_t atUs = 0;
};

struct QueueRow
{
    QueueId id = 0;
    message::QueueDefinition definition;
    bool paused = false;
    std::int64_t createdAtUs = 0;
    /// What the pipeline file declares; nullopt = no file has named the queue.
    std::optional<message::QueuePolicy> filePolicy{};
    bool isSetByOperator = false; ///< the policy is an operator's: the file does not replace it

    [[nodiscard]] bool differsFromFile() const
    {
        return isSetByOperator && filePolicy && *filePolicy != definition.policy;
    }
};

struct SubscriptionRow
{
    std::uint32_t id = 0;
    message::SubscriptionDefinition definition;
    QueueId queue = 0;
};

/// Inserted when an operation is accepted (with its members), updated as it advances (members empty).
struct OperationRow
{
    message::OperationStatus status;
    std::uint64_t cursor = 0;       ///< members handled so far
    std::vector<Sequence> members;  ///< frozen; only on insert and on load
    bool isNew = false;
};

/// An idempotency key seen. Ids grow; expired ones are deleted by id.
struct DeduplicationRow
{
    std::uint64_t id = 0;
    QueueId queue = 0;
    std::string key;
    Sequence sequence = 0;
    std::string messageId; ///< of the first message, returned to whoever submits the key again
    std::int64_t expiresAtUs = 0;
};

/// A dead letter that holds up its partition key: what stands behind it is parked.
struct KeyBlockRow
{
    Sequence sequence = 0; ///< of the dead letter
    QueueId queue = 0;
    Sequence place = 0;    ///< of the dead letter among those of its key
    std::string key;
};

/// No other message of the queue is accepted with this key while the one that holds it is live.
struct UniqueKeyRow
{
    Sequence sequence = 0; ///< of the message that holds it
    QueueId queue = 0;
    std::string key;
    std::string messageId; ///< returned to whoever submits the key again
};

/// What one commit handed out, so that a restart knows what was in flight. One row per commit.
struct HandoutRow
{
    std::uint64_t id = 0;
    std::vector<Sequence> sequences;
};

/// A message that was in flight when the node died and has been handed out alone since. Inserted or replaced by
/// sequence; the row goes when it has been run to an end, whatever that was.
struct SuspectRow
{
    Sequence sequence = 0;
    std::uint32_t crashes = 0;       ///< times that the node died while it was out alone
    std::int64_t handedOutAtUs = 0;  ///< UTC; 0 = it is not out
    std::string worker;              ///< that it is or was last out with
    friend bool operator==(const SuspectRow&, const SuspectRow&) = default;
};

/// A schedule, by its name; replaced as a whole.
struct ScheduleRow
{
    message::ScheduleDefinition definition;
    bool isPaused = false;
    bool isByOperator = false;
    bool isRemoved = false;      ///< kept as a memory: its name, and what was submitted
    std::int64_t lastDueUs = 0;  ///< UTC: of the last run that was submitted; 0 = none
    std::int64_t nextUs = 0;     ///< UTC: the next run; 0 = never
    friend bool operator==(const ScheduleRow&, const ScheduleRow&) = default;
};

/// One record of the audit log; the store adds sequence number and hash chain.
struct AuditRecord
{
    std::int64_t atUs = 0;
    std::string actor;      ///< who, for example the user name and program
    std::string verb;       ///< `replay`, `discard`, `pause`, `create-queue`, …
    std::string target;     ///< queue, topic or operation
    std::uint64_t count = 0;///< messages concerned
    std::string parameters; ///< JSON object
    std::string outcome;    ///< `done`, or an error's name
    std::string members;    ///< what was touched and how it ended, in a canonical form; stored as its SHA-256
};

/// Applied in the order of the members: queues, subscriptions, messages, failures, retry changes, dead letters,
/// dead-letter changes, removals, the rest.
struct Batch
{
    bool sync = false; ///< true if anything in it is at durability full (operations, dead letters and audit always are)
    std::vector<QueueRow> queues;
    std::vector<SubscriptionRow> subscriptions;
    std::vector<NewMessage> messages;
    std::vector<FailedAttempt> failures;
    std::vector<RetryChange> retryChanges;
    std::vector<NewDeadLetter> deadLetters;
    std::vector<DeadLetterChange> deadLetterChanges;
    std::vector<Sequence> removed;            ///< settled: deleted from `message`
    std::vector<Sequence> removedFailures;    ///< those of `removed` that have a failure row
    std::vector<DeduplicationRow> deduplications;
    std::vector<std::uint64_t> expiredDeduplications;
    std::vector<HandoutRow> handouts;
    std::vector<std::uint64_t> removedHandouts;
    std::vector<SuspectRow> suspects;
    std::vector<Sequence> removedSuspects;      ///< applied after `suspects`
    std::uint64_t crashedHandoutsThrough = 0;   ///< 0 = unchanged; what is named by a hand-out up to here is a suspect
    std::vector<UniqueKeyRow> uniqueKeys;
    std::vector<Sequence> removedUniqueKeys;  ///< by the sequence of the message that held it
    std::vector<KeyBlockRow> keyBlocks;
    std::vector<Sequence> removedKeyBlocks;   ///< by the dead letter's sequence
    std::vector<OperationRow> operations;
    std::vector<ScheduleRow> schedules;
    std::vector<AuditRecord> audits;
    Sequence sequencesReservedThrough = 0;    ///< 0 = unchanged; sequences up to here may have been given out

    [[nodiscard]] bool empty() const noexcept;
    /// Empties it and keeps the capacity, so that steps do not allocate anew.
    void clear() noexcept;
};

} // namespace millrace::engine
