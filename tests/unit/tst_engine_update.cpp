// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/engine_harness.h"

#include <QtTest>

using namespace millrace;
using namespace millrace::test;
using message::Ending;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Queue policies that change while messages wait and run.
class TstEngineUpdate : public QObject
{
    Q_OBJECT

private:
    static message::QueuePolicy leaseOf(milliseconds lease)
    {
        message::QueuePolicy policy;
        policy.lease = lease;
        policy.maxRunTime = seconds(600);
        policy.retry.initialDelay = milliseconds(0);
        policy.retry.maxDelay = milliseconds(0);
        return policy;
    }
    static void fromFile(Harness& harness, const message::QueuePolicy& policy)
    {
        harness.run({DefineQueue{0, harness.nextRequest++, "pipeline file", {"q", policy}, true}});
        if (!harness.take<Reply>().at(0).outcome)
            qFatal("the file is refused");
    }
    static base::Result<message::OperationStatus>
    update(Harness& harness, message::QueuePolicy policy, bool resets = false)
    {
        harness.run({UpdateQueue{9, harness.nextRequest++, "ada", "q", std::move(policy), resets}});
        return harness.take<Reply>().at(0).outcome;
    }
    static const QueueRow& row(const Harness& harness) { return *harness.engine->findQueue("q"); }
    static Submission keyed(const std::string& id)
    {
        auto envelope = Harness::envelope(id);
        envelope.idempotencyKey = id;
        return Harness::item(envelope);
    }

private Q_SLOTS:
    void operatorsPolicyWinsOverTheFile()
    {
        Harness harness;
        const auto file = leaseOf(seconds(30));
        const auto own = leaseOf(seconds(5));
        fromFile(harness, file);
        QVERIFY(!row(harness).differsFromFile());
        QVERIFY(update(harness, own));
        QVERIFY(row(harness).definition.policy == own);
        QVERIFY(row(harness).differsFromFile());
        QCOMPARE(harness.ledger.audits.back().verb, std::string("change-queue"));
        QCOMPARE(harness.ledger.audits.back().actor, std::string("ada"));
        harness.restart();
        fromFile(harness, file);
        QVERIFY(row(harness).definition.policy == own);
        QVERIFY(row(harness).differsFromFile());
        fromFile(harness, leaseOf(seconds(7))); // the file changes: the operator's stays
        QVERIFY(row(harness).definition.policy == own);
        QVERIFY(*row(harness).filePolicy == leaseOf(seconds(7)));
    }
    void resetAndExportMakeTheFileWinAgain()
    {
        Harness harness;
        fromFile(harness, leaseOf(seconds(30)));
        QVERIFY(update(harness, leaseOf(seconds(5))));
        QVERIFY(update(harness, {}, true));
        QVERIFY(row(harness).definition.policy == leaseOf(seconds(30)));
        QVERIFY(!row(harness).differsFromFile());
        QCOMPARE(harness.ledger.audits.back().verb, std::string("reset-queue"));
        fromFile(harness, leaseOf(seconds(31)));
        QVERIFY(row(harness).definition.policy == leaseOf(seconds(31)));

        QVERIFY(update(harness, leaseOf(seconds(5))));
        fromFile(harness, leaseOf(seconds(5))); // what was exported
        QVERIFY(!row(harness).differsFromFile());
        fromFile(harness, leaseOf(seconds(6)));
        QVERIFY(row(harness).definition.policy == leaseOf(seconds(6)));
        harness.restart();
        QVERIFY(row(harness).definition.policy == leaseOf(seconds(6)));
    }
    void wrongChangesAreRefused()
    {
        Harness harness;
        harness.define("q");
        QVERIFY(update(harness, leaseOf(milliseconds(0))).error().code == base::ErrorCode::Invalid);
        QVERIFY(update(harness, {}, true).error().code == base::ErrorCode::Conflict);
        harness.run({UpdateQueue{9, 1, "ada", "nowhere", {}, false}});
        QVERIFY(harness.take<Reply>().at(0).outcome.error().code == base::ErrorCode::NotFound);
        QVERIFY(row(harness).definition.policy == message::QueuePolicy());
        const auto commits = harness.ledger.commits;
        QVERIFY(update(harness, {})); // nothing changes
        QCOMPARE(harness.ledger.commits, commits);
    }
    /// The list of a queue's leases is in order only while all last equally long.
    void leasesKeepTheirDeadlinesWhenTheLeaseChanges()
    {
        Harness harness;
        harness.define("q", leaseOf(seconds(30)));
        harness.attach(2, "q", 10);
        harness.submitMany("q", 1);
        const auto old = harness.takeDeliveries().at(0).lease;
        QVERIFY(update(harness, leaseOf(seconds(1))));
        harness.submitMany("q", 1);
        const auto young = harness.takeDeliveries().at(0).lease;
        harness.advance(seconds(1));
        harness.run(); // the young one lapses, and goes to the worker again
        QCOMPARE(harness.figures("q").leasesLost, 1U);
        const auto again = harness.takeDeliveries().at(0).lease;
        QCOMPARE(again.sequence, young.sequence);
        QVERIFY(harness.acknowledge(2, {again}).lost.empty());
        harness.advance(milliseconds(28'999));
        harness.run();
        QCOMPARE(harness.figures("q").leasesLost, 1U);
        harness.advance(milliseconds(1));
        harness.run();
        QCOMPARE(harness.figures("q").leasesLost, 2U);
        QCOMPARE(harness.acknowledge(2, {old}).lost.size(), 1U);
        QCOMPARE(harness.imbalance(), std::string());
    }
    void extendedLeasesFollowTheNewPolicy()
    {
        Harness harness;
        harness.define("q", leaseOf(seconds(5)));
        harness.attach(2, "q", 10);
        harness.submitMany("q", 2);
        const auto deliveries = harness.takeDeliveries();
        QVERIFY(update(harness, leaseOf(seconds(60))));
        harness.advance(seconds(4));
        harness.run({Extend{2, 1, {deliveries[0].lease}}});
        harness.advance(seconds(1));
        harness.run(); // the other one lapses at its old deadline
        QCOMPARE(harness.figures("q").leasesLost, 1U);
        const auto again = harness.takeDeliveries().at(0).lease;
        QCOMPARE(again.sequence, deliveries[1].lease.sequence);
        harness.advance(seconds(58));
        harness.run();
        QCOMPARE(harness.figures("q").leasesLost, 1U);
        harness.advance(seconds(1));
        harness.run();
        QCOMPARE(harness.figures("q").leasesLost, 2U);
        // Shorter again: an extension never brings a deadline forward.
        const auto last = harness.takeDeliveries();
        QCOMPARE(last.size(), 1U);
        QVERIFY(harness.end(2, again, Ending::Reject).lost.empty());
        QVERIFY(update(harness, leaseOf(seconds(1))));
        harness.run({Extend{2, 2, {last.at(0).lease}}});
        harness.advance(seconds(2));
        harness.run();
        QCOMPARE(harness.figures("q").leasesLost, 2U);
        QCOMPARE(harness.imbalance(), std::string());
    }
    void d12_openWindowsStayWhenTheWindowShrinks()
    {
        Harness harness;
        auto policy = leaseOf(seconds(30));
        policy.deduplicationWindow = seconds(100);
        harness.define("q", policy);
        harness.submit("q", {keyed("a")});
        policy.deduplicationWindow = seconds(1);
        QVERIFY(update(harness, policy));
        harness.submit("q", {keyed("b")});
        harness.advance(seconds(99));
        QVERIFY(harness.submit("q", {keyed("a")}).problems.at(0).isDuplicate);
        harness.advance(seconds(1));
        harness.run();
        QVERIFY(harness.submit("q", {keyed("a")}).problems.empty());
        QVERIFY(harness.submit("q", {keyed("b")}).problems.empty());
        harness.advance(seconds(3));
        harness.run();
        QCOMPARE(harness.ledger.deduplications.size(), 0U);
        QCOMPARE(harness.imbalance(), std::string());
    }
    void strongerDurabilityCoversWhatWaits()
    {
        Harness harness;
        auto policy = leaseOf(seconds(30));
        policy.durability = message::Durability::Normal;
        harness.define("q", policy);
        harness.step({Harness::submitOf("q", {keyed("a")})});
        QVERIFY(!harness.lastBatch.sync || harness.lastBatch.sequencesReservedThrough != 0);
        harness.step({Harness::submitOf("q", {keyed("b")})});
        QVERIFY(!harness.lastBatch.sync);
        policy.durability = message::Durability::Full;
        harness.step({UpdateQueue{9, 1, "ada", "q", policy, false}});
        QVERIFY(harness.lastBatch.sync);
    }
    void retriesKeepTheirTimes()
    {
        Harness harness;
        auto policy = leaseOf(seconds(30));
        policy.retry.backoff = message::Backoff::Fixed;
        policy.retry.initialDelay = seconds(10);
        harness.define("q", policy);
        harness.attach(2, "q", 1);
        harness.submitMany("q", 1);
        harness.end(2, harness.takeDeliveries().at(0).lease, Ending::Retry);
        policy.retry.initialDelay = seconds(1000);
        QVERIFY(update(harness, policy));
        harness.advance(seconds(10));
        harness.run();
        QCOMPARE(harness.figures("q").ready, 1U);
    }
};

QTEST_GUILESS_MAIN(TstEngineUpdate)
#include "tst_engine_update.moc"
