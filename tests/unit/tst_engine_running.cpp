// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/engine_harness.h"

#include <QtTest>

using namespace millrace;
using namespace millrace::test;
using message::Ending;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// What workers hold, and how far they say that they are.
class TstEngineRunning : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void listsLeasesLongestFirst()
    {
        Harness harness;
        message::QueuePolicy policy;
        policy.retry.initialDelay = policy.retry.maxDelay = milliseconds(0);
        harness.define("q", policy);
        harness.define("r");
        harness.attach(2, "q", 1);
        harness.attach(3, "q", 2);
        harness.attach(3, "r", 1);
        harness.submitMany("r", 1);
        harness.submitMany("q", 1);
        const std::int64_t begun = base::toMicros(harness.now.wall);
        harness.advance(seconds(3));
        harness.submitMany("q", 2);
        const auto running = harness.engine->running("q", 100, harness.now);
        QVERIFY(running.has_value());
        QCOMPARE(running->size(), 3U);
        QCOMPARE(running->at(0).startedAtUs, begun);
        QCOMPARE(running->at(0).leasedUntilUs, begun + 30'000'000);
        QCOMPARE(running->at(0).attempt, 1U);
        QCOMPARE(running->at(0).progressAtUs, 0);
        QVERIFY(running->at(0).worker.starts_with("worker-"));
        QCOMPARE(running->at(1).startedAtUs, begun + 3'000'000);
        QCOMPARE(harness.engine->running("q", 2, harness.now)->size(), 2U);
        QVERIFY(harness.engine->running("nowhere", 2, harness.now).error().code == base::ErrorCode::NotFound);
    }
    void listsRetriesSoonestFirst()
    {
        Harness harness;
        message::QueuePolicy policy;
        policy.retry.backoff = message::Backoff::Fixed;
        policy.retry.initialDelay = policy.retry.maxDelay = seconds(60);
        harness.define("q", policy);
        harness.define("r", policy);
        harness.attach(2, "q", 10);
        auto keyed = Harness::envelope("keyed");
        keyed.partitionKey = "customer-1";
        harness.submit("q", {Harness::item(keyed)});
        const auto first = harness.takeDeliveries().at(0).lease;
        harness.submitMany("q", 2);
        const auto others = harness.takeDeliveries();
        harness.end(2, others.at(1).lease, Ending::Retry);
        harness.advance(seconds(5));
        harness.end(2, first, Ending::Retry);
        const std::int64_t wall = base::toMicros(harness.now.wall);
        const auto waiting = harness.engine->retrying("q", 100, harness.now);
        QVERIFY(waiting.has_value());
        QCOMPARE(waiting->size(), std::size_t{2}); // the third is still held by its worker
        QCOMPARE(waiting->at(0).ref.value, std::to_string(others[1].lease.sequence));
        QCOMPARE(waiting->at(0).dueAtUs, wall + 55'000'000);
        QCOMPARE(waiting->at(0).attempts, 1U);
        QCOMPARE(waiting->at(0).partitionKey, std::string());
        QCOMPARE(waiting->at(1).ref.value, std::to_string(first.sequence));
        QCOMPARE(waiting->at(1).dueAtUs, wall + 60'000'000);
        QCOMPARE(waiting->at(1).partitionKey, std::string("customer-1"));
        QCOMPARE(harness.engine->retrying("q", 1, harness.now)->at(0), waiting->at(0));
        QVERIFY(harness.engine->retrying("r", 100, harness.now)->empty());
        QVERIFY(harness.engine->retrying("nowhere", 1, harness.now).error().code == base::ErrorCode::NotFound);
    }
    void progressComesWithExtensionsAndEndsWithTheLease()
    {
        Harness harness;
        message::QueuePolicy policy;
        policy.retry.initialDelay = policy.retry.maxDelay = milliseconds(0);
        harness.define("q", policy);
        harness.attach(2, "q", 2);
        harness.submitMany("q", 1);
        const auto lease = harness.takeDeliveries().at(0).lease;
        harness.advance(seconds(1));
        harness.run({Extend{2, 1, {lease}, {{lease, {40, std::string(300, 'n')}}}},
                     Extend{3, 1, {}, {{lease, {99, "not mine"}}}}});
        auto running = harness.engine->running("q", 1, harness.now);
        QCOMPARE(running->at(0).progress.percent, 40);
        QCOMPARE(running->at(0).progress.note, std::string(200, 'n'));
        QCOMPARE(running->at(0).progressAtUs, base::toMicros(harness.now.wall));
        harness.run({Extend{2, 2, {lease}, {{lease, {200, ""}}}}});
        QCOMPARE(harness.engine->running("q", 1, harness.now)->at(0).progress.percent, 100);
        harness.end(2, lease, Ending::Retry);
        running = harness.engine->running("q", 1, harness.now);
        QCOMPARE(running->at(0).attempt, 2U);
        QCOMPARE(running->at(0).progressAtUs, 0);
    }
    void expiredMessagesAreRecordedWhereverTheyWait()
    {
        Harness harness;
        message::QueuePolicy policy;
        policy.retry.backoff = message::Backoff::Fixed;
        policy.retry.initialDelay = seconds(1000);
        harness.define("q", policy);
        const std::int64_t wall = base::toMicros(harness.now.wall);
        const auto mortal = [&](std::int64_t deliverIn) {
            auto envelope = Harness::envelope("mortal");
            envelope.expiresAtUs = wall + 60'000'000;
            envelope.deliverAtUs = deliverIn == 0 ? 0 : wall + deliverIn;
            return Harness::item(envelope);
        };
        harness.submit("q", {mortal(0), mortal(0), mortal(0), mortal(90'000'000), mortal(0)});
        harness.attach(2, "q", 3);
        const auto deliveries = harness.takeDeliveries(); // three leased, one scheduled, one ready
        harness.end(2, deliveries.at(0).lease, Ending::Retry); // retrying
        const Sequence finished = deliveries.at(1).lease.sequence;
        for (int i = 0; i < 3; ++i) { // the leases are kept
            harness.advance(seconds(20));
            harness.run({Extend{2, 1, {deliveries[1].lease, deliveries[2].lease}}});
        }
        QCOMPARE(harness.ledger.deadIn(State::Dead), 3U);
        QCOMPARE(harness.figures("q").leased, 2U); // their worker may still finish them
        QVERIFY(harness.acknowledge(2, {deliveries[1].lease}).lost.empty());
        harness.end(2, deliveries[2].lease, Ending::Release);
        QCOMPARE(harness.ledger.deadIn(State::Dead), 4U);
        QVERIFY(!harness.ledger.dead.contains(finished));
        for (const auto& [sequence, dead] : harness.ledger.dead)
            QVERIFY(dead.row.reason == message::Reason::Expired);
        QCOMPARE(harness.figures("q").expired, 4U);
        QCOMPARE(harness.imbalance(), std::string());
    }
};

QTEST_GUILESS_MAIN(TstEngineRunning)
#include "tst_engine_running.moc"
