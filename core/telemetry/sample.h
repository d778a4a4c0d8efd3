// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"

#include <array>
#include <cstdint>

namespace millrace::telemetry {

/// Three quantiles of a duration over the last ten to twenty seconds.
struct Quantiles
{
    std::int64_t p50Us = 0;
    std::int64_t p95Us = 0;
    std::int64_t p99Us = 0;
    std::uint64_t count = 0; ///< samples behind them; 0 = there is no figure, which is not the same as zero
    friend bool operator==(const Quantiles&, const Quantiles&) = default;
};

/// One queue (or all together) at one moment.
struct QueueSample
{
    // gauges
    std::uint64_t ready = 0, scheduled = 0, retrying = 0, leased = 0, parked = 0;
    std::uint64_t dead = 0;
    std::int64_t lagUs = 0;    ///< age of the oldest message that could be delivered now; 0 = none waits
    std::uint32_t workers = 0; ///< attached
    // totals since the node started
    std::uint64_t submitted = 0, delivered = 0, acknowledged = 0, retried = 0, deadLettered = 0;
    std::uint64_t replayed = 0, refused = 0, duplicates = 0, leasesLost = 0;
    std::uint64_t cancelled = 0; ///< by an operator, before they were done
    std::uint64_t expired = 0;   ///< of deadLettered: those that nobody finished before their expiry
    Quantiles waiting; ///< from due (submit, deliver-at or retry) to hand-out
    Quantiles running; ///< from hand-out to settlement

    [[nodiscard]] std::uint64_t depth() const noexcept { return ready + scheduled + retrying + leased + parked; }
    friend bool operator==(const QueueSample&, const QueueSample&) = default;
};

/// Adds gauges and totals; takes the larger lag; keeps the quantiles of `into` (they do not add).
void accumulate(QueueSample& into, const QueueSample& sample) noexcept;

} // namespace millrace::telemetry
