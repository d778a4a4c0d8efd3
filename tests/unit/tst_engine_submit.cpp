// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/engine_harness.h"

#include <QtTest>

using namespace millrace;
using namespace millrace::test;
using base::ErrorCode;
using std::chrono::seconds;

/// What a submit is refused for, deduplication, and topics.
class TstEngineSubmit : public QObject
{
    Q_OBJECT

private:
    static Submission keyed(const std::string& id, const std::string& key)
    {
        auto envelope = Harness::envelope(id);
        envelope.idempotencyKey = key;
        return Harness::item(envelope);
    }
    static Submission typed(const std::string& id, const std::string& type)
    {
        auto envelope = Harness::envelope(id);
        envelope.type = type;
        return Harness::item(envelope);
    }
    static void subscribe(Harness& harness,
                          const std::string& topic,
                          const std::string& queue,
                          const std::string& pattern = {})
    {
        harness.run({DefineSubscription{1, 1, "tester", {topic, queue, pattern}}});
        QVERIFY(harness.take<Reply>().at(0).outcome.has_value());
    }

private Q_SLOTS:
    void unknownTargetIsRefusedByName()
    {
        Harness harness;
        const Confirm confirm = harness.submitMany("nowhere", 2);
        QCOMPARE(confirm.problems.size(), 2U);
        QCOMPARE(confirm.problems[1].index, 1U);
        QVERIFY(confirm.problems[0].error.code == ErrorCode::NotFound);
        QVERIFY(confirm.problems[0].error.context.find("\"nowhere\"") != std::string::npos);
        QVERIFY(confirm.problems[0].error.context.find("pipeline file") != std::string::npos);
        QCOMPARE(confirm.sequences, (std::vector<Sequence>{0, 0}));
    }

    void fullQueueRefusesTheRest()
    {
        message::QueuePolicy policy;
        policy.maxDepth = 2;
        Harness harness;
        harness.define("q", policy);
        const Confirm confirm = harness.submitMany("q", 3);
        QCOMPARE(confirm.problems.size(), 1U);
        QCOMPARE(confirm.problems[0].index, 2U);
        QVERIFY(confirm.problems[0].error.code == ErrorCode::QueueFull);
        QCOMPARE(harness.figures("q").refused, 1U);
        harness.attach(2, "q", 1); // a leased message still counts
        QVERIFY(harness.submitMany("q", 1).problems.size() == 1);
        harness.run({Disconnect{2}});
        harness.attach(3, "q", 1);
        harness.acknowledge(3, {harness.takeDeliveries().at(0).lease});
        QVERIFY(harness.submitMany("q", 1).problems.empty());
        QCOMPARE(harness.imbalance(), std::string());
    }

    void bodyOverTheLimitIsRefused()
    {
        message::QueuePolicy policy;
        policy.maxBodyBytes = 10;
        Harness harness;
        harness.define("q", policy);
        const Confirm confirm = harness.submit("q",
                                               {Harness::item(Harness::envelope("a"), "0123456789"),
                                                Harness::item(Harness::envelope("b"), "0123456789X")});
        QCOMPARE(confirm.problems.size(), 1U);
        QCOMPARE(confirm.problems[0].index, 1U);
        QVERIFY(confirm.problems[0].error.code == ErrorCode::Limit);
    }

    void d17_fullDiskRefusesSubmitsAndLetsTheRestGoOn()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 1);
        harness.submitMany("q", 2);
        const auto lease = harness.takeDeliveries().at(0).lease;
        harness.ledger.bytes = 250; // one message fits
        const Confirm confirm = harness.submitMany("q", 3);
        QCOMPARE(confirm.problems.size(), 2U);
        QVERIFY(confirm.problems[0].error.code == ErrorCode::StoreFull);
        harness.ledger.bytes = 0;
        QVERIFY(harness.end(2, lease, message::Ending::Reject).lost.empty());
        QCOMPARE(harness.ledger.deadIn(State::Dead), 1U);
        harness.ledger.bytes = UINT64_MAX;
        QVERIFY(harness.submitMany("q", 1).problems.empty());
        QCOMPARE(harness.imbalance(), std::string());
    }

    void reservationIsSyncedWhateverTheQueueIs()
    {
        Harness harness;
        message::QueuePolicy policy;
        policy.durability = message::Durability::Normal;
        harness.define("q", policy);
        harness.submitMany("q", 1);
        // A power cut may take the message; the number that was told must not be given to another one.
        QVERIFY(harness.lastBatch.sequencesReservedThrough > 0);
        QVERIFY(harness.lastBatch.sync);
        harness.submitMany("q", 1);
        QVERIFY(!harness.lastBatch.sync);
    }

    void sequencesAreReservedInBlocksAndNeverReused()
    {
        Harness harness;
        harness.define("q");
        const Sequence first = harness.submitMany("q", 1).sequences[0];
        const Sequence reserved = harness.ledger.reservedThrough;
        QVERIFY(reserved >= first + 1000);
        harness.submitMany("q", 1);
        QCOMPARE(harness.ledger.reservedThrough, reserved);
        harness.restart();
        QVERIFY(harness.submitMany("q", 1).sequences[0] > reserved);
        QCOMPARE(harness.imbalance(), std::string());
    }

    // ---- deduplication

    void d3_secondSubmitOfAKeyIsTheFirstMessage()
    {
        Harness harness;
        harness.define("q");
        const Sequence first = harness.submit("q", {keyed("one", "k")}).sequences[0];
        const Confirm again = harness.submit("q", {keyed("two", "k"), keyed("three", "other")});
        QCOMPARE(again.problems.size(), 1U);
        QVERIFY(again.problems[0].isDuplicate);
        QCOMPARE(again.problems[0].firstId, std::string("one"));
        QCOMPARE(again.sequences[0], first);
        QVERIFY(again.sequences[1] > first);
        QCOMPARE(harness.figures("q").duplicates, 1U);
        QCOMPARE(harness.ledger.live.size(), 2U);
    }

    void d3_keyTwiceInOneSubmit()
    {
        Harness harness;
        harness.define("q");
        const Confirm confirm = harness.submit("q", {keyed("one", "k"), keyed("two", "k")});
        QCOMPARE(confirm.problems.size(), 1U);
        QCOMPARE(confirm.problems[0].index, 1U);
        QCOMPARE(confirm.sequences[0], confirm.sequences[1]);
        QCOMPARE(harness.ledger.live.size(), 1U);
    }

    void keysThatFillTheirMemoryAreRefused()
    {
        EngineOptions options;
        options.maxDeduplicationBytes = 2000;
        Harness harness(options);
        message::QueuePolicy policy;
        policy.deduplicationWindow = std::chrono::minutes(1);
        harness.define("q", policy);
        Confirm confirm;
        int accepted = 0;
        while (confirm.problems.empty() && accepted < 1000)
            confirm = harness.submit("q", {keyed("m", "k" + std::to_string(accepted++))});
        QVERIFY(accepted > 5 && accepted < 20);
        QVERIFY(confirm.problems.at(0).error.code == ErrorCode::QueueFull);
        QVERIFY(harness.submitMany("q", 1).problems.empty()); // without a key
        harness.advance(std::chrono::minutes(2));
        harness.run();
        QVERIFY(harness.submit("q", {keyed("m", "late")}).problems.empty());
    }

    void d12_windowIsTimeAloneAndSurvivesARestart()
    {
        message::QueuePolicy policy;
        policy.deduplicationWindow = seconds(60);
        Harness harness;
        harness.define("q", policy);
        harness.submit("q", {keyed("one", "k")});
        harness.attach(2, "q", 1);
        harness.acknowledge(2, {harness.takeDeliveries().at(0).lease}); // done, and still remembered
        harness.advance(seconds(30));
        harness.restart(); // one more second
        harness.advance(seconds(28));
        QVERIFY(harness.submit("q", {keyed("two", "k")}).problems.at(0).isDuplicate);
        harness.advance(seconds(1));
        QVERIFY(harness.submit("q", {keyed("three", "k")}).problems.empty());
        QVERIFY(harness.submit("q", {keyed("four", "k")}).problems.at(0).firstId == "three");
        harness.advance(seconds(62));
        harness.run();
        QVERIFY(harness.ledger.deduplications.empty());
        QCOMPARE(harness.imbalance(), std::string());
    }

    void d12_clockJumpsEvictNothingEarly()
    {
        message::QueuePolicy policy;
        policy.deduplicationWindow = seconds(60);
        Harness harness;
        harness.define("q", policy);
        harness.submit("q", {keyed("one", "k")});
        harness.now.wall += std::chrono::hours(24 * 30);
        harness.run();
        QVERIFY(harness.submit("q", {keyed("two", "k")}).problems.at(0).isDuplicate);
        harness.now.wall -= std::chrono::hours(24 * 60);
        QVERIFY(harness.submit("q", {keyed("two", "k")}).problems.at(0).isDuplicate);
        harness.advance(seconds(61));
        harness.run();
        QVERIFY(harness.submit("q", {keyed("two", "k")}).problems.empty());
    }

    void d12_tenThousandKeysAreAllKept()
    {
        Harness harness;
        harness.define("q");
        for (int round = 0; round < 10; ++round) {
            std::vector<Submission> items;
            for (int i = 0; i < 1000; ++i)
                items.push_back(keyed("m", "key-" + std::to_string(round * 1000 + i)));
            QVERIFY(harness.submit("q", std::move(items)).problems.empty());
        }
        QVERIFY(harness.submit("q", {keyed("again", "key-0")}).problems.at(0).isDuplicate);
        harness.advance(std::chrono::minutes(11));
        harness.run();
        QVERIFY(harness.ledger.deduplications.empty());
    }

    // ---- topics

    void topicCopiesToEverySubscriptionThatMatches()
    {
        Harness harness;
        harness.define("all");
        harness.define("orders");
        harness.define("none");
        subscribe(harness, "events", "all");
        subscribe(harness, "events", "orders", "order.*");
        subscribe(harness, "events", "none", "invoice.*d");
        const Confirm confirm
            = harness.submit("events", {typed("a", "order.created"), typed("b", "user.created")});
        QVERIFY(confirm.problems.empty());
        QCOMPARE(harness.figures("all").ready, 2U);
        QCOMPARE(harness.figures("orders").ready, 1U);
        QCOMPARE(harness.figures("none").ready, 0U);
        QVERIFY(confirm.sequences[0] != 0 && confirm.sequences[1] > confirm.sequences[0]);
        QCOMPARE(harness.ledger.live.size(), 3U);
        harness.restart();
        harness.submit("events", {typed("c", "order.paid")});
        QCOMPARE(harness.figures("orders").ready, 2U);
        QCOMPARE(harness.engine->subscriptions().size(), 3U);
    }

    void topicWithoutMatchAcceptsWithSequenceZero()
    {
        Harness harness;
        harness.define("q");
        subscribe(harness, "events", "q", "order.*");
        const Confirm confirm = harness.submit("events", {typed("a", "user.created")});
        QVERIFY(confirm.problems.empty());
        QCOMPARE(confirm.sequences, std::vector<Sequence>{0});
    }

    void topicCopiesAreAllOrNone()
    {
        message::QueuePolicy small;
        small.maxDepth = 1;
        Harness harness;
        harness.define("big");
        harness.define("small", small);
        subscribe(harness, "events", "big");
        subscribe(harness, "events", "small");
        const Confirm confirm = harness.submit("events", {typed("a", "t"), typed("b", "t")});
        QCOMPARE(confirm.problems.size(), 1U);
        QVERIFY(confirm.problems[0].error.code == ErrorCode::QueueFull);
        QVERIFY(confirm.problems[0].error.context.find("\"small\"") != std::string::npos);
        QCOMPARE(harness.figures("big").ready, 1U);
        QCOMPARE(harness.figures("small").ready, 1U);
    }

    void topicCopyGoesWhereTheKeyIsNew()
    {
        Harness harness;
        harness.define("old");
        harness.define("new");
        subscribe(harness, "events", "old");
        harness.submit("events", {keyed("one", "k")});
        subscribe(harness, "events", "new");
        QVERIFY(harness.submit("events", {keyed("two", "k")}).problems.empty());
        QCOMPARE(harness.figures("old").ready, 1U);
        QCOMPARE(harness.figures("new").ready, 1U);
        QVERIFY(harness.submit("events", {keyed("three", "k")}).problems.at(0).isDuplicate);
    }

    // ---- definitions

    void definitionsAreCheckedAuditedAndIdempotent()
    {
        Harness harness;
        const QueueId id = harness.define("q");
        message::QueuePolicy other;
        other.maxDepth = 5;
        QCOMPARE(harness.define("q", other), id);
        QVERIFY(harness.engine->findQueue("q")->definition.policy.maxDepth != 5);
        QCOMPARE(harness.ledger.audits.size(), 1U);
        QCOMPARE(harness.ledger.audits[0].verb, std::string("create-queue"));

        const auto refused = [&](Command command) {
            harness.run({std::move(command)});
            const auto outcome = harness.take<Reply>().at(0).outcome;
            return outcome.has_value() ? ErrorCode::Internal : outcome.error().code;
        };
        harness.take<Reply>();
        other.retry.maxAttempts = 0;
        QVERIFY(refused(DefineQueue{1, 1, "t", {"bad name", {}}}) == ErrorCode::Invalid);
        QVERIFY(refused(DefineQueue{1, 1, "t", {"r", other}}) == ErrorCode::Invalid);
        QVERIFY(refused(DefineSubscription{1, 1, "t", {"q", "q", ""}}) == ErrorCode::Conflict);
        QVERIFY(refused(DefineSubscription{1, 1, "t", {"topic", "none", ""}}) == ErrorCode::NotFound);
        subscribe(harness, "topic", "q");
        subscribe(harness, "topic", "q");
        QCOMPARE(harness.ledger.subscriptions.size(), 1U);
        QVERIFY(refused(DefineQueue{1, 1, "t", {"topic", {}}}) == ErrorCode::Conflict);
        QVERIFY(refused(SetPaused{1, 1, "t", "none", true}) == ErrorCode::NotFound);
        QCOMPARE(harness.engine->queueCount(), 1U);
    }
};

QTEST_GUILESS_MAIN(TstEngineSubmit)
#include "tst_engine_submit.moc"
