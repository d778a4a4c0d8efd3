// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/message/policy.h"

#include <algorithm>
#include <cstdint>

namespace millrace::engine {

/// A token bucket that holds one number, the time at which it is full again, in whole nanoseconds: what it gives
/// depends on the times alone, not on how often it was asked.
class TokenBucket
{
public:
    /// Tokens at `nowUs` (steady); never more than the burst.
    [[nodiscard]] std::uint64_t tokens(const message::RateLimit& limit, std::int64_t nowUs) const
    {
        const std::int64_t interval = intervalNs(limit);
        const std::int64_t missing = std::max<std::int64_t>(m_fullAtNs - nowUs * kNsPerUs, 0);
        const std::uint64_t spent = static_cast<std::uint64_t>((missing + interval - 1) / interval);
        return limit.burst - std::min<std::uint64_t>(limit.burst, spent);
    }
    void take(const message::RateLimit& limit, std::int64_t nowUs, std::uint64_t count)
    {
        m_fullAtNs = std::max(m_fullAtNs, nowUs * kNsPerUs)
                     + static_cast<std::int64_t>(count) * intervalNs(limit);
    }
    /// The first whole microsecond at which a token is there.
    [[nodiscard]] std::int64_t nextUs(const message::RateLimit& limit) const
    {
        const std::int64_t at = m_fullAtNs - (static_cast<std::int64_t>(limit.burst) - 1) * intervalNs(limit);
        return roundedUp(at);
    }
    [[nodiscard]] std::int64_t fullAtUs() const noexcept { return roundedUp(m_fullAtNs); }
    [[nodiscard]] bool isFull(std::int64_t nowUs) const noexcept { return m_fullAtNs <= nowUs * kNsPerUs; }

private:
    static constexpr std::int64_t kNsPerUs = 1000;
    [[nodiscard]] static std::int64_t roundedUp(std::int64_t ns) noexcept
    {
        return ns / kNsPerUs + (ns % kNsPerUs > 0 ? 1 : 0);
    }
    [[nodiscard]] static std::int64_t intervalNs(const message::RateLimit& limit)
    {
        return std::max<std::int64_t>(static_cast<std::int64_t>(1e9 / limit.perSecond), 1);
    }
    std::int64_t m_fullAtNs = 0;
};

} // namespace millrace::engine
