// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/link/zmq_pipeline_p.h"

#include <QMetaObject>

#include <utility>

namespace millrace::zeromq {

void PipelineInbox::open(ZmqPipeline* pipeline)
{
    const std::scoped_lock lock(m_mutex);
    m_pipeline = pipeline;
}

void PipelineInbox::close()
{
    const std::scoped_lock lock(m_mutex);
    m_pipeline = nullptr;
    m_snapshot.reset();
}

void PipelineInbox::putSnapshot(client::SnapshotPtr snapshot, std::uint64_t missed)
{
    const std::scoped_lock lock(m_mutex);
    if (m_pipeline == nullptr)
        return;
    m_missed += missed;
    if (std::exchange(m_snapshot, std::move(snapshot)))
        return; // an event waits already
    // The pipeline is the receiver, so the event dies with it.
    QMetaObject::invokeMethod(
        m_pipeline,
        [self = shared_from_this(), pipeline = m_pipeline] {
            std::unique_lock taking(self->m_mutex);
            auto newest = std::exchange(self->m_snapshot, nullptr);
            const std::uint64_t lost = std::exchange(self->m_missed, 0);
            taking.unlock();
            if (newest)
                pipeline->takeSnapshot(std::move(newest), lost);
        },
        Qt::QueuedConnection);
}

void PipelineInbox::putLost()
{
    const std::scoped_lock lock(m_mutex);
    if (m_pipeline == nullptr)
        return;
    QMetaObject::invokeMethod(
        m_pipeline, [pipeline = m_pipeline] { pipeline->takeLost(); }, Qt::QueuedConnection);
}

PendingCalls::Call PendingCalls::take(std::uint64_t number)
{
    const std::scoped_lock lock(m_mutex);
    auto node = m_calls.extract(number);
    return node.empty() ? Call() : std::move(node.mapped());
}

PendingCalls::Call PendingCalls::add(std::uint64_t number, Call call)
{
    /// Forgets the call when the link drops it.
    struct Ticket
    {
        std::shared_ptr<PendingCalls> calls;
        std::uint64_t number;
        ~Ticket() { (void)calls->take(number); }
    };
    {
        const std::scoped_lock lock(m_mutex);
        m_calls.emplace(number, std::move(call));
    }
    auto ticket = std::make_shared<Ticket>(shared_from_this(), number);
    return [ticket](Answer answer) {
        if (const Call taken = ticket->calls->take(ticket->number))
            taken(std::move(answer));
    };
}

void PendingCalls::dropAll()
{
    std::unordered_map<std::uint64_t, Call> dropped;
    const std::scoped_lock lock(m_mutex);
    dropped.swap(m_calls);
}

} // namespace millrace::zeromq
