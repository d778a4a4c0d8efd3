// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <nlohmann/json.hpp>

#include "app/handlers/snapshots.h"
#include "app/node/commands.h"
#include "app/node/console.h"
#include "app/node/session.h"

#include <QCoroFuture>

#include <array>
#include <cstdio>

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

Json toJson(const client::Snapshot& snapshot)
{
    Json queues = Json::array();
    for (const client::QueueStatus& queue : snapshot.queues) {
        Json one = toJson(queue.sample);
        one["name"] = queue.name;
        one["paused"] = queue.paused;
        one["policy"] = Json::parse(message::toJson(queue.policy), nullptr, false);
        queues.push_back(std::move(one));
    }
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

std::string rowOf(const std::string& name, const telemetry::QueueSample& sample, bool paused)
{
    std::array<char, 256> line{};
    std::snprintf(line.data(),
                  line.size(),
                  "%-24.64s %9llu %9llu %9llu %9llu %9llu %9llu %8.1f %7u%s",
                  name.c_str(),
                  static_cast<unsigned long long>(sample.depth()),
                  static_cast<unsigned long long>(sample.ready),
                  static_cast<unsigned long long>(sample.scheduled),
                  static_cast<unsigned long long>(sample.leased),
                  static_cast<unsigned long long>(sample.retrying),
                  static_cast<unsigned long long>(sample.dead),
                  static_cast<double>(sample.lagUs) / 1e6,
                  sample.workers,
                  paused ? "  paused" : "");
    return line.data();
}

void printStatus(const client::Snapshot& snapshot)
{
    const client::NodeStatus& node = snapshot.node;
    printLine(printable(node.name) + " (" + printable(node.version) + ", process "
              + std::to_string(node.pid) + ")");
    if (!node.trouble.empty())
        printLine("trouble: " + printable(node.trouble));
    std::array<char, 256> head{};
    std::snprintf(head.data(),
                  head.size(),
                  "%-24s %9s %9s %9s %9s %9s %9s %8s %7s",
                  "queue",
                  "depth",
                  "ready",
                  "scheduled",
                  "leased",
                  "retrying",
                  "dead",
                  "lag s",
                  "workers");
    printLine(head.data());
    for (const client::QueueStatus& queue : snapshot.queues)
        printLine(rowOf(printable(queue.name), queue.sample, queue.paused));
    printLine(rowOf("all", snapshot.total, false));
}

} // namespace

QCoro::Task<int> status(Target target)
{
    const auto session = openSession(target);
    if (!session)
        co_return fail(session.error());
    auto waiting = handlers::snapshotAfter(&(*session)->pipeline(), 0);
    const base::Result<client::SnapshotPtr> snapshot = co_await waiting;
    if (!snapshot)
        co_return fail(snapshot.error());
    if (target.json)
        printJson(toJson(**snapshot));
    else
        printStatus(**snapshot);
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
