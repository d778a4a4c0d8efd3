// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/bed.h"
#include "tests/bench/commands.h"
#include "tests/bench/roles.h"

// growth: what a message costs the node while few and while many others wait.
namespace millrace::bench {

namespace {

constexpr std::uint64_t kFewWaiting = 10'000;
constexpr double kMostGrowth = 1.5;

struct Cost
{
    double submitCpuUs, submitPerSecond, takeCpuUs, takePerSecond;
};

struct Stage
{
    std::vector<Cost> costs; ///< of each pass
    Sample sample;           ///< of what surrounds them
};

/// Lets `count` messages pass through queue 0, `runs` times, while the others wait.
base::Result<Stage> passWhileWaiting(const Settings& settings)
{
    const std::uint64_t passing = settings.count * static_cast<std::uint64_t>(settings.runs);
    const std::uint64_t numbers = settings.waiting + passing;
    Bed bed;
    if (const auto opened = bed.open(settings, numbers); !opened)
        return tl::unexpected(opened.error());
    const auto filled = bed.producer.run(toProduce(0, settings.waiting, settings.queues));
    if (!filled)
        return tl::unexpected(filled.error());
    Stage stage;
    stage.sample.add("fill_per_s", filled->perSecond());
    stage.sample.add("resident_mib", bed.node.memoryMib("VmRSS"));
    Report produced = *filled;
    std::uint64_t taken = 0;
    for (int run = 0; run < settings.runs; ++run) {
        const auto submitted = bed.producer.run(
            toProduce(settings.waiting + settings.count * static_cast<std::uint64_t>(run), settings.count));
        if (!submitted)
            return tl::unexpected(submitted.error());
        if (const auto attached = bed.worker.attach(toTake(settings.count)); !attached)
            return tl::unexpected(attached.error());
        const auto passed = bed.worker.report();
        if (!passed)
            return tl::unexpected(passed.error());
        stage.costs.push_back({submitted->cpuUs(), submitted->perSecond(), passed->cpuUs(), passed->perSecond()});
        produced.messages += submitted->messages;
        produced.problems += submitted->problems;
        taken += passed->settled;
    }
    const Span waiting{0, settings.waiting, settings.queues};
    if (const auto attached = bed.worker.attach(toTake(waiting.countOf(0) + passing - taken)); !attached)
        return tl::unexpected(attached.error());
    auto drained = bed.worker.report();
    if (drained && settings.queues > 1) {
        QJsonObject sweep = toProduce(0, settings.waiting, settings.queues);
        sweep.insert(QStringLiteral("do"), QStringLiteral("sweep"));
        sweep.insert(QStringLiteral("first_queue"), 1);
        drained = bed.worker.run(sweep);
    }
    if (!drained)
        return tl::unexpected(drained.error());
    stage.sample.add("drain_per_s", drained->perSecond());
    expectAll(stage.sample, produced, *drained, numbers);
    return stage;
}

/// Notes the figures of one pass under their names with `prefix`.
void addCost(Sample& sample, const QString& prefix, const Cost& cost)
{
    sample.figures.emplace_back(prefix + QLatin1String("submit_cpu_us"), cost.submitCpuUs);
    sample.figures.emplace_back(prefix + QLatin1String("submit_per_s"), cost.submitPerSecond);
    sample.figures.emplace_back(prefix + QLatin1String("take_cpu_us"), cost.takeCpuUs);
    sample.figures.emplace_back(prefix + QLatin1String("take_per_s"), cost.takePerSecond);
}

} // namespace

QJsonObject runGrowth(const Settings& settings)
{
    RunSet set(settings,
               "three processes over ipc: `millrace-node serve`, a producer, and a worker. While messages wait in the "
               "store, `count` more are "
               "submitted to one queue with no worker attached (submit), and then a worker attaches and takes as many "
               "from it, the "
               "oldest first, and acknowledges them (take), as often as there are runs: CPU time of all threads of the "
               "node's process for each "
               "message, and messages a second. `few` is that with 10,000 waiting in one queue, `many` with what "
               "--waiting and --queues "
               "say; ratio: the cost with many over the cost with few, pass by pass, 1 = it does not grow. In the end "
               "a worker takes "
               "all, and every message is compared by value, and with --keys its order within its key.");
    set.setting("waiting", static_cast<qint64>(settings.waiting));
    set.setting("queues", static_cast<qint64>(settings.queues));
    set.setting("keys", static_cast<qint64>(settings.shape.keys));
    Settings few = settings;
    few.waiting = kFewWaiting;
    few.queues = 1;
    const auto base = passWhileWaiting(few);
    if (!base)
        return RunSet::failure(settings, base.error());
    const auto grown = passWhileWaiting(settings);
    if (!grown)
        return RunSet::failure(settings, grown.error());
    for (std::size_t run = 0; run < grown->costs.size(); ++run) {
        const Cost& from = base->costs[run];
        const Cost& to = grown->costs[run];
        Sample sample;
        addCost(sample, QStringLiteral("few_"), from);
        addCost(sample, QStringLiteral("many_"), to);
        addCost(sample,
                QStringLiteral("ratio_"),
                {to.submitCpuUs / from.submitCpuUs,
                 from.submitPerSecond / to.submitPerSecond,
                 to.takeCpuUs / from.takeCpuUs,
                 from.takePerSecond / to.takePerSecond});
        set.add(sample);
    }
    for (const auto& [prefix, stage] : {std::pair{"few_", &*base}, std::pair{"many_", &*grown}}) {
        Sample around;
        around.wrong = stage->sample.wrong;
        for (const auto& [name, value] : stage->sample.figures)
            around.figures.emplace_back(QLatin1String(prefix) + name, value);
        set.add(around);
    }
    for (const char* ratio : {"ratio_submit_cpu_us", "ratio_submit_per_s", "ratio_take_cpu_us", "ratio_take_per_s"})
        set.limit(ratio, kMostGrowth);
    return set.line();
}

} // namespace millrace::bench
