// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/demo/demo.h"

#include "app/demo/demo_report.h"
#include "app/handlers/workload.h"
#include "app/process/signal_watcher.h"
#include "app/terminal/console.h"
#include "transport/client/snapshots.h"
#include "transport/zeromq/link/link.h"
#include "transport/zeromq/node/node.h"

#include <QCoroFuture>
#include <zmq.hpp>

#include <QDir>
#include <QElapsedTimer>
#include <QTemporaryDir>

#include <algorithm>
#include <optional>

namespace millrace::demo {

namespace {

using base::Result;

/// With nothing settled for so long something is stuck: the longest delay of a retry is well below.
constexpr qint64 kStuckMs = 120'000;
/// The depth of one snapshot may be older than the last confirmation.
constexpr int kQuietSnapshots = 2;

/// Everything that a demo runs on; ends in the reverse order.
struct Stage
{
    std::optional<QTemporaryDir> temporary;
    QString directory;
    std::shared_ptr<zmq::context_t> context = std::make_shared<zmq::context_t>();
    std::unique_ptr<zeromq::Node> node;
    zeromq::Link link;
    Workloads workloads;
    int signalCount = 0;
};

Result<void> chooseDirectory(Stage& stage, const std::string& given)
{
    if (!given.empty()) {
        stage.directory = QString::fromStdString(given);
        return {};
    }
    stage.temporary.emplace(QDir::tempPath() + QStringLiteral("/millrace-demo-XXXXXX"));
    if (!stage.temporary->isValid()) {
        return base::fail(base::ErrorCode::Io,
                          "cannot create a temporary directory: "
                              + stage.temporary->errorString().toStdString()
                              + "; name a directory with --data");
    }
    stage.directory = stage.temporary->path();
    return {};
}

Result<void> chooseWorkloads(Stage& stage, const std::string& wanted)
{
    const handlers::WorkloadContext context{
        stage.link.connection, stage.link.pipeline.get(), stage.directory};
    stage.workloads = handlers::createWorkloads(context);
    std::erase_if(stage.workloads, [&wanted](const auto& workload) {
        return !wanted.empty() && workload->id().toStdString() != wanted;
    });
    if (stage.workloads.empty())
        return base::fail(base::ErrorCode::NotFound, "there is no workload \"" + wanted + "\"");
    return {};
}

Result<std::unique_ptr<Stage>> build(const DemoOptions& options)
{
    auto stage = std::make_unique<Stage>();
    if (auto chosen = chooseDirectory(*stage, options.data); !chosen)
        return tl::unexpected(chosen.error());
    zeromq::NodeOptions node;
    node.store.directory = stage->directory.toStdString();
    node.name = "demo";
    node.program = "millrace-node " MR_VERSION " demo";
    node.inprocName = "demo";
    node.log = &logFromNode;
    auto started = zeromq::Node::start(stage->context, std::move(node));
    if (!started)
        return tl::unexpected(started.error());
    stage->node = std::move(*started);
    zeromq::LinkOptions linkOptions;
    linkOptions.endpoint = stage->node->endpoints().inproc;
    linkOptions.displayName = "embedded";
    auto link = zeromq::openLink(stage->context, std::move(linkOptions));
    if (!link)
        return tl::unexpected(link.error());
    stage->link = std::move(*link);
    if (auto chosen = chooseWorkloads(*stage, options.workload); !chosen)
        return tl::unexpected(chosen.error());
    return stage;
}

handlers::LoadProfile profileOf(const handlers::Workload& workload, const DemoOptions& options)
{
    handlers::LoadProfile profile = workload.defaultProfile();
    if (options.count > 0)
        profile.count = options.count;
    if (options.rate >= 0) {
        profile.ratePerSecond = options.rate;
        profile.burst = 1;
    }
    return profile;
}

QCoro::Task<Result<void>> attachAll(Stage* stage)
{
    for (std::size_t i = 0; i < stage->workloads.size(); ++i) {
        auto attaching = stage->workloads[i]->attach();
        const Result<void> attached = co_await attaching;
        if (!attached)
            co_return attached;
    }
    co_return Result<void>();
}

/// All at the same time.
QCoro::Task<Result<void>> submitAll(Stage* stage, DemoOptions options)
{
    std::vector<QCoro::Task<Result<void>>> submissions;
    for (const auto& workload : stage->workloads)
        submissions.push_back(workload->submit(profileOf(*workload, options)));
    Result<void> outcome;
    for (std::size_t i = 0; i < submissions.size(); ++i) {
        auto& submission = submissions[i];
        const Result<void> submitted = co_await submission;
        if (!submitted)
            outcome = submitted;
    }
    co_return outcome;
}

/// Waits until the queues of the demo are empty. Errors: Timeout (nothing moves), Cancelled (a
/// second signal).
QCoro::Task<Result<void>> settleAll(Stage* stage, const DemoReport* report)
{
    QElapsedTimer sinceMove;
    sinceMove.start();
    std::uint64_t lastEnded = 0;
    std::uint64_t lastNumber =
        stage->link.pipeline->snapshot() ? stage->link.pipeline->snapshot()->number : 0;
    for (int quiet = 0; quiet < kQuietSnapshots;) {
        auto waiting = client::snapshotAfter(stage->link.pipeline.get(), lastNumber);
        const Result<client::SnapshotPtr> snapshot = co_await waiting;
        if (!snapshot)
            co_return tl::unexpected(snapshot.error());
        lastNumber = (*snapshot)->number;
        const telemetry::QueueSample sample = report->sum(**snapshot);
        quiet = sample.depth() == 0 ? quiet + 1 : 0;
        if (const std::string paused = report->pausedQueues(**snapshot); !paused.empty()) {
            co_return base::fail(base::ErrorCode::Busy,
                                 std::to_string(sample.depth()) + " messages wait in " + paused
                                     + ", which an earlier run paused: start `millrace-node serve` on this data "
                                       "directory, and `millrace-node resume` them");
        }
        const std::uint64_t ended = sample.acknowledged + sample.retried + sample.deadLettered;
        if (ended != lastEnded)
            sinceMove.restart();
        lastEnded = ended;
        if (stage->signalCount > 1)
            co_return base::fail(base::ErrorCode::Cancelled, "interrupted");
        if (sinceMove.elapsed() > kStuckMs) {
            co_return base::fail(base::ErrorCode::Timeout,
                                 std::to_string(sample.depth())
                                     + " messages are not settled, and nothing has moved for "
                                     + std::to_string(kStuckMs / 1000) + " s");
        }
    }
    co_return Result<void>();
}

QCoro::Task<Result<std::vector<DemoResult>>> accountAll(Stage* stage)
{
    std::vector<DemoResult> results;
    for (std::size_t i = 0; i < stage->workloads.size(); ++i) {
        handlers::Workload* const workload = stage->workloads[i].get();
        auto detaching = workload->detach();
        const Result<void> detached = co_await detaching;
        if (!detached)
            co_return tl::unexpected(detached.error());
        auto accounting = workload->account();
        const Result<handlers::Accounting> accounted = co_await accounting;
        if (!accounted)
            co_return tl::unexpected(accounted.error());
        results.push_back({workload->id().toStdString(), *accounted, workload->progress()});
    }
    co_return results;
}

bool isComplete(const std::vector<DemoResult>& results)
{
    return std::ranges::all_of(results, [](const DemoResult& result) {
        return result.accounting.isComplete() && result.accounting.expected > 0;
    });
}

} // namespace

QCoro::Task<int> run(DemoOptions options)
{
    const auto built = build(options);
    if (!built)
        co_return fail(built.error());
    Stage* const stage = built->get();
    process::SignalWatcher signalWatcher;
    QObject::connect(
        &signalWatcher, &process::SignalWatcher::stopRequested, &signalWatcher, [stage](int count) {
            stage->signalCount = count;
            for (const auto& workload : stage->workloads)
                workload->stopSubmitting();
        });
    DemoReport report(stage->link.pipeline.get(), &stage->workloads, options.json);

    auto attaching = attachAll(stage);
    const Result<void> attached = co_await attaching;
    if (!attached)
        co_return fail(attached.error());
    report.start();
    auto submitting = submitAll(stage, options);
    const Result<void> submitted = co_await submitting;
    if (!submitted)
        printError(printable(submitted.error().context));
    auto settling = settleAll(stage, &report);
    const Result<void> settled = co_await settling;
    if (!settled)
        printError(printable(settled.error().context));
    report.stop();
    auto accounting = accountAll(stage);
    const Result<std::vector<DemoResult>> results = co_await accounting;
    if (!results)
        co_return fail(results.error());
    report.printSum(*results);
    if (stage->signalCount > 0)
        co_return kInterrupted;
    co_return submitted&& settled&& isComplete(*results) ? kDone : kNotAll;
}

} // namespace millrace::demo
