// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/simulation/counts.h"

#include <cstdint>

namespace millrace::simulation {

/// What goes wrong. Each kind is counted when it fires, not when it is planned.
enum class Fault : std::uint8_t {
    FrameLost,
    FrameLate,
    FrameTwice,
    FrameReordered,
    WorkerDied,
    WorkerHung,
    AnsweredTwice,
    AnsweredLate,
    ClientReturned,
    ClockForward,
    ClockBack,
    WriteFailed,
    SyncFailed,
    NoSpace,
    SpaceLow,
    PowerCut,
    SectorDropped,
    SectorTorn,
    KilledIdle,
    KilledInCommit,
    KilledInCheckpoint,
    KilledInLoad,
    KilledBeforeRelease,
    OpenFailed,
    SlowFetch,
    SlowCommit,
};
inline constexpr std::array<std::string_view, 26> kFaultNames{
    "frame-lost",      "frame-late",         "frame-twice",          "frame-reordered",
    "worker-died",     "worker-hung",        "answered-twice",       "answered-late",
    "client-returned", "clock-forward",      "clock-back",           "write-failed",
    "sync-failed",     "no-space",           "space-low",            "power-cut",
    "sector-dropped",  "sector-torn",        "killed-idle",          "killed-in-commit",
    "killed-in-checkpoint", "killed-in-load", "killed-before-release", "open-failed",
    "slow-fetch",      "slow-commit"};
using FaultCounts = Counts<Fault, kFaultNames.size()>;

} // namespace millrace::simulation
