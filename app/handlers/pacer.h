// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>

namespace millrace::handlers {

/// Says how many messages are due: bursts at an even distance, so that the rate holds on average.
///
/// Pure value; is told the time. Who falls more than a second behind does not catch up: a pipeline
/// that was away is not flooded when it comes back. Thread: one at a time, whichever.
class Pacer
{
public:
    using Duration = std::chrono::microseconds;

    /// @param ratePerSecond  0 or less = everything is due at once
    Pacer(double ratePerSecond, std::uint32_t burst, std::uint64_t total);

    /// How many may be submitted now, `elapsed` after the start, besides those taken before.
    [[nodiscard]] std::uint64_t due(Duration elapsed);
    /// Tells that `count` of them were submitted.
    void take(std::uint64_t count) { m_taken += count; }
    /// When the next burst is due; only meaningful if nothing is due now and something is left.
    [[nodiscard]] Duration nextDue() const;
    [[nodiscard]] std::uint64_t left() const { return m_total - m_taken; }

private:
    [[nodiscard]] std::uint64_t dueInAll(Duration elapsed) const;

    double m_rate;
    std::uint64_t m_burst;
    std::uint64_t m_total;
    std::uint64_t m_taken = 0;
    std::uint64_t m_skipped = 0; ///< fell due while nobody could submit, and is not caught up
};

} // namespace millrace::handlers
