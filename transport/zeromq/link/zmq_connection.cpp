// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/link/zmq_connection_p.h"

#include <algorithm>
#include <utility>

namespace millrace::zeromq {

namespace {

using client::Result;
using Leases = std::vector<message::LeaseRef>;

TimePoint after(std::chrono::milliseconds duration)
{
    return SteadyClock::now() + duration;
}

std::size_t bytesOf(const std::vector<client::OutgoingMessage>& batch)
{
    std::size_t bytes = 0;
    for (const client::OutgoingMessage& message : batch)
        bytes += message.envelope.size() + message.body.size();
    return bytes;
}

/// Checks what the node would refuse, before it is copied.
std::optional<base::Error> excess(const std::vector<client::OutgoingMessage>& batch)
{
    if (batch.size() > wire::kMaxBatchMessages) {
        return base::Error{base::ErrorCode::Limit,
                           "a batch of " + std::to_string(batch.size()) + " messages: at most 1024 go at once"};
    }
    const std::size_t bytes = bytesOf(batch);
    if (batch.size() > 1 && bytes > wire::kMaxBatchBytes) {
        return base::Error{base::ErrorCode::Limit,
                           "a batch of " + std::to_string(bytes) + " bytes: at most 1 MiB goes at once"};
    }
    if (bytes > message::kMaxBodyBytes + message::kMaxEnvelopeBytes) {
        return base::Error{base::ErrorCode::Limit,
                           "a message of " + std::to_string(bytes) + " bytes: a body has at most 16 MiB; keep the data elsewhere and send a reference to it"};
    }
    return std::nullopt;
}

} // namespace

void ZmqConnection::open(std::shared_ptr<LinkThread> thread)
{
    m_thread = std::move(thread);
}

void ZmqConnection::close()
{
    m_thread.reset();
}

QFuture<Result<client::BatchReceipt>> ZmqConnection::submit(std::string target,
                                                            std::vector<client::OutgoingMessage> batch,
                                                            client::SubmitOptions options,
                                                            std::chrono::milliseconds deadline)
{
    if (auto error = excess(batch))
        return client::resolved<client::BatchReceipt>(tl::unexpected(std::move(*error)));
    std::vector<wire::OutgoingView> views;
    views.reserve(batch.size());
    for (const client::OutgoingMessage& message : batch)
        views.push_back({message.envelope.view(), message.body.view()});
    for (std::size_t i = 0; options.atomic && i < std::min(views.size(), options.targets.size()); ++i)
        views[i].target = options.targets[i];
    LinkCore& core = m_thread->core();
    SubmitTask task;
    task.request = core.nextRequest();
    const auto wait = std::clamp<std::int64_t>(options.wait.count(), 0, UINT32_MAX);
    task.frame = wire::encodeSubmit(
        task.request, target, views, {static_cast<std::uint32_t>(wait), options.atomic});
    task.deadline = after(deadline);
    auto future = task.resolver.future();
    core.post(std::move(task));
    return future;
}

QFuture<Result<client::Attachment>> ZmqConnection::attach(std::string queue,
                                                          std::string worker,
                                                          client::DeliverySink* sink,
                                                          std::chrono::milliseconds deadline)
{
    LinkCore& core = m_thread->core();
    AttachTask task;
    task.request = core.nextRequest();
    task.queue = std::move(queue);
    task.worker = std::move(worker);
    task.sink = sink;
    task.deadline = after(deadline);
    auto future = task.resolver.future();
    core.post(std::move(task));
    return future;
}

void ZmqConnection::detach(client::AttachmentId attachment)
{
    LinkCore& core = m_thread->core();
    core.attachments().silence(attachment);
    core.post(DetachTask{attachment});
}

void ZmqConnection::grantCredit(client::AttachmentId attachment, std::uint32_t more)
{
    m_thread->core().post(CreditTask{attachment, more});
}

QFuture<Result<Leases>> ZmqConnection::settle(client::Settlement settlement, std::chrono::milliseconds deadline)
{
    LeaseTask task;
    task.request = m_thread->core().nextRequest();
    task.epoch = settlement.epoch;
    task.isChange = true;
    task.deadline = after(deadline);
    task.frame = wire::encode(
        wire::Settle{task.request, std::move(settlement.acknowledged), std::move(settlement.failed)});
    return post(std::move(task));
}

QFuture<Result<Leases>> ZmqConnection::extend(std::uint64_t epoch,
                                              std::vector<message::LeaseRef> leases,
                                              std::chrono::milliseconds deadline)
{
    return extendWithProgress(epoch, std::move(leases), {}, deadline);
}

QFuture<Result<Leases>> ZmqConnection::extendWithProgress(std::uint64_t epoch,
                                                          std::vector<message::LeaseRef> leases,
                                                          std::vector<message::LeaseProgress> progress,
                                                          std::chrono::milliseconds deadline)
{
    LeaseTask task;
    task.request = m_thread->core().nextRequest();
    task.epoch = epoch;
    task.isChange = false;
    task.deadline = after(deadline);
    task.frame = wire::encode(wire::Extend{task.request, std::move(leases), std::move(progress)});
    return post(std::move(task));
}

QFuture<Result<Leases>> ZmqConnection::post(LeaseTask task)
{
    auto future = task.resolver.future();
    m_thread->core().post(std::move(task));
    return future;
}

bool ZmqConnection::isConnected() const
{
    return m_thread->core().isConnected();
}

} // namespace millrace::zeromq
