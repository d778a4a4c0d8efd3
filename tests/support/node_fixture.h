// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transport/zeromq/link/link.h"
#include "transport/zeromq/node/node.h"

#include <QString>
#include <QTemporaryDir>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace zmq {
class context_t;
}

namespace millrace::tests {

enum class Via : std::uint8_t { Inproc, Ipc };

/// A node in a directory of its own that can be stopped and started again, and links to it.
/// Thread: the test's.
class NodeFixture
{
public:
    explicit NodeFixture(std::vector<std::string> queues);
    ~NodeFixture();
    NodeFixture(const NodeFixture&) = delete;
    NodeFixture& operator=(const NodeFixture&) = delete;

    /// Change it before start().
    [[nodiscard]] zeromq::NodeOptions& options() { return m_options; }
    /// @returns an empty text, or what is wrong
    [[nodiscard]] QString start();
    void stop();
    [[nodiscard]] zeromq::Node& node() { return *m_node; }

    /// The node need not run: its endpoints are the same each time.
    [[nodiscard]] zeromq::Link link(Via via);
    /// A link that has a session and a snapshot; null members if there is none within 10 s.
    [[nodiscard]] zeromq::Link connectedLink(Via via);

private:
    QTemporaryDir m_directory;
    std::shared_ptr<zmq::context_t> m_context;
    zeromq::NodeOptions m_options;
    std::unique_ptr<zeromq::Node> m_node;
};

} // namespace millrace::tests
