// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/store/browser.h"
#include "core/store/browser_scan_p.h"
#include "tests/support/store_script.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include <sqlite3.h>

#include <filesystem>

using namespace millrace;
using namespace millrace::test;
using base::ErrorCode;
using engine::Batch;
using engine::Sequence;
using message::DeadLetterFilter;
using message::Reason;
using message::State;
using store::Browser;
using store::ScanFor;
using store::SlicePart;

namespace {

using Sequences = std::vector<Sequence>;

/// Many dead letters, made by SQL alone: sequence n died at n / 7, so that seven share a microsecond,
/// for one of four reasons, with one of 50 fingerprints, in queue 1 or 2.
constexpr const char* kFlood
    = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
      " INSERT INTO dead_letter (sequence, queue_id, state, reason, fingerprint, died_at_us,"
      " submitted_at_us, priority, attempts, replay_count, body_bytes, message_id, type, source,"
      " correlation_id, worker, error_class, error_text)"
      " SELECT i, 1 + i %% 2, 8, i %% 4, 1 + i %% 50, i / 7, i, 4, 3, 0, 9, 'm-' || i, 'order.created',"
      " '/shop', 'c', 'w', 'E', 'failure number ' || i FROM n;"
      "INSERT INTO dead_letter_content (sequence, checksum, history, envelope, body)"
      " SELECT sequence, 0, x'', x'', CAST('body of ' || sequence AS BLOB) FROM dead_letter;"
      "INSERT INTO queue (queue_id, name, policy, paused, created_at_us)"
      " VALUES (1, 'orders', '{}', 0, 0), (2, 'mail', '{}', 0, 0);";

} // namespace

class TstBrowser : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void openSaysThatThereIsNone();
    void selectsNewestFirst();
    void filters_data();
    void filters();
    void textIsFoundInColumnsAndBody_data();
    void textIsFoundInColumnsAndBody();
    void selectsSeveralStatesInOneOrder();
    void closedByListsAnOperation();
    void rowsComeInTheOrderAskedFor();
    void detailHasEverything();
    void d19_detailTellsDamage();
    void groupsAreLargestFirst();
    void slicesMissNothingAmongEqualTimes();
    void progressEndsASearch();
    void g6_whatIsNotTouchedIsFoundOnceWhileOthersChange();
    void neverWrites();
    void hotQueriesUseTheirIndex_data();
    void hotQueriesUseTheirIndex();
    void oneHundredThousandInTime();

private:
    void run(const std::string& sql);
    void flood(int count);
    void openBrowser();
    Sequences select(const DeadLetterFilter& filter);

    std::unique_ptr<QTemporaryDir> m_directory;
    store::StoreOptions m_options;
    std::unique_ptr<store::SqliteStore> m_store;
    std::unique_ptr<Browser> m_browser;
};

void TstBrowser::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    m_options = {};
    m_options.directory = m_directory->path().toStdString();
    if (qstrcmp(QTest::currentTestFunction(), "openSaysThatThereIsNone") == 0)
        return;
    auto opened = store::SqliteStore::open(m_options);
    QVERIFY(opened);
    m_store = std::move(*opened);
}

void TstBrowser::cleanup()
{
    m_browser.reset();
    m_store.reset();
}

/// Changes the database behind the store's back, while it is closed.
void TstBrowser::run(const std::string& sql)
{
    m_browser.reset();
    m_store.reset();
    sqlite3* database = nullptr;
    sqlite3_open((m_options.directory / "millrace.db").c_str(), &database);
    char* error = nullptr;
    if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &error) != SQLITE_OK)
        qFatal("%s", error);
    sqlite3_close(database);
    auto opened = store::SqliteStore::open(m_options);
    if (!opened)
        qFatal("%s", opened.error().context.c_str());
    m_store = std::move(*opened);
}

void TstBrowser::flood(int count)
{
    std::string sql = kFlood;
    sql.replace(sql.find("%d"), 2, std::to_string(count));
    for (std::size_t at = sql.find("%%"); at != std::string::npos; at = sql.find("%%"))
        sql.erase(at, 1);
    run(sql);
    openBrowser();
}

void TstBrowser::openBrowser()
{
    auto opened = Browser::open(m_options);
    if (!opened)
        qFatal("%s", opened.error().context.c_str());
    m_browser = std::move(*opened);
}

Sequences TstBrowser::select(const DeadLetterFilter& filter)
{
    auto found = m_browser->select(filter);
    if (!found)
        qFatal("%s", found.error().context.c_str());
    return *found;
}

void TstBrowser::openSaysThatThereIsNone()
{
    const auto opened = Browser::open(m_options);
    QVERIFY(!opened);
    QVERIFY(opened.error().code == ErrorCode::NotFound);
    QVERIFY(std::filesystem::is_empty(m_options.directory));
}

void TstBrowser::selectsNewestFirst()
{
    flood(20);
    Sequences expected;
    for (Sequence sequence = 20; sequence >= 1; --sequence)
        expected.push_back(sequence);
    QCOMPARE(select({}), expected);
}

void TstBrowser::filters_data()
{
    QTest::addColumn<DeadLetterFilter>("filter");
    QTest::addColumn<Sequences>("expected");
    DeadLetterFilter filter;
    filter.queues = {"mail"};
    QTest::newRow("queue") << filter << Sequences{19, 17, 15, 13, 11, 9, 7, 5, 3, 1};
    filter.reasons = {Reason::SchemaInvalid};
    QTest::newRow("queue and reason") << filter << Sequences{19, 15, 11, 7, 3};
    filter.queues = {"mail", "orders", "mail"};
    filter.reasons = {Reason::SchemaInvalid, Reason::AttemptsExhausted};
    QTest::newRow("any of two") << filter << Sequences{20, 19, 16, 15, 12, 11, 8, 7, 4, 3};
    filter = {};
    filter.queues = {"nothing"};
    QTest::newRow("unknown queue") << filter << Sequences{};
    filter = {};
    filter.fingerprint = 8;
    QTest::newRow("group") << filter << Sequences{7};
    filter.queues = {"orders"};
    QTest::newRow("group in another queue") << filter << Sequences{};
    filter = {};
    filter.diedFromUs = 1;
    filter.diedUntilUs = 2;
    QTest::newRow("time, the end not included") << filter << Sequences{13, 12, 11, 10, 9, 8, 7};
    filter.queues = {"mail"};
    QTest::newRow("time and queue") << filter << Sequences{13, 11, 9, 7};
    filter = {};
    filter.states = {State::Archived};
    QTest::newRow("state") << filter << Sequences{};
    filter = {};
    filter.text = "NUMBER 7";
    filter.queues = {"mail"};
    QTest::newRow("text and queue") << filter << Sequences{17, 7};
    filter = {};
    filter.text = "17";
    filter.fingerprint = 18;
    QTest::newRow("text and group") << filter << Sequences{17};
}

void TstBrowser::filters()
{
    QFETCH(DeadLetterFilter, filter);
    QFETCH(Sequences, expected);
    flood(20);
    QCOMPARE(select(filter), expected);
    // The same rows come out of the groups, counted.
    if (filter.fingerprint == 0) {
        std::uint64_t count = 0;
        const auto groups = m_browser->groups(filter);
        QVERIFY(groups);
        for (const auto& group : *groups)
            count += group.count;
        QCOMPARE(count, std::uint64_t(expected.size()));
    }
}

void TstBrowser::textIsFoundInColumnsAndBody_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<Sequences>("expected");
    QTest::newRow("id") << std::string("m-2") << Sequences{2};
    QTest::newRow("type") << std::string("ORDER.created") << Sequences{3, 2};
    QTest::newRow("source") << std::string("/SHOP") << Sequences{3, 2};
    QTest::newRow("correlation id") << std::string("c-m-3") << Sequences{3};
    QTest::newRow("worker") << std::string("worker-1") << Sequences{3, 2};
    QTest::newRow("error class") << std::string("carddeclined") << Sequences{3, 2};
    QTest::newRow("error text") << std::string("4111") << Sequences{3, 2};
    QTest::newRow("body") << std::string("body 3") << Sequences{3};
    QTest::newRow("words apart, in column and body") << std::string("  4111\tBODY  m-2 ") << Sequences{2};
    QTest::newRow("a word that is missing") << std::string("4111 nowhere") << Sequences{};
    QTest::newRow("no wildcards") << std::string("m%2") << Sequences{};
    QTest::newRow("no single wildcard") << std::string("m_2") << Sequences{};
    QTest::newRow("quote") << std::string("' OR 1=1 --") << Sequences{};
    QTest::newRow("only blanks") << std::string("   ") << Sequences{3, 2};
}

void TstBrowser::textIsFoundInColumnsAndBody()
{
    QFETCH(std::string, text);
    QFETCH(Sequences, expected);
    Batch batch;
    batch.sync = true;
    batch.queues = {queueOf(1, "orders")};
    batch.messages = {messageOf(2), messageOf(3)};
    batch.deadLetters = {deathOf(2), deathOf(3)};
    QVERIFY(m_store->commit(batch));
    openBrowser();
    DeadLetterFilter filter;
    filter.text = text;
    QCOMPARE(select(filter), expected);
}

void TstBrowser::selectsSeveralStatesInOneOrder()
{
    flood(20);
    run("UPDATE dead_letter SET state = 11 WHERE sequence % 2 = 0; UPDATE dead_letter SET state = 9 WHERE sequence = 7");
    openBrowser();
    DeadLetterFilter filter;
    filter.states = {State::Dead, State::Discarded, State::Dead};
    Sequences expected;
    for (Sequence sequence = 20; sequence >= 1; --sequence) {
        if (sequence != 7)
            expected.push_back(sequence);
    }
    QCOMPARE(select(filter), expected);
    filter.states.clear(); // does not restrict
    QCOMPARE(select(filter).size(), std::size_t{20});
}

void TstBrowser::closedByListsAnOperation()
{
    flood(50'000);
    run("UPDATE dead_letter SET state = 11, closed_by = 5, closed_at_us = 1 WHERE sequence % 2 = 0");
    openBrowser();
    const auto found = m_browser->closedBy(5);
    QVERIFY(found);
    QCOMPARE(found->size(), std::size_t{25'000});
    QCOMPARE(found->front(), Sequence{2});
    QCOMPARE(found->back(), Sequence{50'000});
    QVERIFY(std::is_sorted(found->begin(), found->end()));
    QVERIFY(m_browser->closedBy(6)->empty());
}

void TstBrowser::rowsComeInTheOrderAskedFor()
{
    for (const Batch& batch : script())
        QVERIFY(m_store->commit(batch));
    openBrowser();
    const Sequence sequences[] = {21, 999, 2, 3};
    const auto rows = m_browser->rows(sequences);
    QVERIFY(rows);
    QCOMPARE(rows->size(), std::size_t{3});
    QCOMPARE((*rows)[0].ref.value, std::string("21"));
    QCOMPARE((*rows)[0].id, std::string("m-2")); // what was replayed keeps its id
    QCOMPARE((*rows)[0].replayCount, std::uint32_t{1});
    QCOMPARE((*rows)[0].bodyBytes, std::uint64_t{6});
    const message::DeadLetterRow& second = (*rows)[1];
    QCOMPARE(second.queue, std::string("orders"));
    QVERIFY(second.state == State::Replayed);
    QVERIFY(second.reason == Reason::Rejected);
    QCOMPARE(second.correlationId, std::string("c-m-2"));
    QCOMPARE(second.errorClass, std::string("CardDeclined"));
    QCOMPARE(second.errorText, std::string("card 4111 was refused"));
    QCOMPARE(second.attempts, std::uint32_t{1});
    QCOMPARE(second.submittedAtUs, 500'002);
    QCOMPARE(second.diedAtUs, 1'000'002);
    QCOMPARE(second.fingerprint, message::fingerprint(Reason::Rejected, deathOf(2).failure));
    QVERIFY((*rows)[2].state == State::Discarded);

    const Sequences tooMany(1'001, 2);
    QVERIFY(m_browser->rows(tooMany).error().code == ErrorCode::Limit);
}

void TstBrowser::detailHasEverything()
{
    for (const Batch& batch : script())
        QVERIFY(m_store->commit(batch));
    openBrowser();
    const auto detail = m_browser->detail(2);
    QVERIFY(detail);
    QVERIFY(detail->damage.empty());
    QCOMPARE(detail->envelope, envelopeOf("m-2"));
    QCOMPARE(detail->body, std::string("body 2"));
    QCOMPARE(detail->attempts.size(), std::size_t{1});
    QCOMPARE(detail->attempts[0], failureOf(2, 1).attempt);
    QCOMPARE(detail->replayedAs.value, std::string("21"));
    QVERIFY(detail->replayOf.value.empty());
    QCOMPARE(detail->closedAtUs, 3'100'000);
    QCOMPARE(detail->closedBy, std::string("anna"));

    const auto again = m_browser->detail(21);
    QVERIFY(again);
    QVERIFY(again->damage.empty());
    QCOMPARE(again->body, std::string("body 2"));
    QCOMPARE(again->replayOf.value, std::string("2"));
    QVERIFY(again->attempts.empty());
    QCOMPARE(again->closedAtUs, 0);
    QVERIFY(m_browser->detail(999).error().code == ErrorCode::NotFound);
}

void TstBrowser::d19_detailTellsDamage()
{
    for (const Batch& batch : script())
        QVERIFY(m_store->commit(batch));
    run("UPDATE dead_letter_content SET body = x'6F6F6F' WHERE sequence = 2");
    openBrowser();
    QVERIFY(!m_browser->detail(2)->damage.empty());
    QVERIFY(!m_browser->detail(21)->damage.empty()); // its bytes are those
    QVERIFY(m_browser->detail(3)->damage.empty());
}

void TstBrowser::groupsAreLargestFirst()
{
    Batch batch;
    batch.sync = true;
    batch.queues = {queueOf(1, "orders"), queueOf(2, "mail")};
    for (Sequence sequence = 1; sequence <= 5; ++sequence) {
        batch.messages.push_back(messageOf(sequence));
        batch.deadLetters.push_back(deathOf(sequence));
        batch.deadLetters.back().queue = sequence == 4 ? 2 : 1;
    }
    batch.deadLetters[1].failure.errorText = "card 5999 was refused"; // a like failure
    batch.deadLetters[2].failure = {"Timeout", "no answer"};
    QVERIFY(m_store->commit(batch));
    openBrowser();
    DeadLetterFilter filter;
    filter.fingerprint = 12345; // is ignored
    const auto groups = m_browser->groups(filter);
    QVERIFY(groups);
    QCOMPARE(groups->size(), std::size_t{2});
    const message::DeadLetterGroup& cards = groups->front();
    QCOMPARE(cards.count, std::uint64_t{4});
    QCOMPARE(cards.errorClass, std::string("CardDeclined"));
    QCOMPARE(cards.text, message::fingerprintText(deathOf(1).failure));
    QCOMPARE(cards.queues, (std::vector<std::string>{"mail", "orders"}));
    QCOMPARE(cards.firstDiedAtUs, 1'000'001);
    QCOMPARE(cards.lastDiedAtUs, 1'000'005);
    QCOMPARE(groups->back().count, std::uint64_t{1});
    filter.text = "answer";
    QCOMPARE(m_browser->groups(filter)->size(), std::size_t{1});
}

void TstBrowser::slicesMissNothingAmongEqualTimes()
{
    flood(17'000); // more than three slices
    for (const char* sql : {"UPDATE dead_letter SET died_at_us = 5", "UPDATE dead_letter SET fingerprint = 9, queue_id = 1"}) {
        run(sql);
        openBrowser();
        QCOMPARE(select({}).size(), std::size_t{17'000});
    }
    DeadLetterFilter filter;
    filter.fingerprint = 9;
    QCOMPARE(select(filter).size(), std::size_t{17'000});
    filter = {};
    filter.queues = {"orders"};
    const Sequences found = select(filter);
    QCOMPARE(found.size(), std::size_t{17'000});
    QVERIFY(std::is_sorted(found.rbegin(), found.rend()));
}

void TstBrowser::progressEndsASearch()
{
    flood(17'000);
    std::vector<std::uint64_t> examined;
    const auto found = m_browser->select({}, [&](std::uint64_t rows, std::uint64_t matches) {
        examined.push_back(rows);
        return matches >= 10'000;
    });
    QVERIFY(!found);
    QVERIFY(found.error().code == ErrorCode::Cancelled);
    QVERIFY(examined.size() >= 2);
    QVERIFY(examined.back() < 17'000);
}

void TstBrowser::g6_whatIsNotTouchedIsFoundOnceWhileOthersChange()
{
    flood(17'000);
    Sequence next = 17'000;
    // Between the slices the newest of the rest is discarded, and one that is passed comes back to life.
    const auto found = m_browser->select({}, [&](std::uint64_t, std::uint64_t) {
        Batch batch;
        batch.sync = true;
        for (int i = 0; i < 100; ++i, next -= 2)
            batch.deadLetterChanges.push_back({next, State::Dead, State::Discarded, 1, 0, 1});
        if (!m_store->commit(batch))
            qFatal("the change was refused");
        return false;
    });
    QVERIFY(found);
    Sequences untouched;
    for (const Sequence sequence : *found) {
        if (sequence % 2 == 1 || sequence <= next)
            untouched.push_back(sequence);
    }
    Sequences expected;
    for (Sequence sequence = 17'000; sequence >= 1; --sequence) {
        if (sequence % 2 == 1 || sequence <= next)
            expected.push_back(sequence);
    }
    QCOMPARE(untouched, expected);
}

void TstBrowser::neverWrites()
{
    for (const Batch& batch : script())
        QVERIFY(m_store->commit(batch));
    const auto sizes = [&] { return std::pair(m_store->sizes().databaseBytes, m_store->sizes().walBytes); };
    const auto before = sizes();
    openBrowser();
    QCOMPARE(select({}).size(), std::size_t{1});
    m_browser.reset();
    QCOMPARE(sizes(), before);
    auto connection = store::Connection::open(m_options.directory / "millrace.db", {}, store::Access::Read);
    QVERIFY(connection);
    QVERIFY(!connection->execute("DELETE FROM dead_letter"));
    QCOMPARE(*connection->integerOf("PRAGMA wal_autocheckpoint"), 0);
    QCOMPARE(*connection->integerOf("PRAGMA query_only"), 1);
}

void TstBrowser::hotQueriesUseTheirIndex_data()
{
    QTest::addColumn<std::string>("sql");
    QTest::addColumn<std::string>("plan");
    DeadLetterFilter filter;
    State state = State::Dead;
    const auto add = [&](const char* name, const std::vector<message::QueueId>& queues, ScanFor purpose, const char* index) {
        for (const SlicePart part : {SlicePart::Ties, SlicePart::Earlier}) {
            const std::string start = std::string("SEARCH dead_letter USING ")
                + (filter.text.empty() ? "COVERING " : "") + "INDEX " + index;
            const std::string tail = part == SlicePart::Ties ? "died_at_us=? AND sequence<?)" : "died_at_us<?)";
            QTest::addRow("%s, %s", name, part == SlicePart::Ties ? "ties" : "earlier")
                << store::DeadLetterScan::sqlOf(filter, queues, purpose, state, part) << start + "|" + tail;
        }
    };
    add("all", {}, ScanFor::Sequences, "dead_letter_by_time");
    add("groups", {}, ScanFor::Groups, "dead_letter_by_time");
    add("groups of a queue", {1}, ScanFor::Groups, "dead_letter_by_time");
    add("queue", {1}, ScanFor::Sequences, "dead_letter_by_queue");
    filter.reasons = {Reason::Expired};
    add("queue and reason", {1}, ScanFor::Sequences, "dead_letter_by_time");
    filter.fingerprint = UINT64_MAX;
    add("group", {1}, ScanFor::Sequences, "dead_letter_by_group");
    filter = {};
    filter.text = "word";
    add("text", {}, ScanFor::Sequences, "dead_letter_by_time");
    add("text in a queue", {1}, ScanFor::Groups, "dead_letter_by_queue");

    filter = {};
    state = State::Archived;
    add("archived", {}, ScanFor::Sequences, "dead_letter_closed");
    add("archived of a queue", {1}, ScanFor::Sequences, "dead_letter_closed");
    filter.fingerprint = 7;
    add("archived of a group", {}, ScanFor::Groups, "dead_letter_closed");
    QTest::newRow("one row") << std::string("SELECT * FROM dead_letter WHERE sequence = ?1")
                             << std::string("SEARCH dead_letter USING INTEGER PRIMARY KEY|");
}

void TstBrowser::hotQueriesUseTheirIndex()
{
    QFETCH(std::string, sql);
    QFETCH(std::string, plan);
    auto connection = store::Connection::open(m_options.directory / "millrace.db", {}, store::Access::Read);
    QVERIFY(connection);
    auto explained = connection->prepare("EXPLAIN QUERY PLAN " + sql);
    QVERIFY2(explained, explained ? "" : explained.error().context.c_str());
    std::vector<std::string> steps;
    while (*explained->step())
        steps.emplace_back(explained->text(3));
    QCOMPARE(steps.size(), std::size_t{1}); // no sort
    const std::string start = plan.substr(0, plan.find('|'));
    const std::string tail = plan.substr(plan.find('|') + 1);
    QVERIFY2(steps[0].starts_with(start) && steps[0].ends_with(tail), steps[0].c_str());
}

void TstBrowser::oneHundredThousandInTime()
{
    flood(100'000);
    const auto measured = [](auto work) {
        qint64 best = INT64_MAX;
        for (int attempt = 0; attempt < 3; ++attempt) {
            QElapsedTimer timer;
            timer.start();
            work();
            best = std::min(best, timer.nsecsElapsed() / 1'000);
        }
        return best;
    };
    DeadLetterFilter queue;
    queue.queues = {"mail"};
    DeadLetterFilter text;
    text.text = "number 99999";
    const qint64 all = measured([&] { QCOMPARE(select({}).size(), std::size_t{100'000}); });
    const qint64 oneQueue = measured([&] { QCOMPARE(select(queue).size(), std::size_t{50'000}); });
    const qint64 groups = measured([&] { QCOMPARE(m_browser->groups({})->size(), std::size_t{50}); });
    const qint64 words = measured([&] { QCOMPARE(select(text).size(), std::size_t{1}); });
    qInfo("100,000 dead letters: all %lld us, a queue %lld us, groups %lld us, text %lld us", all, oneQueue, groups, words);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    QVERIFY(all < 300'000); // 100 ms on a machine that does nothing else
#endif
}


QTEST_GUILESS_MAIN(TstBrowser)
#include "tst_browser.moc"
