// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>

namespace millrace::config {

/// The known key that takes the fewest insertions, deletions and replacements of characters to
/// reach. `known` must not be empty.
[[nodiscard]] std::string_view nearestKey(std::string_view key,
                                          std::span<const std::string_view> known);

} // namespace millrace::config
