// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <nlohmann/json.hpp>

#include "app/node/commands.h"
#include "app/node/session.h"
#include "app/terminal/console.h"
#include "app/terminal/table.h"
#include "transport/client/snapshots.h"

#include <QCoroFuture>

namespace millrace::node {

namespace {

using Json = nlohmann::json;

Json toJson(const telemetry::QueueSample& sample)
{
    return {{"depth", sample.depth()},
            {"ready", sample.ready},
            {"scheduled", sample.scheduled},
            {"retrying", sample.retrying},
            {"leased", sample.leased},
            {"parked", sample.parked},
            {"dead", sample.dead},
            {"lag_us", sample.lagUs},
            {"workers", sample.workers},
            {"submitted", sample.submitted},
            {"delivered", sample.delivered},
            {"acknowledged", sample.acknowledged},
            {"retried", sample.retried},
            {"dead_lettered", sample.deadLettered}};
}

Json toJson(const client::QueueStatus& queue)
{
    Json one = toJson(queue.sample);
    one["name"] = queue.name;
    one["paused"] = queue.paused;
    one["halted"] = queue.halted;
    one["differs_from_file"] = queue.differsFromFile;
    one["policy"] = Json::parse(message::toJson(queue.policy), nullptr, false);
    return one;
}

Json toJson(const client::Snapshot& snapshot)
{
    Json queues = Json::array();
    for (const client::QueueStatus& queue : snapshot.queues)
        queues.push_back(toJson(queue));
    Json subscriptions = Json::array();
    for (const auto& subscription : snapshot.subscriptions) {
        subscriptions.push_back({{"topic", subscription.topic},
                                 {"queue", subscription.queue},
                                 {"type", subscription.typePattern}});
    }
    const client::NodeStatus& node = snapshot.node;
    return {{"node",
             {{"name", node.name},
              {"version", node.version},
              {"pid", node.pid},
              {"epoch", snapshot.epoch},
              {"database_bytes", node.databaseBytes},
              {"wal_bytes", node.walBytes},
              {"resident_bytes", node.residentBytes},
              {"commits", node.commits},
              {"frames_refused", node.framesRefused},
              {"sessions", node.sessions},
              {"trouble", node.trouble}}},
            {"total", toJson(snapshot.total)},
            {"queues", std::move(queues)},
            {"subscriptions", std::move(subscriptions)}};
}

std::vector<std::string> cellsOf(const std::string& name, const telemetry::QueueSample& sample, const std::string& state)
{
    return {name,
            std::to_string(sample.depth()),
            std::to_string(sample.ready),
            std::to_string(sample.scheduled),
            std::to_string(sample.leased),
            std::to_string(sample.retrying),
            std::to_string(sample.parked),
            std::to_string(sample.dead),
            spanText(sample.lagUs),
            std::to_string(sample.workers),
            state};
}

/// What keeps a queue from working as its file says, in words; empty = nothing.
std::string stateOf(const client::QueueStatus& queue)
{
    std::string state = queue.paused ? "paused" : queue.halted.empty() ? "" : "halted";
    if (queue.differsFromFile)
        state += state.empty() ? "differs from file" : ", differs from file";
    return state;
}

void printQueues(const client::Snapshot& snapshot)
{
    constexpr auto kRight = Table::Align::Right;
    Table table({{"queue"},
                 {"depth", kRight},
                 {"ready", kRight},
                 {"scheduled", kRight},
                 {"leased", kRight},
                 {"retrying", kRight},
                 {"parked", kRight},
                 {"dead", kRight},
                 {"lag", kRight},
                 {"workers", kRight},
                 {"state"}});
    for (const client::QueueStatus& queue : snapshot.queues)
        table.add(cellsOf(queue.name, queue.sample, stateOf(queue)));
    table.add(cellsOf("all", snapshot.total, {}));
    table.print();
    for (const client::QueueStatus& queue : snapshot.queues) {
        if (!queue.halted.empty())
            printLine(printable(queue.name + ": " + queue.halted));
    }
}

void printStatus(const client::Snapshot& snapshot)
{
    const client::NodeStatus& node = snapshot.node;
    printLine(printable(node.name) + " (" + printable(node.version) + ", process "
              + std::to_string(node.pid) + ")");
    if (!node.trouble.empty())
        printLine("trouble: " + printable(node.trouble));
    printQueues(snapshot);
}

} // namespace

QCoro::Task<int> status(Target target)
{
    const auto session = openSession(target);
    if (!session)
        co_return fail(session.error());
    auto waiting = client::snapshotAfter(&(*session)->pipeline(), 0);
    const base::Result<client::SnapshotPtr> snapshot = co_await waiting;
    if (!snapshot)
        co_return fail(snapshot.error());
    if (target.json)
        printJson(toJson(**snapshot));
    else
        printStatus(**snapshot);
    co_return kDone;
}

QCoro::Task<int> listQueues(Target target)
{
    const auto session = openSession(target);
    if (!session)
        co_return fail(session.error());
    auto waiting = client::snapshotAfter(&(*session)->pipeline(), 0);
    const base::Result<client::SnapshotPtr> snapshot = co_await waiting;
    if (!snapshot)
        co_return fail(snapshot.error());
    if (target.json) {
        for (const client::QueueStatus& queue : (*snapshot)->queues)
            printJson(toJson(queue));
    } else {
        printQueues(**snapshot);
    }
    co_return kDone;
}

QCoro::Task<int> setPaused(Target target, std::string queue, bool paused)
{
    const auto session = openSession(target);
    if (!session)
        co_return fail(session.error());
    auto changing = (*session)->pipeline().setPaused(queue, paused);
    const base::Result<void> changed = co_await changing;
    if (!changed)
        co_return fail(changed.error());
    if (target.json)
        printJson({{"queue", queue}, {"paused", paused}});
    else
        printLine(printable(queue) + (paused ? " is paused" : " is resumed"));
    co_return kDone;
}

} // namespace millrace::node
