// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace millrace::base {

/// Time of day, UTC, in microseconds: what people see and what is stored.
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;
/// Monotonic time in microseconds: what leases, delays and deadlines run on. Not stored.
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::microseconds>;
using Micros = std::chrono::microseconds;

/// Both clocks, read together. The engine is given one in each step and never reads a clock.
struct Now
{
    SteadyTime steady{};
    WallTime wall{};
};

/// Reads both clocks of this machine. Thread: any. Not for core/engine, core/message, core/telemetry.
[[nodiscard]] Now systemNow() noexcept;

[[nodiscard]] constexpr std::int64_t toMicros(WallTime time) noexcept
{
    return time.time_since_epoch().count();
}
[[nodiscard]] constexpr WallTime wallFromMicros(std::int64_t us) noexcept
{
    return WallTime(Micros(us));
}

} // namespace millrace::base
