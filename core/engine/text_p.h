// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace millrace::engine {

/// `text` as a JSON string, quotes included. Bytes that are not ASCII stay as they are.
[[nodiscard]] std::string quoteJson(std::string_view text);
/// True if `text` matches `pattern`, in which `*` stands for any run of characters; an empty pattern
/// matches everything.
[[nodiscard]] bool matchesPattern(std::string_view pattern, std::string_view text) noexcept;

} // namespace millrace::engine
