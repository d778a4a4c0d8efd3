// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/link/data_requests_p.h"

#include <utility>

namespace millrace::zeromq {

namespace {

/// Beyond this the node is so far behind that waiting longer only fills memory.
constexpr std::size_t kMaxOutboxBytes = 64 * 1024 * 1024;

client::BatchReceipt toReceipt(wire::Confirm frame)
{
    client::BatchReceipt receipt;
    receipt.sequences = std::move(frame.sequences);
    receipt.problems.reserve(frame.problems.size());
    for (wire::SubmitProblem& problem : frame.problems) {
        receipt.problems.push_back({problem.index, problem.isDuplicate, std::move(problem.firstId),
                                    std::move(problem.error)});
    }
    return receipt;
}

std::string encodeRelease(std::uint64_t request, const std::vector<message::LeaseRef>& leases)
{
    wire::Settle settle;
    settle.request = request;
    for (const message::LeaseRef& lease : leases) {
        message::FailedDelivery released;
        released.lease = lease;
        released.ending = message::Ending::Release;
        settle.failed.push_back(std::move(released));
    }
    return wire::encode(settle);
}

} // namespace

void DataRequests::begin(SubmitTask task)
{
    if (m_outboxBytes + task.frame.size() > kMaxOutboxBytes) {
        task.resolver.resolve(base::fail(base::ErrorCode::Busy,
                                         "64 MiB of messages wait to be sent and the node takes none: "
                                         "submit again when it keeps up"));
        return;
    }
    m_deadlines.add(task.deadline, task.request);
    m_pending.emplace(task.request, Pending{false, std::move(task.resolver), true});
    enqueue(task.request, std::move(task.frame));
}

void DataRequests::begin(AttachTask task)
{
    if (m_isConnected) {
        // The node knows one worker for each queue of a session; a second one here shares its place.
        if (const auto place = m_attachments.find(task.queue)) {
            const auto id = m_attachments.add(place->first, task.queue, place->second, task.sink);
            task.resolver.resolve(client::Attachment{id, place->second});
            return;
        }
    }
    const std::uint64_t request = task.request;
    std::string frame = wire::encode(wire::Attach{request, task.queue, task.worker});
    m_deadlines.add(task.deadline, request);
    m_pending.emplace(request, Pending{false, std::move(task), false});
    enqueue(request, std::move(frame));
}

void DataRequests::begin(DetachTask task)
{
    if (const auto queue = m_attachments.remove(task.attachment); queue != 0 && m_isConnected)
        enqueue(0, wire::encode(wire::Detach{queue}));
}

void DataRequests::begin(CreditTask task)
{
    if (const auto queue = m_attachments.addCredit(task.attachment, task.more); queue != 0 && m_isConnected)
        enqueue(0, wire::encode(wire::Credit{queue, task.more}));
}

void DataRequests::begin(LeaseTask task)
{
    if (!m_isConnected || task.epoch != m_epoch) {
        task.resolver.resolve(base::fail(base::ErrorCode::Closed,
                                         "the session in which these leases were given has ended: the "
                                         "messages are delivered again"));
        return;
    }
    m_deadlines.add(task.deadline, task.request);
    m_pending.emplace(task.request, Pending{false, std::move(task.resolver), task.isChange});
    enqueue(task.request, std::move(task.frame));
}

void DataRequests::enqueue(std::uint64_t request, std::string frame)
{
    m_outboxBytes += frame.size();
    m_outbox.push_back({request, base::Slice::own(std::move(frame))});
}

IoStatus DataRequests::flush(Socket& socket)
{
    if (!m_isConnected)
        return IoStatus::Done;
    while (!m_outbox.empty()) {
        const Outgoing& next = m_outbox.front();
        const auto pending = next.request == 0 ? m_pending.end() : m_pending.find(next.request);
        const bool isWanted = next.request == 0 || pending != m_pending.end();
        const std::size_t bytes = next.frame.size();
        if (isWanted) {
            if (const IoStatus status = socket.send({next.frame}); status != IoStatus::Done)
                return status;
            if (pending != m_pending.end())
                pending->second.isSent = true;
        }
        m_outboxBytes -= bytes;
        m_outbox.pop_front();
    }
    return IoStatus::Done;
}

void DataRequests::onSessionBegan(std::uint64_t epoch)
{
    m_isConnected = true;
    m_epoch = epoch;
    m_attachments.onSessionBegan();
}

void DataRequests::onSessionEnded(const base::Error& why)
{
    m_isConnected = false;
    m_attachments.onSessionEnded(why);

    // Only submits and attachments make sense in another session.
    std::deque<Outgoing> kept;
    m_outboxBytes = 0;
    for (Outgoing& outgoing : m_outbox) {
        const auto pending = m_pending.find(outgoing.request);
        if (pending == m_pending.end() || std::holds_alternative<LeaseResolver>(pending->second.kind))
            continue;
        m_outboxBytes += outgoing.frame.size();
        kept.push_back(std::move(outgoing));
    }
    m_outbox = std::move(kept);

    std::vector<Pending> ended;
    for (auto entry = m_pending.begin(); entry != m_pending.end();) {
        if (entry->second.isSent || std::holds_alternative<LeaseResolver>(entry->second.kind)) {
            ended.push_back(std::move(entry->second));
            entry = m_pending.erase(entry);
        } else {
            ++entry;
        }
    }
    for (Pending& pending : ended)
        fail(pending, outcomeOf(pending, why));
}

base::Error DataRequests::outcomeOf(const Pending& pending, const base::Error& why)
{
    if (!pending.isSent) {
        return {base::ErrorCode::Closed, "nothing was sent: " + why.context};
    }
    if (!pending.isChange)
        return {why.code == base::ErrorCode::Timeout ? why.code : base::ErrorCode::Closed, why.context};
    return {base::ErrorCode::Unknown, "nobody can tell whether it took effect: " + why.context};
}

void DataRequests::fail(Pending& pending, const base::Error& error)
{
    if (auto* submit = std::get_if<SubmitResolver>(&pending.kind))
        submit->resolve(tl::unexpected(error));
    else if (auto* attach = std::get_if<AttachTask>(&pending.kind))
        attach->resolver.resolve(tl::unexpected(error));
    else
        std::get<LeaseResolver>(pending.kind).resolve(tl::unexpected(error));
}

void DataRequests::finish(std::uint64_t request, const base::Error& error)
{
    auto node = m_pending.extract(request);
    if (!node.empty())
        fail(node.mapped(), error);
}

template<typename Resolver>
std::optional<Resolver> DataRequests::take(std::uint64_t request)
{
    const auto found = m_pending.find(request);
    if (found == m_pending.end())
        return std::nullopt;
    auto* kind = std::get_if<Resolver>(&found->second.kind);
    if (kind == nullptr)
        return std::nullopt;
    std::optional<Resolver> taken(std::move(*kind));
    m_pending.erase(found);
    return taken;
}

void DataRequests::onFrame(wire::Confirm frame)
{
    if (auto resolver = take<SubmitResolver>(frame.request))
        resolver->resolve(toReceipt(std::move(frame)));
}

void DataRequests::onFrame(wire::Attached frame)
{
    auto task = take<AttachTask>(frame.request);
    if (!frame.ok) {
        if (task)
            task->resolver.resolve(tl::unexpected(frame.error));
        return;
    }
    if (!task) {
        // Nobody waits for it any more.
        enqueue(0, wire::encode(wire::Detach{frame.queue}));
        return;
    }
    auto policy = message::queuePolicyFromJson(frame.policyJson);
    if (!policy) {
        enqueue(0, wire::encode(wire::Detach{frame.queue}));
        task->resolver.resolve(base::fail(base::ErrorCode::Protocol,
                                          "the node sent a policy of queue \"" + task->queue
                                              + "\" that cannot be read: " + policy.error().context));
        return;
    }
    const auto id = m_attachments.add(frame.queue, task->queue, *policy, task->sink);
    task->resolver.resolve(client::Attachment{id, std::move(*policy)});
}

void DataRequests::onFrame(wire::Deliver frame)
{
    const auto unwanted = m_attachments.deliver(m_epoch, std::move(frame));
    if (!unwanted.empty())
        enqueue(0, encodeRelease(++m_numbers, unwanted));
}

void DataRequests::onFrame(const wire::StopDeliveries& frame)
{
    m_attachments.stop(frame);
}

void DataRequests::onFrame(wire::Settled frame)
{
    if (auto resolver = take<LeaseResolver>(frame.request))
        resolver->resolve(std::move(frame.lost));
}

void DataRequests::onFrame(const wire::Refused& frame)
{
    if (frame.request != 0)
        finish(frame.request, frame.error);
}

void DataRequests::onFrame(const wire::Lost& frame)
{
    for (const std::uint64_t request : frame.requests)
        finish(request, {base::ErrorCode::Unknown, frame.error.context});
}

void DataRequests::expire(TimePoint now)
{
    while (const auto request = m_deadlines.takeExpired(now)) {
        auto node = m_pending.extract(*request);
        if (node.empty())
            continue;
        const base::Error why{base::ErrorCode::Timeout, "the node did not answer within the deadline"};
        fail(node.mapped(), outcomeOf(node.mapped(), why));
    }
}

void DataRequests::drop()
{
    std::exchange(m_pending, {}).clear();
    m_outbox.clear();
}

} // namespace millrace::zeromq
