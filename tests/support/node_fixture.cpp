// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/node_fixture.h"

#include <zmq.hpp>

#include <QTest>

#include <atomic>
#include <utility>

namespace millrace::tests {

namespace {

/// Several fixtures of one process must not meet.
std::string uniqueName()
{
    static std::atomic<int> count{0};
    return "fixture-" + std::to_string(++count);
}

} // namespace

NodeFixture::NodeFixture(std::vector<std::string> queues)
    : m_context(std::make_shared<zmq::context_t>())
{
    m_options.name = uniqueName();
    m_options.inprocName = m_options.name;
    m_options.program = "test";
    m_options.store.directory = m_directory.filePath(QStringLiteral("data")).toStdString();
    m_options.store.reserveBytes = 1024 * 1024;
    m_options.runtimeDirectory = m_directory.filePath(QStringLiteral("run")).toStdString();
    m_options.telemetryPeriod = std::chrono::milliseconds(50);
    m_options.heartbeat = std::chrono::milliseconds(100);
    m_options.sessionTimeout = std::chrono::milliseconds(3000); // a loaded machine may take a second for a commit
    m_options.randomSeed = 7;
    for (std::string& name : queues) {
        message::QueueDefinition queue;
        queue.name = std::move(name);
        queue.policy.retry.initialDelay = std::chrono::milliseconds(10);
        queue.policy.retry.maxDelay = std::chrono::milliseconds(20);
        m_options.definition.queues.push_back(std::move(queue));
    }
}

NodeFixture::~NodeFixture() = default;

QString NodeFixture::start()
{
    auto node = zeromq::Node::start(m_context, m_options);
    if (!node)
        return QString::fromStdString(node.error().context);
    m_node = std::move(*node);
    return {};
}

void NodeFixture::stop()
{
    m_node.reset();
}

zeromq::Link NodeFixture::link(Via via)
{
    zeromq::LinkOptions options;
    options.endpoint = via == Via::Inproc ? "inproc://" + m_options.inprocName
                                          : "ipc://" + m_options.runtimeDirectory + "/" + m_options.name;
    options.clientName = "test";
    options.actor = "tester";
    auto link = zeromq::openLink(m_context, std::move(options));
    return link ? std::move(*link) : zeromq::Link();
}

zeromq::Link NodeFixture::connectedLink(Via via)
{
    zeromq::Link opened = link(via);
    if (opened.connection
        && QTest::qWaitFor([&opened] { return opened.connection->isConnected() && opened.pipeline->snapshot(); },
                           10'000)) {
        return opened;
    }
    return {};
}

} // namespace millrace::tests
