// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/store/schema_p.h"

#include "core/base/failpoint.h"
#include "core/base/hash.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace millrace::store {

using base::ErrorCode;
using base::fail;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view kMagic{"SQLite format 3\0", 16};
constexpr std::size_t kHeaderBytes = 100;
constexpr std::size_t kUserVersionAt = 60;
constexpr std::size_t kApplicationIdAt = 68;

std::uint32_t bigEndianAt(const std::array<unsigned char, kHeaderBytes>& header, std::size_t at)
{
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
        value = (value << 8U) | header.at(at + i);
    return value;
}

std::string quoted(const fs::path& path) { return '"' + path.string() + '"'; }

tl::unexpected<base::Error> systemError(std::string what, int number)
{
    return fail(number == ENOSPC || number == EDQUOT ? ErrorCode::StoreFull : ErrorCode::Io,
                what + ": " + std::strerror(number),
                number);
}

tl::unexpected<base::Error> newerSchema(const fs::path& file, std::int64_t version)
{
    return fail(ErrorCode::Unsupported,
                quoted(file) + " has schema " + std::to_string(version) + ", this program knows "
                    + std::to_string(migrations().size())
                    + " and older: use the newer Millrace that wrote it. Nothing was changed.");
}

tl::unexpected<base::Error> foreignFile(const fs::path& file)
{
    return fail(ErrorCode::Invalid,
                quoted(file)
                    + " is a database of another program: choose another data directory. Nothing was changed.");
}

tl::unexpected<base::Error> damaged(const fs::path& file, const std::string& why)
{
    return fail(ErrorCode::Corrupt,
                quoted(file) + " is damaged (" + why
                    + "): restore a copy, or move the file away to begin anew. Nothing was changed.");
}

base::Result<void> syncDirectory(const fs::path& directory)
{
    const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return systemError("cannot open the directory " + quoted(directory), errno);
    const int code = ::fsync(fd);
    const int number = errno;
    ::close(fd);
    if (code != 0)
        return systemError("cannot sync the directory " + quoted(directory), number);
    return {};
}

base::Result<void> checkStructure(Connection& connection, const fs::path& file)
{
    auto check = connection.prepare("PRAGMA quick_check(1)");
    if (!check)
        return errorOf(check);
    const auto row = check->step();
    if (!row)
        return errorOf(row);
    if (!*row || check->text(0) != "ok")
        return damaged(file, *row ? std::string(check->text(0)) : "its check says nothing");
    return {};
}

base::Result<void> probeOpen(const fs::path& file, const std::string& vfs)
{
    auto connection = Connection::open(file, vfs, Access::Probe);
    if (!connection)
        return errorOf(connection);
    auto version = connection->integerOf("PRAGMA user_version");
    if (!version && version.error().code == ErrorCode::Busy) {
        // Somebody reads: a query of this process, a shell, a backup. Then the index of the log exists already, and
        // one reader more leaves no trace either.
        connection = Connection::open(file, vfs, Access::Read);
        if (!connection)
            return errorOf(connection);
        version = connection->integerOf("PRAGMA user_version");
    }
    if (!version && version.error().code == ErrorCode::Busy)
        return fail(ErrorCode::Busy,
                    quoted(file) + " is locked by another program: close what has it open, a database shell for example");
    if (!version)
        return errorOf(version);
    if (*version > static_cast<std::int64_t>(migrations().size()))
        return newerSchema(file, *version);
    const auto clean = connection->integerOf("SELECT value FROM meta WHERE key = 'stopped_cleanly'");
    if (!clean)
        return errorOf(clean);
    if (*clean == 0)
        return checkStructure(*connection, file);
    return {};
}

base::Result<void> fillNew(const fs::path& file, const std::string& vfs)
{
    auto connection = Connection::open(file, vfs, Access::Write);
    if (!connection)
        return errorOf(connection);
    // Nobody knows of a draft: it is synced once, when all of it is there, and that is most of the time of a first start.
    const std::string settings = "PRAGMA page_size=16384; PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY;"
                                 "PRAGMA application_id="
        + std::to_string(kApplicationId);
    if (auto done = connection->execute(settings.c_str()); !done)
        return done;
    if (auto done = migrate(*connection, migrations()); !done)
        return done;
    if (auto done = connection->execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"); !done)
        return done;
    auto fact = connection->prepare("INSERT INTO meta (key, value) VALUES (?1, ?2)");
    if (!fact)
        return errorOf(fact);
    const std::string id = base::randomUuid();
    if (auto done = fact->run(std::string_view("store_id"), std::string_view(id)); !done)
        return done;
    if (auto done = fact->run(std::string_view("stopped_cleanly"), 1); !done)
        return done;
    *fact = Statement();
    // All of it into the file itself, which is synced then: only that is moved into place.
    return connection->execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

base::Result<void> migrateOne(Connection& connection, const Migration& step)
{
    auto transaction = Transaction::begin(connection, kBeginWrite);
    if (!transaction)
        return errorOf(transaction);
    const std::string sql(step.sql);
    if (auto done = connection.execute(sql.c_str()); !done)
        return done;
    auto check = connection.prepare("PRAGMA foreign_key_check");
    if (!check)
        return errorOf(check);
    const auto broken = check->step();
    if (!broken)
        return errorOf(broken);
    if (*broken)
        return fail(ErrorCode::Corrupt,
                    "migration " + std::to_string(step.version) + " (" + std::string(step.name)
                        + ") leaves rows of \"" + std::string(check->text(0)) + "\" that refer to nothing");
    MR_FAILPOINT("in-migration");
    const std::string stamp = "PRAGMA user_version=" + std::to_string(step.version);
    if (auto done = connection.execute(stamp.c_str()); !done)
        return done;
    return transaction->commit();
}

} // namespace

fs::path databaseFile(const StoreOptions& options) { return options.directory / kDatabaseName; }

base::Result<bool> inspectHeader(const fs::path& file)
{
    const fs::path log = file.string() + "-wal";
    std::error_code ignored;
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno != ENOENT)
        return systemError("cannot read " + quoted(file), errno);
    std::array<unsigned char, kHeaderBytes> header{};
    const ssize_t got = fd < 0 ? 0 : ::pread(fd, header.data(), header.size(), 0);
    const int number = errno;
    if (fd >= 0)
        ::close(fd);
    if (got < 0)
        return systemError("cannot read " + quoted(file), number);
    if (got == 0) {
        if (const auto bytes = fs::file_size(log, ignored); !ignored && bytes > 0)
            return fail(ErrorCode::Corrupt,
                        quoted(log) + " holds messages, but its database " + quoted(file)
                            + " is missing: put it back, or move the log away. Nothing was changed.");
        return false;
    }
    if (static_cast<std::size_t>(got) < kHeaderBytes
        || std::memcmp(header.data(), kMagic.data(), kMagic.size()) != 0)
        return damaged(file, "it is not a database");
    if (bigEndianAt(header, kApplicationIdAt) != kApplicationId)
        return foreignFile(file);
    const std::uint32_t version = bigEndianAt(header, kUserVersionAt);
    if (version > migrations().size())
        return newerSchema(file, version);
    return true;
}

base::Result<void> probe(const fs::path& file, const std::string& vfs)
{
    const fs::path log = file.string() + "-wal";
    std::error_code ignored;
    const bool hadLog = fs::exists(log, ignored);
    auto found = probeOpen(file, vfs);
    // A log that came with another reader is that reader's.
    if (!hadLog && !fs::exists(file.string() + "-shm", ignored))
        fs::remove(log, ignored);
    if (!found && found.error().code == ErrorCode::Corrupt
        && found.error().context.find("Nothing was changed") == std::string::npos)
        return damaged(file, found.error().context);
    return found;
}

base::Result<void> createDatabase(const fs::path& file, const std::string& vfs)
{
    const fs::path draft = file.string() + ".new";
    std::error_code ignored;
    for (const char* suffix : {"", "-wal", "-shm", "-journal"})
        fs::remove(draft.string() + suffix, ignored);
    const int fd = ::open(draft.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return systemError("cannot create " + quoted(draft), errno);
    ::close(fd);

    if (auto done = fillNew(draft, vfs); !done)
        return done;
    for (const char* suffix : {"-wal", "-shm"})
        fs::remove(draft.string() + suffix, ignored);
    if (::rename(draft.c_str(), file.c_str()) != 0)
        return systemError("cannot move " + quoted(draft) + " into place", errno);
    return syncDirectory(file.parent_path());
}

base::Result<void> migrate(Connection& connection, std::span<const Migration> steps)
{
    const auto version = connection.integerOf("PRAGMA user_version");
    if (!version)
        return errorOf(version);
    if (*version >= static_cast<std::int64_t>(steps.size()))
        return {};
    // A step may rebuild a table that others refer to; each ends with a check instead.
    if (auto done = connection.execute("PRAGMA foreign_keys=OFF"); !done)
        return done;
    for (const Migration& step : steps) {
        if (step.version <= *version)
            continue;
        if (auto done = migrateOne(connection, step); !done)
            return done;
        MR_FAILPOINT("between-migrations");
    }
    return connection.execute("PRAGMA foreign_keys=ON");
}

} // namespace millrace::store
