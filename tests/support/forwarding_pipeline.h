// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transport/client/pipeline.h"

namespace millrace::tests {

/// Passes every call on to another pipeline, and its signals back; a test overrides what it wants otherwise. Thread: as the other.
class ForwardingPipeline : public client::Pipeline
{
public:
    template<typename T>
    using Answer = QFuture<base::Result<T>>;

    /// `behind` must outlive it.
    void forwardTo(client::Pipeline* behind)
    {
        m_behind = behind;
        connect(behind, &Pipeline::snapshotReady, this, &Pipeline::snapshotReady);
        connect(behind, &Pipeline::freshnessChanged, this, &Pipeline::freshnessChanged);
    }

    client::Capabilities capabilities() const override { return m_behind->capabilities(); }
    client::Freshness freshness() const override { return m_behind->freshness(); }
    client::SnapshotPtr snapshot() const override { return m_behind->snapshot(); }
    QString displayName() const override { return m_behind->displayName(); }
    Answer<std::vector<telemetry::Point>> series(std::string queue, std::int64_t from, std::int64_t until) override
    {
        return m_behind->series(std::move(queue), from, until);
    }
    Answer<client::DeadLetterView> openDeadLetters(message::DeadLetterFilter filter) override
    {
        return m_behind->openDeadLetters(std::move(filter));
    }
    void closeDeadLetters(message::ViewId view) override { m_behind->closeDeadLetters(view); }
    Answer<std::vector<message::DeadLetterRow>>
    deadLetterRows(message::ViewId view, std::uint64_t first, std::uint32_t count) override
    {
        return m_behind->deadLetterRows(view, first, count);
    }
    Answer<message::DeadLetterDetail> deadLetter(message::MessageRef ref) override
    {
        return m_behind->deadLetter(std::move(ref));
    }
    Answer<std::vector<message::DeadLetterGroup>> deadLetterGroups(message::DeadLetterFilter filter) override
    {
        return m_behind->deadLetterGroups(std::move(filter));
    }
    Answer<std::vector<message::RunningMessage>> running(std::string queue, std::uint32_t limit) override
    {
        return m_behind->running(std::move(queue), limit);
    }
    Answer<std::vector<message::RetryingMessage>> retrying(std::string queue, std::uint32_t limit) override
    {
        return m_behind->retrying(std::move(queue), limit);
    }
    Answer<std::vector<message::ParkedKey>> parkedKeys(std::string queue, std::uint32_t limit) override
    {
        return m_behind->parkedKeys(std::move(queue), limit);
    }
    Answer<std::vector<message::ScheduleStatus>> schedules() override { return m_behind->schedules(); }
    Answer<message::ScheduleStatus> schedule(std::string name) override { return m_behind->schedule(std::move(name)); }
    Answer<void> defineSchedule(message::ScheduleDefinition definition) override
    {
        return m_behind->defineSchedule(std::move(definition));
    }
    Answer<void> removeSchedule(std::string name) override { return m_behind->removeSchedule(std::move(name)); }
    Answer<void> pauseSchedule(std::string name, bool isPaused) override
    {
        return m_behind->pauseSchedule(std::move(name), isPaused);
    }
    Answer<void> runSchedule(std::string name) override { return m_behind->runSchedule(std::move(name)); }
    Answer<void> resumeKey(std::string queue, std::string key) override
    {
        return m_behind->resumeKey(std::move(queue), std::move(key));
    }
    Answer<void> setPaused(std::string queue, bool paused) override
    {
        return m_behind->setPaused(std::move(queue), paused);
    }
    Answer<void> defineQueue(message::QueueDefinition definition) override
    {
        return m_behind->defineQueue(std::move(definition));
    }
    Answer<void> updateQueue(message::QueueDefinition definition) override
    {
        return m_behind->updateQueue(std::move(definition));
    }
    Answer<void> resetQueue(std::string queue) override { return m_behind->resetQueue(std::move(queue)); }
    Answer<client::ActResult> actOnMessages(std::string queue,
                                            message::LiveAct act,
                                            std::vector<message::MessageRef> messages,
                                            std::string reason) override
    {
        return m_behind->actOnMessages(std::move(queue), act, std::move(messages), std::move(reason));
    }
    Answer<void> defineSubscription(message::SubscriptionDefinition definition) override
    {
        return m_behind->defineSubscription(std::move(definition));
    }
    Answer<message::OperationStatus>
    startOperation(message::Verb verb, message::Selection selection, std::string reason) override
    {
        return m_behind->startOperation(verb, std::move(selection), std::move(reason));
    }
    Answer<message::OperationStatus> operation(message::OperationId id) override { return m_behind->operation(id); }
    Answer<message::OperationStatus> cancelOperation(message::OperationId id) override
    {
        return m_behind->cancelOperation(id);
    }

private:
    client::Pipeline* m_behind = nullptr;
};

} // namespace millrace::tests
