// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/telemetry/sample.h"

#include <algorithm>

namespace millrace::telemetry {

void accumulate(QueueSample& into, const QueueSample& sample) noexcept
{
    into.ready += sample.ready;
    into.scheduled += sample.scheduled;
    into.retrying += sample.retrying;
    into.leased += sample.leased;
    into.parked += sample.parked;
    into.dead += sample.dead;
    into.lagUs = std::max(into.lagUs, sample.lagUs);
    into.workers += sample.workers;
    into.submitted += sample.submitted;
    into.delivered += sample.delivered;
    into.acknowledged += sample.acknowledged;
    into.retried += sample.retried;
    into.deadLettered += sample.deadLettered;
    into.replayed += sample.replayed;
    into.refused += sample.refused;
    into.duplicates += sample.duplicates;
    into.leasesLost += sample.leasesLost;
    into.cancelled += sample.cancelled;
    into.expired += sample.expired;
}

} // namespace millrace::telemetry
