// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace millrace::store {

/// One numbered step of the schema, from core/store/migrations, embedded at build.
/// Bump rule: a released step never changes; a change of the schema is a new file with the next number.
struct Migration
{
    int version;
    std::string_view name;
    std::string_view sql;
};
/// Ascending and without gaps, from 1.
[[nodiscard]] std::span<const Migration> migrations();

} // namespace millrace::store
