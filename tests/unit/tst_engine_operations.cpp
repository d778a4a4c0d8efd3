// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/engine_harness.h"

#include <QtTest>

using namespace millrace;
using namespace millrace::test;
using message::Ending;
using message::OperationState;
using message::OperationStatus;
using message::Verb;

/// Replay, discard and restore of dead letters, cancelled, interrupted and at the same time.
class TstEngineOperations : public QObject
{
    Q_OBJECT

private:
    static std::vector<Sequence> makeDead(Harness& harness, int count)
    {
        harness.attach(99, "q", static_cast<std::uint32_t>(count));
        harness.submitMany("q", count);
        Settle settle{99, 1, {}, {}};
        std::vector<Sequence> dead;
        for (const Delivery& delivery : harness.takeDeliveries()) {
            settle.failed.push_back({delivery.lease, Ending::Reject, message::Reason::Rejected, {"E", "no"}, {}});
            dead.push_back(delivery.lease.sequence);
        }
        harness.run({settle, Disconnect{99}});
        return dead;
    }
    static StartOperation start(Verb verb, std::vector<Sequence> members)
    {
        return {1, 5, "ann", verb, "because \"so\"", std::move(members)};
    }
    static OperationStatus status(const Harness& harness, message::OperationId id)
    {
        for (const OperationStatus& each : harness.engine->operations()) {
            if (each.id == id)
                return each;
        }
        return {};
    }

private Q_SLOTS:
    void p1_replayPutsEachDeadLetterBackOnce()
    {
        Harness harness;
        harness.define("q");
        auto members = makeDead(harness, 1200);
        QCOMPARE(members.size(), 1200U);
        members.push_back(members.front()); // handled once
        const auto audits = harness.ledger.audits.size();
        harness.step({start(Verb::Replay, members)});
        const auto reply = harness.take<Reply>().at(0).outcome;
        QVERIFY(reply.has_value());
        QCOMPARE(reply->total, 1200U);
        QVERIFY(reply->state == OperationState::Running);
        QCOMPARE(harness.ledger.operations.at(reply->id).members.size(), 1200U);
        harness.run();
        QVERIFY(status(harness, reply->id).state == OperationState::Done);
        QCOMPARE(status(harness, reply->id).moved, 1200U);
        QCOMPARE(harness.ledger.deadIn(State::Replayed), 1200U);
        QCOMPARE(harness.ledger.live.size(), 1200U);
        QCOMPARE(harness.ledger.audits.size(), audits + 4); // the act, and three chunks
        QCOMPARE(harness.ledger.audits.back().count, 200U);
        QCOMPARE(harness.figures("q").replayed, 1200U);

        harness.attach(2, "q", 2000);
        const auto deliveries = harness.takeDeliveries();
        QCOMPARE(deliveries.size(), 1200U);
        QCOMPARE(deliveries[0].body.toString(), std::string("body"));
        QCOMPARE(deliveries[0].attempt, 1U);
        const auto& row = harness.ledger.live.at(deliveries[0].lease.sequence).row;
        QCOMPARE(row.replayCount, 1U);
        QCOMPARE(row.replayOf, members.front());
        QCOMPARE(harness.imbalance(), std::string());
    }

    void p1_twoReplaysOfTheSameMembersMoveThemOnce()
    {
        Harness harness;
        harness.define("q");
        const auto members = makeDead(harness, 700);
        harness.run({start(Verb::Replay, members), start(Verb::Replay, members), start(Verb::Discard, members)});
        QCOMPARE(harness.ledger.live.size(), 700U);
        QCOMPARE(status(harness, 1).moved + status(harness, 2).moved + status(harness, 3).moved, 700U);
        QCOMPARE(status(harness, 2).skipped, 700U);
        QCOMPARE(harness.imbalance(), std::string());
    }

    void p2_interruptedReplayGoesOnFromItsCursor()
    {
        Harness harness;
        harness.define("q");
        const auto members = makeDead(harness, 1600);
        harness.step({start(Verb::Replay, members)});
        for (int i = 0; i < 2; ++i)
            harness.step(); // two chunks
        QCOMPARE(harness.ledger.deadIn(State::Replayed), 1000U);
        harness.restart();
        QVERIFY(*harness.engine->nextDeadline() <= harness.now.steady);
        harness.run();
        QCOMPARE(harness.ledger.live.size(), 1600U);
        QVERIFY(status(harness, 1).state == OperationState::Done);
        QCOMPARE(harness.imbalance(), std::string());
    }

    void p2_cancelledReplayLeavesTheRestDead()
    {
        Harness harness;
        harness.define("q");
        const auto members = makeDead(harness, 1600);
        harness.step({start(Verb::Replay, members)});
        harness.step();
        harness.step({CancelOperation{1, 6, "bob", 1}});
        const auto replies = harness.take<Reply>();
        QVERIFY(replies.at(0).outcome->state == OperationState::Cancelled);
        harness.run();
        const auto moved = status(harness, 1).moved;
        QVERIFY(moved >= 500 && moved < 1600);
        QCOMPARE(harness.ledger.deadIn(State::Replayed), moved);
        QCOMPARE(harness.ledger.deadIn(State::Dead), 1600 - moved);
        QCOMPARE(harness.ledger.audits.back().actor, std::string("bob"));
        harness.run({CancelOperation{1, 7, "bob", 42}});
        QVERIFY(!harness.take<Reply>().at(0).outcome);
        QCOMPARE(harness.imbalance(), std::string());
    }

    void discardAndRestore()
    {
        Harness harness;
        harness.define("q");
        const auto members = makeDead(harness, 10);
        harness.run({start(Verb::Discard, members)});
        QCOMPARE(harness.ledger.deadIn(State::Discarded), 10U);
        QCOMPARE(harness.figures("q").dead, 0U);
        harness.run({start(Verb::Replay, members)});
        QCOMPARE(status(harness, 2).skipped, 10U);
        harness.run({start(Verb::Restore, members)});
        QCOMPARE(harness.figures("q").dead, 10U);
        QVERIFY(harness.ledger.live.empty());
        QCOMPARE(harness.imbalance(), std::string());
    }

    void whatCannotBeReplayedIsSkipped()
    {
        message::QueuePolicy policy;
        policy.maxDepth = 4;
        Harness harness;
        harness.define("q", policy);
        auto members = makeDead(harness, 4);
        harness.ledger.damage[members[0]] = "checksum";
        harness.submitMany("q", 2); // leaves room for two
        members.push_back(4'000'000);
        harness.run({start(Verb::Replay, members)});
        QCOMPARE(status(harness, 1).moved, 2U);
        QCOMPARE(status(harness, 1).skipped, 3U);
        const std::string& outcomes = harness.ledger.audits.back().members;
        for (const char* expected : {":damaged\n", ":queue-full\n", ":missing\n", ":replayed:"})
            QVERIFY(outcomes.find(expected) != std::string::npos);
        QCOMPARE(harness.imbalance(), std::string());
    }

    void p5_replayBypassesDeduplication()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 1);
        auto envelope = Harness::envelope("one");
        envelope.idempotencyKey = "k";
        harness.submit("q", {Harness::item(envelope)});
        const auto lease = harness.takeDeliveries().at(0).lease;
        harness.end(2, lease, Ending::Reject);
        harness.run({start(Verb::Replay, {lease.sequence})});
        QCOMPARE(harness.ledger.live.size(), 1U);
        QVERIFY(harness.submit("q", {Harness::item(envelope)}).problems.at(0).isDuplicate);
    }

    void replayOfAReplayFindsTheBytes()
    {
        Harness harness;
        harness.define("q");
        Sequence dead = makeDead(harness, 1).at(0);
        harness.attach(2, "q", 2);
        harness.run({start(Verb::Replay, {dead})});
        const auto first = harness.takeDeliveries().at(0);
        harness.end(2, first.lease, Ending::Reject);
        harness.run({start(Verb::Replay, {first.lease.sequence})});
        const auto second = harness.takeDeliveries().at(0);
        QCOMPARE(second.body.toString(), std::string("body"));
        QCOMPARE(harness.ledger.live.begin()->second.row.replayCount, 2U);
    }

    void emptySelectionIsDoneAtOnce()
    {
        Harness harness;
        harness.run({start(Verb::Replay, {})});
        QVERIFY(harness.take<Reply>().at(0).outcome->state == OperationState::Done);
        harness.restart();
        QCOMPARE(harness.engine->operations().size(), 1U);
    }
};

QTEST_GUILESS_MAIN(TstEngineOperations)
#include "tst_engine_operations.moc"
