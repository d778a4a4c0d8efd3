// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/campaign/database.h"

#include "core/store/sqlite_store.h"
#include "tests/crash/campaign/violation.h"

#include <sqlite3.h>

#include <memory>
#include <string>

namespace millrace::crash {

namespace {

std::string textOf(sqlite3* database, const std::string& sql)
{
    sqlite3_stmt* statement = nullptr;
    std::string text;
    if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK
        && sqlite3_step(statement) == SQLITE_ROW)
        text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    else
        text = sqlite3_errmsg(database);
    sqlite3_finalize(statement);
    return text;
}

} // namespace

void checkDatabase(const std::filesystem::path& data)
{
    store::StoreOptions options;
    options.directory = data;
    if (const auto verified = store::verifyAudit(options); !verified)
        throw Violation("P8: the audit chain is broken: " + verified.error().context);

    sqlite3* opened = nullptr;
    const std::string file = (data / "millrace.db").string();
    const int code = sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr);
    const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> database(opened, &sqlite3_close);
    if (code != SQLITE_OK)
        throw Violation("the database cannot be opened: " + file);
    if (const std::string sound = textOf(opened, "PRAGMA integrity_check"); sound != "ok")
        throw Violation("the database is damaged: " + sound);
    for (const char* table : {"message", "failure", "handout", "suspect", "unique_key", "key_block"}) {
        const std::string count = textOf(opened, std::string("SELECT count(*) FROM ") + table);
        if (count != "0")
            throw Violation(std::string("table ") + table + " is left with " + count + " rows");
    }
}

} // namespace millrace::crash
