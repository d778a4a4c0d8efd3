// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/command.h"
#include "transport/wire/data_codec.h"
#include "transport/zeromq/node/node_state_p.h"
#include "transport/zeromq/node/sessions_p.h"
#include "transport/zeromq/socket/socket.h"

#include <functional>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace millrace::zeromq {

/// The data socket and its sessions: frames in, engine commands out; effects in, frames out.
/// Thread: the broker's.
class DataPlane
{
public:
    /// `sessionEnded` receives the token of each session that ends for good.
    DataPlane(NodeState& state, std::function<void(const std::string& token)> sessionEnded);

    /// Errors: Io.
    [[nodiscard]] base::Result<void> open(zmq::context_t& context, const std::vector<std::string>& endpoints);
    void unbind(const std::vector<std::string>& endpoints) { m_socket->unbind(endpoints); }
    [[nodiscard]] zmq::pollitem_t pollItem() { return m_socket->pollItem(); }

    /// Takes what waits, up to a bound, and turns it into commands. @returns true if more may wait
    [[nodiscard]] bool receive(base::SteadyTime now);
    /// Commands gathered since the last call.
    [[nodiscard]] std::vector<engine::Command>& commands() noexcept { return m_commands; }

    void send(const engine::Confirm& effect);
    void send(const engine::Attached& effect);
    void send(const engine::Deliver& effect);
    void send(const engine::StopDeliveries& effect);
    void send(const engine::Settled& effect);

    /// Sends what a peer's high-water mark kept back. @returns true if some of it still waits
    bool flush();
    /// Ends sessions that were silent for too long. Only after receive() has taken everything that waited.
    void sweep(base::SteadyTime now);
    /// The step with these requests failed to commit: they are told so, and all sessions end, since their leases are void.
    void loseAll(const base::Error& error);
    /// Tells everybody that the node stops; commands() then holds their Disconnects.
    void closeAll();

    [[nodiscard]] std::size_t sessionCount() const noexcept { return m_sessions.size(); }
    [[nodiscard]] bool hasSession(const std::string& token) { return m_sessions.findToken(token) != nullptr; }

private:
    class FrameHandler;

    void handle(std::vector<base::Slice>& parts, base::SteadyTime now);
    void hello(const base::Slice& peer, wire::Hello hello, base::SteadyTime now);
    void refuse(const base::Slice& peer, const Session* session, std::uint64_t request, base::Error error, base::SteadyTime now);
    /// Tells the peer why, if there is a reason, and gives its leases back.
    void end(Session& session, const std::optional<base::Error>& why, bool forGood);
    void answer(engine::ClientId client, std::optional<engine::RequestId> request, std::string frame);
    void queue(Session& session, base::Slice frame);
    [[nodiscard]] IoStatus sendTo(const base::Slice& peer, const base::Slice& frame);
    bool flush(Session& session);

    NodeState& m_state;
    std::function<void(const std::string& token)> m_sessionEnded;
    std::optional<Socket> m_socket;
    Sessions m_sessions;
    std::vector<engine::Command> m_commands;
    std::vector<base::Slice> m_parts;
    std::unordered_set<engine::ClientId> m_blocked; ///< with something in their outbox
    std::size_t m_outboxBytes = 0;                  ///< of all sessions
    engine::ClientId m_lastClient = 0;
};

} // namespace millrace::zeromq
