// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/impl_p.h"

#include <algorithm>
#include <utility>

namespace millrace::engine {

/// The first queue of m_targets in which the next item of `work` must wait: one that defers and is full, or has
/// older submits that wait. Null if it need not; also for what would never fit.
Queue* Engine::Impl::queueToWaitFor(const Deferred& work)
{
    const std::uint64_t bytes = bytesOf(work.command.items[work.next]);
    for (Queue* queue : m_targets) {
        const message::QueuePolicy& policy = queue->policy();
        if (policy.whenFull != message::WhenFull::Defer || bytes > policy.maxDepthBytes)
            continue;
        if (isBehindOthers(*queue, work) || queue->isFull(bytes))
            return queue;
    }
    return nullptr;
}

/// Older submits wait for room in the queue.
bool Engine::Impl::isBehindOthers(const Queue& queue, const Deferred& work)
{
    return !queue.deferred.empty() && (work.id == 0 || *queue.deferred.begin() < work.id);
}

/// The queue is full and defers, and has room for what is planned once it is empty.
bool Engine::Impl::isWaitedForIn(const Queue& queue, const Submission& item, const Planned& planned)
{
    const message::QueuePolicy& policy = queue.policy();
    return policy.whenFull == message::WhenFull::Defer && planned.messages < policy.maxDepth
           && planned.bytes + bytesOf(item) <= policy.maxDepthBytes;
}

/// @returns false if too many wait already; then `work` is as it was
bool Engine::Impl::defer(Deferred& work, Queue& queue)
{
    const std::uint64_t left = work.command.items.size() - work.next;
    std::uint64_t bytes = 0;
    for (std::size_t i = work.next; i < work.command.items.size(); ++i)
        bytes += bytesOf(work.command.items[i]);
    // What has waited before keeps its right to.
    if (work.id == 0
        && (m_deferredMessages + left > m_options.maxDeferredMessages
            || m_deferredBytes + bytes > m_options.maxDeferredBytes))
        return false;
    if (work.id == 0) {
        work.id = ++m_lastDeferred;
        const base::Micros patience
            = work.command.patience.count() > 0 ? work.command.patience : m_options.deferFor;
        m_timers.atSteady(nowUs() + patience.count(), Timers::Kind::Deferred, work.id);
    }
    work.bytes = bytes;
    work.queue = &queue;
    m_deferredMessages += left;
    m_deferredBytes += bytes;
    queue.deferred.insert(work.id);
    const std::uint64_t id = work.id;
    m_deferred.emplace(id, std::move(work));
    return true;
}

Engine::Impl::Deferred Engine::Impl::takeDeferred(std::uint64_t id)
{
    auto node = m_deferred.extract(id);
    Deferred& work = node.mapped();
    work.queue->deferred.erase(id);
    m_deferredMessages -= work.command.items.size() - work.next;
    m_deferredBytes -= work.bytes;
    return std::move(work);
}

/// After what the step has settled: the oldest of each queue first, until one finds no room.
void Engine::Impl::resumeDeferred()
{
    std::vector<std::uint64_t> ids;
    for (const auto& [id, work] : m_deferred) {
        if (*work.queue->deferred.begin() == id && !work.queue->isFull(0))
            ids.push_back(id);
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
        Queue& queue = *m_deferred.at(ids[i]).queue;
        Deferred work = takeDeferred(ids[i]);
        proceed(work);
        // The next of the same queue, unless this one came back to wait there.
        if (!queue.deferred.empty() && *queue.deferred.begin() != ids[i]
            && std::find(ids.begin(), ids.end(), *queue.deferred.begin()) == ids.end())
            ids.push_back(*queue.deferred.begin());
    }
}

/// Its producer waits no longer: what is left of it is refused.
void Engine::Impl::giveUpDeferred(std::uint64_t id)
{
    if (!m_deferred.contains(id))
        return;
    Deferred work = takeDeferred(id);
    for (; work.next < work.command.items.size(); ++work.next) {
        ++work.queue->figures.refused;
        work.confirm.problems.push_back(
            {static_cast<std::uint32_t>(work.next),
             false,
             {},
             {base::ErrorCode::QueueFull,
              "queue \"" + work.queue->name()
                  + "\" found no room while its producer waited: submit again when workers have settled some"}});
    }
    send(std::move(work.confirm));
}

/// Its producer is gone: what is left of its submits is dropped, and nobody is told.
void Engine::Impl::dropDeferred(ClientId client)
{
    std::vector<std::uint64_t> ids;
    for (const auto& [id, work] : m_deferred) {
        if (work.command.client == client)
            ids.push_back(id);
    }
    for (const std::uint64_t id : ids)
        (void)takeDeferred(id);
}

} // namespace millrace::engine
