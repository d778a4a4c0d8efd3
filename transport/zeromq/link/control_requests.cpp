// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/link/control_requests_p.h"

#include "transport/wire/data_codec.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace millrace::zeromq {

namespace {

/// A window that asks for more at once asks in a loop.
constexpr std::size_t kMaxPending = 4096;

} // namespace

void ControlRequests::begin(ControlTask task)
{
    if (m_pending.size() >= kMaxPending) {
        task.done(base::fail(base::ErrorCode::Busy,
                             "4096 requests wait for an answer already: ask again when some have one"));
        return;
    }
    const std::uint64_t request = task.request.request();
    m_deadlines.add(task.deadline, request);
    m_pending.emplace(request, Pending{std::move(task), false});
    m_outbox.push_back(request);
}

void ControlRequests::onSessionBegan(std::string token)
{
    m_isConnected = true;
    m_token = std::move(token);
}

IoStatus ControlRequests::flush(Socket& socket)
{
    if (!m_isConnected)
        return IoStatus::Done;
    for (; !m_outbox.empty(); m_outbox.pop_front()) {
        const auto found = m_pending.find(m_outbox.front());
        if (found == m_pending.end())
            continue;
        Pending& pending = found->second;
        wire::v1::Request& request = pending.task.request;
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(pending.task.deadline
                                                                                - SteadyClock::now());
        request.set_deadline_ms(static_cast<std::uint32_t>(std::clamp<std::int64_t>(left.count(), 1, INT32_MAX)));
        request.set_session(m_token);
        std::string frame;
        if (!request.SerializeToString(&frame) || frame.size() > wire::kMaxControlFrameBytes) {
            const auto done = std::move(pending.task.done);
            m_pending.erase(found);
            done(base::fail(base::ErrorCode::Limit,
                            "the request has more than 1 MiB: name fewer messages at once, or select them by filter"));
            continue;
        }
        if (const IoStatus status = socket.send({base::Slice::own(std::move(frame))});
            status != IoStatus::Done) {
            return status;
        }
        pending.isSent = true;
    }
    return IoStatus::Done;
}

void ControlRequests::onResponse(wire::v1::Response response)
{
    auto node = m_pending.extract(response.request());
    if (node.empty())
        return;
    if (response.has_error())
        node.mapped().task.done(tl::unexpected(wire::read(response.error())));
    else
        node.mapped().task.done(std::move(response));
}

base::Error ControlRequests::outcomeOf(const Pending& pending, const base::Error& why)
{
    if (!pending.isSent)
        return {base::ErrorCode::Closed, "there is no connection to the node; nothing was sent"};
    if (!pending.task.isChange)
        return why;
    return {base::ErrorCode::Unknown, "nobody can tell whether it took effect: " + why.context};
}

void ControlRequests::onSessionEnded(const base::Error& why)
{
    m_isConnected = false;
    std::vector<Pending> ended;
    for (auto entry = m_pending.begin(); entry != m_pending.end();) {
        if (entry->second.isSent) {
            ended.push_back(std::move(entry->second));
            entry = m_pending.erase(entry);
        } else {
            ++entry;
        }
    }
    for (const Pending& pending : ended)
        pending.task.done(tl::unexpected(outcomeOf(pending, {base::ErrorCode::Closed, why.context})));
}

void ControlRequests::expire(TimePoint now)
{
    while (const auto request = m_deadlines.takeExpired(now)) {
        auto node = m_pending.extract(*request);
        if (node.empty())
            continue;
        const base::Error why{base::ErrorCode::Timeout, "the node did not answer within the deadline"};
        node.mapped().task.done(tl::unexpected(outcomeOf(node.mapped(), why)));
    }
}

} // namespace millrace::zeromq
