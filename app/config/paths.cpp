// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/config/paths.h"

#include <cstdlib>

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

} // namespace millrace::config
