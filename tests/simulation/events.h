// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/simulation/counts.h"

#include <cstdint>

namespace millrace::simulation {

/// What the engine was seen to do. Each kind is counted by the model, so that a run in which one of them does not come
/// up does not pass for a proof of it.
enum class Event : std::uint8_t {
    Deferred,
    DeferGivenUp,
    UniqueDuplicate,
    AtomicAccepted,
    AtomicRefused,
    BytesFull,
    Parked,
    KeyResumed,
    OutOfTokens,
    KeyOutOfTokens,
    AtConcurrency,
    Halted,
    LowerTurn,
    Expired,
    DeadlineExceeded,
    CrashedInFlight,
    CancelledWaiting,
    CancelledRunning,
    TriedNow,
    GivenUp,
    PolicyChanged,
    PolicyReset,
    FilterChanged,
    Archived,
    Restored,
    Aged,
    ScheduleFired,
    ScheduleBlocked,
    ScheduleRun,
    Progress,
    DiedUnstored,
    EndedUnstored,
};
inline constexpr std::array<std::string_view, 32> kEventNames{
    "deferred",          "defer-given-up",    "unique-duplicate",  "atomic-accepted",   "atomic-refused",
    "bytes-full",        "parked",            "key-resumed",       "out-of-tokens",     "key-out-of-tokens",
    "at-concurrency",    "halted",            "lower-turn",        "expired",           "deadline-exceeded",
    "crashed-in-flight", "cancelled-waiting", "cancelled-running", "tried-now",         "given-up",
    "policy-changed",    "policy-reset",      "filter-changed",    "archived",          "restored",
    "aged",              "schedule-fired",    "schedule-blocked",  "schedule-run",      "progress",
    "died-unstored",     "ended-unstored"};
using EventCounts = Counts<Event, kEventNames.size()>;

} // namespace millrace::simulation
