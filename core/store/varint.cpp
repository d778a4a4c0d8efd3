// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/store/varint_p.h"

#include <bit>
#include <cstdint>

namespace millrace::store {

void encodeSequences(std::span<const message::Sequence> sequences, std::string& out)
{
    out.clear();
    std::uint64_t previous = 0;
    for (const message::Sequence sequence : sequences) {
        const auto difference = std::bit_cast<std::int64_t>(sequence - previous);
        previous = sequence;
        std::uint64_t rest = (std::bit_cast<std::uint64_t>(difference) << 1U)
            ^ std::bit_cast<std::uint64_t>(difference >> 63U);
        while (rest >= 0x80U) {
            out.push_back(static_cast<char>((rest & 0x7FU) | 0x80U));
            rest >>= 7U;
        }
        out.push_back(static_cast<char>(rest));
    }
}

base::Result<std::vector<message::Sequence>> decodeSequences(std::string_view bytes)
{
    std::vector<message::Sequence> sequences;
    sequences.reserve(bytes.size());
    std::uint64_t previous = 0;
    std::uint64_t value = 0;
    unsigned shift = 0;
    for (const char byte : bytes) {
        const auto bits = static_cast<unsigned char>(byte);
        if (shift == 63 && bits > 1)
            return base::fail(base::ErrorCode::Corrupt, "a list of sequences holds a number above 64 bits");
        value |= static_cast<std::uint64_t>(bits & 0x7FU) << shift;
        if ((bits & 0x80U) != 0) {
            shift += 7;
            continue;
        }
        previous += (value >> 1U) ^ (0 - (value & 1U));
        sequences.push_back(previous);
        value = 0;
        shift = 0;
    }
    if (shift != 0)
        return base::fail(base::ErrorCode::Corrupt, "a list of sequences is cut off");
    return sequences;
}

} // namespace millrace::store
