// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/engine_harness.h"

#include <QtTest>

using namespace millrace;
using namespace millrace::test;
using message::Ending;
using message::Verb;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// How long dead letters are kept and how many: nothing is ever dropped.
class TstEngineDeadLetters : public QObject
{
    Q_OBJECT

private:
    static message::QueuePolicy policyOf(std::uint64_t count, milliseconds age = milliseconds(0))
    {
        message::QueuePolicy policy;
        policy.maxDeadLetters = count;
        policy.deadLetterMaxAge = age;
        return policy;
    }
    static void rejectAll(Harness& harness)
    {
        for (const Delivery& delivery : harness.takeDeliveries())
            harness.end(2, delivery.lease, Ending::Reject);
    }
    static void start(Harness& harness, Verb verb, std::vector<Sequence> members)
    {
        harness.run({StartOperation{1, harness.nextRequest++, "ada", verb, "", std::move(members)}});
    }

private Q_SLOTS:
    void r5_atTheQuotaTheQueueHaltsAndDropsNothing()
    {
        Harness harness;
        harness.define("q", policyOf(3));
        harness.attach(2, "q", 2);
        harness.submitMany("q", 10);
        for (int i = 0; i < 4; ++i) {
            rejectAll(harness);
            harness.attach(2, "q", 2);
        }
        // Two ran when the third died: they are kept too.
        QCOMPARE(harness.ledger.deadIn(State::Dead), 4U);
        QVERIFY(harness.takeDeliveries().empty());
        QCOMPARE(harness.figures("q").ready, 6U);
        QCOMPARE(harness.submitMany("q", 1).problems.size(), 0U); // submits go on
        harness.restart();
        harness.attach(2, "q", 1);
        QVERIFY(harness.takeDeliveries().empty());
        const Sequence first = harness.ledger.dead.begin()->first;
        start(harness, Verb::Archive, {first});
        QVERIFY(harness.takeDeliveries().empty()); // still three
        start(harness, Verb::Discard, {first + 1});
        QCOMPARE(harness.takeDeliveries().size(), 1U);
        QCOMPARE(harness.imbalance(), std::string());
    }
    void quotaThatGrowsLetsTheQueueGoOn()
    {
        Harness harness;
        harness.define("q", policyOf(1));
        harness.attach(2, "q", 1);
        harness.submitMany("q", 2);
        rejectAll(harness);
        harness.attach(2, "q", 1);
        QVERIFY(harness.takeDeliveries().empty());
        harness.run({UpdateQueue{1, 1, "ada", "q", policyOf(2), false}});
        QCOMPARE(harness.takeDeliveries().size(), 1U);
    }
    void oldOnesAreArchivedInChunks()
    {
        Harness harness;
        harness.define("q", policyOf(1'000'000, seconds(100)));
        harness.define("r", policyOf(1'000'000));
        harness.attach(2, "q", 2000);
        harness.attach(2, "r", 1);
        harness.submitMany("q", 1200);
        rejectAll(harness);
        harness.submitMany("r", 1);
        rejectAll(harness);
        harness.advance(seconds(60));
        harness.submitMany("q", 1);
        rejectAll(harness);
        harness.advance(seconds(39));
        harness.run();
        QCOMPARE(harness.ledger.deadIn(State::Archived), 0U);
        harness.advance(seconds(11));
        harness.run();
        QCOMPARE(harness.ledger.deadIn(State::Archived), 1200U);
        QCOMPARE(harness.engine->count(State::Archived), 1200U);
        QCOMPARE(harness.ledger.deadIn(State::Dead), 2U);
        QCOMPARE(harness.ledger.audits.back().verb, std::string("archive"));
        QCOMPARE(harness.ledger.audits.back().actor, std::string("retention"));
        QCOMPARE(harness.ledger.audits.back().count, 200U);
        QCOMPARE(harness.imbalance(), std::string());
        harness.restart();
        harness.advance(seconds(200));
        harness.run();
        QCOMPARE(harness.ledger.deadIn(State::Archived), 1201U);
        QCOMPARE(harness.imbalance(), std::string());
        harness.advance(seconds(200));
        harness.run();
        QVERIFY(!harness.engine->nextDeadline()); // nothing of the queue is left to look for
    }
    void ageThatIsSetLaterCountsToo()
    {
        Harness harness;
        harness.define("q", policyOf(10));
        harness.attach(2, "q", 1);
        harness.submitMany("q", 1);
        rejectAll(harness);
        harness.advance(seconds(500));
        harness.run({UpdateQueue{1, 1, "ada", "q", policyOf(10, seconds(100)), false}});
        harness.advance(seconds(10));
        harness.run();
        QCOMPARE(harness.ledger.deadIn(State::Archived), 1U);
    }
    void archivedOnesAreRestoredAndNotReplayed()
    {
        Harness harness;
        harness.define("q", policyOf(10));
        harness.attach(2, "q", 2);
        harness.submitMany("q", 2);
        rejectAll(harness);
        const Sequence first = harness.ledger.dead.begin()->first;
        start(harness, Verb::Archive, {first, first + 1});
        QCOMPARE(harness.ledger.deadIn(State::Archived), 2U);
        QCOMPARE(harness.figures("q").dead, 0U);
        start(harness, Verb::Replay, {first});
        QCOMPARE(harness.ledger.deadIn(State::Archived), 2U);
        QCOMPARE(harness.engine->operations().back().skipped, 1U);
        start(harness, Verb::Restore, {first});
        QCOMPARE(harness.ledger.deadIn(State::Dead), 1U);
        QCOMPARE(harness.figures("q").dead, 1U);
        QCOMPARE(harness.imbalance(), std::string());
    }
    void fingerprintIsPluggable()
    {
        EngineOptions options;
        options.fingerprintText = [](const message::Failure& failure) { return "by " + failure.errorClass; };
        Harness harness(options);
        harness.define("q", policyOf(10));
        harness.attach(2, "q", 1);
        harness.submitMany("q", 1);
        rejectAll(harness);
        QCOMPARE(harness.ledger.dead.begin()->second.row.groupText, std::string("by Boom"));
    }
};

QTEST_GUILESS_MAIN(TstEngineDeadLetters)
#include "tst_engine_dead_letters.moc"
