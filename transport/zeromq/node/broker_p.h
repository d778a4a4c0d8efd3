// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/runner.h"
#include "transport/zeromq/node/control_plane_p.h"
#include "transport/zeromq/node/data_plane_p.h"
#include "transport/zeromq/node/node_state_p.h"
#include "transport/zeromq/node/telemetry_p.h"
#include "transport/zeromq/socket/endpoint.h"
#include "transport/zeromq/socket/mailbox.h"

#include <memory>
#include <vector>

namespace millrace::zeromq {

/// The node's heart: owns engine, store and sockets, and runs until it is stopped.
/// Thread: constructed, opened, run and destroyed by the broker thread.
class Broker
{
public:
    Broker(zmq::context_t& context, const NodeOptions& options, Wakeup& stop);
    ~Broker();

    /// Opens the store, loads, applies the definition, binds. Errors: those of SqliteStore::open, Busy, Io, Invalid.
    [[nodiscard]] base::Result<void> open(const std::vector<EndpointBase>& endpoints);
    [[nodiscard]] std::uint64_t epoch() const noexcept { return m_state.epoch; }
    /// Serves until `stop` is signalled, then stops in order.
    void run();

private:
    [[nodiscard]] base::Result<void> applyDefinition();
    [[nodiscard]] base::Result<void> bind(const std::vector<EndpointBase>& endpoints);
    /// One round: wait, take, step, send. @returns false at the end
    [[nodiscard]] bool round();
    [[nodiscard]] std::chrono::milliseconds patience() const;
    void turn();
    void release(engine::Effect& effect);
    void lose(const base::Error& error);
    void noteTurn(const base::Result<void>& turned, base::SteadyTime now);
    void sweep(base::SteadyTime now);
    void updateTrouble(base::SteadyTime now);
    void shutDown();

    NodeState m_state;
    zmq::context_t& m_context;
    Wakeup& m_stop;
    Telemetry m_telemetry;
    DataPlane m_data;
    ControlPlane m_control;
    engine::Runner m_runner;
    std::vector<EndpointBase> m_endpoints;
    std::vector<engine::Command> m_commands;
    std::vector<base::Error> m_definitionErrors; ///< while the definition is applied
    std::size_t m_definitionsPending = 0;
    bool m_hasMore = false;    ///< a socket was not drained
    bool m_isBlocked = false;  ///< frames wait for a peer's high-water mark
    bool m_wasRebuilt = false; ///< a commit failed in the current turn
    base::SteadyTime m_nextSweep{};
    base::SteadyTime m_nextReopen{};
    base::SteadyTime m_reopenedAt{};
    std::string m_reopenedWhy; ///< shown for a minute after the store was opened again
};

} // namespace millrace::zeromq
