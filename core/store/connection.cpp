// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/store/connection_p.h"

#include <cassert>
#include <cerrno>

namespace millrace::store {

using base::ErrorCode;

namespace {

/// The settings of every connection, whatever it does.
/// mmap_size 0: an I/O error in mapped memory is a signal and kills the process.
constexpr const char* kCommonPragmas = "PRAGMA trusted_schema=OFF;"
                                       "PRAGMA cell_size_check=ON;"
                                       "PRAGMA mmap_size=0;"
                                       "PRAGMA temp_store=MEMORY;"
                                       "PRAGMA wal_autocheckpoint=0;";
constexpr const char* kWritePragmas = "PRAGMA foreign_keys=ON;"
                                      "PRAGMA secure_delete=OFF;"
                                      "PRAGMA cache_size=-8192;"
                                      "PRAGMA synchronous=FULL;";
constexpr const char* kReadPragmas = "PRAGMA query_only=ON;"
                                     "PRAGMA cache_size=-8192;";
/// Exclusive from the first access keeps the index of the log in memory, so that no file appears.
constexpr const char* kProbePragmas = "PRAGMA locking_mode=EXCLUSIVE;"
                                      "PRAGMA query_only=ON;";

constexpr int kWriteBusyMs = 250;
constexpr int kReadBusyMs = 1'000;

ErrorCode codeOf(int extended, int systemError) noexcept
{
    switch (extended & 0xFF) {
    case SQLITE_FULL: return ErrorCode::StoreFull;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT: return ErrorCode::Corrupt;
    case SQLITE_INTERRUPT: return ErrorCode::Cancelled;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ErrorCode::Busy;
    case SQLITE_TOOBIG: return ErrorCode::Limit;
    case SQLITE_IOERR:
        if (systemError == ENOSPC || systemError == EDQUOT)
            return ErrorCode::StoreFull;
        return ErrorCode::Io;
    default: return ErrorCode::Io;
    }
}

/// SQLite's statistics of memory take a lock at each allocation, a tenth of what dead-lettering costs. In a program that has
/// begun to use SQLite for itself, this comes too late and changes nothing.
void leaveOutMemoryStatistics()
{
    static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)once;
}

} // namespace

base::Error sqliteError(sqlite3* database, std::string_view what)
{
    const int extended = sqlite3_extended_errcode(database);
    const char* file = database != nullptr ? sqlite3_db_filename(database, "main") : nullptr;
    std::string context(what);
    if (file != nullptr && *file != '\0')
        context.append(" (\"").append(file).append("\")");
    context.append(": ").append(sqlite3_errmsg(database));
    context.append(" [").append(std::to_string(extended)).append("]");
    return base::Error{codeOf(extended, sqlite3_system_errno(database)), std::move(context), extended};
}

base::Result<bool> Statement::stepFailed()
{
    const char* sql = sqlite3_sql(m_statement);
    std::string what = "cannot run a statement of the store";
    if (sql != nullptr)
        what.append(" beginning with \"").append(std::string_view(sql).substr(0, 40)).append("\"");
    auto error = sqliteError(m_database, what);
    reset();
    return tl::unexpected<base::Error>(std::move(error));
}

base::Result<Connection> Connection::open(const std::filesystem::path& file,
                                          const std::string& vfs,
                                          Access access)
{
    leaveOutMemoryStatistics();
    Connection connection;
    const int flags = (access == Access::Read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE)
        | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE;
    const int code = sqlite3_open_v2(file.c_str(),
                                     &connection.m_database,
                                     flags,
                                     vfs.empty() ? nullptr : vfs.c_str());
    if (code != SQLITE_OK) {
        auto error = connection.error("cannot open the database \"" + file.string() + "\"");
        connection.abandon();
        return tl::unexpected<base::Error>(std::move(error));
    }
    sqlite3* database = connection.m_database;
    sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_busy_timeout(database, access == Access::Read ? kReadBusyMs : kWriteBusyMs);
    if (access != Access::Write)
        connection.abandon();

    // The probe's locking mode counts only if it is set before anything reads the file.
    const char* first = access == Access::Probe ? kProbePragmas : kCommonPragmas;
    const char* second = access == Access::Probe ? kCommonPragmas
        : access == Access::Read                 ? kReadPragmas
                                                 : kWritePragmas;
    for (const char* pragmas : {first, second}) {
        if (auto done = connection.execute(pragmas); !done) {
            connection.abandon();
            return errorOf(done);
        }
    }
    return connection;
}

Connection::~Connection() { close(); }

Connection::Connection(Connection&& other) noexcept
    : m_database(std::exchange(other.m_database, nullptr))
    , m_thread(other.m_thread)
{
}

Connection& Connection::operator=(Connection&& other) noexcept
{
    std::swap(m_database, other.m_database);
    std::swap(m_thread, other.m_thread);
    return *this;
}

base::Result<void> Connection::execute(const char* sql)
{
    checkThread();
    if (sqlite3_exec(m_database, sql, nullptr, nullptr, nullptr) == SQLITE_OK)
        return {};
    std::string what = "cannot run \"";
    what.append(std::string_view(sql).substr(0, 40)).append("\"");
    return tl::unexpected<base::Error>(error(what));
}

base::Result<Statement> Connection::prepare(std::string_view sql)
{
    checkThread();
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(m_database,
                                        sql.data(),
                                        static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT,
                                        &statement,
                                        nullptr);
    if (code == SQLITE_OK)
        return Statement(m_database, statement);
    std::string what = "cannot prepare a statement beginning with \"";
    what.append(sql.substr(0, 40)).append("\"");
    return tl::unexpected<base::Error>(error(what));
}

base::Result<std::int64_t> Connection::integerOf(std::string_view sql)
{
    auto statement = prepare(sql);
    if (!statement)
        return errorOf(statement);
    const auto row = statement->step();
    if (!row)
        return errorOf(row);
    return *row ? statement->integer(0) : 0;
}

void Connection::checkThread() const noexcept
{
    assert(m_thread == std::this_thread::get_id() && "a connection belongs to one thread");
}

void Connection::abandon() noexcept
{
    if (m_database != nullptr)
        sqlite3_db_config(m_database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

void Connection::close() noexcept
{
    if (m_database != nullptr) {
        checkThread();
        sqlite3_close_v2(std::exchange(m_database, nullptr));
    }
}

base::Result<Transaction> Transaction::begin(Connection& connection, const char* sql)
{
    if (auto begun = connection.execute(sql); !begun)
        return errorOf(begun);
    return Transaction(connection);
}

base::Result<void> Transaction::commit()
{
    auto done = m_connection->execute("COMMIT");
    if (done)
        m_connection = nullptr;
    return done;
}

Transaction::~Transaction()
{
    // ROLLBACK fails if SQLite has already rolled back by itself; then nothing is left to do.
    if (m_connection != nullptr && sqlite3_get_autocommit(m_connection->handle()) == 0)
        sqlite3_exec(m_connection->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

} // namespace millrace::store
