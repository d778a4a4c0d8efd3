// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/node/data_plane_p.h"

#include "core/base/failpoint.h"

#include <utility>

namespace millrace::zeromq {

namespace {

/// One turn takes at most this much, so that a commit stays short and the control socket gets its turn.
constexpr int kFramesPerTurn = 64;
constexpr std::size_t kBytesPerTurn = 16 * 1024 * 1024;
/// Credit bounds what a session can be owed; these are for peers that grant more than they read.
constexpr std::size_t kMaxOutboxBytes = 64 * 1024 * 1024;
constexpr std::size_t kMaxOutboxBytesOfAll = 256 * 1024 * 1024;
/// Well above the protocol's limit, so that a frame that is too large is answered, counted and logged; the connection of
/// a peer that sends more than this is cut before the bytes are taken in.
constexpr std::int64_t kSocketMessageBytes = 4 * static_cast<std::int64_t>(wire::kMaxDataFrameBytes);
constexpr SocketLimits kLimits{.sendHighWater = 256, .receiveHighWater = 64, .maxMessageBytes = kSocketMessageBytes};
constexpr std::size_t kMaxNameBytes = 128;
/// What a waiting frame costs besides its bytes.
constexpr std::size_t kFrameOverheadBytes = 128;

std::size_t costOf(const base::Slice& frame)
{
    return frame.size() + kFrameOverheadBytes;
}

base::Error closedError(std::string context)
{
    return base::Error{base::ErrorCode::Closed, std::move(context)};
}

} // namespace

/// What each kind of frame does, once there is a session.
class DataPlane::FrameHandler
{
public:
    FrameHandler(DataPlane& plane, Session& session)
        : m_plane(plane)
        , m_session(session)
    {
    }
    void operator()(const wire::Heartbeat& frame) const
    {
        // What waits for this peer shows as well that the node is alive, once it is read.
        if (m_session.outbox.empty())
            m_plane.queue(m_session, base::Slice::own(wire::encode(frame, true)));
    }
    void operator()(wire::Submit& frame) const
    {
        m_session.open.insert(frame.request);
        push(engine::Submit{m_session.client, frame.request, std::move(frame.target), std::move(frame.messages),
                            std::chrono::milliseconds(frame.waitMs), frame.atomic});
    }
    void operator()(wire::Attach& frame) const
    {
        m_session.open.insert(frame.request);
        push(engine::Attach{m_session.client, frame.request, std::move(frame.queue), oneLine(frame.worker, kMaxNameBytes)});
    }
    void operator()(const wire::Detach& frame) const { push(engine::DetachQueue{m_session.client, frame.queue}); }
    void operator()(const wire::Credit& frame) const
    {
        push(engine::Credit{m_session.client, frame.queue, frame.more});
    }
    void operator()(wire::Settle& frame) const
    {
        m_session.open.insert(frame.request);
        push(engine::Settle{m_session.client, frame.request, std::move(frame.acknowledged), std::move(frame.failed)});
    }
    void operator()(wire::Extend& frame) const
    {
        m_session.open.insert(frame.request);
        push(engine::Extend{
            m_session.client, frame.request, std::move(frame.leases), std::move(frame.progress)});
    }
    void operator()(const wire::Goodbye&) const { m_plane.end(m_session, std::nullopt, true); }
    void operator()(const wire::Hello&) const {}

private:
    void push(engine::Command command) const { m_plane.m_commands.push_back(std::move(command)); }
    DataPlane& m_plane;
    Session& m_session;
};

DataPlane::DataPlane(NodeState& state, std::function<void(const std::string& token)> sessionEnded)
    : m_state(state)
    , m_sessionEnded(std::move(sessionEnded))
{
}

base::Result<void> DataPlane::open(zmq::context_t& context, const std::vector<std::string>& endpoints)
{
    auto socket = Socket::open(context, zmq::socket_type::router, kLimits);
    if (!socket)
        return tl::unexpected(socket.error());
    m_socket = std::move(*socket);
    return m_socket->bind(endpoints);
}

bool DataPlane::receive(base::SteadyTime now)
{
    std::size_t bytes = 0;
    for (int i = 0; i < kFramesPerTurn && bytes < kBytesPerTurn; ++i) {
        if (m_socket->receive(m_parts) != IoStatus::Done)
            return false;
        for (const base::Slice& part : m_parts)
            bytes += part.size();
        handle(m_parts, now);
    }
    return true;
}

void DataPlane::handle(std::vector<base::Slice>& parts, base::SteadyTime now)
{
    const base::Slice peer = parts.front();
    Session* session = m_sessions.find(peer.view());
    if (session != nullptr)
        session->lastHeard = now;
    if (parts.size() != 2) {
        refuse(peer, session, 0, {base::ErrorCode::Protocol, "a data frame is one message part without a delimiter"}, now);
        return;
    }
    std::uint64_t request = 0;
    auto frame = wire::decodeClientFrame(parts[1], &request);
    if (!frame) {
        refuse(peer, session, request, std::move(frame.error()), now);
        return;
    }
    if (auto* greeting = std::get_if<wire::Hello>(&*frame)) {
        hello(peer, std::move(*greeting), now);
    } else if (session != nullptr) {
        std::visit(FrameHandler(*this, *session), *frame);
    } else if (!std::holds_alternative<wire::Goodbye>(*frame)) {
        refuse(peer, nullptr, 0, closedError("this node has no session of this connection: say hello first"), now);
    }
}

void DataPlane::hello(const base::Slice& peer, wire::Hello hello, base::SteadyTime now)
{
    Session* before = m_sessions.find(peer.view());
    if (auto checked = m_state.check(hello); !checked) {
        refuse(peer, before, 0, std::move(checked.error()), now);
        return;
    }
    if (m_state.isBroken) {
        refuse(peer, before, 0, {base::ErrorCode::Io, m_state.trouble}, now);
        return;
    }
    // A hello begins anew: what an earlier session of this peer or token held goes back.
    if (before != nullptr)
        end(*before, std::nullopt, before->token != hello.session);
    if (Session* sameToken = m_sessions.findToken(hello.session))
        end(*sameToken, closedError("the client began a new session on another connection"), false);
    if (m_sessions.size() >= m_state.options.maxSessions) {
        refuse(peer,
               nullptr,
               0,
               {base::ErrorCode::Limit,
                "this node serves at most " + std::to_string(m_state.options.maxSessions)
                    + " sessions and has as many: close one"},
               now);
        return;
    }
    Session& session = m_sessions.add({.client = ++m_lastClient,
                                       .peer = base::Slice::own(peer.toString()),
                                       .token = std::move(hello.session),
                                       .name = oneLine(hello.client, kMaxNameBytes),
                                       .lastHeard = now,
                                       .open = {},
                                       .outbox = {},
                                       .outboxBytes = 0});
    m_state.log.info("session of \"" + session.name + "\" began");
    queue(session, base::Slice::own(m_state.encodeWelcome()));
}

void DataPlane::refuse(const base::Slice& peer,
                       const Session* session,
                       std::uint64_t request,
                       base::Error error,
                       base::SteadyTime now)
{
    m_state.countRefused(error, "data", session == nullptr ? std::string_view() : session->name, now);
    // Whoever does not read its refusals does not get them: no memory is spent on such a peer.
    (void)sendTo(peer, base::Slice::own(wire::encode(wire::Refused{request, std::move(error)})));
}

void DataPlane::end(Session& session, const std::optional<base::Error>& why, bool forGood)
{
    m_state.log.info("session of \"" + session.name + "\" ended"
                     + (why ? ": " + oneLine(why->context, 500) : std::string()));
    if (why)
        (void)sendTo(session.peer, base::Slice::own(wire::encode(wire::Refused{0, *why})));
    m_commands.push_back(engine::Disconnect{session.client});
    m_outboxBytes -= session.outboxBytes;
    m_blocked.erase(session.client);
    const std::string token = session.token;
    m_sessions.remove(session.client);
    if (forGood)
        m_sessionEnded(token);
}

void DataPlane::send(const engine::Confirm& effect)
{
    answer(effect.client, effect.request, wire::encode(effect));
}
void DataPlane::send(const engine::Attached& effect)
{
    answer(effect.client, effect.request, wire::encode(effect));
}
void DataPlane::send(const engine::Settled& effect)
{
    answer(effect.client, effect.request, wire::encode(effect));
}
void DataPlane::send(const engine::Deliver& effect)
{
    if (m_sessions.find(effect.client) != nullptr)
        answer(effect.client, std::nullopt, wire::encode(effect));
}

void DataPlane::send(const engine::StopDeliveries& effect)
{
    answer(effect.client, std::nullopt, wire::encode(effect));
}

void DataPlane::answer(engine::ClientId client, std::optional<engine::RequestId> request, std::string frame)
{
    Session* session = m_sessions.find(client);
    if (session == nullptr)
        return;
    if (request)
        session->open.erase(*request);
    queue(*session, base::Slice::own(std::move(frame)));
}

void DataPlane::queue(Session& session, base::Slice frame)
{
    if (session.outbox.empty()) {
        const IoStatus status = sendTo(session.peer, frame);
        if (status == IoStatus::PeerGone)
            end(session, closedError("its connection is gone"), true);
        if (status == IoStatus::Done)
            MR_FAILPOINT("after-reply");
        if (status != IoStatus::WouldBlock)
            return;
    }
    session.outboxBytes += costOf(frame);
    m_outboxBytes += costOf(frame);
    session.outbox.push_back(std::move(frame));
    m_blocked.insert(session.client);
    if (session.outboxBytes > kMaxOutboxBytes || m_outboxBytes > kMaxOutboxBytesOfAll)
        end(session, closedError("it does not read what it asked for"), true);
}

IoStatus DataPlane::sendTo(const base::Slice& peer, const base::Slice& frame)
{
    return m_socket->send({peer, frame});
}

bool DataPlane::flush()
{
    const std::vector<engine::ClientId> blocked(m_blocked.begin(), m_blocked.end());
    for (const engine::ClientId client : blocked) {
        if (Session* session = m_sessions.find(client); session == nullptr || flush(*session))
            m_blocked.erase(client);
    }
    return !m_blocked.empty();
}

/// @returns true if nothing of it waits any more
bool DataPlane::flush(Session& session)
{
    while (!session.outbox.empty()) {
        const IoStatus status = sendTo(session.peer, session.outbox.front());
        if (status == IoStatus::WouldBlock)
            return false;
        if (status == IoStatus::PeerGone) {
            end(session, closedError("its connection is gone"), true);
            return true;
        }
        const std::size_t bytes = costOf(session.outbox.front());
        session.outboxBytes -= bytes;
        m_outboxBytes -= bytes;
        session.outbox.pop_front();
    }
    return true;
}

void DataPlane::sweep(base::SteadyTime now)
{
    for (const engine::ClientId client : m_sessions.clients()) {
        Session* session = m_sessions.find(client);
        if (session != nullptr && now - session->lastHeard > m_state.options.sessionTimeout) {
            end(*session,
                closedError("nothing was heard of it for "
                            + std::to_string(m_state.options.sessionTimeout.count()) + " ms"),
                true);
        }
    }
}

void DataPlane::loseAll(const base::Error& error)
{
    for (const engine::ClientId client : m_sessions.clients()) {
        Session* session = m_sessions.find(client);
        if (session == nullptr)
            continue;
        wire::Lost lost{{session->open.begin(), session->open.end()}, error};
        if (!lost.requests.empty())
            queue(*session, base::Slice::own(wire::encode(lost)));
        // The send may have ended it.
        session = m_sessions.find(client);
        if (session != nullptr)
            end(*session, closedError("the store was opened again: leases are void, say hello again"), false);
    }
    // The engine that knew these clients is gone.
    m_commands.clear();
}

void DataPlane::closeAll()
{
    for (const engine::ClientId client : m_sessions.clients()) {
        if (Session* session = m_sessions.find(client))
            end(*session, closedError("the node stops"), false);
    }
}

} // namespace millrace::zeromq
