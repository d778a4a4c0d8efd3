// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/store/connection_p.h"
#include "core/store/migration.h"
#include "core/store/sqlite_store.h"

#include <filesystem>
#include <span>

namespace millrace::store {

inline constexpr std::uint32_t kApplicationId = 0x4D494C4C; ///< "MILL"
inline constexpr const char* kDatabaseName = "millrace.db";

[[nodiscard]] std::filesystem::path databaseFile(const StoreOptions& options);

/// Reads the file's first bytes, without SQLite, and tells whether a database is there.
/// Errors: Invalid (another program's), Unsupported (a newer schema), Corrupt (no database, or a log without one), Io.
[[nodiscard]] base::Result<bool> inspectHeader(const std::filesystem::path& file);

/// Looks at an existing database as SQLite sees it, its log included, and checks its structure if the last
/// stop was not clean. Leaves every file as it was. Nobody else may have it open.
/// Errors: Unsupported, Corrupt, Io.
[[nodiscard]] base::Result<void> probe(const std::filesystem::path& file, const std::string& vfs);

/// Creates a database under another name and moves it into place when it is complete, so that a crash leaves
/// no half of one. Errors: Io, StoreFull.
[[nodiscard]] base::Result<void> createDatabase(const std::filesystem::path& file,
                                                const std::string& vfs);

/// Applies those of `steps` that `connection` lacks, each in a transaction of its own. Errors: Corrupt, Io, StoreFull.
[[nodiscard]] base::Result<void> migrate(Connection& connection, std::span<const Migration> steps);

} // namespace millrace::store
