// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string>

namespace millrace::config {

/// Where a pipeline keeps its data unless it is told otherwise: `$XDG_DATA_HOME/millrace`, or
/// `~/.local/share/millrace`. Not created. Errors: NotFound (neither XDG_DATA_HOME nor HOME is
/// set).
[[nodiscard]] base::Result<std::filesystem::path> defaultDataDirectory();

/// `<prefix>-<digits>`: a name for the node on this directory, and so for its sockets. Nodes of one user on different
/// directories do not get the same one.
[[nodiscard]] std::string nodeNameFor(const std::string& prefix, const std::filesystem::path& directory);

} // namespace millrace::config
