// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace millrace::simulation {

/// A seeded source of chance (splitmix64): the same seed, the same run, on every machine.
class Chance
{
public:
    explicit Chance(std::uint64_t seed) noexcept
        : m_state(seed)
    {
    }
    std::uint64_t next() noexcept
    {
        std::uint64_t mixed = m_state += 0x9E3779B97F4A7C15ULL;
        mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBULL;
        return mixed ^ (mixed >> 31U);
    }
    /// Uniform in [0, end); 0 for an end of 0.
    std::uint64_t below(std::uint64_t end) noexcept { return end == 0 ? 0 : next() % end; }
    /// Uniform in [from, to].
    std::int64_t between(std::int64_t from, std::int64_t to) noexcept
    {
        return from + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(to - from) + 1));
    }
    /// True `perMille` times in a thousand.
    bool hits(std::uint32_t perMille) noexcept { return below(1000) < perMille; }

private:
    std::uint64_t m_state;
};

} // namespace millrace::simulation
