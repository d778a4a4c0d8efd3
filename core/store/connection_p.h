// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/store/statement_p.h"

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>

namespace millrace::store {

/// How a connection uses its file.
enum class Access : std::uint8_t {
    Write, ///< the one connection that writes and checkpoints; no checkpoint of SQLite's own accord
    Read,  ///< never writes, never checkpoints, not even when it closes
    Probe, ///< looks at a file that nobody has open and leaves every byte as it was
};

/// One SQLite connection. Thread: the one that opened it (asserted); SQLite's own mutexes are off.
class Connection
{
public:
    /// Opens an existing file. Errors: Io, Corrupt, StoreFull.
    [[nodiscard]] static base::Result<Connection> open(const std::filesystem::path& file,
                                                       const std::string& vfs,
                                                       Access access);
    Connection() = default;
    ~Connection();
    Connection(Connection&& other) noexcept;
    Connection& operator=(Connection&& other) noexcept;

    /// Runs one or more statements that yield no rows of interest.
    [[nodiscard]] base::Result<void> execute(const char* sql);
    /// `sql` is kept by the caller's connection for as long as the statement lives.
    [[nodiscard]] base::Result<Statement> prepare(std::string_view sql);
    /// Prepares `sql` and reads the one integer that it yields; 0 if it yields no row.
    [[nodiscard]] base::Result<std::int64_t> integerOf(std::string_view sql);

    /// The number of rows changed by the last statement.
    [[nodiscard]] std::int64_t changes() const noexcept { return sqlite3_changes64(m_database); }
    [[nodiscard]] base::Error error(std::string_view what) const
    {
        return sqliteError(m_database, what);
    }
    [[nodiscard]] sqlite3* handle() const noexcept { return m_database; }
    [[nodiscard]] bool isOpen() const noexcept { return m_database != nullptr; }
    void checkThread() const noexcept;

    /// From now on closing only gives back what the process holds: no write, no sync.
    void abandon() noexcept;
    void close() noexcept;

private:
    sqlite3* m_database = nullptr;
    std::thread::id m_thread = std::this_thread::get_id();
};

/// A transaction that rolls back unless it was committed.
class Transaction
{
public:
    [[nodiscard]] static base::Result<Transaction> begin(Connection& connection, const char* sql);
    [[nodiscard]] base::Result<void> commit();
    ~Transaction();
    Transaction(Transaction&& other) noexcept
        : m_connection(std::exchange(other.m_connection, nullptr))
    {
    }
    Transaction& operator=(Transaction&&) = delete;

private:
    explicit Transaction(Connection& connection) noexcept
        : m_connection(&connection)
    {
    }
    Connection* m_connection = nullptr;
};

inline constexpr const char* kBeginWrite = "BEGIN IMMEDIATE";
inline constexpr const char* kBeginRead = "BEGIN";

} // namespace millrace::store
