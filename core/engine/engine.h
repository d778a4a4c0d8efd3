// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"
#include "core/engine/command.h"
#include "core/telemetry/sample.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace millrace::engine {

struct EngineOptions
{
    std::uint64_t randomSeed = 1;
    std::uint64_t maxResidentBytes = 16 * 1024 * 1024; ///< envelopes and bodies of waiting messages kept in memory
    /// Idempotency keys that are remembered; when they take this much, a message with a key is refused rather than
    /// accepted without protection.
    std::uint64_t maxDeduplicationBytes = 1024ULL * 1024 * 1024;
    /// Of all submits together whose confirm is withheld; beyond either, submits to a full queue are refused.
    std::uint64_t maxDeferredMessages = 10'000;
    std::uint64_t maxDeferredBytes = 16 * 1024 * 1024;
    base::Micros deferFor = std::chrono::seconds(30);
    /// Of all messages at durability memory together; beyond it submits to such queues are refused.
    std::uint64_t maxUnstoredBytes = 512ULL * 1024 * 1024;
    std::uint32_t maxDeliveriesPerStep = 8192;
    std::uint64_t maxBatchMessages = 1024; ///< per Deliver effect; source: wire limit
    std::uint64_t maxBatchBytes = 1024 * 1024;
    /// What like failures have in common: the text of their group. Must be pure: equal failures give equal texts. Cut at
    /// 200 bytes.
    std::function<std::string(const message::Failure&)> fingerprintText = &message::fingerprintText;
};

/// What one step produced. Effects must not leave the process before the batch is durable.
struct StepResult
{
    Batch batch;
    std::vector<Effect> effects;
    void clear() noexcept;
};

/// The pipeline's deterministic state machine: no clock, no thread, no random device, no I/O.
///
/// The same construction, load and sequence of steps yields the same results, bit for bit.
/// Thread: one at a time, whichever.
class Engine final : public LoadSink
{
public:
    explicit Engine(EngineOptions options);
    ~Engine() override;
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    // LoadSink: between construction and finishLoad().
    void onMeta(std::uint64_t epoch, Sequence sequencesReservedThrough) override;
    void onLastRun(bool stoppedCleanly, std::uint64_t crashedHandoutsThrough) override;
    void onQueue(const QueueRow& row) override;
    void onSubscription(const SubscriptionRow& row) override;
    void onSchedule(const ScheduleRow& row) override;
    void onMessage(const LoadedMessage& row) override;
    void onFailure(const LoadedFailure& row) override;
    void onDeduplication(const DeduplicationRow& row) override;
    void onHandout(const HandoutRow& row) override;
    void onSuspect(const SuspectRow& row) override;
    void onKeyBlock(const KeyBlockRow& row) override;
    void onUniqueKey(const UniqueKeyRow& row) override;
    void onDeadLetterCount(QueueId queue, message::State state, std::uint64_t count) override;
    void onOperation(const OperationRow& row) override;
    /// Must be called once after load, before the first step. UTC times are clamped here so that a
    /// clock jump while the node was down neither fires nor buries them.
    /// @param isRebuild  this process has gone on: a commit failed, and nothing that was in flight is to blame
    void finishLoad(base::Now now, bool isRebuild = false);

    /// Takes commands in order, fires what is due at `now`, schedules deliveries, and fills `result`
    /// (cleared first). Commands are moved from.
    /// @param submitBudgetBytes  submits that would add more than this are refused with store-full
    void step(base::Now now, std::span<Command> commands, std::uint64_t submitBudgetBytes, StepResult& result);

    /// When step() must be called next even if no command arrives; nullopt = not before a command.
    /// May be in the past: there is work left over from the last step.
    [[nodiscard]] std::optional<base::SteadyTime> nextDeadline() const;

    [[nodiscard]] std::uint64_t epoch() const noexcept;
    [[nodiscard]] std::size_t queueCount() const noexcept;
    /// Gauges and totals of each queue. `lag` is computed for `now`. Cost: proportional to the number of queues.
    void sample(base::Now now, const std::function<void(const QueueRow& row, const telemetry::QueueSample& sample)>& visit);
    /// What the workers of a queue hold, longest first. Errors: NotFound. Cost: proportional to what they hold.
    [[nodiscard]] base::Result<std::vector<message::RunningMessage>>
    running(std::string_view queue, std::size_t limit, base::Now now);
    /// What failed and waits for its next attempt, the soonest first. Errors: NotFound. Cost: proportional to all that failed, is
    /// scheduled or expires; nothing if no message of the queue waits.
    [[nodiscard]] base::Result<std::vector<message::RetryingMessage>>
    retrying(std::string_view queue, std::size_t limit, base::Now now) const;
    /// Keys of which messages are parked, the most first. Errors: NotFound. Cost: proportional to the queue's keys that have messages.
    [[nodiscard]] base::Result<std::vector<message::ParkedKey>> parkedKeys(std::string_view queue, std::size_t limit) const;
    /// Running operations, and the last 50 that ended.
    [[nodiscard]] std::vector<message::OperationStatus> operations() const;
    [[nodiscard]] std::vector<message::SubscriptionDefinition> subscriptions() const;
    /// By name, with the next runs as of the last step.
    [[nodiscard]] std::vector<message::ScheduleStatus> schedules() const;
    [[nodiscard]] const QueueRow* findQueue(std::string_view name) const;

    /// Messages by state, over everything the engine knows: for conservation checks in tests.
    [[nodiscard]] std::uint64_t count(message::State state) const;
    /// Live messages that are in no store, and end with this engine.
    [[nodiscard]] std::uint64_t unstoredCount() const noexcept;

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace millrace::engine
