// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/link/link.h"

#include "transport/client/owner_post_p.h"
#include "transport/zeromq/link/zmq_connection_p.h"
#include "transport/zeromq/link/zmq_pipeline_p.h"

#include <QCoreApplication>
#include <QSysInfo>
#include <QThread>

#include <utility>

namespace millrace::zeromq {

namespace {

std::string programName()
{
    const QString name = QCoreApplication::applicationName();
    return name.isEmpty() ? "millrace" : name.toStdString();
}

std::string defaultClientName()
{
    return programName() + "@" + QSysInfo::machineHostName().toStdString() + ":"
        + std::to_string(QCoreApplication::applicationPid());
}

std::string defaultActor()
{
    const QString user = qEnvironmentVariable("USER", QStringLiteral("unknown"));
    return user.toStdString() + " (" + programName() + ")";
}

/// A connection and the link thread's way to it, which may outlive it.
struct ConnectionEnds
{
    std::shared_ptr<ZmqConnection> connection;
    std::shared_ptr<client::OwnerPost<ZmqConnection>> post;
};

ConnectionEnds makeConnection()
{
    auto owned = std::make_unique<ZmqConnection>();
    auto post = std::make_shared<client::OwnerPost<ZmqConnection>>(owned.get());
    // The last owner may be on any thread; a QObject must not be destroyed while events for it run on its own.
    std::shared_ptr<ZmqConnection> shared(owned.release(), [post](ZmqConnection* connection) {
        post->detach();
        connection->close();
        if (connection->thread() == QThread::currentThread())
            delete connection;
        else
            connection->deleteLater();
    });
    return {std::move(shared), std::move(post)};
}

} // namespace

base::Result<Link> openLink(std::shared_ptr<zmq::context_t> context, LinkOptions options)
{
    auto endpoint = parseEndpointBase(options.endpoint);
    if (!endpoint)
        return tl::unexpected(endpoint.error());
    const ConnectionEnds ends = makeConnection();
    auto inbox = std::make_shared<PipelineInbox>();

    LinkHooks hooks;
    hooks.connected = [post = ends.post] {
        post->post([](ZmqConnection& connection) { Q_EMIT connection.connected(); });
    };
    hooks.disconnected = [post = ends.post, inbox](const base::Error& why) {
        inbox->putLost();
        post->post([text = client::describe(why)](ZmqConnection& connection) {
            Q_EMIT connection.disconnected(text);
        });
    };
    hooks.snapshot = [inbox](client::SnapshotPtr snapshot, std::uint64_t missed) {
        inbox->putSnapshot(std::move(snapshot), missed);
    };

    std::string clientName = options.clientName.empty() ? defaultClientName() : options.clientName;
    auto thread = std::make_shared<LinkThread>(std::make_shared<LinkCore>(
        std::move(context), std::move(*endpoint), std::move(clientName), std::move(hooks)));
    ends.connection->open(thread);
    Link link;
    link.connection = ends.connection;
    link.pipeline = std::make_unique<ZmqPipeline>(
        thread, std::move(inbox), options.actor.empty() ? defaultActor() : options.actor,
        QString::fromStdString(options.displayName.empty() ? options.endpoint : options.displayName));
    thread->start();
    return link;
}

} // namespace millrace::zeromq
