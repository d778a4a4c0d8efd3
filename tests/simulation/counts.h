// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace millrace::simulation {

/// How often each kind came up.
template<typename Kind, std::size_t kKinds>
class Counts
{
public:
    std::uint64_t& operator[](Kind kind) { return m_counts.at(static_cast<std::size_t>(kind)); }
    [[nodiscard]] std::uint64_t at(std::size_t index) const { return m_counts.at(index); }
    void add(const Counts& other)
    {
        for (std::size_t i = 0; i < kKinds; ++i)
            m_counts.at(i) += other.m_counts.at(i);
    }

private:
    std::array<std::uint64_t, kKinds> m_counts{};
};

} // namespace millrace::simulation
