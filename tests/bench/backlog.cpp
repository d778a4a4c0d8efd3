// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/bed.h"
#include "tests/bench/commands.h"

// backlog and redrive: what waits, and what died.
namespace millrace::bench {

namespace {

base::Result<Sample> fillAndDrain(const Settings& settings)
{
    Bed bed;
    if (const auto opened = bed.open(settings, settings.count); !opened)
        return tl::unexpected(opened.error());
    Sample sample;
    sample.add("resident_empty_mib", bed.node.memoryMib("VmRSS"));
    const auto produced = bed.producer.run(toProduce(0, settings.count));
    if (!produced)
        return tl::unexpected(produced.error());
    sample.add("resident_mib", bed.node.memoryMib("VmRSS"));
    sample.add("resident_peak_mib", bed.node.memoryMib("VmHWM"));
    if (const auto attached = bed.worker.attach(toTake(settings.count)); !attached)
        return tl::unexpected(attached.error());
    const auto consumed = bed.worker.report();
    if (!consumed)
        return tl::unexpected(consumed.error());
    sample.add("submit_per_s", produced->perSecond());
    sample.add("drain_per_s", consumed->perSecond());
    sample.add("drain_cpu_us_per_message", consumed->cpuUs());
    sample.add("worker_cpu_us_per_message", consumed->ownCpuUs());
    sample.add("resident_drained_peak_mib", bed.node.memoryMib("VmHWM"));
    expectAll(sample, *produced, *consumed, settings.count);
    return sample;
}

base::Result<Sample> rejectAndReplay(const Settings& settings)
{
    Bed bed;
    if (const auto opened = bed.open(settings, settings.count); !opened)
        return tl::unexpected(opened.error());
    const auto produced = bed.producer.run(toProduce(0, settings.count));
    if (!produced)
        return tl::unexpected(produced.error());
    QJsonObject reject = toTake(settings.count);
    reject.insert(QStringLiteral("reject"), true);
    if (const auto attached = bed.worker.attach(reject); !attached)
        return tl::unexpected(attached.error());
    const auto rejected = bed.worker.report();
    if (!rejected)
        return tl::unexpected(rejected.error());
    const auto replayed = bed.producer.run({{QStringLiteral("do"), QStringLiteral("replay")},
                                            {QStringLiteral("count"), static_cast<qint64>(settings.count)}});
    if (!replayed)
        return tl::unexpected(replayed.error());
    // They must all come again, each once: that is another ledger.
    if (const auto fresh = bed.worker.run({{QStringLiteral("do"), QStringLiteral("ledger")}}); !fresh)
        return tl::unexpected(fresh.error());
    if (const auto attached = bed.worker.attach(toTake(settings.count)); !attached)
        return tl::unexpected(attached.error());
    const auto consumed = bed.worker.report();
    if (!consumed)
        return tl::unexpected(consumed.error());
    Sample sample;
    sample.add("reject_per_s", rejected->perSecond());
    sample.add("redrive_per_s", replayed->perSecond());
    sample.add("redrive_ms", static_cast<double>(replayed->last.ns - replayed->first.ns) * 1e-6);
    sample.add("redrive_cpu_us_per_message", replayed->cpuUs());
    expectAll(sample, *produced, *rejected, settings.count);
    expectAll(sample, *replayed, *consumed, settings.count);
    return sample;
}

} // namespace

QJsonObject runBacklog(const Settings& settings)
{
    const RunSet set(
        settings,
        "three processes over ipc: `millrace-node serve`, a producer, and a worker; full envelopes, client classes and "
        "policies as they ship. All messages are submitted and confirmed while no worker is attached; then the "
        "memory of the node's process is read from /proc (resident: VmRSS, peak: VmHWM). drain: from before the worker "
        "attaches until the last acknowledgement is confirmed, every message compared by value. The pages of the "
        "store are in the system's file cache.");
    return repeat(settings, set, [&settings] { return fillAndDrain(settings); });
}

QJsonObject runRedrive(const Settings& settings)
{
    const RunSet set(
        settings,
        "a worker rejects every message, so that all become dead letters; then all are replayed with one call of the "
        "Pipeline client, selected by queue: from before the request is sent until the client sees that the operation "
        "has ended (asked every 2 ms), freezing, evidence and audit included. Before it that many are dead, after "
        "it none is, and that many are replayed. Then a worker takes them all: each must come once, equal byte by "
        "byte.");
    return repeat(settings, set, [&settings] { return rejectAndReplay(settings); });
}

} // namespace millrace::bench
