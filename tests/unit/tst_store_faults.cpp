// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/store/memory_store.h"
#include "core/store/sqlite_store.h"
#include "tests/support/counting_vfs.h"
#include "tests/support/store_script.h"

#include <QTemporaryDir>
#include <QTest>

#include <sqlite3.h>

#include <memory>

using namespace millrace;
using namespace millrace::test;
using base::ErrorCode;
using engine::Batch;
using store::MemoryStore;
using store::SqliteStore;
using File = CountingVfs::File;

namespace {

/// What a store holds after each number of batches, as an independent store tells it.
std::vector<std::string> expectedDumps(const std::vector<Batch>& batches)
{
    MemoryStore model(MemoryStore::newContent());
    std::vector<std::string> dumps{dump(model)};
    for (const Batch& batch : batches) {
        if (!model.commit(batch))
            qFatal("the script does not fit the model");
        dumps.push_back(dump(model));
    }
    return dumps;
}

/// In memory where there is such a place: what is synced is told by the counting VFS, not by a disk.
std::unique_ptr<QTemporaryDir> newDirectory()
{
    auto inMemory = std::make_unique<QTemporaryDir>(QStringLiteral("/dev/shm/millrace-XXXXXX"));
    return inMemory->isValid() ? std::move(inMemory) : std::make_unique<QTemporaryDir>();
}

struct Run
{
    std::size_t committed = 0;
    base::Result<void> failure; ///< the first one
    bool refusedAfterwards = true;
};

Run runScript(SqliteStore& store, const std::vector<Batch>& batches)
{
    Run run;
    for (const Batch& batch : batches) {
        const auto done = store.commit(batch);
        if (!run.failure)
            run.refusedAfterwards = run.refusedAfterwards && !done;
        else if (done)
            ++run.committed;
        else
            run.failure = done;
    }
    return run;
}

std::string damageTo(const std::filesystem::path& file)
{
    sqlite3* database = nullptr;
    std::string answer = "cannot be opened";
    if (sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK) {
        sqlite3_exec(
            database,
            "PRAGMA integrity_check(1)",
            [](void* out, int, char** values, char**) {
                *static_cast<std::string*>(out) = values[0];
                return 0;
            },
            &answer,
            nullptr);
    }
    sqlite3_close(database);
    return answer;
}

} // namespace

class TstStoreFaults : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void d1_eachSyncedCommitEndsWithASync();
    void d2_commitsWithoutSyncDoNotSync();
    void d1_aSyncedCommitCoversThoseBeforeIt();
    void d4_theNthCallFails_data();
    void d4_theNthCallFails();
    void d4_aFailedSyncIsNotRetried();
    void d17_noSpaceIsStoreFull();
    void d4_creationUnderFaults_data();
    void d4_creationUnderFaults();
    void d18_logStaysWithinItsLimit();

private:
    store::StoreOptions options(const CountingVfs* vfs);
    std::unique_ptr<SqliteStore> open(const store::StoreOptions& options);
    void faultAt(std::uint64_t nth, CountingVfs::Fault fault, CountingVfs::Lasts lasts, bool& reached);

    std::unique_ptr<QTemporaryDir> m_directory;
    std::vector<Batch> m_script;
    std::vector<std::string> m_expected;
};

void TstStoreFaults::init()
{
    m_directory = newDirectory();
    if (!m_script.empty())
        return;
    m_script = script();
    m_expected = expectedDumps(m_script);
}

store::StoreOptions TstStoreFaults::options(const CountingVfs* vfs)
{
    store::StoreOptions options;
    options.directory = m_directory->path().toStdString();
    options.vfs = vfs != nullptr ? vfs->name() : std::string();
    options.walLimitBytes = 256 * 1024; // so that checkpoints run in the script
    return options;
}

std::unique_ptr<SqliteStore> TstStoreFaults::open(const store::StoreOptions& options)
{
    auto opened = SqliteStore::open(options);
    if (!opened)
        qFatal("%s", opened.error().context.c_str());
    return std::move(*opened);
}

void TstStoreFaults::d1_eachSyncedCommitEndsWithASync()
{
    CountingVfs vfs("counting");
    const auto store = open(options(&vfs));
    for (const Batch& batch : m_script) {
        const auto before = vfs.counts(File::Log);
        QVERIFY(store->commit(batch));
        QVERIFY(vfs.counts(File::Log).writes > before.writes);
        QVERIFY(vfs.counts(File::Log).syncs > before.syncs);
        QVERIFY(!vfs.logIsUnsynced());
    }
}

void TstStoreFaults::d2_commitsWithoutSyncDoNotSync()
{
    CountingVfs vfs("counting");
    auto large = options(&vfs);
    large.walLimitBytes = 64 * 1024 * 1024; // a checkpoint syncs
    const auto store = open(large);
    // The first commit begins the log anew, and SQLite syncs the head of a log that begins in every mode.
    Batch first = m_script.front();
    first.sync = false;
    QVERIFY(store->commit(first));
    const auto before = vfs.counts(File::Log);
    for (Batch batch : std::span(m_script).subspan(1)) {
        batch.sync = false;
        QVERIFY(store->commit(batch));
    }
    QCOMPARE(vfs.counts(File::Log).syncs, before.syncs);
    QVERIFY(vfs.logIsUnsynced());
}

void TstStoreFaults::d1_aSyncedCommitCoversThoseBeforeIt()
{
    CountingVfs vfs("counting");
    auto large = options(&vfs);
    large.walLimitBytes = 64 * 1024 * 1024;
    const auto store = open(large);
    Batch batch = m_script[0];
    batch.sync = false;
    QVERIFY(store->commit(batch));
    QVERIFY(vfs.logIsUnsynced());
    Batch nothing;
    nothing.sync = true; // has no row of its own, and still promises
    QVERIFY(store->commit(nothing));
    QVERIFY(!vfs.logIsUnsynced());

    batch = m_script[1];
    batch.sync = false;
    QVERIFY(store->commit(batch));
    Batch missing;
    missing.sync = true;
    missing.removed = {4711}; // changes nothing
    QVERIFY(store->commit(missing));
    QVERIFY(!vfs.logIsUnsynced());

    batch = m_script[2];
    batch.sync = false;
    QVERIFY(store->commit(batch));
    Batch same; // changes rows into what they are
    same.sync = true;
    same.queues = m_script[0].queues;
    QVERIFY(store->commit(same));
    QVERIFY(!vfs.logIsUnsynced());
}

void TstStoreFaults::d4_theNthCallFails_data()
{
    QTest::addColumn<bool>("noSpace");
    QTest::addColumn<bool>("forEver");
    QTest::newRow("EIO once") << false << false;
    QTest::newRow("EIO for ever") << false << true;
    QTest::newRow("ENOSPC once") << true << false;
    QTest::newRow("ENOSPC for ever") << true << true;
}

void TstStoreFaults::d4_theNthCallFails()
{
    QFETCH(bool, noSpace);
    QFETCH(bool, forEver);
    const auto fault = noSpace ? CountingVfs::Fault::NoSpace : CountingVfs::Fault::Io;
    const auto lasts = forEver ? CountingVfs::Lasts::ForEver : CountingVfs::Lasts::Once;
    std::uint64_t nth = 1;
    for (bool reached = true; reached; ++nth) {
        m_directory = newDirectory();
        faultAt(nth, fault, lasts, reached);
        if (QTest::currentTestFailed()) {
            qWarning("call %llu", static_cast<unsigned long long>(nth));
            return;
        }
    }
    qInfo("%llu calls, each failed once", static_cast<unsigned long long>(nth - 2));
    QVERIFY(nth > 50);
}

void TstStoreFaults::faultAt(std::uint64_t nth, CountingVfs::Fault fault, CountingVfs::Lasts lasts, bool& reached)
{
    CountingVfs vfs("counting");
    auto store = open(options(&vfs));
    vfs.failAt(nth, fault, lasts);
    const Run run = runScript(*store, m_script);
    store.reset(); // its destructor must bear the fault, too
    reached = vfs.hasFailed();
    QVERIFY(run.refusedAfterwards);
    QCOMPARE(vfs.retriedSyncs(), std::uint64_t{0});
    vfs.heal();

    const auto again = open(options(nullptr));
    const std::string found = dump(*again);
    const bool asCommitted = found == m_expected[run.committed];
    // The outcome of the commit that failed is unknown: all of it may be there, or nothing.
    const bool withFailed = !run.failure && found == m_expected[run.committed + 1];
    QVERIFY(asCommitted || withFailed);
    QCOMPARE(damageTo(options(nullptr).directory / "millrace.db"), std::string("ok"));
}

void TstStoreFaults::d4_aFailedSyncIsNotRetried()
{
    CountingVfs vfs("counting");
    auto large = options(&vfs);
    large.walLimitBytes = 64 * 1024 * 1024; // no checkpoint comes between
    auto store = open(large);
    QVERIFY(store->commit(m_script[0]));
    Batch batch;
    batch.sync = true;
    batch.handouts = {{1, {1}}};
    const auto before = vfs.counts(File::Log);
    QVERIFY(store->commit(batch));
    const auto after = vfs.counts(File::Log);
    // The last call of a commit is its sync; this one is as large as the one before.
    QCOMPARE(after.syncs, before.syncs + 1);
    vfs.failAt(after.writes - before.writes + 1, CountingVfs::Fault::Io, CountingVfs::Lasts::Once);
    batch.handouts = {{2, {2}}};
    const auto done = store->commit(batch);
    QVERIFY(!done);
    QVERIFY(done.error().code == ErrorCode::Io);
    QCOMPARE(done.error().native, SQLITE_IOERR_FSYNC);
    QVERIFY(done.error().context.find("millrace.db") != std::string::npos);

    const auto syncs = vfs.counts(File::Log).syncs;
    const auto refused = store->commit(batch);
    QVERIFY(!refused);
    QVERIFY(refused.error().code == ErrorCode::Io);
    QCOMPARE(refused.error().native, SQLITE_IOERR_FSYNC); // the cause is told again
    QVERIFY(!store->fetch({}, {}));
    RecordingSink sink;
    QVERIFY(!store->load(sink));
    store.reset();
    QCOMPARE(vfs.counts(File::Log).syncs, syncs);
    QCOMPARE(vfs.retriedSyncs(), std::uint64_t{0});
}

void TstStoreFaults::d17_noSpaceIsStoreFull()
{
    CountingVfs vfs("counting");
    const auto store = open(options(&vfs));
    vfs.failAt(1, CountingVfs::Fault::NoSpace, CountingVfs::Lasts::Once);
    const auto done = store->commit(m_script[0]);
    QVERIFY(!done);
    QVERIFY(done.error().code == ErrorCode::StoreFull);
}

void TstStoreFaults::d4_creationUnderFaults_data() { d4_theNthCallFails_data(); }

void TstStoreFaults::d4_creationUnderFaults()
{
    QFETCH(bool, noSpace);
    QFETCH(bool, forEver);
    for (std::uint64_t nth = 1;; ++nth) {
        m_directory = newDirectory();
        CountingVfs vfs("counting");
        vfs.failAt(nth,
                   noSpace ? CountingVfs::Fault::NoSpace : CountingVfs::Fault::Io,
                   forEver ? CountingVfs::Lasts::ForEver : CountingVfs::Lasts::Once);
        const bool created = SqliteStore::open(options(&vfs)).has_value();
        const bool reached = vfs.hasFailed();
        vfs.heal();
        const auto again = SqliteStore::open(options(nullptr));
        QVERIFY2(again, again ? "" : again.error().context.c_str());
        QCOMPARE(dump(**again), m_expected[0]);
        if (!reached) {
            QVERIFY(created);
            QVERIFY(nth > 10);
            return;
        }
    }
}

void TstStoreFaults::d18_logStaysWithinItsLimit()
{
    constexpr std::uint64_t kLimit = 4 * 1024 * 1024;
    constexpr engine::Sequence kMessages = 200'000;
    constexpr engine::Sequence kPerBatch = 1'000;
    CountingVfs vfs("counting");
    auto limited = options(&vfs);
    limited.walLimitBytes = kLimit;
    const auto store = open(limited);
    const engine::NewMessage pattern = messageOf(1, std::string(256, 'b'));
    std::uint64_t largestCommit = 0;
    Batch batch;
    batch.sync = true;
    for (engine::Sequence first = 1; first <= kMessages; first += kPerBatch) {
        batch.messages.assign(kPerBatch, pattern);
        batch.removed.clear();
        for (engine::Sequence i = 0; i < kPerBatch; ++i) {
            batch.messages[i].sequence = first + i;
            if (first > 20 * kPerBatch)
                batch.removed.push_back(first - 20 * kPerBatch + i);
        }
        const auto before = vfs.counts(File::Log).bytes;
        QVERIFY(store->commit(batch));
        largestCommit = std::max(largestCommit, vfs.counts(File::Log).bytes - before);
    }
    QVERIFY(vfs.counts(File::Log).bytes > 10 * kLimit);
    QVERIFY(vfs.largestLog() <= kLimit + largestCommit);
    QVERIFY(store->sizes().walBytes <= kLimit + largestCommit);
}

QTEST_GUILESS_MAIN(TstStoreFaults)
#include "tst_store_faults.moc"
