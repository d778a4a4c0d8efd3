// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/config/paths.h"

#include "core/base/hash.h"

#include <array>
#include <charconv>
#include <cstdlib>
#include <system_error>

namespace millrace::config {

base::Result<std::filesystem::path> defaultDataDirectory()
{
    // The XDG specification lets a relative path be ignored.
    const char* const data = std::getenv("XDG_DATA_HOME");
    if (data != nullptr && std::filesystem::path(data).is_absolute())
        return std::filesystem::path(data) / "millrace";
    const char* const home = std::getenv("HOME");
    if (home != nullptr && std::filesystem::path(home).is_absolute())
        return std::filesystem::path(home) / ".local" / "share" / "millrace";
    return base::fail(
        base::ErrorCode::NotFound,
        "there is no place for the data: neither XDG_DATA_HOME nor HOME is set; name a "
        "directory with --data");
}

std::string nodeNameFor(const std::string& prefix, const std::filesystem::path& directory)
{
    std::error_code error;
    const auto canonical = std::filesystem::weakly_canonical(directory, error);
    const std::uint64_t hash = base::hash64((error ? directory : canonical).string());
    std::array<char, 17> digits{};
    std::to_chars(digits.data(), digits.data() + digits.size(), hash & 0xFFFFFFFFU, 16);
    return prefix + '-' + digits.data();
}

} // namespace millrace::config
