// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

/// What the fuzz targets share.
namespace millrace::fuzz {

/// The bytes of one run, taken from the front. What is missing is 0.
class Input
{
public:
    Input(const std::uint8_t* data, std::size_t size)
        : m_rest(reinterpret_cast<const char*>(data), size) // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
    {
    }
    [[nodiscard]] bool isEmpty() const noexcept { return m_rest.empty(); }
    [[nodiscard]] std::string_view rest() const noexcept { return m_rest; }
    std::uint8_t byte()
    {
        if (m_rest.empty())
            return 0;
        const auto value = static_cast<std::uint8_t>(m_rest.front());
        m_rest.remove_prefix(1);
        return value;
    }
    /// 0 to limit - 1
    std::uint32_t below(std::uint32_t limit)
    {
        const std::uint32_t value = (std::uint32_t{byte()} << 8U) | byte();
        return value % limit;
    }
    std::string text(std::size_t most)
    {
        const std::size_t size = std::min({std::size_t{byte()}, most, m_rest.size()});
        std::string taken(m_rest.substr(0, size));
        m_rest.remove_prefix(size);
        return taken;
    }

private:
    std::string_view m_rest;
};

/// Ends the run as a finding.
inline void require(bool holds, std::string_view what)
{
    if (holds)
        return;
    std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(what.size()), what.data());
    std::abort();
}

} // namespace millrace::fuzz
