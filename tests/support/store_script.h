// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/store_port.h"

#include <cstdint>
#include <string>
#include <vector>

/// What the tests of the stores write, and a text of all that a store holds, to compare.
namespace millrace::test {

/// An encoded envelope with `id` and type `order.created` of source `/shop`.
[[nodiscard]] std::string envelopeOf(const std::string& id);
/// A message for queue 1 with body `body <sequence>`.
[[nodiscard]] engine::NewMessage messageOf(engine::Sequence sequence, std::string body = {});
[[nodiscard]] engine::QueueRow queueOf(message::QueueId id, const std::string& name);
[[nodiscard]] engine::FailedAttempt failureOf(engine::Sequence sequence, std::uint32_t number);
/// Died at `1'000'000 + sequence` for a refused card.
[[nodiscard]] engine::NewDeadLetter deathOf(engine::Sequence sequence);
/// Every five minutes into `orders`; never ran.
[[nodiscard]] engine::ScheduleRow scheduleOf(const std::string& name);
[[nodiscard]] engine::AuditRecord auditOf(const std::string& verb);

/// Ten batches, all with sync, that hold every kind of mutation.
[[nodiscard]] std::vector<engine::Batch> script();

/// Keeps what a store loads.
class RecordingSink final : public engine::LoadSink
{
public:
    std::uint64_t epoch = 0;
    engine::Sequence reserved = 0;
    std::vector<engine::QueueRow> queues;
    std::vector<engine::SubscriptionRow> subscriptions;
    std::vector<engine::LoadedMessage> messages;
    std::vector<std::string> partitionKeys; ///< of the messages, whose views are gone
    std::vector<engine::LoadedFailure> failures;
    std::vector<engine::DeduplicationRow> deduplications;
    std::vector<engine::HandoutRow> handouts;
    std::vector<engine::SuspectRow> suspects;
    std::vector<engine::ScheduleRow> schedules;
    bool stoppedCleanly = false;
    std::uint64_t crashedHandoutsThrough = 0;
    std::vector<engine::KeyBlockRow> keyBlocks;
    std::vector<engine::UniqueKeyRow> uniqueKeys;
    struct Count
    {
        message::QueueId queue = 0;
        message::State state = message::State::Dead;
        std::uint64_t count = 0;
    };
    std::vector<Count> deadLetterCounts;
    std::vector<engine::OperationRow> operations;
    bool inOrder = true; ///< the calls came in the order that the port promises

    void onMeta(std::uint64_t epoch, engine::Sequence sequencesReservedThrough) override;
    void onLastRun(bool stoppedCleanly, std::uint64_t crashedHandoutsThrough) override;
    void onQueue(const engine::QueueRow& row) override;
    void onSubscription(const engine::SubscriptionRow& row) override;
    void onMessage(const engine::LoadedMessage& row) override;
    void onFailure(const engine::LoadedFailure& row) override;
    void onDeduplication(const engine::DeduplicationRow& row) override;
    void onHandout(const engine::HandoutRow& row) override;
    void onSchedule(const engine::ScheduleRow& row) override;
    void onSuspect(const engine::SuspectRow& row) override;
    void onKeyBlock(const engine::KeyBlockRow& row) override;
    void onUniqueKey(const engine::UniqueKeyRow& row) override;
    void onDeadLetterCount(message::QueueId queue, message::State state, std::uint64_t count) override;
    void onOperation(const engine::OperationRow& row) override;

private:
    void at(int stage);
    int m_stage = 0;
};

/// Everything but the epoch that `store` holds of sequences up to `lastSequence`, bytes included;
/// or the error that it gave.
[[nodiscard]] std::string dump(engine::StorePort& store, engine::Sequence lastSequence = 40);

} // namespace millrace::test
