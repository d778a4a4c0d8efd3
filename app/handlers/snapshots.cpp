// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/handlers/snapshots.h"

#include "transport/client/async.h"

#include <QTimer>

#include <memory>

namespace millrace::handlers {

QFuture<Result<client::SnapshotPtr>>
snapshotAfter(client::Pipeline* pipeline, std::uint64_t after, std::chrono::milliseconds timeout)
{
    if (const auto newest = pipeline->snapshot(); newest && newest->number > after)
        return client::resolved<client::SnapshotPtr>(newest);
    auto resolver = std::make_shared<client::Resolver<client::SnapshotPtr>>();
    auto future = resolver->future();
    // The timer is the receiver of both, so that whichever comes first ends the other.
    auto* const timer = new QTimer(pipeline);
    timer->setSingleShot(true);
    QObject::connect(pipeline,
                     &client::Pipeline::snapshotReady,
                     timer,
                     [timer, resolver, after](const client::SnapshotPtr& snapshot) {
                         if (snapshot->number <= after)
                             return;
                         resolver->resolve(snapshot);
                         timer->deleteLater();
                     });
    QObject::connect(timer, &QTimer::timeout, timer, [timer, resolver] {
        resolver->resolve(base::fail(base::ErrorCode::Timeout,
                                     "the pipeline cannot be reached: its node does not answer"));
        timer->deleteLater();
    });
    timer->start(timeout);
    return future;
}

} // namespace millrace::handlers
