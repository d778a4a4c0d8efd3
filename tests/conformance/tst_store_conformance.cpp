// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/store/memory_store.h"
#include "core/store/sqlite_store.h"
#include "tests/support/store_script.h"

#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace millrace;
using namespace millrace::test;
using engine::Batch;
using engine::Sequence;
using message::State;

namespace {

/// One of the two stores, on content that outlives it.
class Subject
{
public:
    explicit Subject(bool sqlite)
        : m_sqlite(sqlite)
    {
        reopen();
    }
    void reopen()
    {
        m_store.reset();
        if (!m_sqlite) {
            m_store = std::make_unique<store::MemoryStore>(m_content);
            return;
        }
        store::StoreOptions options;
        options.directory = m_directory.path().toStdString();
        auto opened = store::SqliteStore::open(options);
        if (!opened)
            qFatal("%s", opened.error().context.c_str());
        m_store = std::move(*opened);
    }
    engine::StorePort& operator*() { return *m_store; }
    engine::StorePort* operator->() { return m_store.get(); }
    RecordingSink loaded()
    {
        RecordingSink sink;
        if (const auto done = m_store->load(sink); !done)
            qFatal("%s", done.error().context.c_str());
        return sink;
    }

private:
    bool m_sqlite;
    QTemporaryDir m_directory;
    std::shared_ptr<store::MemoryStore::Content> m_content = store::MemoryStore::newContent();
    std::unique_ptr<engine::StorePort> m_store;
};

Batch withMessages(std::initializer_list<Sequence> sequences)
{
    Batch batch;
    batch.sync = true;
    for (const Sequence sequence : sequences)
        batch.messages.push_back(messageOf(sequence));
    return batch;
}

Batch withDeaths(std::initializer_list<Sequence> sequences)
{
    Batch batch;
    batch.sync = true;
    for (const Sequence sequence : sequences)
        batch.deadLetters.push_back(deathOf(sequence));
    return batch;
}

Batch change(Sequence sequence, State from, State to)
{
    Batch batch;
    batch.sync = true;
    batch.deadLetterChanges = {{sequence, from, to, 1, 0, 5'000'000}};
    return batch;
}

/// A message that takes the bytes of dead letter `evidence`.
engine::NewMessage replayOf(Sequence sequence, Sequence evidence)
{
    engine::NewMessage message = messageOf(sequence);
    message.envelope.reset();
    message.body.reset();
    message.contentOf = evidence;
    message.replayOf = evidence;
    message.replayCount = 1;
    return message;
}

std::string bodyOf(const engine::Fetched& fetched, std::size_t index)
{
    return fetched.messages.at(index).body.toString();
}

} // namespace

class TstStoreConformance : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void loadAfterCommit_data() { stores(); }
    void loadAfterCommit();
    void bothStoresHoldTheSame();
    void epochGrowsWithEachStart_data() { stores(); }
    void epochGrowsWithEachStart();
    void fetch_data() { stores(); }
    void fetch();
    void d5_deadLettersAreCountedByState_data() { stores(); }
    void d5_deadLettersAreCountedByState();
    void agedDeadLettersAreFoundOldestFirst_data() { stores(); }
    void agedDeadLettersAreFoundOldestFirst();
    void operatorsPoliciesAndFiltersAreKept_data() { stores(); }
    void operatorsPoliciesAndFiltersAreKept();
    void retriesAreMoved_data() { stores(); }
    void retriesAreMoved();
    void operationsAdvanceAndEnd_data() { stores(); }
    void operationsAdvanceAndEnd();
    void onlyTheLastFiftyEndedOperationsAreLoaded_data() { stores(); }
    void onlyTheLastFiftyEndedOperationsAreLoaded();
    void d12_deduplicationIsDurable_data() { stores(); }
    void d12_deduplicationIsDurable();
    void d9_handoutsAreKnownAfterARestart_data() { stores(); }
    void d9_handoutsAreKnownAfterARestart();
    void d9_suspectsAreKnownAfterARestart_data() { stores(); }
    void d9_suspectsAreKnownAfterARestart();
    void schedulesAreKnownAfterARestart_data() { stores(); }
    void schedulesAreKnownAfterARestart();
    void d9_anEndThatWasNotCleanIsTold_data() { stores(); }
    void d9_anEndThatWasNotCleanIsTold();
    void r6_replayedTwiceTheBytesAreTheFirstOnes_data() { stores(); }
    void r6_replayedTwiceTheBytesAreTheFirstOnes();
    void d3_aBatchIsAppliedWholeOrNotAtAll_data() { stores(); }
    void d3_aBatchIsAppliedWholeOrNotAtAll();
    void p1_aDeadLetterChangesOnlyFromTheStateThatWasChecked_data() { stores(); }
    void p1_aDeadLetterChangesOnlyFromTheStateThatWasChecked();
    void messagesOfMemoryQueuesComeWithTheirDeath_data() { stores(); }
    void messagesOfMemoryQueuesComeWithTheirDeath();
    void removalsLeaveNeighboursAlone_data() { stores(); }
    void removalsLeaveNeighboursAlone();

private:
    static void stores()
    {
        QTest::addColumn<bool>("sqlite");
        QTest::newRow("memory") << false;
        QTest::newRow("sqlite") << true;
    }
};

#define SUBJECT(name)                                                                              \
    QFETCH(bool, sqlite);                                                                          \
    Subject name(sqlite)

void TstStoreConformance::loadAfterCommit()
{
    SUBJECT(subject);
    for (const Batch& batch : script())
        QVERIFY(subject->commit(batch));
    const std::string before = dump(*subject);
    subject.reopen();
    QCOMPARE(dump(*subject), before);

    const RecordingSink sink = subject.loaded();
    QVERIFY(sink.inOrder);
    QCOMPARE(sink.reserved, Sequence{2'000});
    QCOMPARE(sink.queues.size(), std::size_t{2});
    QCOMPARE(sink.queues[0].definition.name, std::string("orders"));
    QVERIFY(!sink.queues[1].paused); // the last batch resumed it
    QCOMPARE(sink.subscriptions.size(), std::size_t{2});
    QCOMPARE(sink.subscriptions[0].definition.typePattern, std::string("order.*"));
    QCOMPARE(sink.subscriptions[1].definition.queue, std::string("mail"));
    // 20 and 9 submitted, 6 settled, 2 dead.
    QCOMPARE(sink.messages.size(), std::size_t{21});
    QCOMPARE(sink.messages[0].sequence, Sequence{5});
    QCOMPARE(sink.partitionKeys[0], std::string("customer-5"));
    QCOMPARE(int{sink.messages[1].priority}, 9);
    QCOMPARE(sink.messages[2].deliverAtUs, 9'000'000);
    QCOMPARE(sink.messages[3].expiresAtUs, 9'500'000);
    QVERIFY(sink.failures.empty()); // of 2 and 3 with the dead letters, of 4 with its end
}

void TstStoreConformance::bothStoresHoldTheSame()
{
    Subject memory(false);
    Subject sqlite(true);
    for (const Batch& batch : script()) {
        QVERIFY(memory->commit(batch));
        QVERIFY(sqlite->commit(batch));
        QCOMPARE(dump(*sqlite), dump(*memory));
    }
}

void TstStoreConformance::epochGrowsWithEachStart()
{
    SUBJECT(subject);
    const std::uint64_t first = subject.loaded().epoch;
    QCOMPARE(first, std::uint64_t{1});
    subject.reopen();
    QCOMPARE(subject.loaded().epoch, first + 1);
}

void TstStoreConformance::fetch()
{
    SUBJECT(subject);
    QVERIFY(subject->commit(withMessages({1, 2, 3})));
    Batch empty = withMessages({4});
    empty.messages[0].body = base::Slice::own({});
    QVERIFY(subject->commit(empty));
    QVERIFY(subject->commit(withDeaths({2})));

    const Sequence messages[] = {4, 3, 99, 1};
    const Sequence deadLetters[] = {2, 3};
    auto fetched = subject->fetch(messages, deadLetters);
    QVERIFY(fetched);
    QCOMPARE(fetched->messages.size(), std::size_t{3}); // 99 is left out
    std::sort(fetched->messages.begin(), fetched->messages.end(), [](const auto& left, const auto& right) {
        return left.sequence < right.sequence;
    });
    QCOMPARE(bodyOf(*fetched, 0), std::string("body 1"));
    QCOMPARE(fetched->messages[0].envelope.toString(), envelopeOf("m-1"));
    QCOMPARE(bodyOf(*fetched, 1), std::string("body 3"));
    QVERIFY(!fetched->messages[2].body.isNull()); // empty, but there
    QVERIFY(fetched->messages[2].body.empty());
    for (const auto& one : fetched->messages)
        QVERIFY(one.damage.empty());

    QCOMPARE(fetched->deadLetters.size(), std::size_t{2});
    QVERIFY(fetched->deadLetters[0].exists);
    QVERIFY(fetched->deadLetters[0].state == State::Dead);
    QCOMPARE(fetched->deadLetters[0].queue, message::QueueId{1});
    QVERIFY(!fetched->deadLetters[1].exists); // a live message is no dead letter
}

void TstStoreConformance::d5_deadLettersAreCountedByState()
{
    SUBJECT(subject);
    QVERIFY(subject->commit(withMessages({1, 2, 3})));
    QVERIFY(subject->commit(withDeaths({1, 2, 3})));
    QVERIFY(subject->commit(change(2, State::Dead, State::Discarded)));
    RecordingSink sink = subject.loaded();
    QVERIFY(sink.messages.empty());
    QCOMPARE(sink.deadLetterCounts.size(), std::size_t{2});
    QVERIFY(sink.deadLetterCounts[0].state == State::Dead);
    QCOMPARE(sink.deadLetterCounts[0].count, std::uint64_t{2});
    QVERIFY(sink.deadLetterCounts[1].state == State::Discarded);
    QCOMPARE(sink.deadLetterCounts[1].count, std::uint64_t{1});

    QVERIFY(subject->commit(change(2, State::Discarded, State::Dead)));
    sink = subject.loaded();
    QCOMPARE(sink.deadLetterCounts.size(), std::size_t{1});
    QCOMPARE(sink.deadLetterCounts[0].count, std::uint64_t{3});
}

void TstStoreConformance::agedDeadLettersAreFoundOldestFirst()
{
    SUBJECT(subject);
    Batch batch = withMessages({1, 2, 3, 4, 5, 6});
    batch.queues = {queueOf(1, "orders"), queueOf(2, "mail")};
    QVERIFY(subject->commit(batch));
    Batch deaths = withDeaths({1, 2, 3, 4, 5, 6});
    for (engine::NewDeadLetter& death : deaths.deadLetters)
        death.diedAtUs = 10'000 - static_cast<std::int64_t>(death.sequence);
    deaths.deadLetters[1].queue = 2;
    QVERIFY(subject->commit(deaths));
    QVERIFY(subject->commit(change(5, State::Dead, State::Archived)));
    const auto found = [&](std::int64_t before, std::size_t limit) {
        return subject->findAged({1, before, limit}).value_or(std::vector<Sequence>{99});
    };
    QCOMPARE(found(20'000, 10), (std::vector<Sequence>{6, 4, 3, 1}));
    QCOMPARE(found(20'000, 2), (std::vector<Sequence>{6, 4}));
    QCOMPARE(found(9'996, 10), (std::vector<Sequence>{6})); // not the one of that very moment
    QCOMPARE(found(1, 10), std::vector<Sequence>());
    QVERIFY(subject->commit(change(5, State::Archived, State::Dead)));
    QCOMPARE(found(20'000, 10), (std::vector<Sequence>{6, 5, 4, 3, 1}));
}

void TstStoreConformance::operatorsPoliciesAndFiltersAreKept()
{
    SUBJECT(subject);
    Batch batch;
    batch.sync = true;
    batch.queues = {queueOf(1, "orders"), queueOf(2, "mail")};
    batch.queues[0].definition.policy.maxDepth = 5;
    batch.queues[0].definition.policy.retry.rules = {{"CardDeclined", true, {}, 0}};
    batch.queues[0].filePolicy = message::QueuePolicy();
    batch.queues[0].isSetByOperator = true;
    batch.subscriptions = {{1, {"t", "orders", "a*", "/s*", {{"region", "e\"u"}, {"tier", ""}}}, 1}};
    QVERIFY(subject->commit(batch));
    subject.reopen();
    RecordingSink sink = subject.loaded();
    QVERIFY(sink.queues.at(0).definition.policy == batch.queues[0].definition.policy);
    QVERIFY(sink.queues.at(0).filePolicy == message::QueuePolicy());
    QVERIFY(sink.queues.at(0).isSetByOperator);
    QVERIFY(!sink.queues.at(1).filePolicy);
    QVERIFY(!sink.queues.at(1).isSetByOperator);
    QVERIFY(sink.subscriptions.at(0).definition == batch.subscriptions[0].definition);

    batch.queues[0].isSetByOperator = false;
    batch.queues[0].filePolicy = batch.queues[0].definition.policy;
    batch.subscriptions[0].definition.attributes.clear();
    batch.subscriptions[0].definition.typePattern = "b*";
    QVERIFY(subject->commit(batch));
    subject.reopen();
    sink = subject.loaded();
    QVERIFY(!sink.queues.at(0).isSetByOperator);
    QVERIFY(sink.queues.at(0).filePolicy == batch.queues[0].definition.policy);
    QCOMPARE(sink.subscriptions.size(), std::size_t{1});
    QVERIFY(sink.subscriptions.at(0).definition == batch.subscriptions[0].definition);
}

void TstStoreConformance::retriesAreMoved()
{
    SUBJECT(subject);
    Batch batch = withMessages({1, 2});
    batch.queues = {queueOf(1, "orders")};
    batch.failures = {failureOf(1, 1), failureOf(2, 1)};
    QVERIFY(subject->commit(batch));
    Batch moved;
    moved.sync = true;
    moved.retryChanges = {{2, 77}};
    QVERIFY(subject->commit(moved));
    subject.reopen();
    const RecordingSink sink = subject.loaded();
    QCOMPARE(sink.failures.at(0).dueAtUs, batch.failures[0].dueAtUs);
    QCOMPARE(sink.failures.at(1).dueAtUs, 77);
    QCOMPARE(sink.failures.at(1).failures, 1U);
    QCOMPARE(sink.failures.at(1).firstAttemptAtUs, batch.failures[1].firstAttemptAtUs);
}

void TstStoreConformance::operationsAdvanceAndEnd()
{
    SUBJECT(subject);
    Batch batch;
    batch.sync = true;
    engine::OperationRow row;
    row.isNew = true;
    row.status.id = 7;
    row.status.verb = message::Verb::Discard;
    row.status.actor = "anna";
    row.status.total = 4;
    row.members = {900, 3, 5, 4'000'000'000};
    batch.operations = {row};
    QVERIFY(subject->commit(batch));
    subject.reopen();
    RecordingSink sink = subject.loaded();
    QCOMPARE(sink.operations.size(), std::size_t{1});
    QCOMPARE(sink.operations[0].members, row.members); // in their order
    QCOMPARE(sink.operations[0].status, row.status);

    row.isNew = false;
    row.members.clear();
    row.cursor = 3;
    row.status.moved = 2;
    row.status.skipped = 1;
    batch.operations = {row};
    QVERIFY(subject->commit(batch));
    sink = subject.loaded();
    QCOMPARE(sink.operations[0].cursor, std::uint64_t{3});
    QCOMPARE(sink.operations[0].status, row.status);
    QCOMPARE(sink.operations[0].members.size(), std::size_t{4});

    row.cursor = 4;
    row.status.state = message::OperationState::Done;
    row.status.endedAtUs = 9'000;
    batch.operations = {row};
    QVERIFY(subject->commit(batch));
    sink = subject.loaded();
    QCOMPARE(sink.operations[0].status, row.status);
    QVERIFY(sink.operations[0].members.empty()); // nobody needs them any more
}

void TstStoreConformance::onlyTheLastFiftyEndedOperationsAreLoaded()
{
    SUBJECT(subject);
    Batch batch;
    batch.sync = true;
    for (message::OperationId id = 1; id <= 61; ++id) {
        engine::OperationRow row;
        row.isNew = true;
        row.status.id = id;
        row.members = {id};
        if (id != 1) { // the first one runs
            row.status.state = message::OperationState::Done;
            // The clock went back in between: what counts is the number.
            row.status.endedAtUs = 1000 - static_cast<std::int64_t>(id);
        }
        batch.operations.push_back(row);
    }
    QVERIFY(subject->commit(batch));
    const RecordingSink sink = subject.loaded();
    QCOMPARE(sink.operations.size(), std::size_t{51});
    QCOMPARE(sink.operations[0].status.id, message::OperationId{1});
    QCOMPARE(sink.operations[0].members, std::vector<Sequence>{1});
    QCOMPARE(sink.operations[1].status.id, message::OperationId{12});
    QCOMPARE(sink.operations[50].status.id, message::OperationId{61});
}

void TstStoreConformance::d12_deduplicationIsDurable()
{
    SUBJECT(subject);
    Batch batch;
    batch.sync = true;
    batch.deduplications = {{3, 1, "c", 30, "m-30", 3'000}, {1, 1, "a", 10, "m-10", 1'000}, {2, 2, "", 20, "m-20", 2'000}};
    QVERIFY(subject->commit(batch));
    batch = {};
    batch.expiredDeduplications = {1};
    QVERIFY(subject->commit(batch));
    subject.reopen();
    const RecordingSink sink = subject.loaded();
    QCOMPARE(sink.deduplications.size(), std::size_t{2});
    QCOMPARE(sink.deduplications[0].id, std::uint64_t{2}); // ascending
    QCOMPARE(sink.deduplications[1].key, std::string("c"));
    QCOMPARE(sink.deduplications[1].messageId, std::string("m-30"));
    QCOMPARE(sink.deduplications[1].expiresAtUs, 3'000);
}

void TstStoreConformance::d9_handoutsAreKnownAfterARestart()
{
    SUBJECT(subject);
    Batch batch;
    batch.sync = true;
    const std::vector<Sequence> sequences{5, 3, UINT64_C(0x7FFFFFFFFFFFFFFF), 4, 4};
    batch.handouts = {{1, {1}}, {2, sequences}, {3, {}}};
    QVERIFY(subject->commit(batch));
    batch = {};
    batch.removedHandouts = {1};
    QVERIFY(subject->commit(batch));
    subject.reopen();
    const RecordingSink sink = subject.loaded();
    QCOMPARE(sink.handouts.size(), std::size_t{2});
    QCOMPARE(sink.handouts[0].id, std::uint64_t{2});
    QCOMPARE(sink.handouts[0].sequences, sequences);
    QVERIFY(sink.handouts[1].sequences.empty());
}

void TstStoreConformance::d9_suspectsAreKnownAfterARestart()
{
    SUBJECT(subject);
    Batch batch;
    batch.sync = true;
    batch.suspects = {{5, 0, 7'000'000, "worker-1"}, {3, 1, 0, {}}, {4, 2, 0, "worker-2"}};
    batch.crashedHandoutsThrough = 12;
    QVERIFY(subject->commit(batch));
    batch = {};
    batch.suspects = {{5, 1, 0, "worker-1"}, {9, 0, 0, {}}};
    batch.removedSuspects = {4, 9};
    QVERIFY(subject->commit(batch));
    subject.reopen();
    const RecordingSink sink = subject.loaded();
    QCOMPARE(sink.crashedHandoutsThrough, std::uint64_t{12});
    QVERIFY((sink.suspects == std::vector<engine::SuspectRow>{{3, 1, 0, {}}, {5, 1, 0, "worker-1"}}));
}

void TstStoreConformance::schedulesAreKnownAfterARestart()
{
    SUBJECT(subject);
    Batch batch;
    batch.sync = true;
    batch.schedules = {scheduleOf("b"), scheduleOf("a")};
    QVERIFY(subject->commit(batch));
    engine::ScheduleRow changed = scheduleOf("b");
    changed.isPaused = true;
    changed.isByOperator = true;
    changed.isRemoved = true;
    changed.lastDueUs = 5'000'000;
    changed.nextUs = 6'000'000;
    changed.definition.body.clear();
    changed.definition.missed = message::Missed::One;
    batch.schedules = {changed};
    QVERIFY(subject->commit(batch));
    subject.reopen();
    const RecordingSink sink = subject.loaded();
    QVERIFY((sink.schedules == std::vector<engine::ScheduleRow>{scheduleOf("a"), changed}));
    QVERIFY(sink.inOrder);
}

void TstStoreConformance::d9_anEndThatWasNotCleanIsTold()
{
    SUBJECT(subject);
    QVERIFY(subject.loaded().stoppedCleanly);
    subject.reopen();
    QVERIFY(subject.loaded().stoppedCleanly);
    Batch batch;
    batch.handouts = {{1, {1}}};
    QVERIFY(subject->commit(batch));
    QVERIFY(!subject->commit(change(99, State::Dead, State::Replayed))); // ends this store
    // Until somebody commits, which is where the engine says what it made of it.
    for (int i = 0; i < 2; ++i) {
        subject.reopen();
        QVERIFY(!subject.loaded().stoppedCleanly);
    }
    batch.handouts = {{2, {1}}};
    QVERIFY(subject->commit(batch));
    subject.reopen();
    QVERIFY(subject.loaded().stoppedCleanly);
}

void TstStoreConformance::r6_replayedTwiceTheBytesAreTheFirstOnes()
{
    SUBJECT(subject);
    QVERIFY(subject->commit(withMessages({1})));
    QVERIFY(subject->commit(withDeaths({1})));

    Batch replay;
    replay.sync = true;
    replay.messages = {replayOf(2, 1)};
    replay.deadLetterChanges = {{1, State::Dead, State::Replayed, 1, 2, 5'000'000}};
    QVERIFY(subject->commit(replay));
    QVERIFY(subject->commit(withDeaths({2})));
    replay.messages = {replayOf(3, 2)}; // the evidence of 2 lies with 1
    replay.deadLetterChanges = {{2, State::Dead, State::Replayed, 1, 3, 6'000'000}};
    QVERIFY(subject->commit(replay));

    subject.reopen();
    const Sequence live[] = {3};
    const Sequence dead[] = {1, 2};
    const auto fetched = subject->fetch(live, dead);
    QVERIFY(fetched);
    QCOMPARE(bodyOf(*fetched, 0), std::string("body 1"));
    QCOMPARE(fetched->messages[0].envelope.toString(), envelopeOf("m-1"));
    QVERIFY(fetched->messages[0].damage.empty());
    for (const auto& one : fetched->deadLetters) {
        QVERIFY(one.state == State::Replayed);
        QVERIFY(one.damage.empty());
    }
    QCOMPARE(fetched->deadLetters[1].replayCount, std::uint32_t{1});
}

void TstStoreConformance::d3_aBatchIsAppliedWholeOrNotAtAll()
{
    SUBJECT(subject);
    QVERIFY(subject->commit(withMessages({1})));
    const std::string before = dump(*subject);
    const auto refused = [&](const Batch& batch) {
        const auto done = subject->commit(batch);
        const bool wasCorrupt = !done && done.error().code == base::ErrorCode::Corrupt;
        const auto next = subject->commit(withMessages({50}));
        const bool isClosed = !next && next.error().code == base::ErrorCode::Io;
        subject.reopen();
        return wasCorrupt && isClosed && dump(*subject) == before;
    };
    Batch again = withMessages({2, 1}); // 1 is there already
    QVERIFY(refused(again));
    Batch death = withMessages({2});
    death.deadLetters = {deathOf(77)};
    QVERIFY(refused(death));
    Batch evidence = withMessages({2});
    evidence.messages.push_back(replayOf(3, 77));
    QVERIFY(refused(evidence));
    Batch changed = withMessages({2});
    changed.removed = {1};
    changed.deadLetterChanges = {{77, State::Dead, State::Discarded, 1, 0, 1}};
    QVERIFY(refused(changed));
}

void TstStoreConformance::p1_aDeadLetterChangesOnlyFromTheStateThatWasChecked()
{
    SUBJECT(subject);
    QVERIFY(subject->commit(withMessages({1})));
    QVERIFY(subject->commit(withDeaths({1})));
    QVERIFY(subject->commit(change(1, State::Dead, State::Replayed)));
    const auto second = subject->commit(change(1, State::Dead, State::Replayed));
    QVERIFY(!second);
    QVERIFY(second.error().context.find("dead letter 1 is not dead") != std::string::npos);
}

/// In one batch, after larger sequences, with all of its history.
void TstStoreConformance::messagesOfMemoryQueuesComeWithTheirDeath()
{
    SUBJECT(subject);
    QVERIFY(subject->commit(withMessages({1, 9})));
    Batch batch = withMessages({10, 5});
    batch.failures = {failureOf(5, 1), failureOf(5, 2)};
    batch.deadLetters.push_back(deathOf(5));
    batch.deadLetters.back().attempts = 2;
    QVERIFY(subject->commit(batch));
    const std::string before = dump(*subject);
    subject.reopen();
    QCOMPARE(dump(*subject), before);
    const RecordingSink sink = subject.loaded();
    QCOMPARE(sink.messages.size(), std::size_t{3});
    QVERIFY(sink.failures.empty());
    QCOMPARE(sink.deadLetterCounts.size(), std::size_t{1});
    Batch replay;
    replay.sync = true;
    replay.messages.push_back(replayOf(11, 5));
    replay.deadLetterChanges = {{5, State::Dead, State::Replayed, 1, 11, 5'000'000}};
    QVERIFY(subject->commit(replay));
    const Sequence wanted[] = {11};
    const auto fetched = subject->fetch(wanted, {});
    QVERIFY(fetched);
    QCOMPARE(bodyOf(*fetched, 0), std::string("body 5"));
}

void TstStoreConformance::removalsLeaveNeighboursAlone()
{
    SUBJECT(subject);
    QVERIFY(subject->commit(withMessages({1, 2, 3, 4, 5, 6, 7, 8, 9})));
    Batch batch;
    batch.sync = true;
    batch.removed = {8, 3, 2, 4, 6, 6, 42};
    QVERIFY(subject->commit(batch));
    const RecordingSink sink = subject.loaded();
    std::vector<Sequence> left;
    for (const auto& message : sink.messages)
        left.push_back(message.sequence);
    QCOMPARE(left, (std::vector<Sequence>{1, 5, 7, 9}));
}

QTEST_GUILESS_MAIN(TstStoreConformance)
#include "tst_store_conformance.moc"
