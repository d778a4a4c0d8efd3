// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/commands.h"
#include "tests/bench/in_process.h"
#include "transport/zeromq/link/link.h"
#include "transport/zeromq/node/node.h"

#include <zmq.hpp>

#include <QTemporaryDir>

// embedded: node, producer and worker in this process.
namespace millrace::bench {

namespace {

base::Result<Sample> embedOnce(const Settings& settings)
{
    const QTemporaryDir directory(settings.directory + QLatin1String("/millrace-bench-XXXXXX"));
    const auto context = std::make_shared<zmq::context_t>(1);
    zeromq::NodeOptions options;
    options.store.directory = directory.path().toStdString() + "/data";
    options.definition.queues.push_back({queueName(0), {}});
    options.definition.queues.back().policy.durability = settings.durability;
    auto node = zeromq::Node::start(context, options);
    if (!node)
        return tl::unexpected(node.error());
    auto link = zeromq::openLink(context, {(*node)->endpoints().inproc, "bench", {}, {}});
    if (!link)
        return tl::unexpected(link.error());
    const auto fast = passFast(link->connection, settings.shape, settings.count);
    if (!fast)
        return tl::unexpected(fast.error());
    const auto paced = passPaced(link->connection, settings.shape, {settings.perSecond, settings.paced, settings.warmUp(), {}});
    if (!paced)
        return tl::unexpected(paced.error());
    Report whole = fast->consumed;
    whole.first = fast->produced.first;
    Sample sample;
    sample.add("submit_per_s", fast->produced.perSecond());
    sample.add("end_to_end_per_s", whole.perSecond());
    addLatencies(sample, paced->produced, paced->consumed);
    expectAll(sample, fast->produced, fast->consumed, settings.count);
    expectAll(sample, paced->produced, paced->consumed, settings.warmUp() + settings.paced);
    return sample;
}

} // namespace

QJsonObject runEmbedded(const Settings& settings)
{
    RunSet set(
        settings,
        "producer, node and worker in one process over inproc; full envelopes, client classes and policies as they "
        "ship; throughput as `processes` measures it, then latency as `latency` measures it, on the same store. Every "
        "message is compared by value.");
    set.setting("rate_per_s", settings.perSecond);
    set.setting("paced", static_cast<qint64>(settings.paced));
    return repeat(settings, set, [&settings] { return embedOnce(settings); });
}

} // namespace millrace::bench
