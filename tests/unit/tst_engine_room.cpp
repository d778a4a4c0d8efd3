// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/engine_harness.h"

#include <QtTest>

using namespace millrace;
using namespace millrace::test;
using base::ErrorCode;
using message::WhenFull;
using namespace std::chrono_literals;

namespace {

Submission of(const std::string& id, const std::string& uniqueKey = {}, const std::string& target = {})
{
    message::Envelope envelope = Harness::envelope(id);
    envelope.uniqueKey = uniqueKey;
    Submission item = Harness::item(envelope);
    item.target = target;
    return item;
}

message::QueuePolicy full(std::uint64_t depth, WhenFull whenFull)
{
    message::QueuePolicy policy;
    policy.maxDepth = depth;
    policy.whenFull = whenFull;
    return policy;
}

} // namespace

/// Depth limits, deferred submits, unique keys, atomic submits.
class TstEngineRoom : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void bytesAreLimited()
    {
        Harness harness;
        message::QueuePolicy policy;
        policy.maxDepthBytes = 2500;
        harness.define("q", policy);
        const std::string body(1000, 'b');
        const Confirm first = harness.submitMany("q", 4, body);
        QCOMPARE(first.problems.size(), std::size_t{2});
        QVERIFY(first.problems[0].error.code == ErrorCode::QueueFull);
        harness.restart(); // counted anew
        QCOMPARE(harness.submitMany("q", 1, body).problems.size(), std::size_t{1});
        harness.attach(1, "q", 1);
        (void)harness.acknowledge(1, {harness.takeDeliveries().at(0).lease});
        QCOMPARE(harness.submitMany("q", 2, body).problems.size(), std::size_t{1}); // room for one
        harness.run({Credit{1, 1, 10}});
        for (const Delivery& each : harness.takeDeliveries()) // also what fails or dies leaves room
            (void)harness.end(1, each.lease, message::Ending::Reject);
        QCOMPARE(harness.figures("q").depth(), std::uint64_t{0});
        QCOMPARE(harness.submitMany("q", 2, body).problems.size(), std::size_t{0});
        // What is put back counts as well.
        harness.run({StartOperation{1, 1, "ann", message::Verb::Replay, "", {harness.ledger.dead.begin()->first}}});
        QCOMPARE(harness.engine->operations().at(0).skipped, std::uint64_t{1});
        QVERIFY(harness.imbalance().empty());
    }

    void aFullQueueDefersInOrder()
    {
        Harness harness;
        harness.define("q", full(2, WhenFull::Defer));
        harness.run({Harness::submitOf("q", {of("a"), of("b"), of("c"), of("d")}, 7)});
        harness.run({Harness::submitOf("q", {of("e")}, 8)});
        QVERIFY(harness.take<Confirm>().empty());
        harness.attach(1, "q", 100);
        std::vector<std::string> order;
        std::vector<Confirm> confirms;
        std::vector<Delivery> waiting = harness.takeDeliveries();
        while (!waiting.empty()) {
            const Delivery each = waiting.front();
            waiting.erase(waiting.begin());
            QVERIFY(harness.figures("q").depth() <= 2);
            order.emplace_back(message::viewEnvelope(each.envelope.view())->id);
            harness.run({Settle{1, 1, {each.lease}, {}}});
            auto more = harness.take<Confirm>();
            std::move(more.begin(), more.end(), std::back_inserter(confirms));
            auto next = harness.takeDeliveries();
            std::move(next.begin(), next.end(), std::back_inserter(waiting));
        }
        QCOMPARE(order, (std::vector<std::string>{"a", "b", "c", "d", "e"}));
        QCOMPARE(confirms.size(), std::size_t{2});
        QCOMPARE(confirms[0].client, ClientId{7});
        QCOMPARE(confirms[0].sequences, (std::vector<Sequence>{1, 2, 3, 4}));
        QVERIFY(confirms[0].problems.empty() && confirms[1].problems.empty());
        QVERIFY(harness.imbalance().empty());
    }

    void aSubmitDoesNotOvertakeThoseThatWait()
    {
        Harness harness;
        harness.define("q", full(1, WhenFull::Defer));
        harness.attach(1, "q", 1);
        harness.run({Harness::submitOf("q", {of("a"), of("b")}, 7)});
        const auto lease = harness.takeDeliveries().at(0).lease;
        // In one step there is room, and somebody new.
        harness.run({Settle{1, 1, {lease}, {}}, Harness::submitOf("q", {of("c")}, 8)});
        const auto confirms = harness.take<Confirm>();
        QCOMPARE(confirms.size(), std::size_t{1});
        QCOMPARE(confirms[0].client, ClientId{7});
    }

    void whoWaitsTooLongIsRefused()
    {
        Harness harness;
        harness.define("q", full(1, WhenFull::Defer));
        Submit submit = Harness::submitOf("q", {of("a"), of("b")}, 7);
        submit.patience = 2s;
        harness.run({submit});
        harness.advance(1999ms);
        harness.run();
        QVERIFY(harness.take<Confirm>().empty());
        QCOMPARE((*harness.engine->nextDeadline() - harness.now.steady).count(), std::int64_t{1000});
        harness.advance(1ms);
        harness.run();
        const auto confirms = harness.take<Confirm>();
        QCOMPARE(confirms.at(0).sequences, (std::vector<Sequence>{1, 0}));
        QVERIFY(confirms[0].problems.at(0).error.code == ErrorCode::QueueFull);
        QCOMPARE(harness.ledger.accepted, std::uint64_t{1});
    }

    void whoIsGoneIsDropped()
    {
        Harness harness;
        harness.define("q", full(1, WhenFull::Defer));
        harness.attach(1, "q", 100);
        harness.run({Harness::submitOf("q", {of("a"), of("b")}, 7)});
        const auto first = harness.takeDeliveries();
        QCOMPARE(first.size(), std::size_t{1});
        harness.run({Harness::submitOf("q", {of("c")}, 8)});
        QVERIFY(harness.take<Confirm>().empty());
        harness.run({Disconnect{7}});
        QVERIFY(harness.acknowledge(1, {first[0].lease}).lost.empty());
        // The room goes to who is still there, and b is not accepted for somebody who was told nothing.
        const auto confirms = harness.take<Confirm>();
        QCOMPARE(confirms.size(), std::size_t{1});
        QCOMPARE(confirms[0].client, ClientId{8});
        const auto next = harness.takeDeliveries();
        QCOMPARE(next.size(), std::size_t{1});
        QCOMPARE(message::decodeEnvelope(next[0].envelope.view())->id, std::string("c"));
        QVERIFY(harness.acknowledge(1, {next[0].lease}).lost.empty());
        QVERIFY(harness.takeDeliveries().empty());
        QVERIFY(harness.take<Confirm>().empty());
        QCOMPARE(harness.ledger.accepted, std::uint64_t{2});
        QVERIFY(harness.imbalance().empty());
    }

    void howMuchMayWaitIsBounded()
    {
        EngineOptions options;
        options.maxDeferredMessages = 2;
        Harness harness(options);
        harness.define("q", full(1, WhenFull::Defer));
        harness.run({Harness::submitOf("q", {of("a"), of("b"), of("c")}, 7)});
        QVERIFY(harness.take<Confirm>().empty());
        harness.run({Harness::submitOf("q", {of("d")}, 8)});
        QVERIFY(harness.take<Confirm>().at(0).problems.at(0).error.code == ErrorCode::QueueFull);

        EngineOptions few;
        few.maxDeferredBytes = 10;
        Harness other(few);
        other.define("q", full(1, WhenFull::Defer));
        other.run({Harness::submitOf("q", {of("a"), of("b")}, 7)});
        QCOMPARE(other.take<Confirm>().at(0).problems.size(), std::size_t{1});
    }

    void aUniqueKeyIsHeldUntilItsMessageIsSettled()
    {
        Harness harness;
        harness.define("q");
        harness.define("r");
        QVERIFY(harness.submit("q", {of("a", "u")}).problems.empty());
        QVERIFY(harness.submit("r", {of("a", "u")}).problems.empty()); // of each queue
        const auto isDuplicate = [&] {
            const Confirm confirm = harness.submit("q", {of("b", "u")});
            return confirm.problems.size() == 1 && confirm.problems[0].isDuplicate
                   && confirm.problems[0].firstId == "a" && confirm.sequences == std::vector<Sequence>{1};
        };
        QVERIFY(isDuplicate());
        harness.advance(24h); // no window
        QVERIFY(isDuplicate());
        harness.restart();
        QVERIFY(isDuplicate());
        harness.attach(1, "q", 1);
        const auto lease = harness.takeDeliveries().at(0).lease;
        QVERIFY(isDuplicate()); // also while it runs, and while it waits for its retry
        (void)harness.end(1, lease, message::Ending::Retry);
        QVERIFY(isDuplicate());
        harness.advance(1min);
        harness.run({Credit{1, 1, 1}});
        (void)harness.acknowledge(1, {harness.takeDeliveries().at(0).lease});
        QVERIFY(harness.submit("q", {of("c", "u")}).problems.empty());
        QVERIFY(harness.imbalance().empty());
    }

    void aDeadLetterGivesItsUniqueKeyUp()
    {
        Harness harness;
        harness.define("q");
        harness.attach(1, "q", 1);
        harness.run({Harness::submitOf("q", {of("a", "u")})});
        (void)harness.end(1, harness.takeDeliveries().at(0).lease, message::Ending::Reject);
        QVERIFY(harness.submit("q", {of("b", "u"), of("c", "u")}).problems.size() == 1);
        QVERIFY(harness.imbalance().empty());
        QCOMPARE(harness.ledger.uniqueKeys.size(), std::size_t{1});
    }

    void d3_anAtomicSubmitIsAcceptedWholeAcrossQueues()
    {
        Harness harness;
        harness.define("q");
        harness.define("r");
        Submit submit = Harness::submitOf("q", {of("a"), of("b", {}, "r"), of("c")});
        submit.atomic = true;
        harness.run({submit});
        const Confirm confirm = harness.take<Confirm>().at(0);
        QVERIFY(confirm.problems.empty());
        QCOMPARE(confirm.sequences, (std::vector<Sequence>{1, 2, 3}));
        QCOMPARE(harness.lastBatch.messages.size(), std::size_t{3}); // one commit
        QCOMPARE(harness.figures("q").ready, std::uint64_t{2});
        QCOMPARE(harness.figures("r").ready, std::uint64_t{1});
    }

    void d3_anAtomicSubmitWithOneRefusalIsRefusedWhole()
    {
        Harness harness;
        harness.define("q");
        harness.define("r", full(1, WhenFull::Refuse));
        Submit submit = Harness::submitOf("q", {of("a"), of("b", {}, "r"), of("c", {}, "r"), of("d", {}, "none")});
        submit.atomic = true;
        harness.run({submit});
        const Confirm confirm = harness.take<Confirm>().at(0);
        QCOMPARE(confirm.sequences, (std::vector<Sequence>(4, 0)));
        QCOMPARE(confirm.problems.size(), std::size_t{4});
        std::map<std::uint32_t, ErrorCode> codes;
        for (const SubmitProblem& each : confirm.problems)
            codes[each.index] = each.error.code;
        QVERIFY(codes[0] == ErrorCode::Conflict && codes[1] == ErrorCode::Conflict);
        QVERIFY(codes[2] == ErrorCode::QueueFull && codes[3] == ErrorCode::NotFound); // each with its reason
        QCOMPARE(harness.ledger.accepted, std::uint64_t{0});
        QCOMPARE(harness.figures("q").depth() + harness.figures("r").depth(), std::uint64_t{0});
    }

    void d3_anAtomicSubmitWithoutDiskIsRefusedWhole()
    {
        Harness harness;
        harness.define("q");
        harness.ledger.bytes = 300; // enough for one
        Submit submit = Harness::submitOf("q", {of("a"), of("b"), of("c")});
        submit.atomic = true;
        harness.run({submit});
        QCOMPARE(harness.take<Confirm>().at(0).problems.size(), std::size_t{3});
        QCOMPARE(harness.ledger.accepted, std::uint64_t{0});
    }

    void d3_anAtomicSubmitWaitsForRoomForAllOfIt()
    {
        Harness harness;
        harness.define("q", full(3, WhenFull::Defer));
        harness.attach(1, "q", 100);
        harness.run({Harness::submitOf("q", {of("a"), of("b")})});
        const auto leases = harness.takeDeliveries();
        (void)harness.take<Confirm>();
        Submit submit = Harness::submitOf("q", {of("c"), of("d"), of("e")}, 8);
        submit.atomic = true;
        harness.run({submit});
        (void)harness.acknowledge(1, {leases.at(0).lease});
        QVERIFY(harness.take<Confirm>().empty());
        QCOMPARE(harness.ledger.accepted, std::uint64_t{2});
        harness.run({Settle{1, 1, {leases.at(1).lease}, {}}});
        QVERIFY(harness.take<Confirm>().at(0).problems.empty());
        QCOMPARE(harness.ledger.accepted, std::uint64_t{5});
        QVERIFY(harness.imbalance().empty());
    }
};

QTEST_GUILESS_MAIN(TstEngineRoom)
#include "tst_engine_room.moc"
