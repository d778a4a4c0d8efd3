// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/commands.h"

#include <sqlite3.h>

#include <QFile>
#include <QTemporaryDir>

#include <memory>
#include <string>

namespace millrace::bench {

namespace {

// The workload is fixed: with another one, ratios to it that were stored before would mean nothing.
constexpr int kRows = 200'000;
constexpr int kRowsPerCommit = 1'000;
constexpr int kRowBytes = 256;
constexpr int kSingleCommits = 300;

using Database = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;
using Statement = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

base::Error errorOf(sqlite3* database)
{
    return {base::ErrorCode::Io, std::string("the reference: ") + sqlite3_errmsg(database)};
}

class Reference
{
public:
    explicit Reference(sqlite3* database)
        : m_database(database)
    {}

    bool run(const char* sql) { return sqlite3_exec(m_database, sql, nullptr, nullptr, nullptr) == SQLITE_OK; }

    bool prepare()
    {
        return run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE row(id INTEGER PRIMARY KEY, body "
                   "BLOB);")
               && compile("INSERT INTO row VALUES(?1, ?2)", m_insert)
               && compile("DELETE FROM row WHERE id = ?1", m_delete);
    }

    /// Rows from … until in one transaction, inserted or deleted.
    bool commit(int from, int until, bool isInsert)
    {
        sqlite3_stmt* const statement = isInsert ? m_insert.get() : m_delete.get();
        bool isDone = run("BEGIN");
        for (int id = from; isDone && id < until; ++id) {
            sqlite3_bind_int(statement, 1, id);
            if (isInsert)
                sqlite3_bind_blob(statement, 2, m_body.data(), kRowBytes, SQLITE_STATIC);
            isDone = sqlite3_step(statement) == SQLITE_DONE;
            sqlite3_reset(statement);
        }
        return isDone && run("COMMIT");
    }

    /// @returns how long it took, ns; 0 if it failed
    std::int64_t commitAll(bool isInsert)
    {
        const std::int64_t start = monotonicNs();
        for (int from = 0; from < kRows; from += kRowsPerCommit) {
            if (!commit(from, from + kRowsPerCommit, isInsert))
                return 0;
        }
        return monotonicNs() - start;
    }

private:
    bool compile(const char* sql, Statement& into)
    {
        sqlite3_stmt* statement = nullptr;
        const bool isDone = sqlite3_prepare_v2(m_database, sql, -1, &statement, nullptr) == SQLITE_OK;
        into.reset(statement);
        return isDone;
    }

    sqlite3* m_database;
    Statement m_insert{nullptr, &sqlite3_finalize}, m_delete{nullptr, &sqlite3_finalize};
    std::string m_body = std::string(kRowBytes, 'x');
};

} // namespace

base::Result<Sample> referenceOnce(const Settings& settings)
{
    const QTemporaryDir directory(settings.directory + QLatin1String("/millrace-bench-XXXXXX"));
    sqlite3* opened = nullptr;
    const int code =
        sqlite3_open(QFile::encodeName(directory.filePath(QStringLiteral("reference.db"))).constData(), &opened);
    const Database database(opened, &sqlite3_close);
    Reference reference(database.get());
    if (code != SQLITE_OK || !reference.prepare())
        return tl::unexpected(errorOf(database.get()));
    const std::int64_t insertNs = reference.commitAll(true);
    const std::int64_t deleteNs = insertNs > 0 ? reference.commitAll(false) : 0;
    if (deleteNs == 0)
        return tl::unexpected(errorOf(database.get()));
    std::vector<std::int64_t> commits;
    for (int id = 0; id < kSingleCommits; ++id) {
        const std::int64_t start = monotonicNs();
        if (!reference.commit(id, id + 1, true))
            return tl::unexpected(errorOf(database.get()));
        commits.push_back(monotonicNs() - start);
    }
    Sample sample;
    const auto perSecond = [](std::int64_t ns) { return kRows * 1e9 / static_cast<double>(ns); };
    sample.add("insert_per_s", perSecond(insertNs));
    sample.add("delete_per_s", perSecond(deleteNs));
    sample.add("rows_per_s", perSecond(insertNs + deleteNs));
    sample.add("commit_p50_ms", quantileMs(commits, 0.5));
    return sample;
}

QJsonObject runReference(const Settings& settings)
{
    Settings fixed = settings;
    fixed.count = kRows;
    fixed.shape.size = kRowBytes;
    return repeat(
        fixed,
        RunSet(fixed,
               "bare SQLite, one thread: 200,000 rows of 256 B by integer key, 1,000 a transaction, WAL, "
               "synchronous=FULL, "
               "otherwise as SQLite comes: inserted, then deleted (rows: both together, of each row once); then 300 "
               "transactions of one row each (commit)"),
        [&fixed] { return referenceOnce(fixed); });
}

} // namespace millrace::bench
