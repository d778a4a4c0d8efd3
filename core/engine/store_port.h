// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/engine/batch.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace millrace::engine {

/// The scheduling columns of a stored message.
struct LoadedMessage
{
    Sequence sequence = 0;
    QueueId queue = 0;
    std::uint8_t priority = message::kDefaultPriority;
    std::int64_t deliverAtUs = 0;
    std::int64_t expiresAtUs = 0;
    std::int64_t submittedAtUs = 0;
    std::string_view partitionKey; ///< valid during the call
    Sequence place = 0;            ///< as NewMessage::place
    std::uint64_t bytes = 0;       ///< of envelope and body, also where they are shared
};

struct LoadedFailure
{
    Sequence sequence = 0;
    std::uint32_t failures = 0;
    std::int64_t dueAtUs = 0;
    std::int64_t firstAttemptAtUs = 0; ///< 0 = not known (written by an earlier version)
};

/// Receives a store's content at start, in the order of these functions; each is called once per row.
class LoadSink
{
public:
    virtual ~LoadSink() = default;
    /// @param epoch  of this start, already durable: one more than at the start before
    virtual void onMeta(std::uint64_t epoch, Sequence sequencesReservedThrough) = 0;
    /// @param stoppedCleanly  the last run that committed anything ended by itself; nothing can be said to have killed it
    /// @param crashedHandoutsThrough  as last committed; 0 = never
    virtual void onLastRun(bool stoppedCleanly, std::uint64_t crashedHandoutsThrough) = 0;
    virtual void onQueue(const QueueRow& row) = 0;
    virtual void onSubscription(const SubscriptionRow& row) = 0;
    virtual void onSchedule(const ScheduleRow& row) = 0; ///< ascending name
    virtual void onMessage(const LoadedMessage& row) = 0; ///< ascending sequence
    virtual void onFailure(const LoadedFailure& row) = 0;
    virtual void onDeduplication(const DeduplicationRow& row) = 0; ///< ascending id
    virtual void onHandout(const HandoutRow& row) = 0;
    virtual void onSuspect(const SuspectRow& row) = 0; ///< ascending sequence
    virtual void onKeyBlock(const KeyBlockRow& row) = 0; ///< ascending sequence
    virtual void onUniqueKey(const UniqueKeyRow& row) = 0; ///< ascending sequence
    virtual void onDeadLetterCount(QueueId queue, message::State state, std::uint64_t count) = 0;
    virtual void onOperation(const OperationRow& row) = 0; ///< running ones with members, and the last 50 that ended, without
};

/// The bytes of a live message that had left memory.
struct FetchedMessage
{
    Sequence sequence = 0;
    base::Slice envelope; ///< null if damaged
    base::Slice body;
    std::string damage;   ///< empty = the checksum holds
};

/// What replaying or closing a dead letter needs to know of it.
struct FetchedDeadLetter
{
    Sequence sequence = 0;
    bool exists = false;
    message::State state = message::State::Dead;
    QueueId queue = 0;
    std::uint8_t priority = message::kDefaultPriority;
    std::string partitionKey;
    std::uint32_t replayCount = 0;
    Sequence place = 0; ///< as NewMessage::place
    std::uint64_t bytes = 0; ///< of envelope and body
    std::string damage; ///< not empty: the evidence does not match its checksum and must not be replayed
};

/// Asks for dead letters of a queue that died before a time, oldest first.
struct AgedQuery
{
    QueueId queue = 0;
    std::int64_t diedBeforeUs = 0; ///< UTC
    std::size_t limit = 0;
};
struct FetchedAged
{
    QueueId queue = 0;
    std::vector<Sequence> sequences;
    bool isWhole = false; ///< there were no more than these
};

struct Fetched
{
    std::vector<FetchedMessage> messages;
    std::vector<FetchedDeadLetter> deadLetters;
    std::vector<FetchedAged> aged;
};

/// What the engine needs of a store. Thread: the one that runs the engine.
/// After any error of commit() the store is unusable: its outcome is unknown, close it, open a new
/// one and load a new engine from it.
class StorePort
{
public:
    virtual ~StorePort() = default;
    /// Raises the durable epoch and streams everything into `sink`. Errors: Io, Corrupt.
    [[nodiscard]] virtual base::Result<void> load(LoadSink& sink) = 0;
    /// One transaction; when it returns ok with batch.sync, everything is on disk. Errors: Io, StoreFull, Corrupt.
    [[nodiscard]] virtual base::Result<void> commit(const Batch& batch) = 0;
    /// Rows in any order; a live message that does not exist is left out, a dead letter comes with exists=false.
    /// Sees everything committed so far. Errors: Io, Corrupt.
    [[nodiscard]] virtual base::Result<Fetched> fetch(std::span<const Sequence> messages,
                                                      std::span<const Sequence> deadLetters) = 0;
    /// Sequences of what is dead (not archived, replayed or discarded) and fits the query, oldest death first. Sees
    /// everything committed so far. Errors: Io, Corrupt.
    [[nodiscard]] virtual base::Result<std::vector<Sequence>> findAged(const AgedQuery& query) = 0;
    /// Bytes that submits may still use before the reserve begins; deliveries, acknowledgements and
    /// dead letters may use the reserve. Cheap: asks the file system at most ten times a second.
    [[nodiscard]] virtual std::uint64_t bytesAvailable() = 0;
};

} // namespace millrace::engine
