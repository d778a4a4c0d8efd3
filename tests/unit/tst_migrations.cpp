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

/// What a node of each version may leave that the ones before it did not know.
constexpr std::array kContent{
    "INSERT INTO meta VALUES ('store_id', 'x'), ('stopped_cleanly', 0), ('epoch', 6);"
    "INSERT INTO queue (queue_id, name, policy, paused, created_at_us) VALUES (1, 'orders', '{}', 0, 1);"
    "INSERT INTO subscription (subscription_id, topic, queue_id, type_pattern) VALUES (1, 'all', 1, 'order.*');"
    "INSERT INTO message (sequence, queue_id, priority, deliver_at_us, expires_at_us,"
    " submitted_at_us, checksum, envelope, body) VALUES (8, 1, 4, 0, 0, 1, 0, x'', x'');"
    "INSERT INTO failure (sequence, failures, due_at_us, history) VALUES (8, 2, 1, x'');"
    "INSERT INTO deduplication VALUES (1, 1, 'once', 8, 'm', 99);"
    "INSERT INTO dead_letter (sequence, queue_id, state, reason, fingerprint, died_at_us, submitted_at_us, priority,"
    " attempts, replay_count, body_bytes, message_id, type, source, correlation_id, partition_key, worker, error_class,"
    " error_text) VALUES (3, 1, 8, 1, 7, 2, 1, 4, 1, 0, 4, 'm3', 't', 's', '', 'k', 'w', 'c', 'e'),"
    " (4, 1, 10, 1, 7, 2, 1, 4, 1, 0, 4, 'm4', 't', 's', '', NULL, 'w', 'c', 'e');"
    "INSERT INTO dead_letter_content VALUES (3, 0, x'', x'', x''), (4, 0, x'', x'', x'');"
    "INSERT INTO failure_group VALUES (7, 1, 'c', 'e', 2);"
    "INSERT INTO operation VALUES (1, 0, 0, 'ada', '', 1, 0, 0, 0, 1, 0);"
    "INSERT INTO operation_members VALUES (1, x'10');"
    "INSERT INTO handout VALUES (3, x'10');",
    "UPDATE failure SET first_attempt_at_us = 5;",
    "INSERT INTO suspect VALUES (8, 1, 0, 'w');",
    "INSERT INTO schedule VALUES ('nightly', '0 0 * * *', 'orders', 1, x'0a02613112052f64656d6f1a016f', x'', 0, 1, 0, 0, 0);",
    "UPDATE queue SET file_policy = '{}', set_by_operator = 1;",
    "UPDATE subscription SET source_pattern = '/shop*';",
    "INSERT INTO key_block VALUES (3, 1, 3, 'k');",
    "INSERT INTO unique_key VALUES (8, 1, 'alone', 'm');",
    "SELECT 1 FROM dead_letter INDEXED BY dead_letter_closed WHERE state > 8;",
};

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

/// Everything that a node of each version may have left is still there, and works.
void TstMigrations::aDatabaseOfEachEarlierVersionOpens()
{
    const auto all = store::migrations();
    QVERIFY2(kContent.size() == all.size(), "a new version comes with content of its own");
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
            for (const char* content : std::span(kContent).first(version)) {
                const auto filled = old->execute(content);
                QVERIFY2(filled, filled ? "" : filled.error().context.c_str());
            }
        }
        auto opened = store::SqliteStore::open(options);
        QVERIFY2(opened, opened ? "" : opened.error().context.c_str());
        test::RecordingSink sink;
        const auto loaded = (*opened)->load(sink);
        QVERIFY2(loaded, loaded ? "" : loaded.error().context.c_str());
        QCOMPARE(sink.epoch, 7U);
        QVERIFY(!sink.stoppedCleanly);
        QCOMPARE(sink.messages.size(), std::size_t{1});
        QCOMPARE(sink.messages[0].place, engine::Sequence{0}); // by its own sequence
        QCOMPARE(sink.handouts.at(0).sequences, std::vector<engine::Sequence>{8});
        QCOMPARE(sink.subscriptions.at(0).definition.typePattern, std::string("order.*"));
        QCOMPARE(sink.subscriptions[0].definition.sourcePattern, std::string(version >= 6 ? "/shop*" : ""));
        QCOMPARE(sink.failures.at(0).failures, 2U);
        QCOMPARE(sink.failures[0].firstAttemptAtUs, version >= 2 ? 5 : 0);
        QCOMPARE(sink.deduplications.at(0).key, std::string("once"));
        QCOMPARE(sink.deadLetterCounts.size(), std::size_t{2});
        QCOMPARE(sink.operations.at(0).members, std::vector<engine::Sequence>{8});
        QCOMPARE(sink.suspects.size(), std::size_t{version >= 3 ? 1U : 0U});
        QCOMPARE(sink.schedules.size(), std::size_t{version >= 4 ? 1U : 0U});
        QCOMPARE(sink.queues.at(0).filePolicy.has_value(), version >= 5);
        QCOMPARE(sink.queues[0].isSetByOperator, version >= 5);
        QCOMPARE(sink.keyBlocks.size(), std::size_t{version >= 7 ? 1U : 0U});
        QCOMPARE(sink.uniqueKeys.size(), std::size_t{version >= 8 ? 1U : 0U});
        const engine::Sequence dead[] = {3};
        const auto fetched = (*opened)->fetch({}, dead);
        QVERIFY(fetched && fetched->deadLetters.at(0).exists);
        QCOMPARE(fetched->deadLetters[0].partitionKey, std::string("k"));
        // It takes what this version writes.
        engine::Batch batch;
        batch.sync = true;
        batch.messages.push_back(test::messageOf(20));
        batch.removed = {8};
        batch.removedFailures = {8};
        batch.deadLetterChanges = {{3, message::State::Dead, message::State::Discarded, 1, 0, 9}};
        batch.audits.push_back(test::auditOf("discard"));
        QVERIFY((*opened)->commit(batch));
        opened->reset();
        QVERIFY(store::verifyAudit(options));
    }
}

QTEST_GUILESS_MAIN(TstMigrations)
#include "tst_migrations.moc"
