// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transport/client/pipeline.h"

#include <map>
#include <vector>

namespace millrace::client {

/// A recording of a pipeline in memory: snapshots in order, points, dead letters.
struct Recording
{
    std::vector<SnapshotPtr> snapshots;
    std::map<std::string, std::vector<telemetry::Point>> points; ///< by queue; empty name = all together
    std::vector<message::DeadLetterDetail> deadLetters;          ///< newest first
    std::map<std::string, std::vector<message::RunningMessage>> running{};   ///< by queue, longest first
    std::map<std::string, std::vector<message::RetryingMessage>> retrying{}; ///< by queue, the soonest first
    std::map<std::string, std::vector<message::ParkedKey>> parkedKeys{};     ///< by queue, the most first
    std::vector<message::ScheduleStatus> schedules{};                        ///< by name
};

/// Plays a recording: the second implementation of Pipeline, for tests of the window and for looking at the past.
/// Replays, discards and pauses change the played state in memory only, in chunks, like the real one.
/// Thread: the one that owns the object.
class RecordedPipeline final : public Pipeline
{
    Q_OBJECT

public:
    explicit RecordedPipeline(Recording recording, QObject* parent = nullptr);
    ~RecordedPipeline() override;

    /// Publishes the next snapshot. @returns false at the end
    bool advance();
    void setFreshness(Freshness freshness);
    void setCapabilities(Capabilities capabilities);
    /// From now on every call fails with this error; nullopt ends it.
    void failCalls(std::optional<base::Error> error);

    [[nodiscard]] Capabilities capabilities() const override;
    [[nodiscard]] Freshness freshness() const override;
    [[nodiscard]] SnapshotPtr snapshot() const override;
    [[nodiscard]] QString displayName() const override;
    [[nodiscard]] QFuture<Result<std::vector<telemetry::Point>>>
    series(std::string queue, std::int64_t fromUs, std::int64_t untilUs) override;
    [[nodiscard]] QFuture<Result<DeadLetterView>> openDeadLetters(message::DeadLetterFilter filter) override;
    void closeDeadLetters(message::ViewId view) override;
    [[nodiscard]] QFuture<Result<std::vector<message::DeadLetterRow>>>
    deadLetterRows(message::ViewId view, std::uint64_t first, std::uint32_t count) override;
    [[nodiscard]] QFuture<Result<message::DeadLetterDetail>> deadLetter(message::MessageRef ref) override;
    [[nodiscard]] QFuture<Result<std::vector<message::DeadLetterGroup>>>
    deadLetterGroups(message::DeadLetterFilter filter) override;
    [[nodiscard]] QFuture<Result<std::vector<message::RunningMessage>>>
    running(std::string queue, std::uint32_t limit) override;
    [[nodiscard]] QFuture<Result<std::vector<message::RetryingMessage>>>
    retrying(std::string queue, std::uint32_t limit) override;
    [[nodiscard]] QFuture<Result<std::vector<message::ParkedKey>>>
    parkedKeys(std::string queue, std::uint32_t limit) override;
    [[nodiscard]] QFuture<Result<std::vector<message::ScheduleStatus>>> schedules() override;
    [[nodiscard]] QFuture<Result<message::ScheduleStatus>> schedule(std::string name) override;
    [[nodiscard]] QFuture<Result<void>> resumeKey(std::string queue, std::string key) override;
    [[nodiscard]] QFuture<Result<void>> pauseSchedule(std::string name, bool isPaused) override;
    [[nodiscard]] QFuture<Result<void>> runSchedule(std::string name) override;
    [[nodiscard]] QFuture<Result<void>> setPaused(std::string queue, bool paused) override;
    [[nodiscard]] QFuture<Result<void>> defineQueue(message::QueueDefinition definition) override;
    [[nodiscard]] QFuture<Result<void>> updateQueue(message::QueueDefinition definition) override;
    [[nodiscard]] QFuture<Result<void>> resetQueue(std::string queue) override;
    [[nodiscard]] QFuture<Result<ActResult>> actOnMessages(std::string queue,
                                                           message::LiveAct act,
                                                           std::vector<message::MessageRef> messages,
                                                           std::string reason) override;
    [[nodiscard]] QFuture<Result<void>> defineSubscription(message::SubscriptionDefinition definition) override;
    [[nodiscard]] QFuture<Result<message::OperationStatus>>
    startOperation(message::Verb verb, message::Selection selection, std::string reason) override;
    [[nodiscard]] QFuture<Result<message::OperationStatus>> operation(message::OperationId id) override;
    [[nodiscard]] QFuture<Result<message::OperationStatus>> cancelOperation(message::OperationId id) override;

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace millrace::client
