// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transport/client/connection.h"
#include "transport/client/pipeline.h"

#include <memory>
#include <string>

namespace zmq {
class context_t;
}

namespace millrace::zeromq {

/// The link to one node: a thread that owns the data, control and telemetry sockets, shared by every Producer, Worker and
/// Pipeline made from it. Reconnects by itself; a node that comes back with another epoch gets a new session.
struct Link
{
    std::shared_ptr<client::Connection> connection;
    std::unique_ptr<client::Pipeline> pipeline;
};

struct LinkOptions
{
    std::string endpoint;   ///< base, for example Node::endpoints().inproc or `ipc:///run/user/1000/millrace/default`
    std::string clientName; ///< for people; empty = program, host, pid
    std::string actor;      ///< for the audit log; empty = user name and program
    std::string displayName;///< Pipeline::displayName; empty = the endpoint
};

/// Starts connecting and returns at once. Errors: Invalid (endpoint scheme is not inproc or ipc).
[[nodiscard]] base::Result<Link> openLink(std::shared_ptr<zmq::context_t> context, LinkOptions options);

} // namespace millrace::zeromq
