// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace millrace::crash {

/// After a drained node has ended: the file is sound, the audit chain holds, and no live message and nothing about one
/// is left. Throws Violation.
void checkDatabase(const std::filesystem::path& data);

} // namespace millrace::crash
