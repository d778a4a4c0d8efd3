// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/handlers/workload.h"
#include "tests/support/coro_verify.h"
#include "transport/client/snapshots.h"
#include "transport/zeromq/link/link.h"
#include "transport/zeromq/node/node.h"

#include <zmq.hpp>

#include <QElapsedTimer>
#include <QTemporaryDir>

#include <memory>
#include <string>
#include <vector>

namespace millrace::tests {

/// A node in this process on a temporary directory, and a link to it over inproc.
struct EmbeddedBed
{
    QTemporaryDir directory;
    std::shared_ptr<zmq::context_t> context = std::make_shared<zmq::context_t>();
    std::unique_ptr<zeromq::Node> node;
    zeromq::Link link;

    /// @returns an empty text, or what is wrong
    [[nodiscard]] QString start()
    {
        zeromq::NodeOptions options;
        options.store.directory = directory.path().toStdString();
        options.telemetryPeriod = std::chrono::milliseconds(50);
        auto started = zeromq::Node::start(context, std::move(options));
        if (!started)
            return QString::fromStdString(started.error().context);
        node = std::move(*started);
        zeromq::LinkOptions linkOptions;
        linkOptions.endpoint = node->endpoints().inproc;
        auto opened = zeromq::openLink(context, std::move(linkOptions));
        if (!opened)
            return QString::fromStdString(opened.error().context);
        link = std::move(*opened);
        return {};
    }

    [[nodiscard]] client::Pipeline* pipeline() { return link.pipeline.get(); }
    [[nodiscard]] handlers::WorkloadContext workloadContext()
    {
        return {link.connection, link.pipeline.get(), directory.path()};
    }

    /// True once two snapshots in a row, both newer than the call, show nothing that is not
    /// settled.
    [[nodiscard]] bool waitUntilSettled(std::chrono::milliseconds deadline)
    {
        QElapsedTimer clock;
        clock.start();
        std::uint64_t number = pipeline()->snapshot() ? pipeline()->snapshot()->number : 0;
        for (int quiet = 0; quiet < 2;) {
            if (clock.elapsed() > deadline.count())
                return false;
            const auto snapshot = waitForResult(client::snapshotAfter(pipeline(), number));
            if (!snapshot || !*snapshot)
                return false;
            number = (**snapshot)->number;
            quiet = (**snapshot)->total.depth() == 0 ? quiet + 1 : 0;
        }
        return true;
    }

    /// All dead letters of the queues, in full rows; empty if they cannot be read.
    [[nodiscard]] std::vector<message::DeadLetterRow>
    deadLetters(message::DeadLetterFilter filter = {})
    {
        const auto view = waitForResult(pipeline()->openDeadLetters(std::move(filter)));
        if (!view || !*view)
            return {};
        std::vector<message::DeadLetterRow> all;
        while (all.size() < (*view)->total) {
            const auto rows =
                waitForResult(pipeline()->deadLetterRows((*view)->id, all.size(), 1000));
            if (!rows || !*rows || (*rows)->empty())
                return {};
            all.insert(all.end(), (*rows)->begin(), (*rows)->end());
        }
        pipeline()->closeDeadLetters((*view)->id);
        return all;
    }

    /// Replays all dead letters. @returns how many were put back; 0 also if it failed
    [[nodiscard]] std::uint64_t replayAll()
    {
        message::Selection selection;
        selection.members = message::DeadLetterFilter{};
        auto status =
            waitForResult(pipeline()->startOperation(message::Verb::Replay, selection, "test"));
        while (status && *status && (*status)->state == message::OperationState::Running)
            status = waitForResult(pipeline()->operation((*status)->id));
        return status && *status ? (*status)->moved : 0;
    }
};

/// What a task of a workload ended in; the test fails if it takes longer than the deadline.
template<typename T>
[[nodiscard]] base::Result<T>
resultOf(QCoro::Task<base::Result<T>> task,
         std::chrono::milliseconds deadline = std::chrono::seconds(30))
{
    auto result = std::make_shared<base::Result<T>>(
        base::fail(base::ErrorCode::Timeout, "the task did not end"));
    const auto keep = [](std::shared_ptr<base::Result<T>> into,
                         QCoro::Task<base::Result<T>> from) -> QCoro::Task<> {
        base::Result<T> value = co_await from;
        *into = std::move(value);
    };
    static_cast<void>(runCoroutine(keep(result, std::move(task)), deadline));
    return *result;
}

/// attach, submit, settle, detach, account: a whole run. Sets `error` if a step fails.
[[nodiscard]] inline handlers::Accounting runWorkload(EmbeddedBed& bed,
                                                      handlers::Workload& workload,
                                                      handlers::LoadProfile profile,
                                                      QString* error)
{
    const auto note = [error](const base::Error& what) {
        *error = QString::fromStdString(what.context);
    };
    if (const auto attached = resultOf(workload.attach()); !attached)
        note(attached.error());
    else if (const auto submitted = resultOf(workload.submit(profile), std::chrono::seconds(60));
             !submitted)
        note(submitted.error());
    else if (!bed.waitUntilSettled(std::chrono::seconds(60)))
        *error = QStringLiteral("the queues did not become empty");
    else if (const auto detached = resultOf(workload.detach()); !detached)
        note(detached.error());
    else if (const auto accounted = resultOf(workload.account()); !accounted)
        note(accounted.error());
    else
        return *accounted;
    return {};
}

} // namespace millrace::tests
