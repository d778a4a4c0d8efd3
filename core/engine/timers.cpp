// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/timers_p.h"

namespace millrace::engine {

std::optional<Timers::Steady> Timers::nextSteady(std::int64_t nowUs)
{
    if (m_steady.empty() || m_steady.top().atUs > nowUs)
        return std::nullopt;
    return m_steady.pop();
}

std::optional<Timers::Wall> Timers::nextWall(std::int64_t nowUs)
{
    if (m_wall.empty() || m_wall.top().atUs > nowUs)
        return std::nullopt;
    return m_wall.pop();
}

std::optional<std::int64_t> Timers::next(std::int64_t steadyUs, std::int64_t wallUs) const
{
    std::optional<std::int64_t> at;
    if (!m_steady.empty())
        at = m_steady.top().atUs;
    if (!m_wall.empty()) {
        // Compared before subtracting: a far-off time must not overflow.
        const bool isNear = m_wall.top().atUs <= wallUs + kWallCheckUs;
        const std::int64_t wait
            = isNear ? std::max<std::int64_t>(m_wall.top().atUs, wallUs) - wallUs : kWallCheckUs;
        at = std::min(at.value_or(steadyUs + wait), steadyUs + wait);
    }
    return at;
}

} // namespace millrace::engine
