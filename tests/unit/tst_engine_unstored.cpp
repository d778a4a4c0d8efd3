// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/engine_harness.h"

#include <QtTest>

using namespace millrace;
using namespace millrace::test;
using message::Durability;
using message::Ending;
using message::LiveAct;
using message::Verb;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

message::QueuePolicy policyOf(Durability durability)
{
    message::QueuePolicy policy;
    policy.durability = durability;
    policy.retry.backoff = message::Backoff::Fixed;
    policy.retry.initialDelay = seconds(1);
    policy.retry.maxAttempts = 2;
    return policy;
}

std::vector<Sequence> sequencesOf(const std::vector<Delivery>& deliveries)
{
    std::vector<Sequence> all;
    for (const Delivery& each : deliveries)
        all.push_back(each.lease.sequence);
    return all;
}

/// A pipeline with queue "m" at durability memory, and nothing left to reserve or to record.
struct MemoryQueue : Harness
{
    explicit MemoryQueue(message::QueuePolicy policy = policyOf(Durability::Memory), EngineOptions engineOptions = {})
        : Harness(engineOptions)
    {
        define("m", std::move(policy));
        define("full", policyOf(Durability::Full));
        submitMany("full", 1); // reserves sequences
        commitsBefore = ledger.commits;
    }
    [[nodiscard]] std::uint64_t commitsSince() const { return ledger.commits - commitsBefore; }
    std::uint64_t commitsBefore = 0;
};

} // namespace

/// Durability `memory`.
class TstEngineUnstored : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nothingIsWritten()
    {
        MemoryQueue harness;
        auto envelope = Harness::envelope("a");
        envelope.idempotencyKey = "once";
        envelope.uniqueKey = "alone";
        envelope.partitionKey = "customer";
        const Confirm confirm = harness.submit("m", {Harness::item(envelope), Harness::item(Harness::envelope("b"))});
        QVERIFY(confirm.problems.empty());
        QVERIFY(confirm.sequences[0] != 0);
        QCOMPARE(harness.engine->unstoredCount(), 2U);
        QVERIFY(harness.submit("m", {Harness::item(envelope)}).problems.at(0).isDuplicate);
        harness.attach(2, "m", 10);
        const auto first = harness.takeDeliveries();
        QCOMPARE(first.size(), std::size_t{2});
        harness.end(2, first[0].lease, Ending::Release);
        const auto again = harness.takeDeliveries();
        harness.end(2, again.at(0).lease, Ending::Retry);
        harness.advance(seconds(1));
        harness.run();
        const auto retried = harness.takeDeliveries();
        QCOMPARE(retried.at(0).attempt, 2U);
        QCOMPARE(harness.acknowledge(2, {first[1].lease, retried[0].lease}).lost.size(), std::size_t{0});
        harness.advance(seconds(3600)); // the idempotency key's window closes
        harness.run();
        QCOMPARE(harness.commitsSince(), 0U);
        QCOMPARE(harness.engine->unstoredCount(), 0U);
        QCOMPARE(harness.figures("m").acknowledged, 2U);
        QCOMPARE(harness.imbalance(), std::string());
    }
    void endsWithTheNodeAndNothingElseDoes()
    {
        MemoryQueue harness;
        auto envelope = Harness::envelope("a");
        envelope.idempotencyKey = "once";
        envelope.uniqueKey = "alone";
        auto later = Harness::envelope("later");
        later.deliverAtUs = base::toMicros(harness.now.wall) + 3'600'000'000;
        const Confirm before = harness.submit("m", {Harness::item(envelope), Harness::item(later)});
        harness.restart();
        QCOMPARE(harness.figures("m").depth(), 0U);
        QCOMPARE(harness.figures("full").ready, 1U);
        // Not a duplicate of what is gone; and no number is given twice.
        const Confirm after = harness.submit("m", {Harness::item(envelope)});
        QVERIFY(after.problems.empty());
        QVERIFY(after.sequences[0] > before.sequences[1]);
        QCOMPARE(harness.imbalance(), std::string());
    }
    void deadLetterIsStoredWithBodyAndHistory()
    {
        MemoryQueue harness;
        harness.attach(2, "m", 10);
        harness.submit("m", {Harness::item(Harness::envelope("a"), "the body")});
        harness.end(2, harness.takeDeliveries().at(0).lease, Ending::Retry, {"First", "one"});
        QCOMPARE(harness.commitsSince(), 0U);
        harness.advance(seconds(1));
        harness.run();
        harness.end(2, harness.takeDeliveries().at(0).lease, Ending::Retry, {"Second", "two"});
        QCOMPARE(harness.commitsSince(), 1U);
        QVERIFY(harness.lastBatch.sync || harness.ledger.dead.size() == 1);
        QCOMPARE(harness.ledger.dead.size(), std::size_t{1});
        const auto& [sequence, dead] = *harness.ledger.dead.begin();
        QCOMPARE(dead.live.row.body.toString(), std::string("the body"));
        QCOMPARE(message::viewEnvelope(dead.live.row.envelope.view())->id, std::string_view("a"));
        QCOMPARE(dead.live.history.size(), std::size_t{2});
        QCOMPARE(dead.live.history[0].failure.errorClass, std::string("First"));
        QCOMPARE(dead.live.history[1].failure.errorClass, std::string("Second"));
        QCOMPARE(dead.row.attempts, 2U);
        QCOMPARE(harness.imbalance(), std::string());

        harness.restart();
        QCOMPARE(harness.engine->count(State::Dead), 1U);
        // A replay is as durable as its evidence.
        harness.run({StartOperation{3, 1, "ada", Verb::Replay, "", {sequence}}});
        QCOMPARE(harness.engine->unstoredCount(), 0U);
        harness.restart();
        QCOMPARE(harness.figures("m").ready, 1U);
        harness.attach(2, "m", 10);
        const auto replayed = harness.takeDeliveries();
        QCOMPARE(replayed.at(0).body.toString(), std::string("the body"));
        harness.acknowledge(2, {replayed[0].lease});
        QCOMPARE(harness.imbalance(), std::string());
    }
    void everyKindOfDeathIsStored()
    {
        MemoryQueue harness;
        harness.attach(2, "m", 2);
        auto expiring = Harness::envelope("expiring");
        expiring.expiresAtUs = base::toMicros(harness.now.wall) + 1'000'000;
        const Confirm confirm = harness.submit("m",
                                               {Harness::item(Harness::envelope("rejected")),
                                                Harness::item(Harness::envelope("given up while leased")),
                                                Harness::item(Harness::envelope("given up while it waits")),
                                                Harness::item(Harness::envelope("cancelled")),
                                                Harness::item(expiring)});
        harness.end(2, harness.takeDeliveries().at(0).lease, Ending::Reject);
        harness.run({ActOnMessages{3, 1, "ada", "m", LiveAct::GiveUp, {confirm.sequences[1], confirm.sequences[2]}, ""}});
        QCOMPARE(harness.take<Reply>().at(0).outcome->moved, 2U);
        harness.run({ActOnMessages{3, 2, "ada", "m", LiveAct::Cancel, {confirm.sequences[3]}, ""}});
        QVERIFY(harness.take<Reply>().at(0).outcome);
        harness.advance(seconds(2));
        harness.run();
        std::map<Sequence, message::Reason> reasons;
        for (const auto& [sequence, dead] : harness.ledger.dead)
            reasons[sequence] = dead.row.reason;
        const std::map<Sequence, message::Reason> wanted{{confirm.sequences[0], message::Reason::Rejected},
                                                         {confirm.sequences[1], message::Reason::GivenUp},
                                                         {confirm.sequences[2], message::Reason::GivenUp},
                                                         {confirm.sequences[4], message::Reason::Expired}};
        QVERIFY(reasons == wanted);
        QCOMPARE(harness.engine->unstoredCount(), 0U);
        QCOMPARE(harness.figures("m").depth(), 0U);
        QCOMPARE(harness.imbalance(), std::string());
    }
    void triedNowAndLapsed()
    {
        MemoryQueue harness;
        harness.attach(2, "m", 10);
        const Confirm confirm = harness.submitMany("m", 1);
        harness.takeDeliveries();
        harness.advance(seconds(30));
        harness.run(); // the lease lapses
        QCOMPARE(harness.figures("m").retrying, 1U);
        harness.run({ActOnMessages{3, 1, "ada", "m", LiveAct::RetryNow, {confirm.sequences[0]}, ""}});
        const auto again = harness.takeDeliveries();
        QCOMPARE(again.at(0).attempt, 2U);
        QVERIFY(again[0].redelivered);
        harness.run({Disconnect{2}});
        QCOMPARE(harness.figures("m").ready, 1U);
        QCOMPARE(harness.imbalance(), std::string());
    }
    void orderWithinAKeyAndParking()
    {
        auto policy = policyOf(Durability::Memory);
        policy.onKeyFailure = message::OnKeyFailure::Park;
        MemoryQueue harness(policy);
        harness.attach(2, "m", 10);
        std::vector<Submission> items;
        for (const char* id : {"first", "second", "third"}) {
            auto envelope = Harness::envelope(id);
            envelope.partitionKey = "k";
            items.push_back(Harness::item(envelope, id));
        }
        const Confirm confirm = harness.submit("m", std::move(items));
        const auto first = harness.takeDeliveries();
        QCOMPARE(sequencesOf(first), std::vector{confirm.sequences[0]});
        harness.end(2, first[0].lease, Ending::Reject);
        QCOMPARE(harness.figures("m").parked, 2U);
        harness.run({StartOperation{3, 1, "ada", Verb::Replay, "", {confirm.sequences[0]}}});
        std::vector<std::string> bodies;
        for (int i = 0; i < 3; ++i) {
            const auto next = harness.takeDeliveries();
            QCOMPARE(next.size(), std::size_t{1});
            bodies.push_back(next[0].body.toString());
            harness.acknowledge(2, {next[0].lease});
        }
        QCOMPARE(bodies, (std::vector<std::string>{"first", "second", "third"}));
        QCOMPARE(harness.imbalance(), std::string());
    }
    void strictestOfAnAtomicSubmitApplies()
    {
        MemoryQueue harness;
        Submit mixed = Harness::submitOf("m", {Harness::item(Harness::envelope("a")), Harness::item(Harness::envelope("b"))});
        mixed.items[1].target = "full";
        mixed.atomic = true;
        harness.run({std::move(mixed)});
        QCOMPARE(harness.engine->unstoredCount(), 0U);
        QVERIFY(harness.commitsSince() == 1);
        Submit pure = Harness::submitOf("m", {Harness::item(Harness::envelope("c"))});
        pure.atomic = true;
        harness.run({std::move(pure)});
        QCOMPARE(harness.engine->unstoredCount(), 1U);
        // Each for itself, if it is not atomic.
        Submit loose = Harness::submitOf("m", {Harness::item(Harness::envelope("d"))});
        harness.run({std::move(loose), Harness::submitOf("full", {Harness::item(Harness::envelope("e"))})});
        QCOMPARE(harness.engine->unstoredCount(), 2U);
        harness.restart();
        QCOMPARE(harness.figures("m").ready, 1U);
        QCOMPARE(harness.figures("full").ready, 3U);
        harness.attach(2, "m", 1);
        harness.acknowledge(2, {harness.takeDeliveries().at(0).lease});
        QCOMPARE(harness.figures("m").depth(), 0U);
        QCOMPARE(harness.imbalance(), std::string());
    }
    void strictestOfATopicsCopiesApplies()
    {
        MemoryQueue harness;
        harness.define("other", policyOf(Durability::Memory));
        harness.define("normal", policyOf(Durability::Normal));
        for (const auto& [queue, pattern] : {std::pair{"m", ""}, std::pair{"other", ""}, std::pair{"normal", "kept.*"}})
            harness.run({DefineSubscription{1, harness.nextRequest++, "tester", {"topic", queue, pattern}}});
        harness.submit("topic", {Harness::item(Harness::envelope("a"))});
        QCOMPARE(harness.engine->unstoredCount(), 2U);
        auto envelope = Harness::envelope("b");
        envelope.type = "kept.one";
        harness.submit("topic", {Harness::item(envelope)});
        QCOMPARE(harness.engine->unstoredCount(), 2U);
        harness.restart();
        for (const char* queue : {"m", "other", "normal"})
            QCOMPARE(harness.figures(queue).ready, 1U);
        QCOMPARE(harness.imbalance(), std::string());
    }
    void waitingMessagesKeepTheDurabilityTheyWereConfirmedWith()
    {
        MemoryQueue harness;
        harness.submitMany("m", 2);
        harness.submitMany("full", 1);
        harness.run({UpdateQueue{9, 1, "ada", "m", policyOf(Durability::Full), false}});
        harness.run({UpdateQueue{9, 2, "ada", "full", policyOf(Durability::Memory), false}});
        QCOMPARE(harness.engine->unstoredCount(), 2U);
        harness.submitMany("m", 3);
        harness.submitMany("full", 4);
        QCOMPARE(harness.engine->unstoredCount(), 6U);
        // Settled alike, whichever they are.
        harness.attach(2, "m", 1);
        harness.acknowledge(2, {harness.takeDeliveries().at(0).lease});
        harness.attach(3, "full", 1);
        harness.acknowledge(3, {harness.takeDeliveries().at(0).lease});
        QCOMPARE(harness.imbalance(), std::string());
        harness.restart();
        QCOMPARE(harness.figures("m").ready, 3U);
        QCOMPARE(harness.figures("full").ready, 1U);
        QCOMPARE(harness.imbalance(), std::string());
    }
    void longBacklogComesInOrder()
    {
        EngineOptions options;
        options.maxResidentBytes = 10'000;
        MemoryQueue harness(policyOf(Durability::Memory), options);
        const int count = 3000;
        std::vector<Submission> items;
        for (int i = 0; i < count; ++i)
            items.push_back(Harness::item(Harness::envelope("m" + std::to_string(i)), "body " + std::to_string(i)));
        harness.submit("m", std::move(items));
        harness.attach(2, "m", 100);
        for (int i = 0; i < count;) {
            const auto deliveries = harness.takeDeliveries();
            QVERIFY(!deliveries.empty());
            std::vector<LeaseRef> leases;
            for (const Delivery& each : deliveries) {
                QCOMPARE(each.body.toString(), "body " + std::to_string(i++));
                leases.push_back(each.lease);
            }
            harness.run({Settle{2, 1, leases, {}}, Credit{2, harness.engine->findQueue("m")->id, 100}});
        }
        QCOMPARE(harness.commitsSince(), 0U);
        QCOMPARE(harness.figures("m").depth(), 0U);
        QCOMPARE(harness.imbalance(), std::string());
    }
    void limitsAreInMemoryAndNotOnDisk()
    {
        EngineOptions options;
        options.maxUnstoredBytes = 64 * 1024;
        auto policy = policyOf(Durability::Memory);
        policy.maxDepthBytes = 200 * 1024;
        MemoryQueue harness(policy, options);
        harness.ledger.bytes = 0; // the disk is at its reserve
        QVERIFY(harness.submitMany("full", 1).problems.at(0).error.code == base::ErrorCode::StoreFull);
        const std::string body(30 * 1024, 'b');
        QVERIFY(harness.submitMany("m", 2, body).problems.empty());
        const Confirm refused = harness.submitMany("m", 1, body);
        QVERIFY(refused.problems.at(0).error.code == base::ErrorCode::QueueFull);
        QVERIFY(refused.problems[0].error.context.find("in memory") != std::string::npos);
        harness.attach(2, "m", 1);
        harness.acknowledge(2, {harness.takeDeliveries().at(0).lease});
        QVERIFY(harness.submitMany("m", 1, body).problems.empty());

        policy.maxDepthBytes = 70 * 1024;
        harness.run({UpdateQueue{9, 1, "ada", "m", policy, false}});
        const Confirm full = harness.submitMany("m", 1, body);
        QVERIFY(full.problems.at(0).error.context.find("is at its limit of") != std::string::npos);
        QCOMPARE(harness.imbalance(), std::string());
    }
};

QTEST_GUILESS_MAIN(TstEngineUnstored)
#include "tst_engine_unstored.moc"
