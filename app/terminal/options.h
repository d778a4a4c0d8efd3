// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>

namespace millrace::terminal {

/// Accepts whole numbers only: the library reads -1 as a huge number, and nothing as 0.
[[nodiscard]] CLI::Validator wholeNumber(std::uint64_t least, std::uint64_t most);
/// An empty text, as from a variable that is not set, does not silently mean the default.
[[nodiscard]] CLI::Validator notEmpty();
/// A finite number, at least 0.
[[nodiscard]] CLI::Validator rateOrZero();

} // namespace millrace::terminal
