// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/wire/error_names.h"

#include "core/message/life.h"
#include "core/message/utf8_p.h"

namespace millrace::wire {

base::ErrorCode errorCodeFromString(std::string_view text) noexcept
{
    for (int i = 0; i < static_cast<int>(base::ErrorCode::Internal); ++i) {
        const auto code = static_cast<base::ErrorCode>(i);
        if (base::toString(code) == text)
            return code;
    }
    return base::ErrorCode::Internal;
}

std::string cleanText(std::string_view text, std::size_t limit)
{
    const std::string_view cut = message::truncateUtf8(text, limit);
    if (message::isUtf8(cut))
        return std::string(cut);
    std::string clean;
    clean.reserve(cut.size());
    for (std::size_t i = 0; i < cut.size();) {
        const auto lead = static_cast<unsigned char>(cut[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        const std::string_view piece = cut.substr(i, length);
        if (piece.size() == length && message::isUtf8(piece)) {
            clean += piece;
            i += length;
        } else {
            clean += '?';
            ++i;
        }
    }
    return clean;
}

} // namespace millrace::wire
