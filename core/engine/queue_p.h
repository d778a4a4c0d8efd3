// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/command.h"
#include "core/engine/deduplication_p.h"
#include "core/engine/keys_p.h"
#include "core/engine/lane_p.h"
#include "core/engine/leases_p.h"
#include "core/telemetry/histogram.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
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
    std::unordered_map<std::string, Deduplication::Entry, TextHash, std::equal_to<>> unique; ///< keys that live messages hold
    KeyLines keys;                       ///< of the partition keys that have messages or are held up
    std::multimap<std::int64_t, KeyLine*> throttledKeys; ///< by the time of their next token; equal ones as they came
    std::uint64_t held = 0;              ///< of the ready ones, those that wait for others of their key
    std::uint64_t storedBytes = 0;       ///< envelopes and bodies of all that is not settled
    std::set<std::uint64_t> deferred;    ///< submits that wait for room here, oldest first
    TokenBucket bucket;
    bool isThrottled = false;            ///< no token is left; a timer for the next one runs
    std::uint32_t sinceLower = 0;        ///< hand-outs since a lane below the first had its turn, while one waits
    std::uint32_t lastLower = 0;         ///< the lane that had it
    std::uint64_t averageBytes = 0;      ///< of a message, so that fetches stay within their budget
    telemetry::QueueSample figures;      ///< gauges and totals; lag and quantiles are computed on demand
    telemetry::SlidingHistogram waiting;
    telemetry::SlidingHistogram running;
    std::array<std::uint64_t, kStates> closed{}; ///< dead letters by state
    std::int64_t retentionUs = 0;        ///< steady: when dead letters that are too old are looked for; 0 = not planned

    [[nodiscard]] const message::QueuePolicy& policy() const { return row.definition.policy; }
    [[nodiscard]] const std::string& name() const { return row.definition.name; }
    /// There is no room for one more message of so many bytes, once `planned` others have come that are in `bytes` too.
    [[nodiscard]] bool isFull(std::uint64_t bytes, std::uint64_t planned = 0) const
    {
        return figures.depth() + planned >= policy().maxDepth || storedBytes + bytes > policy().maxDepthBytes;
    }
    [[nodiscard]] bool isUnstored() const { return policy().durability == message::Durability::Memory; }
    void dropBytes(std::uint64_t bytes) { storedBytes -= std::min(storedBytes, bytes); }
    /// Something is ready whose turn in its key has come.
    [[nodiscard]] bool canDeliver() const { return figures.ready > held; }
    /// How many more may be leased.
    [[nodiscard]] std::uint64_t freeSlots() const
    {
        const std::uint64_t limit = policy().maxConcurrency;
        return limit == 0 ? UINT64_MAX : limit - std::min(limit, figures.leased);
    }
    [[nodiscard]] bool wantsDelivery() const
    {
        return canDeliver() && credit > 0 && !row.paused && !isHalted() && !isThrottled && freeSlots() > 0;
    }
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

[[nodiscard]] inline std::uint64_t bytesOf(const NewMessage& row) noexcept
{
    return row.envelope.size() + row.body.size() + row.contentBytes;
}
[[nodiscard]] inline std::uint64_t bytesOf(const Submission& item) noexcept
{
    return item.envelope.size() + item.body.size();
}

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
    KeyLine* line = nullptr;      ///< of its partition key, if it has one
    Sequence place = 0;           ///< in that line
    std::uint64_t handout = 0;    ///< loaded hand-out that still names it; 0 = none
    std::uint32_t failures = 0;
    std::uint32_t storedBytes = 0; ///< of envelope and body; 0 = not known before they are fetched
    std::uint8_t priority = message::kDefaultPriority;
    message::State state = message::State::Leased;
    bool redelivered = false;
    bool isExpiryTimed = false; ///< a timer for its expiry runs
    bool isSuspect = false;  ///< was in flight when the node died; has an entry among the suspects
    bool isUnique = false;   ///< holds a unique key
    bool isResident = false; ///< envelope and body are here; only while ready

    [[nodiscard]] std::uint64_t bytes() const noexcept
    {
        return sizeof(Resident) + envelope.size() + body.size();
    }
};

} // namespace millrace::engine
