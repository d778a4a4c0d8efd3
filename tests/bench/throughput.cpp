// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/bed.h"
#include "tests/bench/commands.h"

// submit, processes, latency: three processes over ipc.
namespace millrace::bench {

base::Result<Sample> submitOnce(const Settings& settings)
{
    Bed bed;
    if (const auto opened = bed.open(settings, settings.count); !opened)
        return tl::unexpected(opened.error());
    const auto produced = bed.producer.run(toProduce(0, settings.count));
    if (!produced)
        return tl::unexpected(produced.error());
    if (const auto attached = bed.worker.attach(toTake(settings.count)); !attached)
        return tl::unexpected(attached.error());
    const auto consumed = bed.worker.report();
    if (!consumed)
        return tl::unexpected(consumed.error());
    Sample sample;
    sample.add("submit_per_s", produced->perSecond());
    sample.add("node_cpu_us_per_message", produced->cpuUs());
    sample.add("producer_cpu_us_per_message", produced->ownCpuUs());
    expectAll(sample, *produced, *consumed, settings.count);
    return sample;
}

base::Result<Sample> passOnce(const Settings& settings)
{
    Bed bed;
    if (const auto opened = bed.open(settings, settings.count); !opened)
        return tl::unexpected(opened.error());
    if (const auto attached = bed.worker.attach(toTake(settings.count)); !attached)
        return tl::unexpected(attached.error());
    const auto produced = bed.producer.run(toProduce(0, settings.count));
    if (!produced)
        return tl::unexpected(produced.error());
    const auto consumed = bed.worker.report();
    if (!consumed)
        return tl::unexpected(consumed.error());
    Report whole = *consumed;
    whole.first = produced->first;
    Sample sample;
    sample.add("submit_per_s", produced->perSecond());
    sample.add("end_to_end_per_s", whole.perSecond());
    sample.add("node_cpu_us_per_message", whole.cpuUs());
    sample.add("producer_cpu_us_per_message", produced->ownCpuUs());
    sample.add("worker_cpu_us_per_message", consumed->ownCpuUs());
    sample.add("resident_peak_mib", bed.node.memoryMib("VmHWM"));
    expectAll(sample, *produced, *consumed, settings.count);
    return sample;
}

base::Result<Sample> paceOnce(const Settings& settings)
{
    Bed bed;
    const std::uint64_t total = settings.warmUp() + settings.count;
    if (const auto opened = bed.open(settings, total); !opened)
        return tl::unexpected(opened.error());
    QJsonObject take = toTake(total);
    take.insert(QStringLiteral("timed"), true);
    if (const auto attached = bed.worker.attach(take); !attached)
        return tl::unexpected(attached.error());
    const auto paced = bed.producer.run({{QStringLiteral("do"), QStringLiteral("pace")},
                                         {QStringLiteral("per_second"), settings.perSecond},
                                         {QStringLiteral("count"), static_cast<qint64>(settings.count)},
                                         {QStringLiteral("warm_up"), static_cast<qint64>(settings.warmUp())}});
    if (!paced)
        return tl::unexpected(paced.error());
    const auto consumed = bed.worker.report();
    if (!consumed)
        return tl::unexpected(consumed.error());
    Sample sample;
    addLatencies(sample, *paced, *consumed);
    expectAll(sample, *paced, *consumed, total);
    return sample;
}

QJsonObject runSubmit(const Settings& settings)
{
    const RunSet set(
        settings,
        "three processes over ipc: `millrace-node serve`, a producer, and a worker that is not attached yet; full "
        "envelopes, client classes and policies as they ship; up to 8 batches of 1,024 messages in flight; from "
        "before the first submit to the last confirm, the first batches of a fresh connection and an empty store "
        "included. Then a worker takes all, and every message is compared by value.");
    return repeat(settings, set, [&settings] { return submitOnce(settings); });
}

QJsonObject runProcesses(const Settings& settings)
{
    const RunSet set(
        settings,
        "three processes over ipc: `millrace-node serve`, a producer, and a worker that is attached before the first "
        "submit; full envelopes, client classes and policies as they ship; up to 8 batches of 1,024 messages in "
        "flight; from before the first submit to the last confirm (submit) and to the last confirmed acknowledgement "
        "(end to end), the start on an empty store included. Every message is compared by value.");
    return repeat(settings, set, [&settings] { return passOnce(settings); });
}

QJsonObject runLatency(const Settings& settings)
{
    RunSet set(
        settings,
        "three processes over ipc, all idle but for this: one message is submitted when it is due, from a thread that "
        "does "
        "nothing but sleep until then (absolute time, timer slack 1 ns), after half a second of the same load that is "
        "not counted; the worker is attached before. From the time at which a message was due, so that a late wake-up "
        "counts, until its confirm (confirmed), until its handler has it (delivered), and until the acknowledgement is "
        "confirmed to the worker's thread (settled). pacer_late: from due until submit was called and returned. Every "
        "message is compared by value.");
    set.setting("rate_per_s", settings.perSecond);
    return repeat(settings, set, [&settings] { return paceOnce(settings); });
}

} // namespace millrace::bench
