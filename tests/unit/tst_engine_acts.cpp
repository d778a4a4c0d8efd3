// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/engine_harness.h"

#include <QtTest>

using namespace millrace;
using namespace millrace::test;
using message::Ending;
using message::LiveAct;
using message::Reason;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// What a person does to live messages: cancel, try now, give up.
class TstEngineActs : public QObject
{
    Q_OBJECT

private:
    static base::Result<message::OperationStatus>
    act(Harness& harness, LiveAct what, std::vector<Sequence> messages, const std::string& queue = "q")
    {
        harness.run({ActOnMessages{9, harness.nextRequest++, "ada", queue, what, std::move(messages), "because"}});
        return harness.take<Reply>().at(0).outcome;
    }
    static message::QueuePolicy slowRetry()
    {
        message::QueuePolicy policy;
        policy.retry.backoff = message::Backoff::Fixed;
        policy.retry.initialDelay = seconds(3600);
        return policy;
    }

private Q_SLOTS:
    void d5_cancelsMessagesInEveryState()
    {
        EngineOptions options;
        options.maxResidentBytes = 2 * (sizeof(void*) * 64); // some of those that are ready are in the store only
        Harness harness(options);
        harness.define("q", slowRetry());
        const auto confirm = harness.submitMany("q", 6);
        auto later = Harness::envelope("later");
        later.deliverAtUs = base::toMicros(harness.now.wall) + 60'000'000;
        const Sequence scheduled = harness.submit("q", {Harness::item(later)}).sequences.at(0);
        auto mortal = Harness::envelope("mortal");
        mortal.expiresAtUs = base::toMicros(harness.now.wall) + 60'000'000;
        const Sequence expiring = harness.submit("q", {Harness::item(mortal)}).sequences.at(0);
        harness.attach(2, "q", 2);
        const auto deliveries = harness.takeDeliveries();
        QCOMPARE(deliveries.size(), 2U);
        harness.end(2, deliveries[0].lease, Ending::Retry);
        const Sequence retrying = deliveries[0].lease.sequence;
        const Sequence leased = deliveries[1].lease.sequence;
        const auto done = act(harness,
                              LiveAct::Cancel,
                              {confirm.sequences[2], confirm.sequences[5], scheduled, expiring, retrying, leased, leased});
        QVERIFY(done.has_value());
        QCOMPARE(done->total, 6U);
        QCOMPARE(done->moved, 6U);
        QCOMPARE(harness.engine->count(State::Cancelled), 6U);
        QCOMPARE(harness.figures("q").cancelled, 6U);
        QCOMPARE(harness.ledger.live.size(), 2U);
        QCOMPARE(harness.imbalance(), std::string());
        QCOMPARE(harness.ledger.audits.back().verb, std::string("cancel-messages"));
        QCOMPARE(harness.ledger.audits.back().count, 6U);
        QVERIFY(harness.ledger.audits.back().parameters.find("because") != std::string::npos);
        harness.advance(seconds(7200));
        harness.attach(3, "q", 10);
        QCOMPARE(harness.takeDeliveries().size(), 2U);
        harness.restart();
        QCOMPARE(harness.imbalance(), std::string());
    }
    void d8_workerIsToldAndItsSettlementIsVoid()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 10);
        harness.submitMany("q", 3);
        const auto deliveries = harness.takeDeliveries();
        harness.run({ActOnMessages{9, 1, "ada", "q", LiveAct::Cancel, {deliveries[0].lease.sequence}, {}},
                     ActOnMessages{9, 2, "ada", "q", LiveAct::GiveUp, {deliveries[1].lease.sequence}, "no use"}});
        const auto stops = harness.take<StopDeliveries>();
        QCOMPARE(stops.size(), 2U);
        QCOMPARE(stops[0].client, ClientId{2});
        QVERIFY(stops[0].leases == std::vector<LeaseRef>{deliveries[0].lease});
        const auto settled = harness.acknowledge(2, {deliveries[0].lease, deliveries[1].lease, deliveries[2].lease});
        QCOMPARE(settled.lost.size(), 2U);
        QCOMPARE(harness.figures("q").acknowledged, 1U);
        QVERIFY(harness.ledger.handouts.empty());
        QCOMPARE(harness.imbalance(), std::string());
    }
    void r6_givenUpMessagesAreDeadLettersWithTheirReason()
    {
        Harness harness;
        harness.define("q", slowRetry());
        harness.attach(2, "q", 1);
        harness.submitMany("q", 2);
        const auto first = harness.takeDeliveries().at(0).lease;
        harness.end(2, first, Ending::Retry);
        const Sequence ready = harness.ledger.live.rbegin()->first;
        QCOMPARE(act(harness, LiveAct::GiveUp, {first.sequence, ready})->moved, 2U);
        const auto& dead = harness.ledger.dead.at(first.sequence);
        QVERIFY(dead.row.reason == Reason::GivenUp);
        QCOMPARE(dead.row.failure.errorText, std::string("because"));
        QCOMPARE(dead.row.attempts, 1U);
        QCOMPARE(dead.live.history.size(), 1U);
        QCOMPARE(harness.ledger.dead.at(ready).row.attempts, 0U);
        QCOMPARE(harness.imbalance(), std::string());
    }
    void retriedNowStaysDueAfterARestart()
    {
        Harness harness;
        harness.define("q", slowRetry());
        harness.attach(2, "q", 1);
        harness.submitMany("q", 1);
        const auto lease = harness.takeDeliveries().at(0).lease;
        harness.end(2, lease, Ending::Retry);
        QCOMPARE(harness.figures("q").retrying, 1U);
        QCOMPARE(act(harness, LiveAct::RetryNow, {lease.sequence})->moved, 1U);
        QCOMPARE(harness.figures("q").ready, 1U);
        harness.restart();
        QCOMPARE(harness.figures("q").ready, 1U);
        harness.attach(3, "q", 1);
        const auto again = harness.takeDeliveries();
        QCOMPARE(again.size(), 1U);
        QCOMPARE(again[0].attempt, 2U);
        harness.end(3, again[0].lease, Ending::Retry);
        QCOMPARE(harness.figures("q").retrying, 1U); // the timer of the first retry is void
        harness.advance(seconds(3599));
        harness.run();
        QCOMPARE(harness.figures("q").retrying, 1U);
        QCOMPARE(harness.imbalance(), std::string());
    }
    void whatCannotBeDoneIsSaidAndChangesNothing()
    {
        Harness harness;
        harness.define("q");
        harness.define("r");
        const auto sequence = harness.submitMany("q", 1).sequences.at(0);
        const auto audits = harness.ledger.audits.size();
        const auto codeOf = [&](LiveAct what, std::vector<Sequence> messages, const char* queue) {
            return act(harness, what, std::move(messages), queue).error().code;
        };
        QVERIFY(codeOf(LiveAct::Cancel, {sequence}, "nowhere") == base::ErrorCode::NotFound);
        QVERIFY(codeOf(LiveAct::Cancel, {sequence}, "r") == base::ErrorCode::NotFound);
        QVERIFY(codeOf(LiveAct::Cancel, {sequence + 1}, "q") == base::ErrorCode::NotFound);
        QVERIFY(codeOf(LiveAct::RetryNow, {sequence}, "q") == base::ErrorCode::Conflict);
        QVERIFY(codeOf(LiveAct::Cancel, {}, "q") == base::ErrorCode::Limit);
        std::vector<Sequence> many(501);
        std::iota(many.begin(), many.end(), 1);
        QVERIFY(codeOf(LiveAct::Cancel, many, "q") == base::ErrorCode::Limit);
        QCOMPARE(harness.ledger.audits.size(), audits);
        const auto some = act(harness, LiveAct::Cancel, {sequence, sequence + 1});
        QCOMPARE(some->moved, 1U);
        QCOMPARE(some->skipped, 1U);
        QCOMPARE(harness.imbalance(), std::string());
    }
};

QTEST_GUILESS_MAIN(TstEngineActs)
#include "tst_engine_acts.moc"
