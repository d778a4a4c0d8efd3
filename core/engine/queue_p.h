// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/command.h"
#include "core/engine/deduplication_p.h"
#include "core/engine/lane_p.h"
#include "core/engine/leases_p.h"
#include "core/telemetry/histogram.h"

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace millrace::engine {

inline constexpr std::size_t kPriorities = message::kHighestPriority + 1;
inline constexpr std::size_t kStates = static_cast<std::size_t>(message::State::Discarded) + 1;

/// One queue: its definition, its ready messages, who works on it, and its figures.
struct Queue
{
    QueueRow row;
    std::array<Lane, kPriorities> lanes;
    std::vector<Attachment*> attached;   ///< those that may be delivered to
    std::size_t nextAttachment = 0;      ///< whose turn it is
    std::uint64_t credit = 0;            ///< of all attached together
    LeaseList leases;                    ///< in order of their deadlines
    std::int64_t leasesTimedUs = 0;      ///< steady: when the timer for the first of them fires; 0 = none runs
    std::uint32_t laneMask = 0;          ///< lanes that may hold something
    std::set<Sequence> suspects;         ///< ready ones: not in a lane, they are handed out alone
    bool isActive = false;               ///< is in the list of queues that the step must look at
    Deduplication deduplication;
    std::uint64_t averageBytes = 0;      ///< of a message, so that fetches stay within their budget
    telemetry::QueueSample figures;      ///< gauges and totals; lag and quantiles are computed on demand
    telemetry::SlidingHistogram waiting;
    telemetry::SlidingHistogram running;
    std::array<std::uint64_t, kStates> closed{}; ///< dead letters by state
    std::int64_t retentionUs = 0;        ///< steady: when dead letters that are too old are looked for; 0 = not planned

    [[nodiscard]] const message::QueuePolicy& policy() const { return row.definition.policy; }
    [[nodiscard]] const std::string& name() const { return row.definition.name; }
    [[nodiscard]] bool isFull() const { return figures.depth() >= policy().maxDepth; }
    [[nodiscard]] bool wantsDelivery() const { return figures.ready > 0 && credit > 0 && !row.paused && !isHalted(); }
    /// Has as many dead letters as it may have: nothing more is delivered until a person dealt with some.
    [[nodiscard]] bool isHalted() const
    {
        return closed[static_cast<std::size_t>(message::State::Dead)] >= policy().maxDeadLetters;
    }
    void learnSize(std::uint64_t bytes)
    {
        averageBytes = averageBytes == 0 ? bytes : (averageBytes * 15 + bytes) / 16;
    }
};

/// What is not plain about a message: it failed, waits, expires, or was handed out before.
struct Trouble
{
    Queue* queue = nullptr;
    base::Slice envelope;
    base::Slice body;
    std::int64_t dueUs = 0;       ///< steady: since when it may be delivered, or will be
    std::int64_t deliverAtUs = 0; ///< UTC; 0 once it was reached
    std::int64_t expiresAtUs = 0; ///< UTC; 0 = never
    std::int64_t firstAttemptUs = 0; ///< steady: hand-out of the first attempt that failed; only if any did
    std::uint64_t handout = 0;    ///< loaded hand-out that still names it; 0 = none
    std::uint32_t failures = 0;
    std::uint8_t priority = message::kDefaultPriority;
    message::State state = message::State::Leased;
    bool redelivered = false;
    bool isExpiryTimed = false; ///< a timer for its expiry runs
    bool isSuspect = false;  ///< was in flight when the node died; has an entry among the suspects
    bool isResident = false; ///< envelope and body are here; only while ready

    [[nodiscard]] std::uint64_t bytes() const noexcept
    {
        return sizeof(Resident) + envelope.size() + body.size();
    }
};

} // namespace millrace::engine
