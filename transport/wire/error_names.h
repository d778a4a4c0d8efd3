// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>

namespace millrace::wire {

/// kebab-case as base::toString(ErrorCode) writes it; anything else reads as Internal.
[[nodiscard]] base::ErrorCode errorCodeFromString(std::string_view text) noexcept;

/// `text` cut at `limit` bytes, as well-formed UTF-8: what is not becomes `?`. For text that goes out.
[[nodiscard]] std::string cleanText(std::string_view text, std::size_t limit);

} // namespace millrace::wire
