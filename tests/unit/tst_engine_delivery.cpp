// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/engine_harness.h"

#include <QtTest>

using namespace millrace;
using namespace millrace::test;
using message::Ending;

/// Submitting, handing out, leases and their three ends.
class TstEngineDelivery : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void d8_tokensOfAnotherRunNeverFit()
    {
        Harness harness;
        harness.define("q");
        harness.submitMany("q", 1);
        harness.attach(2, "q", 1);
        const auto before = harness.takeDeliveries().at(0).lease;
        harness.restart();
        harness.attach(2, "q", 1);
        const auto after = harness.takeDeliveries().at(0).lease;
        QCOMPARE(after.sequence, before.sequence);
        QVERIFY(after.token != before.token);
        QCOMPARE(harness.acknowledge(2, {before}).lost.size(), 1U);
        QVERIFY(harness.acknowledge(2, {after}).lost.empty());
    }

    void submitAndHandOutShareOneCommit()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 10);
        const auto commits = harness.ledger.commits;
        const Confirm confirm = harness.submitMany("q", 3);
        QCOMPARE(confirm.sequences.size(), 3U);
        QVERIFY(confirm.problems.empty());
        const auto deliveries = harness.takeDeliveries();
        QCOMPARE(deliveries.size(), 3U);
        QCOMPARE(harness.ledger.commits, commits + 1);
        QCOMPARE(deliveries[0].lease.sequence, confirm.sequences[0]);
        QCOMPARE(deliveries[0].attempt, 1U);
        QVERIFY(!deliveries[0].redelivered);
        QCOMPARE(deliveries[2].body.toString(), std::string("body"));
        QCOMPARE(message::decodeEnvelope(deliveries[1].envelope.view())->id, std::string("m1"));
        QCOMPARE(harness.imbalance(), std::string());
    }

    void acknowledgedMessageIsGone()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 10);
        harness.submitMany("q", 1);
        const auto deliveries = harness.takeDeliveries();
        harness.advance(std::chrono::milliseconds(20));
        QVERIFY(harness.acknowledge(2, {deliveries[0].lease}).lost.empty());
        QVERIFY(harness.ledger.live.empty());
        const auto figures = harness.figures("q");
        QCOMPARE(figures.acknowledged, 1U);
        QCOMPARE(figures.depth(), 0U);
        QCOMPARE(figures.running.count, 1U);
        QVERIFY(figures.running.p50Us >= 20'000 && figures.running.p50Us < 22'000);
        QVERIFY(harness.ledger.handouts.empty());
    }

    void d8_staleTokenChangesNothing()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 1);
        harness.submitMany("q", 1);
        const LeaseRef lease = harness.takeDeliveries().at(0).lease;
        const LeaseRef otherToken{lease.sequence, lease.token + (1ULL << 24U)};
        const LeaseRef otherSequence{lease.sequence + 1, lease.token};
        QCOMPARE(harness.acknowledge(2, {otherToken, otherSequence}).lost.size(), 2U);
        QCOMPARE(harness.acknowledge(3, {lease}).lost.size(), 1U); // somebody else's
        QCOMPARE(harness.figures("q").leased, 1U);
        harness.run({Extend{3, 9, {lease}}});
        QCOMPARE(harness.take<Settled>().at(0).lost.size(), 1U);

        // Twice in one command: the second one is stale.
        QCOMPARE(harness.acknowledge(2, {lease, lease}).lost.size(), 1U);
        const auto commits = harness.ledger.commits;
        QCOMPARE(harness.end(2, lease, Ending::Reject).lost, std::vector<LeaseRef>{lease});
        QCOMPARE(harness.ledger.commits, commits);
        QCOMPARE(harness.imbalance(), std::string());
    }

    void d7_lapsedLeaseIsFailedAttemptAndItsTokenIsDead()
    {
        message::QueuePolicy policy;
        policy.lease = std::chrono::seconds(10);
        Harness harness;
        harness.define("q", policy);
        harness.attach(2, "q", 1);
        harness.submitMany("q", 1);
        const auto first = harness.takeDeliveries().at(0);
        harness.advance(std::chrono::seconds(9));
        harness.run();
        QCOMPARE(harness.figures("q").leased, 1U);
        harness.advance(std::chrono::seconds(1));
        QVERIFY(*harness.engine->nextDeadline() <= harness.now.steady);
        harness.run({Credit{2, 1, 1}});
        QCOMPARE(harness.figures("q").retrying, 1U);
        QCOMPARE(harness.figures("q").leasesLost, 1U);
        const auto& history = harness.ledger.live.begin()->second.history;
        QCOMPARE(history.at(0).failure.errorClass, std::string("lease-lapsed"));
        QCOMPARE(history.at(0).worker, std::string("worker-2"));
        QCOMPARE(harness.acknowledge(2, {first.lease}).lost.size(), 1U);
        harness.advance(std::chrono::minutes(1));
        harness.run();
        const auto again = harness.takeDeliveries();
        QCOMPARE(again.size(), 1U);
        QCOMPARE(again[0].attempt, 2U);
        QVERIFY(again[0].redelivered);
        QVERIFY(again[0].lease.token > first.lease.token);
        QCOMPARE(harness.imbalance(), std::string());
    }

    void extendedLeaseLivesOnUntilLongestRunTime()
    {
        message::QueuePolicy policy;
        policy.lease = std::chrono::seconds(10);
        policy.maxRunTime = std::chrono::seconds(25);
        Harness harness;
        harness.define("q", policy);
        harness.attach(2, "q", 2);
        harness.submitMany("q", 2);
        const auto deliveries = harness.takeDeliveries();
        for (int i = 0; i < 2; ++i) {
            harness.advance(std::chrono::seconds(9));
            harness.run({Extend{2, 5, {deliveries[0].lease, deliveries[1].lease}}});
            QVERIFY(harness.take<Settled>().at(0).lost.empty());
        }
        harness.advance(std::chrono::seconds(6)); // 24 s: extended, but not beyond 25 s
        harness.run({Extend{2, 5, {deliveries[0].lease}}});
        QVERIFY(harness.take<Settled>().at(0).lost.empty());
        QCOMPARE(harness.figures("q").leased, 2U);
        harness.advance(std::chrono::seconds(1));
        harness.run();
        QCOMPARE(harness.figures("q").leased, 0U);
        QCOMPARE(harness.figures("q").retrying, 2U);
        QCOMPARE(harness.acknowledge(2, {deliveries[0].lease}).lost.size(), 1U);
    }

    void acknowledgedCappedLeaseDoesNotLapse()
    {
        message::QueuePolicy policy;
        policy.lease = std::chrono::seconds(10);
        policy.maxRunTime = std::chrono::seconds(12);
        Harness harness;
        harness.define("q", policy);
        harness.attach(2, "q", 2);
        harness.submitMany("q", 1);
        const auto lease = harness.takeDeliveries().at(0).lease;
        harness.advance(std::chrono::seconds(9));
        harness.run({Extend{2, 5, {lease}}});
        QVERIFY(harness.acknowledge(2, {lease}).lost.empty());
        harness.advance(std::chrono::seconds(9));
        harness.run();
        QCOMPARE(harness.figures("q").acknowledged, 1U);
        QCOMPARE(harness.imbalance(), std::string());
    }

    void d9_vanishedWorkerGivesItsLeasesBackWithoutAnAttempt()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 10);
        harness.submitMany("q", 3);
        harness.takeDeliveries();
        QCOMPARE(harness.ledger.handouts.size(), 1U);
        harness.run({Disconnect{2}});
        QCOMPARE(harness.figures("q").ready, 3U);
        QCOMPARE(harness.figures("q").workers, 0U);
        QVERIFY(harness.ledger.handouts.empty());
        harness.attach(3, "q", 10);
        const auto again = harness.takeDeliveries();
        QCOMPARE(again.size(), 3U);
        for (const Delivery& delivery : again) {
            QVERIFY(delivery.redelivered);
            QCOMPARE(delivery.attempt, 1U);
            QCOMPARE(delivery.body.toString(), std::string("body"));
        }
        QVERIFY(again[0].lease.sequence < again[1].lease.sequence);
        QCOMPARE(harness.imbalance(), std::string());
    }

    void releasedMessageGoesBackToItsPlace()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 1);
        harness.submitMany("q", 3);
        const auto first = harness.takeDeliveries().at(0);
        QVERIFY(harness.end(2, first.lease, Ending::Release).lost.empty());
        harness.attach(3, "q", 0);
        harness.run({Credit{3, 1, 3}});
        auto order = harness.takeDeliveries();
        std::vector<Sequence> sequences;
        for (const Delivery& delivery : order)
            sequences.push_back(delivery.lease.sequence);
        std::sort(sequences.begin(), sequences.end());
        QCOMPARE(sequences, (std::vector<Sequence>{1, 2, 3}));
        QCOMPARE(harness.ledger.live.at(first.lease.sequence).failures, 0U);
    }

    void d9_handoutRowGoesWhenAllOfItHasEnded()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 10);
        harness.submitMany("q", 2);
        const auto deliveries = harness.takeDeliveries();
        QCOMPARE(harness.ledger.handouts.size(), 1U);
        QCOMPARE(harness.ledger.handouts.begin()->second.size(), 2U);
        harness.acknowledge(2, {deliveries[0].lease});
        QCOMPARE(harness.ledger.handouts.size(), 1U);
        harness.end(2, deliveries[1].lease, Ending::Retry);
        QVERIFY(harness.ledger.handouts.empty());
    }

    void priorityDecidesThenSequence()
    {
        Harness harness;
        harness.define("q");
        std::vector<Submission> items;
        for (const int priority : {0, 9, 4, 9, 1}) {
            auto envelope = Harness::envelope("p" + std::to_string(priority));
            envelope.priority = static_cast<std::uint8_t>(priority);
            items.push_back(Harness::item(envelope));
        }
        harness.submit("q", std::move(items));
        harness.attach(2, "q", 10);
        std::vector<Sequence> order;
        for (const Delivery& delivery : harness.takeDeliveries())
            order.push_back(delivery.lease.sequence);
        QCOMPARE(order, (std::vector<Sequence>{2, 4, 3, 5, 1}));
    }

    void noMoreThanTheCreditAndSharedAmongWorkers()
    {
        Harness harness;
        const QueueId queue = harness.define("q");
        harness.attach(2, "q", 4);
        harness.attach(3, "q", 4);
        harness.submitMany("q", 6);
        std::map<ClientId, std::size_t> got;
        for (const Deliver& each : harness.take<Deliver>())
            got[each.client] += each.items.size();
        QCOMPARE(got[2], 3U);
        QCOMPARE(got[3], 3U);
        harness.submitMany("q", 10);
        QCOMPARE(harness.takeDeliveries().size(), 2U);
        QCOMPARE(harness.figures("q").ready, 8U);
        harness.run({Credit{2, queue, 5}});
        QCOMPARE(harness.takeDeliveries().size(), 5U);
        harness.run({DetachQueue{2, queue}, Credit{2, queue, 5}});
        QVERIFY(harness.takeDeliveries().empty());
        QCOMPARE(harness.figures("q").workers, 1U);
    }

    void detachedWorkerMayStillAcknowledge()
    {
        Harness harness;
        const QueueId queue = harness.define("q");
        harness.attach(2, "q", 4);
        harness.submitMany("q", 1);
        const auto lease = harness.takeDeliveries().at(0).lease;
        harness.run({DetachQueue{2, queue}});
        QVERIFY(harness.acknowledge(2, {lease}).lost.empty());
        QCOMPARE(harness.imbalance(), std::string());
    }

    void batchesAreBoundedByCountAndBytes()
    {
        EngineOptions options;
        options.maxBatchMessages = 4;
        options.maxBatchBytes = 1000;
        options.maxDeliveriesPerStep = 6;
        Harness harness(options);
        harness.define("q");
        harness.attach(2, "q", 100);
        harness.step({Harness::submitOf("q", [] {
            std::vector<Submission> items;
            for (int i = 0; i < 10; ++i)
                items.push_back(Harness::item(Harness::envelope("s")));
            return items;
        }())});
        auto batches = harness.take<Deliver>();
        QCOMPARE(batches.size(), 2U);
        QCOMPARE(batches[0].items.size(), 4U);
        QCOMPARE(batches[1].items.size(), 2U);
        QVERIFY(*harness.engine->nextDeadline() <= harness.now.steady); // work is left over
        harness.step();
        QCOMPARE(harness.takeDeliveries().size(), 4U);

        harness.submitMany("q", 3, std::string(600, 'x'));
        for (const Deliver& each : harness.take<Deliver>())
            QCOMPARE(each.items.size(), 1U);
    }

    void pausedQueueDeliversNothingAndLeasesGoOn()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 10);
        harness.submitMany("q", 1);
        const auto lease = harness.takeDeliveries().at(0).lease;
        harness.run({SetPaused{1, 1, "ann", "q", true}});
        QVERIFY(harness.take<Reply>().at(0).outcome.has_value());
        harness.submitMany("q", 2);
        QVERIFY(harness.takeDeliveries().empty());
        QVERIFY(harness.acknowledge(2, {lease}).lost.empty());
        harness.restart();
        QVERIFY(harness.engine->findQueue("q")->paused);
        harness.attach(2, "q", 10);
        QVERIFY(harness.takeDeliveries().empty());
        harness.run({SetPaused{1, 1, "ann", "q", false}});
        QCOMPARE(harness.takeDeliveries().size(), 2U);
        QCOMPARE(harness.ledger.audits.back().verb, std::string("resume"));
        QCOMPARE(harness.ledger.audits.back().actor, std::string("ann"));
    }

    void attachToUnknownQueueIsAnError()
    {
        Harness harness;
        harness.run({Attach{2, 3, "nowhere", "w"}});
        const auto attached = harness.take<Attached>().at(0);
        QVERIFY(!attached.queue);
        QVERIFY(attached.queue.error().code == base::ErrorCode::NotFound);
        QCOMPARE(attached.request, 3U);
    }

    void idleStepDoesNothing()
    {
        Harness harness;
        harness.define("q");
        harness.step();
        QVERIFY(harness.lastBatch.empty());
        QVERIFY(harness.effects.empty());
        QVERIFY(!harness.engine->nextDeadline());
    }

    void lagIsTheAgeOfTheOldestReadyMessage()
    {
        Harness harness;
        harness.define("q");
        QCOMPARE(harness.figures("q").lagUs, 0);
        harness.submitMany("q", 1);
        harness.advance(std::chrono::seconds(3));
        harness.submitMany("q", 1);
        QCOMPARE(harness.figures("q").lagUs, 3'000'000);
        harness.restart(); // a second passes; from now on the times come from the rows
        QVERIFY(harness.figures("q").lagUs >= 3'900'000 && harness.figures("q").lagUs <= 4'100'000);
        harness.attach(2, "q", 1);
        QVERIFY(harness.figures("q").lagUs >= 900'000 && harness.figures("q").lagUs <= 1'100'000);
        QVERIFY(harness.figures("q").waiting.p50Us >= 3'900'000);
    }
};

QTEST_GUILESS_MAIN(TstEngineDelivery)
#include "tst_engine_delivery.moc"
