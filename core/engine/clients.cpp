// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/impl_p.h"

#include <algorithm>

namespace millrace::engine {

namespace {

/// More than any worker can use; keeps sums far from overflow.
constexpr std::uint32_t kMaxCredit = 1U << 20U;

} // namespace

void Engine::Impl::handle(Attach& command)
{
    Queue* queue = findQueue(command.queue);
    if (queue == nullptr) {
        const std::string name(message::truncateUtf8(command.queue, 128));
        send(Attached{command.client,
                      command.request,
                      base::fail(base::ErrorCode::NotFound,
                                 "no queue is named \"" + name
                                     + "\": queues come from the pipeline file or are created by "
                                       "an operator"),
                      {}});
        return;
    }
    Attachment* attachment = findAttachment(command.client, queue->row.id);
    if (attachment == nullptr) {
        auto created = std::make_unique<Attachment>();
        attachment = created.get();
        attachment->client = command.client;
        attachment->queue = queue;
        m_clients[command.client].push_back(std::move(created));
        queue->attached.push_back(attachment);
        ++queue->figures.workers;
    }
    attachment->worker = std::move(command.worker);
    send(Attached{command.client, command.request, queue->row.id, queue->policy()});
}

void Engine::Impl::handle(DetachQueue& command)
{
    Attachment* attachment = findAttachment(command.client, command.queue);
    if (attachment == nullptr)
        return;
    detach(*attachment);
    reap(*attachment);
}

void Engine::Impl::handle(Credit& command)
{
    Attachment* attachment = findAttachment(command.client, command.queue);
    if (attachment == nullptr)
        return;
    const std::uint32_t room = kMaxCredit - attachment->credit - attachment->heldCredit;
    const std::uint32_t more = std::min(command.more, room);
    if (attachment->isReserved) {
        attachment->heldCredit += more;
        return;
    }
    attachment->credit += more;
    attachment->queue->credit += more;
    activate(*attachment->queue);
}

void Engine::Impl::handle(Disconnect& command)
{
    if (!m_deferred.empty())
        dropDeferred(command.client);
    const auto found = m_clients.find(command.client);
    if (found == m_clients.end())
        return;
    // Taken out first: giving back the last lease must not reap what is being walked.
    const auto attachments = std::move(found->second);
    m_clients.erase(found);
    for (const auto& attachment : attachments) {
        if (!attachment->isDetached)
            detach(*attachment);
        while (attachment->firstLease != kNoLease)
            giveBack(m_leases.at(attachment->firstLease));
    }
}

Attachment* Engine::Impl::findAttachment(ClientId client, QueueId queue)
{
    const auto found = m_clients.find(client);
    if (found == m_clients.end())
        return nullptr;
    for (const auto& attachment : found->second) {
        if (!attachment->isDetached && attachment->queue->row.id == queue)
            return attachment.get();
    }
    return nullptr;
}

/// No more deliveries; leases that are out go on.
void Engine::Impl::detach(Attachment& attachment)
{
    Queue& queue = *attachment.queue;
    queue.credit -= std::exchange(attachment.credit, 0);
    attachment.heldCredit = 0;
    std::erase(queue.attached, &attachment);
    --queue.figures.workers;
    attachment.isDetached = true;
    if (m_suspects.worker == &attachment && m_suspects.out == 0)
        freeWorker();
}

void Engine::Impl::reap(Attachment& attachment)
{
    if (!attachment.isDetached || attachment.leases > 0)
        return;
    const auto found = m_clients.find(attachment.client);
    if (found == m_clients.end())
        return;
    std::erase_if(found->second, [&](const auto& each) { return each.get() == &attachment; });
    if (found->second.empty())
        m_clients.erase(found);
}

} // namespace millrace::engine
