// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace millrace::message {

/// True if every byte is below 0x80. Reads eight bytes at a time.
[[nodiscard]] inline bool isAscii(std::string_view text) noexcept
{
    constexpr std::uint64_t kHighBits = 0x8080808080808080ULL;
    std::size_t i = 0;
    for (; i + 8 <= text.size(); i += 8) {
        std::uint64_t chunk = 0;
        std::memcpy(&chunk, text.data() + i, 8);
        if ((chunk & kHighBits) != 0)
            return false;
    }
    for (; i < text.size(); ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0x80U) != 0)
            return false;
    }
    return true;
}

/// True if `text` is well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] inline bool isUtf8(std::string_view text) noexcept
{
    if (isAscii(text))
        return true;
    const auto byteAt = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    for (std::size_t i = 0; i < text.size();) {
        const unsigned lead = byteAt(i);
        if (lead < 0x80) {
            ++i;
            continue;
        }
        const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        // The second byte alone rules out overlong forms, surrogates and what lies above U+10FFFF.
        const unsigned second = byteAt(i + 1);
        const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        if (lead < 0xC2 || lead > 0xF4 || second < low || second > high)
            return false;
        for (std::size_t k = 2; k < length; ++k) {
            if ((byteAt(i + k) & 0xC0U) != 0x80U)
                return false;
        }
        i += length;
    }
    return true;
}

} // namespace millrace::message
