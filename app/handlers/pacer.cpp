// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/handlers/pacer.h"

#include <algorithm>
#include <cmath>

namespace millrace::handlers {

namespace {

constexpr double kMicrosPerSecond = 1e6;

} // namespace

Pacer::Pacer(double ratePerSecond, std::uint32_t burst, std::uint64_t total)
    : m_rate(std::isfinite(ratePerSecond) ? std::max(ratePerSecond, 0.0) : 0.0)
    , m_burst(std::max<std::uint32_t>(burst, 1))
    , m_total(total)
{}

std::uint64_t Pacer::dueInAll(Duration elapsed) const
{
    const double seconds = static_cast<double>(elapsed.count()) / kMicrosPerSecond;
    // The first burst is due at the start.
    const double bursts = std::floor(seconds * m_rate / static_cast<double>(m_burst) + 1e-9) + 1;
    return static_cast<std::uint64_t>(bursts) * m_burst;
}

std::uint64_t Pacer::due(Duration elapsed)
{
    if (m_rate <= 0)
        return left();
    const std::uint64_t fallen = dueInAll(elapsed);
    const std::uint64_t counted = m_taken + m_skipped;
    std::uint64_t open = fallen > counted ? fallen - counted : 0;
    const auto most = std::max(m_burst, static_cast<std::uint64_t>(std::ceil(m_rate)));
    if (open > most) {
        m_skipped += open - most;
        open = most;
    }
    return std::min(open, left());
}

Pacer::Duration Pacer::nextDue() const
{
    if (m_rate <= 0)
        return Duration::zero();
    const std::uint64_t bursts = (m_taken + m_skipped + m_burst - 1) / m_burst;
    const double seconds = static_cast<double>(bursts) * static_cast<double>(m_burst) / m_rate;
    return Duration(static_cast<std::int64_t>(std::ceil(seconds * kMicrosPerSecond)));
}

} // namespace millrace::handlers
