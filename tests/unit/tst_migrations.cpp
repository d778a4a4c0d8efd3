// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/store/migration.h"
#include "core/store/schema_p.h"
#include "core/store/sqlite_store.h"
#include "tests/support/store_script.h"

#include <QTemporaryDir>
#include <QTest>

#include <sqlite3.h>

#include <array>
#include <fstream>

using namespace millrace;
using base::ErrorCode;
using store::Access;
using store::Connection;
using store::Migration;

namespace {

constexpr std::array kSteps{
    Migration{1, "first", "CREATE TABLE parent (id INTEGER PRIMARY KEY) STRICT;"
                          "CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id)) STRICT;"
                          "INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1, 1);"},
    // A table that another refers to is built anew.
    Migration{2, "wider", "CREATE TABLE wider (id INTEGER PRIMARY KEY, name TEXT) STRICT;"
                          "INSERT INTO wider SELECT id, 'one' FROM parent; DROP TABLE parent;"
                          "ALTER TABLE wider RENAME TO parent;"},
    Migration{3, "broken", "CREATE TABLE half (id INTEGER PRIMARY KEY) STRICT; DELETE FROM nowhere;"},
};
constexpr std::array kOrphans{kSteps[0], Migration{2, "orphans", "DELETE FROM parent;"}};

} // namespace

class TstMigrations : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void embeddedOnesAreNumberedWithoutGaps();
    void appliesWhatIsMissing();
    void aFailedStepLeavesTheOneBeforeIt();
    void aStepThatLeavesOrphansIsRefused();
    void foreignKeysAreOnAfterwards();
    void theSchemaIsTheOneOfTheFile();
    void aDatabaseOfEachEarlierVersionOpens();

private:
    Connection empty();
    std::int64_t ask(Connection& connection, std::string_view sql);

    std::unique_ptr<QTemporaryDir> m_directory;
};

void TstMigrations::init() { m_directory = std::make_unique<QTemporaryDir>(); }

Connection TstMigrations::empty()
{
    const std::string file = m_directory->filePath(QStringLiteral("test.db")).toStdString();
    std::ofstream(file, std::ios::app).flush();
    auto connection = Connection::open(file, {}, Access::Write);
    if (!connection)
        qFatal("%s", connection.error().context.c_str());
    return std::move(*connection);
}

std::int64_t TstMigrations::ask(Connection& connection, std::string_view sql)
{
    const auto answer = connection.integerOf(sql);
    return answer ? *answer : -1;
}

void TstMigrations::embeddedOnesAreNumberedWithoutGaps()
{
    QVERIFY(!store::migrations().empty());
    int expected = 0;
    for (const Migration& step : store::migrations()) {
        QCOMPARE(step.version, ++expected);
        QVERIFY(!step.name.empty());
        QVERIFY(!step.sql.empty());
    }
}

void TstMigrations::appliesWhatIsMissing()
{
    Connection connection = empty();
    QVERIFY(store::migrate(connection, std::span(kSteps).first(1)));
    QCOMPARE(ask(connection, "PRAGMA user_version"), 1);
    QVERIFY(store::migrate(connection, std::span(kSteps).first(2)));
    QCOMPARE(ask(connection, "PRAGMA user_version"), 2);
    QCOMPARE(ask(connection, "SELECT count(*) FROM parent JOIN child ON child.parent = parent.id"
                             " WHERE name = 'one'"),
             1);
    QVERIFY(store::migrate(connection, std::span(kSteps).first(2))); // nothing is left to do
    QCOMPARE(ask(connection, "SELECT count(*) FROM parent"), 1);
}

void TstMigrations::aFailedStepLeavesTheOneBeforeIt()
{
    Connection connection = empty();
    const auto done = store::migrate(connection, kSteps);
    QVERIFY(!done);
    QVERIFY(done.error().context.find("nowhere") != std::string::npos);
    QCOMPARE(ask(connection, "PRAGMA user_version"), 2);
    QCOMPARE(ask(connection, "SELECT count(*) FROM sqlite_schema WHERE name = 'half'"), 0);
}

void TstMigrations::aStepThatLeavesOrphansIsRefused()
{
    Connection connection = empty();
    const auto done = store::migrate(connection, kOrphans);
    QVERIFY(!done);
    QVERIFY(done.error().code == ErrorCode::Corrupt);
    QVERIFY(done.error().context.find("orphans") != std::string::npos);
    QCOMPARE(ask(connection, "PRAGMA user_version"), 1);
    QCOMPARE(ask(connection, "SELECT count(*) FROM parent"), 1);
}

void TstMigrations::foreignKeysAreOnAfterwards()
{
    Connection connection = empty();
    QVERIFY(store::migrate(connection, std::span(kSteps).first(2)));
    QCOMPARE(ask(connection, "PRAGMA foreign_keys"), 1);
    QVERIFY(!connection.execute("INSERT INTO child VALUES (2, 99)"));
}

void TstMigrations::theSchemaIsTheOneOfTheFile()
{
    store::StoreOptions options;
    options.directory = m_directory->path().toStdString();
    QVERIFY(store::SqliteStore::open(options));
    auto connection = Connection::open(store::databaseFile(options), {}, Access::Read);
    QVERIFY(connection);
    QCOMPARE(ask(*connection, "PRAGMA user_version"), std::int64_t(store::migrations().size()));
    QCOMPARE(ask(*connection, "PRAGMA application_id"), std::int64_t{0x4D494C4C});
    QCOMPARE(ask(*connection, "PRAGMA page_size"), 16384);
    QCOMPARE(ask(*connection, "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
                              " AND strict = 0 AND name NOT LIKE 'sqlite%'"),
             0);
    QCOMPARE(ask(*connection, "SELECT count(*) FROM meta WHERE key = 'store_id'"), 1);
}

void TstMigrations::aDatabaseOfEachEarlierVersionOpens()
{
    const auto all = store::migrations();
    for (std::size_t version = 1; version <= all.size(); ++version) {
        init();
        store::StoreOptions options;
        options.directory = m_directory->path().toStdString();
        std::ofstream(store::databaseFile(options), std::ios::app).flush();
        {
            auto old = Connection::open(store::databaseFile(options), {}, Access::Write);
            QVERIFY(old);
            QVERIFY(old->execute("PRAGMA page_size=16384; PRAGMA application_id=0x4D494C4C; PRAGMA journal_mode=WAL;"));
            QVERIFY(store::migrate(*old, all.first(version)));
            QVERIFY(old->execute("INSERT INTO meta VALUES ('store_id', 'x'), ('stopped_cleanly', 0), ('epoch', 6);"
                                 "INSERT INTO queue (queue_id, name, policy, paused, created_at_us)"
                                 " VALUES (1, 'orders', '{}', 0, 1);"
                                 "INSERT INTO message (sequence, queue_id, priority, deliver_at_us, expires_at_us,"
                                 " submitted_at_us, checksum, envelope, body) VALUES (8, 1, 4, 0, 0, 1, 0, x'', x'');"
                                 "INSERT INTO handout VALUES (3, x'10');"));
        }
        auto opened = store::SqliteStore::open(options);
        QVERIFY2(opened, opened ? "" : opened.error().context.c_str());
        test::RecordingSink sink;
        QVERIFY((*opened)->load(sink));
        QCOMPARE(sink.epoch, 7U);
        QVERIFY(!sink.stoppedCleanly);
        QCOMPARE(sink.messages.size(), std::size_t{1});
        QCOMPARE(sink.messages[0].place, engine::Sequence{0}); // by its own sequence
        QCOMPARE(sink.handouts.at(0).sequences, std::vector<engine::Sequence>{8});
    }
}

QTEST_GUILESS_MAIN(TstMigrations)
#include "tst_migrations.moc"
