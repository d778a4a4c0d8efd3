// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "transport/client/snapshots.h"

#include "transport/client/async.h"

#include <QTimer>

#include <memory>

namespace millrace::client {

QFuture<Result<SnapshotPtr>>
snapshotAfter(Pipeline* pipeline, std::uint64_t after, std::chrono::milliseconds timeout)
{
    if (const auto newest = pipeline->snapshot(); newest && newest->number > after)
        return resolved<SnapshotPtr>(newest);
    auto resolver = std::make_shared<Resolver<SnapshotPtr>>();
    auto future = resolver->future();
    // The timer is the receiver of both, so that whichever comes first ends the other.
    auto* const timer = new QTimer(pipeline);
    timer->setSingleShot(true);
    QObject::connect(pipeline,
                     &Pipeline::snapshotReady,
                     timer,
                     [timer, resolver, after](const SnapshotPtr& snapshot) {
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

} // namespace millrace::client
