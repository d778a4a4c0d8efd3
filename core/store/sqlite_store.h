// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/store_port.h"

#include <filesystem>
#include <memory>
#include <string>

namespace millrace::store {

/// Who holds a data directory: written into its lock file, so that a second program can say it and,
/// if it wants, attach there instead.
struct Holder
{
    std::int64_t pid = 0;
    std::string program;  ///< for example `millrace-node 1.0`
    std::string host;
    std::int64_t sinceUs = 0;
    std::string endpoints; ///< base of the node's ipc endpoints; empty = none yet
};

/// One process per data directory: an advisory lock on `millrace.lock`, which the operating system drops when
/// the process dies, so that a crash leaves no stale lock.
class DirectoryLock
{
public:
    /// Creates the directory (mode 0700) if missing. Errors: Busy (the context names the holder),
    /// Io (cannot be created or written: says which path and why).
    [[nodiscard]] static base::Result<std::unique_ptr<DirectoryLock>> acquire(const std::filesystem::path& directory,
                                                                              Holder self);
    /// The holder that wrote the lock file, if its lock is held now. Errors: NotFound (nobody holds it), Io.
    [[nodiscard]] static base::Result<Holder> holder(const std::filesystem::path& directory);
    /// Adds the endpoints once they are bound.
    [[nodiscard]] base::Result<void> announce(const std::string& endpoints);
    ~DirectoryLock();
    DirectoryLock(const DirectoryLock&) = delete;
    DirectoryLock& operator=(const DirectoryLock&) = delete;

private:
    DirectoryLock() = default;
    int m_fd = -1;
    std::filesystem::path m_path;
    Holder m_self;
};

struct StoreOptions
{
    std::filesystem::path directory; ///< holds `millrace.db` (mode 0600) and its write-ahead log
    std::string vfs;                 ///< SQLite VFS by name; empty = the default one. Tests count and break I/O with it.
    std::uint64_t reserveBytes = 128ULL * 1024 * 1024; ///< kept free for deliveries and acknowledgements: twice the log's limit
    std::uint64_t walLimitBytes = 64ULL * 1024 * 1024;
};

/// The SQLite store: one connection that does all writes and all checkpoints, in WAL mode with 16 KiB pages.
/// Thread: the one that opened it.
class SqliteStore final : public engine::StorePort
{
public:
    /// Opens or creates the database; migrates an older schema; checks integrity if the last stop was not clean: structure of
    /// all pages and rows. An index is not compared with its table, which takes minutes with millions of rows; each row that
    /// is read has its own checksum.
    /// Errors, each naming the file and what to do: Invalid (not a Millrace database), Unsupported (newer schema:
    /// nothing is touched), Corrupt (the check failed: nothing is touched), Io, StoreFull.
    [[nodiscard]] static base::Result<std::unique_ptr<SqliteStore>> open(StoreOptions options);
    /// Marks the stop as clean if nothing failed.
    ~SqliteStore() override;

    [[nodiscard]] base::Result<void> load(engine::LoadSink& sink) override;
    [[nodiscard]] base::Result<void> commit(const engine::Batch& batch) override;
    [[nodiscard]] base::Result<engine::Fetched> fetch(std::span<const engine::Sequence> messages,
                                                      std::span<const engine::Sequence> deadLetters) override;
    [[nodiscard]] base::Result<std::vector<engine::Sequence>> findAged(const engine::AgedQuery& query) override;
    [[nodiscard]] std::uint64_t bytesAvailable() override;

    struct Sizes { std::uint64_t databaseBytes = 0; std::uint64_t walBytes = 0; };
    [[nodiscard]] Sizes sizes() const;

private:
    class Impl;
    explicit SqliteStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// Walks the audit chain. @returns the number of records. Errors: Corrupt, naming the first record that
/// was changed, removed or moved.
[[nodiscard]] base::Result<std::uint64_t> verifyAudit(const StoreOptions& options);

} // namespace millrace::store
