// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transport/client/owner_post_p.h"
#include "transport/client/pipeline.h"
#include "transport/zeromq/link/link_core_p.h"

#include <QElapsedTimer>
#include <QTimer>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace millrace::zeromq {

class ZmqPipeline;

/// What the link thread has for a pipeline that may be gone. Snapshots are the latest one only: however busy the
/// pipeline's thread is, one event waits for it.
class PipelineInbox : public std::enable_shared_from_this<PipelineInbox>
{
public:
    void open(ZmqPipeline* pipeline);
    void close();
    void putSnapshot(client::SnapshotPtr snapshot, std::uint64_t missed);
    void putLost();

private:
    std::mutex m_mutex;
    ZmqPipeline* m_pipeline = nullptr;
    client::SnapshotPtr m_snapshot;
    std::uint64_t m_missed = 0;
};

/// Calls that wait for their answer; whoever takes one out resolves it. Thread: any.
class PendingCalls : public std::enable_shared_from_this<PendingCalls>
{
public:
    using Answer = base::Result<wire::v1::Response>;
    using Call = std::function<void(Answer)>;
    /// @returns what to hand to the link: called with the answer, or dropped
    [[nodiscard]] Call add(std::uint64_t number, Call call);
    void dropAll();

private:
    [[nodiscard]] Call take(std::uint64_t number);
    std::mutex m_mutex;
    std::unordered_map<std::uint64_t, Call> m_calls;
};

/// The face of a link for monitors. Thread: the one that owns it.
class ZmqPipeline final : public client::Pipeline
{
    Q_OBJECT

public:
    ZmqPipeline(std::shared_ptr<LinkThread> thread,
                std::shared_ptr<PipelineInbox> inbox,
                std::string actor,
                QString displayName);
    ~ZmqPipeline() override;

    [[nodiscard]] client::Capabilities capabilities() const override { return {}; }
    [[nodiscard]] client::Freshness freshness() const override { return m_freshness; }
    [[nodiscard]] client::SnapshotPtr snapshot() const override { return m_snapshot; }
    [[nodiscard]] QString displayName() const override { return m_displayName; }
    [[nodiscard]] QFuture<client::Result<std::vector<telemetry::Point>>>
    series(std::string queue, std::int64_t fromUs, std::int64_t untilUs) override;
    [[nodiscard]] QFuture<client::Result<client::DeadLetterView>>
    openDeadLetters(message::DeadLetterFilter filter) override;
    void closeDeadLetters(message::ViewId view) override;
    [[nodiscard]] QFuture<client::Result<std::vector<message::DeadLetterRow>>>
    deadLetterRows(message::ViewId view, std::uint64_t first, std::uint32_t count) override;
    [[nodiscard]] QFuture<client::Result<message::DeadLetterDetail>> deadLetter(message::MessageRef ref) override;
    [[nodiscard]] QFuture<client::Result<std::vector<message::DeadLetterGroup>>>
    deadLetterGroups(message::DeadLetterFilter filter) override;
    [[nodiscard]] QFuture<client::Result<std::vector<message::RunningMessage>>>
    running(std::string queue, std::uint32_t limit) override;
    [[nodiscard]] QFuture<client::Result<std::vector<message::RetryingMessage>>>
    retrying(std::string queue, std::uint32_t limit) override;
    [[nodiscard]] QFuture<client::Result<std::vector<message::ParkedKey>>>
    parkedKeys(std::string queue, std::uint32_t limit) override;
    [[nodiscard]] QFuture<client::Result<void>> setPaused(std::string queue, bool paused) override;
    [[nodiscard]] QFuture<client::Result<void>> resumeKey(std::string queue, std::string key) override;
    [[nodiscard]] QFuture<client::Result<void>> defineQueue(message::QueueDefinition definition) override;
    [[nodiscard]] QFuture<client::Result<void>> updateQueue(message::QueueDefinition definition) override;
    [[nodiscard]] QFuture<client::Result<void>> resetQueue(std::string queue) override;
    [[nodiscard]] QFuture<client::Result<client::ActResult>> actOnMessages(std::string queue,
                                                           message::LiveAct act,
                                                           std::vector<message::MessageRef> messages,
                                                           std::string reason) override;
    [[nodiscard]] QFuture<client::Result<void>>
    defineSubscription(message::SubscriptionDefinition definition) override;
    [[nodiscard]] QFuture<client::Result<std::vector<message::ScheduleStatus>>> schedules() override;
    [[nodiscard]] QFuture<client::Result<message::ScheduleStatus>> schedule(std::string name) override;
    [[nodiscard]] QFuture<client::Result<void>> defineSchedule(message::ScheduleDefinition definition) override;
    [[nodiscard]] QFuture<client::Result<void>> removeSchedule(std::string name) override;
    [[nodiscard]] QFuture<client::Result<void>> pauseSchedule(std::string name, bool isPaused) override;
    [[nodiscard]] QFuture<client::Result<void>> runSchedule(std::string name) override;
    [[nodiscard]] QFuture<client::Result<message::OperationStatus>>
    startOperation(message::Verb verb, message::Selection selection, std::string reason) override;
    [[nodiscard]] QFuture<client::Result<message::OperationStatus>> operation(message::OperationId id) override;
    [[nodiscard]] QFuture<client::Result<message::OperationStatus>> cancelOperation(message::OperationId id) override;

    /// From the inbox.
    void takeSnapshot(client::SnapshotPtr snapshot, std::uint64_t missed);
    void takeLost();

private:
    enum class Kind : std::uint8_t { Read, Change };
    /// Sends the request; `read` turns the answer into the value.
    template<typename T, typename Read>
    [[nodiscard]] QFuture<client::Result<T>> ask(Kind kind, wire::v1::Request request, Read read);
    [[nodiscard]] QFuture<client::Result<message::OperationStatus>> askOperation(Kind kind, wire::v1::Request request);
    [[nodiscard]] QFuture<client::Result<void>> askDone(wire::v1::Request request);
    void setFreshness(client::Freshness freshness);
    void checkFreshness();
    void announceOperations(const client::Snapshot& snapshot);

    const std::shared_ptr<LinkThread> m_thread;
    const std::shared_ptr<PipelineInbox> m_inbox;
    const std::shared_ptr<PendingCalls> m_calls = std::make_shared<PendingCalls>();
    const std::string m_actor;
    const QString m_displayName;
    client::SnapshotPtr m_snapshot;
    client::Freshness m_freshness = client::Freshness::Connecting;
    QElapsedTimer m_sinceSnapshot;
    QTimer m_freshnessTimer;
    std::map<message::OperationId, message::OperationStatus> m_operations; ///< as last announced
};

} // namespace millrace::zeromq
