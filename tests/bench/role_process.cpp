// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/role_process.h"

#include "tests/bench/roles.h"
#include "transport/zeromq/link/link.h"

#include <zmq.hpp>

#include <QJsonDocument>
#include <QJsonObject>
#include <QTimer>

#include <cstdio>
#include <iostream>
#include <string>

namespace millrace::bench {

namespace {

constexpr std::chrono::seconds kConnectPatience{30};

void say(const QJsonObject& object)
{
    std::puts(QJsonDocument(object).toJson(QJsonDocument::Compact).constData());
    std::fflush(stdout);
}

void sayReport(const base::Result<Report>& report)
{
    if (report)
        say(report->toJson());
    else
        say({{QStringLiteral("error"), toQString(report.error().context)}});
}

bool awaitSession(client::Connection& connection)
{
    if (connection.isConnected())
        return true;
    QEventLoop loop;
    QObject::connect(&connection, &client::Connection::connected, &loop, &QEventLoop::quit);
    QTimer::singleShot(kConnectPatience, &loop, &QEventLoop::quit);
    if (!connection.isConnected())
        loop.exec();
    return connection.isConnected();
}

class Role
{
public:
    Role(zeromq::Link& link, const RoleOptions& options)
        : m_link(link)
        , m_options(options)
        , m_maker(options.shape)
        , m_node(options.node)
        , m_ledger(std::make_shared<Ledger>(options.numbers, options.shape))
    {}

    [[nodiscard]] base::Result<Report> run(const QJsonObject& order)
    {
        const QString what = order.value(QLatin1String("do")).toString();
        if (what == QLatin1String("produce"))
            return produce(m_link.connection, m_maker, spanOf(order), m_node);
        if (what == QLatin1String("pace"))
            return pace(m_link.connection, m_maker, paceOf(order));
        if (what == QLatin1String("take"))
            return take(order);
        if (what == QLatin1String("sweep"))
            return takeFromEach(m_link.connection, m_ledger, number(order, "first_queue"), spanOf(order), m_node);
        if (what == QLatin1String("replay"))
            return replayAll(*m_link.pipeline, number(order, "count"), m_node);
        if (what == QLatin1String("ledger")) {
            m_ledger = std::make_shared<Ledger>(m_options.numbers, m_options.shape);
            return Report{};
        }
        return base::fail(base::ErrorCode::Invalid, "this process cannot \"" + what.toStdString() + '"');
    }

private:
    static std::uint64_t number(const QJsonObject& order, const char* name)
    {
        return static_cast<std::uint64_t>(order.value(QLatin1String(name)).toInteger());
    }

    static Span spanOf(const QJsonObject& order)
    {
        return {number(order, "first"), number(order, "count"), number(order, "queues")};
    }

    static Pace paceOf(const QJsonObject& order)
    {
        return {
            order.value(QLatin1String("per_second")).toDouble(), number(order, "count"), number(order, "warm_up"), {}};
    }

    base::Result<Report> take(const QJsonObject& order)
    {
        Consumer::Options options;
        options.wanted = number(order, "count");
        options.ends =
            order.value(QLatin1String("reject")).toBool() ? Consumer::Ends::Reject : Consumer::Ends::Acknowledge;
        options.isTimed = order.value(QLatin1String("timed")).toBool();
        Consumer consumer(m_link.connection, m_ledger, options, m_node);
        if (const auto attached = consumer.attach(); !attached)
            return tl::unexpected(attached.error());
        say({{QStringLiteral("attached"), true}});
        if (const auto finished = consumer.finish(); !finished)
            return tl::unexpected(finished.error());
        return consumer.stop();
    }

    zeromq::Link& m_link;
    const RoleOptions& m_options;
    MessageMaker m_maker;
    CpuClock m_node;
    std::shared_ptr<Ledger> m_ledger;
};

} // namespace

int runRole(const RoleOptions& options)
{
    const auto context = std::make_shared<zmq::context_t>(1);
    auto link = zeromq::openLink(context, {options.endpoint.toStdString(), options.name.toStdString(), {}, {}});
    if (!link) {
        sayReport(tl::unexpected(link.error()));
        return 1;
    }
    if (!awaitSession(*link->connection)) {
        sayReport(
            base::fail(base::ErrorCode::Timeout, "no session with the node at " + options.endpoint.toStdString()));
        return 1;
    }
    Role role(*link, options);
    say({{QStringLiteral("ready"), true}});
    for (std::string line; std::getline(std::cin, line);)
        sayReport(role.run(QJsonDocument::fromJson(QByteArray::fromStdString(line)).object()));
    return 0;
}

} // namespace millrace::bench
