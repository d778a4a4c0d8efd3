// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/engine.h"
#include "transport/wire/control_codec.h"
#include "transport/zeromq/node/node_state_p.h"
#include "transport/zeromq/node/reader_p.h"
#include "transport/zeromq/node/telemetry_p.h"
#include "transport/zeromq/socket/socket.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace millrace::zeromq {

/// The control socket: changes become engine commands and are answered after their commit, queries go to the reader
/// thread, the rest is answered from memory. Thread: the broker's.
class ControlPlane
{
public:
    struct Parts
    {
        NodeState& state;
        Telemetry& telemetry;
        /// Of the running engine; null while the store cannot be opened.
        std::function<engine::Engine*()> engine;
        std::function<const wire::v1::Snapshot&(base::Now now)> snapshot;
        std::function<bool(const std::string& token)> hasDataSession;
    };
    explicit ControlPlane(Parts parts);

    /// Errors: Io.
    [[nodiscard]] base::Result<void> open(zmq::context_t& context, const std::vector<std::string>& endpoints);
    void unbind(const std::vector<std::string>& endpoints) { m_socket->unbind(endpoints); }
    void startReader();
    [[nodiscard]] zmq::pollitem_t pollItem() { return m_socket->pollItem(); }
    [[nodiscard]] int answersFd() const noexcept { return m_answers.fd(); }

    /// Takes what waits, up to a bound. @returns true if more may wait
    [[nodiscard]] bool receive(base::Now now);
    /// Sends what the reader found, and turns frozen selections into commands.
    void takeAnswers();
    [[nodiscard]] std::vector<engine::Command>& commands() noexcept { return m_commands; }

    void send(const engine::Reply& reply);
    /// The step failed to commit: whoever waits for a change is told that nobody can tell.
    void loseAll(const base::Error& error);
    /// Closes the views of sessions that were silent for a minute and have no data session.
    void sweep(base::SteadyTime now);
    void sessionEnded(const std::string& token);
    /// Stops the reader; whoever still waits is told that the node stops.
    void close();

private:
    struct Waiting
    {
        base::Slice peer;
        std::uint64_t request = 0;
    };
    struct Asked
    {
        const base::Slice& peer;
        wire::v1::Request& request;
        base::Now now;
    };

    void handle(std::vector<base::Slice>& parts, base::Now now);
    [[nodiscard]] base::Result<void> admit(const wire::v1::Request& request, base::SteadyTime now);
    void dispatch(const Asked& asked);
    void answerHello(const Asked& asked);
    void answerSeries(const Asked& asked);
    void answerOperation(const Asked& asked);
    void answerSnapshot(const Asked& asked);
    void answerSchedules(const Asked& asked);
    void answerRunning(const Asked& asked);
    void answerRetrying(const Asked& asked);
    void answerParkedKeys(const Asked& asked);
    /// The engine to ask about a queue; null after the refusal was sent.
    [[nodiscard]] engine::Engine* engineFor(const Asked& asked);
    void ask(const Asked& asked);
    [[nodiscard]] base::Result<engine::Command> toCommand(const Asked& asked);
    /// Notes who waits for the answer and queues the command.
    void start(const base::Slice& peer, std::uint64_t request, engine::Command command);
    void respond(const base::Slice& peer, std::string frame);
    void fail(const base::Slice& peer, std::uint64_t request, const base::Error& error);

    Parts m_parts;
    std::optional<Socket> m_socket;
    Mailbox<ReaderAnswer> m_answers;
    std::unique_ptr<Reader> m_reader;
    std::vector<engine::Command> m_commands;
    std::unordered_map<engine::RequestId, Waiting> m_waiting; ///< for the engine, by our own number
    std::unordered_map<std::string, base::SteadyTime> m_sessions; ///< tokens and when they were heard
    std::vector<base::Slice> m_received;
    engine::RequestId m_lastRequest = 0;
    std::size_t m_queries = 0; ///< at the reader, and what they take
    std::size_t m_queryBytes = 0;
};

} // namespace millrace::zeromq
