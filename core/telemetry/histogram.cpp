// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/telemetry/histogram.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <limits>

namespace millrace::telemetry {

namespace {

constexpr auto kRotation = std::chrono::seconds(10);

void addSaturating(std::uint32_t& bucket, std::uint32_t times) noexcept
{
    const std::uint32_t room = std::numeric_limits<std::uint32_t>::max() - bucket;
    bucket += std::min(room, times);
}

} // namespace

void Histogram::record(std::int64_t us, std::uint32_t times) noexcept
{
    // Values below kSubBuckets have a bucket each; above, an octave is cut into kSubBuckets parts.
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(us, 0));
    std::size_t index = static_cast<std::size_t>(value);
    if (value >= kSubBuckets) {
        const int shift = static_cast<int>(std::bit_width(value)) - 5;
        const auto part = static_cast<std::size_t>(value >> shift) - kSubBuckets;
        index = static_cast<std::size_t>(shift + 1) * kSubBuckets + part;
    }
    addSaturating(m_buckets[std::min(index, m_buckets.size() - 1)], times);
    m_count += times;
}

void Histogram::merge(const Histogram& other) noexcept
{
    for (std::size_t i = 0; i < m_buckets.size(); ++i)
        addSaturating(m_buckets[i], other.m_buckets[i]);
    m_count += other.m_count;
}

void Histogram::clear() noexcept
{
    m_buckets.fill(0);
    m_count = 0;
}

std::int64_t Histogram::quantile(double q) const noexcept
{
    if (m_count == 0)
        return 0;
    const double wanted = std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(m_count));
    const auto rank = std::max<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1);
    std::uint64_t seen = 0;
    std::size_t index = 0;
    for (; index + 1 < m_buckets.size(); ++index) {
        seen += m_buckets[index];
        if (seen >= rank)
            break;
    }
    if (index < kSubBuckets)
        return static_cast<std::int64_t>(index);
    const std::size_t shift = index / kSubBuckets - 1;
    const std::size_t part = index % kSubBuckets + kSubBuckets;
    return (static_cast<std::int64_t>(part + 1) << shift) - 1;
}

Quantiles Histogram::quantiles() const noexcept
{
    return {quantile(0.50), quantile(0.95), quantile(0.99), m_count};
}

void SlidingHistogram::record(std::int64_t us, base::SteadyTime now, std::uint32_t times) noexcept
{
    rotate(now);
    m_current.record(us, times);
}

Quantiles SlidingHistogram::quantiles(base::SteadyTime now) noexcept
{
    rotate(now);
    Histogram both = m_current;
    both.merge(m_previous);
    return both.quantiles();
}

void SlidingHistogram::rotate(base::SteadyTime now) noexcept
{
    const auto age = now - m_rotatedAt;
    if (age < kRotation)
        return;
    if (age < 2 * kRotation)
        m_previous = m_current;
    else
        m_previous.clear();
    m_current.clear();
    m_rotatedAt = now;
}

} // namespace millrace::telemetry
