// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "transport/client/definition.h"

#include "transport/client/snapshots.h"

#include <QCoroFuture>
#include <QPointer>

namespace millrace::client {

QCoro::Task<Result<message::PipelineDefinition>> currentDefinition(Pipeline* pipeline)
{
    const QPointer<Pipeline> alive(pipeline);
    auto waiting = snapshotAfter(pipeline, 0);
    const Result<SnapshotPtr> snapshot = co_await waiting;
    if (!snapshot)
        co_return tl::unexpected(snapshot.error());
    message::PipelineDefinition definition;
    for (const QueueStatus& queue : (*snapshot)->queues)
        definition.queues.push_back({queue.name, queue.policy});
    definition.subscriptions = (*snapshot)->subscriptions;
    if (!alive)
        co_return base::fail(base::ErrorCode::Cancelled, "the pipeline was closed meanwhile");
    auto listing = alive->schedules();
    const Result<std::vector<message::ScheduleStatus>> schedules = co_await listing;
    // A pipeline without schedules is whole all the same.
    if (!schedules && schedules.error().code != base::ErrorCode::Unsupported)
        co_return tl::unexpected(schedules.error());
    for (std::size_t i = 0; schedules && i < schedules->size(); ++i) {
        if (!alive)
            co_return base::fail(base::ErrorCode::Cancelled, "the pipeline was closed meanwhile");
        auto reading = alive->schedule((*schedules)[i].definition.name);
        const Result<message::ScheduleStatus> whole = co_await reading;
        if (!whole && whole.error().code == base::ErrorCode::NotFound)
            continue; // removed since it was listed
        if (!whole)
            co_return tl::unexpected(whole.error());
        definition.schedules.push_back(whole->definition);
    }
    co_return definition;
}

} // namespace millrace::client
