// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/telemetry/sample.h"

#include <array>
#include <cstdint>
#include <vector>

namespace millrace::telemetry {

/// Counts durations in log-linear buckets: exact to 1/16 of the value, from 1 µs to about 19 h, in a
/// fixed 4 KiB. Thread: one at a time.
class Histogram
{
public:
    void record(std::int64_t us, std::uint32_t times = 1) noexcept; ///< negative values count as 0
    void merge(const Histogram& other) noexcept;
    void clear() noexcept;
    [[nodiscard]] std::uint64_t count() const noexcept { return m_count; }
    /// @param q in [0, 1] @returns the upper bound of the bucket that holds it; 0 if empty
    [[nodiscard]] std::int64_t quantile(double q) const noexcept;
    [[nodiscard]] Quantiles quantiles() const noexcept;

private:
    static constexpr int kSubBuckets = 16;
    static constexpr int kOctaves = 33;
    std::array<std::uint32_t, static_cast<std::size_t>(kSubBuckets) * kOctaves> m_buckets{};
    std::uint64_t m_count = 0;
};

/// Quantiles of the last ten to twenty seconds: two histograms, the older one dropped every ten.
class SlidingHistogram
{
public:
    void record(std::int64_t us, base::SteadyTime now, std::uint32_t times = 1) noexcept;
    [[nodiscard]] Quantiles quantiles(base::SteadyTime now) noexcept;

private:
    void rotate(base::SteadyTime now) noexcept;
    Histogram m_current, m_previous;
    base::SteadyTime m_rotatedAt{};
};

} // namespace millrace::telemetry
