// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/runner.h"
#include "tests/unit/engine_harness.h"

#include <QtTest>

using namespace millrace;
using namespace millrace::test;
using message::Ending;

/// What was in flight when the node died: handed out again alone, and charged only with crashes of its own.
class TstEngineSuspects : public QObject
{
    Q_OBJECT

    /// A queue `q` with `count` messages of which the first `inFlight` were out when the node died.
    static void crashWith(Harness& harness, int count, std::uint32_t inFlight, message::QueuePolicy policy = {})
    {
        harness.define("q", policy);
        harness.attach(2, "q", inFlight);
        harness.submitMany("q", count);
        QCOMPARE(harness.takeDeliveries().size(), std::size_t{inFlight});
        harness.restart();
        harness.run();
    }
    static std::vector<Sequence> sequencesOf(const std::vector<Delivery>& deliveries)
    {
        std::vector<Sequence> sequences;
        for (const Delivery& delivery : deliveries)
            sequences.push_back(delivery.lease.sequence);
        return sequences;
    }

private Q_SLOTS:
    void d9_suspectsComeOneAtATimeAndAlone()
    {
        Harness harness;
        crashWith(harness, 5, 3);
        harness.attach(3, "q", 10);
        for (Sequence sequence = 1; sequence <= 3; ++sequence) {
            const auto out = harness.takeDeliveries();
            QCOMPARE(sequencesOf(out), std::vector<Sequence>{sequence});
            QVERIFY(out[0].redelivered);
            QCOMPARE(out[0].attempt, 1U);
            harness.run({Credit{3, 1, 5}}); // more credit changes nothing
            QVERIFY(harness.takeDeliveries().empty());
            harness.acknowledge(3, {out[0].lease});
        }
        QCOMPARE(sequencesOf(harness.takeDeliveries()), (std::vector<Sequence>{4, 5}));
        QVERIFY(harness.ledger.suspects.empty());
        QCOMPARE(harness.imbalance(), std::string());
    }

    void d9_otherWorkersGoOnMeanwhile()
    {
        Harness harness;
        crashWith(harness, 6, 2);
        harness.define("other");
        harness.attach(3, "q", 10);
        const auto alone = harness.takeDeliveries();
        QCOMPARE(sequencesOf(alone), std::vector<Sequence>{1});
        harness.attach(4, "q", 10);
        const auto others = harness.takeDeliveries();
        QCOMPARE(sequencesOf(others), (std::vector<Sequence>{3, 4, 5, 6}));
        // The second suspect waits until the first has ended, and for a worker that has nothing in hand.
        harness.acknowledge(3, {alone[0].lease});
        QCOMPARE(sequencesOf(harness.takeDeliveries()), std::vector<Sequence>{2});
        QCOMPARE(harness.imbalance(), std::string());
    }

    void d9_busyWorkerEndsWhatItHasFirst()
    {
        Harness harness;
        crashWith(harness, 10, 1, {});
        // The worker is filled through another restart that was clean, so that it holds ordinary messages.
        harness.attach(3, "q", 1);
        const auto suspect = harness.takeDeliveries();
        harness.end(3, suspect[0].lease, Ending::Release); // nothing is known of it: it stays what it is
        harness.run({Credit{3, 1, 4}});
        const auto again = harness.takeDeliveries();
        QCOMPARE(sequencesOf(again), std::vector<Sequence>{1});
        harness.run({Disconnect{3}});
        harness.run({SetPaused{1, 1, "t", "q", true}});
        harness.attach(4, "q", 3);
        QVERIFY(harness.takeDeliveries().empty());
        harness.run({SetPaused{1, 1, "t", "q", false}});
        QCOMPARE(sequencesOf(harness.takeDeliveries()), std::vector<Sequence>{1});
        QCOMPARE(harness.imbalance(), std::string());
    }

    void d9_reservedWorkerGetsNothingNew()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 1);
        harness.submitMany("q", 1);
        harness.restart();
        harness.run();
        harness.run({SetPaused{1, 1, "t", "q", true}}); // so that the suspect waits …
        harness.submitMany("q", 6);
        harness.attach(3, "q", 3);
        harness.run({SetPaused{1, 1, "t", "q", false}});
        const auto suspect = harness.takeDeliveries();
        QCOMPARE(suspect.size(), 1U);
        // … and a second worker takes what is left, then the suspect's worker vanishes.
        harness.attach(4, "q", 3);
        auto held = harness.takeDeliveries();
        QCOMPARE(held.size(), 3U);
        harness.run({Disconnect{3}});
        QVERIFY(harness.takeDeliveries().empty());
        harness.acknowledge(4, {held[0].lease});
        harness.run({Credit{4, 1, 3}});
        QVERIFY(harness.takeDeliveries().empty()); // reserved, and still has two
        harness.acknowledge(4, {held[1].lease, held[2].lease});
        QCOMPARE(sequencesOf(harness.takeDeliveries()), std::vector<Sequence>{1});
        QCOMPARE(harness.imbalance(), std::string());
    }

    void d9_onlyCrashesWhileAloneCount()
    {
        Harness harness;
        message::QueuePolicy policy;
        policy.maxCrashes = 3;
        crashWith(harness, 4, 4, policy); // the first crash: together, counts for nobody
        for (std::uint32_t crash = 1; crash <= 3; ++crash) {
            harness.attach(3, "q", 10);
            const auto out = harness.takeDeliveries();
            QCOMPARE(sequencesOf(out), std::vector<Sequence>{1});
            QCOMPARE(out[0].attempt, crash);
            harness.restart();
            harness.run();
        }
        QCOMPARE(harness.ledger.dead.size(), 1U);
        const auto& dead = harness.ledger.dead.at(1);
        QVERIFY(dead.row.reason == message::Reason::CrashedInFlight);
        QCOMPARE(dead.row.attempts, 3U);
        QCOMPARE(dead.row.worker, std::string("worker-3"));
        QCOMPARE(dead.live.history.size(), 3U);
        QVERIFY(dead.live.history[0].startedAt < dead.live.history[0].endedAt);
        harness.attach(4, "q", 10);
        for (Sequence sequence = 2; sequence <= 4; ++sequence) {
            const auto out = harness.takeDeliveries();
            QCOMPARE(sequencesOf(out), std::vector<Sequence>{sequence});
            QCOMPARE(out[0].attempt, 1U); // innocents lose no attempt
            harness.acknowledge(4, {out[0].lease});
        }
        QVERIFY(harness.ledger.suspects.empty());
        QCOMPARE(harness.imbalance(), std::string());
    }

    void d9_aCrashBetweenTwoHandOutsCountsForNobody()
    {
        Harness harness;
        crashWith(harness, 2, 2);
        for (int i = 0; i < 10; ++i) {
            harness.restart();
            if (i % 2 == 0)
                harness.run(); // with and without a commit in between
        }
        QVERIFY(harness.ledger.dead.empty());
        harness.attach(3, "q", 10);
        QCOMPARE(harness.takeDeliveries().at(0).attempt, 1U);
    }

    void d9_aCrashDuringRecoveryIsNotCountedTwice()
    {
        Harness harness;
        crashWith(harness, 1, 1);
        harness.attach(3, "q", 1);
        QCOMPARE(harness.takeDeliveries().size(), 1U);
        harness.restart();
        harness.restart(); // died before its first commit
        harness.restart();
        harness.run();
        QCOMPARE(harness.ledger.suspects.at(1).crashes, 1U);
        QCOMPARE(harness.ledger.live.at(1).failures, 1U);
    }

    void d9_anyEndOfTheHandlerClearsASuspect_data()
    {
        QTest::addColumn<int>("ending");
        QTest::newRow("acknowledged") << -1;
        QTest::newRow("retry") << int(Ending::Retry);
        QTest::newRow("rejected") << int(Ending::Reject);
        QTest::newRow("lapsed") << -2;
    }
    void d9_anyEndOfTheHandlerClearsASuspect()
    {
        QFETCH(int, ending);
        Harness harness;
        crashWith(harness, 2, 2);
        harness.attach(3, "q", 1);
        const auto out = harness.takeDeliveries();
        QCOMPARE(harness.ledger.suspects.size(), 1U);
        if (ending == -1) {
            harness.acknowledge(3, {out[0].lease});
        } else if (ending == -2) {
            harness.advance(std::chrono::seconds(31));
            harness.run();
        } else {
            harness.end(3, out[0].lease, static_cast<Ending>(ending));
        }
        QVERIFY(harness.ledger.suspects.empty());
        harness.advance(std::chrono::minutes(2));
        harness.run({Credit{3, 1, 5}});
        QCOMPARE(sequencesOf(harness.takeDeliveries()).at(0), Sequence(2)); // still alone, then the rest
        QCOMPARE(harness.imbalance(), std::string());
    }

    void d9_vanishedWorkerCountsForNothing()
    {
        Harness harness;
        crashWith(harness, 2, 1);
        for (ClientId client = 3; client < 13; ++client) {
            harness.attach(client, "q", 5);
            const auto out = harness.takeDeliveries();
            QCOMPARE(sequencesOf(out), std::vector<Sequence>{1});
            QCOMPARE(out[0].attempt, 1U);
            harness.run({Disconnect{client}});
        }
        QVERIFY(harness.ledger.dead.empty());
        QCOMPARE(harness.ledger.suspects.at(1).handedOutAtUs, 0);
        harness.restart(); // it was not out
        harness.run();
        QCOMPARE(harness.ledger.suspects.at(1).crashes, 0U);
    }

    void d9_cleanStopMakesNoSuspects()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 3);
        harness.submitMany("q", 3);
        harness.ledger.stoppedCleanly = true;
        harness.restart();
        harness.attach(3, "q", 3);
        const auto out = harness.takeDeliveries();
        QCOMPARE(out.size(), 3U);
        QVERIFY(out[0].redelivered);
    }

    void d9_whatAStartFoundIsSynced()
    {
        Harness harness;
        crashWith(harness, 2, 2);
        harness.attach(3, "q", 1);
        QCOMPARE(harness.takeDeliveries().size(), 1U);
        harness.ledger.stoppedCleanly = true; // free, and nothing else is written
        harness.restart();
        harness.step();
        QCOMPARE(harness.lastBatch.suspects.size(), 1U);
        QVERIFY(harness.lastBatch.sync);
    }

    void d9_suspectsStaySuspectsOverACleanStop()
    {
        Harness harness;
        crashWith(harness, 2, 2);
        harness.attach(3, "q", 1);
        QCOMPARE(harness.takeDeliveries().size(), 1U);
        harness.ledger.stoppedCleanly = true;
        harness.restart();
        harness.run();
        QCOMPARE(harness.ledger.suspects.at(1).handedOutAtUs, 0);
        QCOMPARE(harness.ledger.suspects.at(1).crashes, 0U);
        harness.attach(3, "q", 5);
        const auto first = harness.takeDeliveries();
        QCOMPARE(sequencesOf(first), std::vector<Sequence>{1});
        harness.acknowledge(3, {first[0].lease});
        QCOMPARE(sequencesOf(harness.takeDeliveries()), std::vector<Sequence>{2});
    }

    void d9_exhaustedAttemptsEndACrasherToo()
    {
        Harness harness;
        message::QueuePolicy policy;
        policy.maxCrashes = 100;
        policy.retry.maxAttempts = 2;
        crashWith(harness, 1, 1, policy);
        for (int crash = 0; crash < 2; ++crash) {
            harness.attach(3, "q", 1);
            QCOMPARE(harness.takeDeliveries().size(), 1U);
            harness.restart();
            harness.run();
        }
        QVERIFY(harness.ledger.dead.at(1).row.reason == message::Reason::CrashedInFlight);
    }

    void d9_suspectThatExpiresLeavesNothingBehind()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 1);
        auto envelope = Harness::envelope("soon");
        envelope.expiresAtUs = base::toMicros(harness.now.wall) + 10'000'000;
        harness.submit("q", {Harness::item(envelope)});
        harness.restart();
        harness.attach(3, "q", 1);
        QCOMPARE(harness.takeDeliveries().size(), 1U);
        harness.run({Disconnect{3}}); // now it waits and has a row
        QCOMPARE(harness.ledger.suspects.size(), 1U);
        harness.advance(std::chrono::seconds(20));
        harness.run();
        QVERIFY(harness.ledger.suspects.empty());
        QCOMPARE(harness.figures("q").dead, 1U);
        QCOMPARE(harness.imbalance(), std::string());
    }

    /// With each message the node dies while it is out alone, as often as the limit says.
    void d9_everyMessageKillsTheNode()
    {
        Harness harness;
        message::QueuePolicy policy;
        policy.maxCrashes = 2;
        crashWith(harness, 3, 3, policy);
        int crashes = 0;
        while (!harness.ledger.live.empty() && crashes < 100) {
            harness.attach(3, "q", 10);
            QCOMPARE(harness.takeDeliveries().size(), 1U);
            harness.restart();
            harness.run();
            ++crashes;
        }
        QCOMPARE(crashes, 6);
        QCOMPARE(harness.ledger.dead.size(), 3U);
        QCOMPARE(harness.imbalance(), std::string());
    }

    void d9_theEndOfOneAndTheNextShareACommit()
    {
        Harness harness;
        crashWith(harness, 20, 20);
        harness.attach(3, "q", 30);
        auto out = harness.takeDeliveries();
        harness.acknowledge(3, {out.at(0).lease}); // from here on their size is known
        out = harness.takeDeliveries();
        for (int i = 2; i < 20; ++i) {
            const auto commits = harness.ledger.commits;
            harness.acknowledge(3, {out.at(0).lease});
            out = harness.takeDeliveries();
            QCOMPARE(out.size(), 1U);
            QCOMPARE(harness.ledger.commits, commits + 1);
        }
        QCOMPARE(harness.imbalance(), std::string());
    }

    void d9_oneRowForEachCommit()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 1000);
        harness.submitMany("q", 1000);
        QCOMPARE(harness.lastBatch.handouts.size(), 1U);
        QVERIFY(harness.lastBatch.suspects.empty());
    }

};

QTEST_APPLESS_MAIN(TstEngineSuspects)
#include "tst_engine_suspects.moc"
