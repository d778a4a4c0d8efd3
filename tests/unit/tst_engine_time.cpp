// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/engine_harness.h"

#include <QtTest>

using namespace millrace;
using namespace millrace::test;
using message::Ending;
using message::Reason;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Failures, retries, dead letters, scheduled messages and expiry, under clocks that jump.
class TstEngineTime : public QObject
{
    Q_OBJECT

private:
    static message::QueuePolicy policyOf(std::uint32_t attempts, milliseconds initial = seconds(1))
    {
        message::QueuePolicy policy;
        policy.retry = {initial, 2.0, seconds(60), attempts};
        return policy;
    }
    static Submission at(const Harness& harness, base::Micros deliverIn, base::Micros expiresIn = {})
    {
        auto envelope = Harness::envelope("timed");
        const std::int64_t wall = base::toMicros(harness.now.wall);
        envelope.deliverAtUs = deliverIn.count() == 0 ? 0 : wall + deliverIn.count();
        envelope.expiresAtUs = expiresIn.count() == 0 ? 0 : wall + expiresIn.count();
        return Harness::item(envelope);
    }

private Q_SLOTS:
    void retriedMessageComesBackAfterItsDelay()
    {
        Harness harness;
        harness.define("q", policyOf(3));
        harness.attach(2, "q", 10);
        harness.submitMany("q", 1);
        const auto lease = harness.takeDeliveries().at(0).lease;
        harness.advance(milliseconds(30));
        harness.end(2, lease, Ending::Retry, {"Timeout", "took too long"}, base::Micros(2'000'000));
        const auto& row = harness.ledger.live.begin()->second;
        QCOMPARE(row.failures, 1U);
        QCOMPARE(row.dueAtUs, base::toMicros(harness.now.wall) + 2'000'000);
        QCOMPARE(row.history[0].failure.errorText, std::string("took too long"));
        QCOMPARE(base::toMicros(row.history[0].endedAt) - base::toMicros(row.history[0].startedAt), 30'000);
        harness.advance(base::Micros(1'999'999));
        harness.run();
        QVERIFY(harness.takeDeliveries().empty());
        QCOMPARE(harness.engine->nextDeadline()->time_since_epoch().count(),
                 (harness.now.steady + base::Micros(1)).time_since_epoch().count());
        harness.advance(base::Micros(1));
        harness.run();
        const auto again = harness.takeDeliveries();
        QCOMPARE(again.size(), 1U);
        QCOMPARE(again[0].attempt, 2U);
        QCOMPARE(again[0].body.toString(), std::string("body"));
        harness.acknowledge(2, {again[0].lease});
        QCOMPARE(harness.imbalance(), std::string());
    }

    void r1_policyDelayHasFullJitter()
    {
        Harness harness;
        harness.define("q", policyOf(5, seconds(10)));
        harness.attach(2, "q", 1000);
        harness.submitMany("q", 1000);
        std::vector<message::FailedDelivery> failed;
        for (const Delivery& delivery : harness.takeDeliveries())
            failed.push_back({delivery.lease, Ending::Retry, Reason::Rejected, {"E", ""}, {}});
        harness.run({Settle{2, 1, {}, failed}});
        std::array<int, 10> tenths{};
        for (const auto& [sequence, live] : harness.ledger.live) {
            const std::int64_t delay = live.dueAtUs - base::toMicros(harness.now.wall);
            QVERIFY(delay >= 0 && delay < 10'000'000);
            ++tenths[static_cast<std::size_t>(delay / 1'000'000)];
        }
        for (const int count : tenths) // 100 expected, standard deviation 9.5
            QVERIFY2(count > 60 && count < 140, std::to_string(count).c_str());
    }

    void exhaustedAttemptsMakeADeadLetterWithItsWholeHistory()
    {
        Harness harness;
        harness.define("q", policyOf(3));
        harness.attach(2, "q", 10);
        harness.submitMany("q", 1);
        for (int attempt = 1; attempt <= 3; ++attempt) {
            const auto deliveries = harness.takeDeliveries();
            QCOMPARE(deliveries.size(), 1U);
            QCOMPARE(deliveries[0].attempt, static_cast<std::uint32_t>(attempt));
            harness.end(2, deliveries[0].lease, Ending::Retry, {"E" + std::to_string(attempt), "no"});
            harness.advance(seconds(60));
            harness.run();
        }
        QVERIFY(harness.ledger.live.empty());
        const auto& dead = harness.ledger.dead.begin()->second;
        QVERIFY(dead.row.reason == Reason::AttemptsExhausted);
        QCOMPARE(dead.row.attempts, 3U);
        QCOMPARE(dead.row.failure.errorClass, std::string("E3"));
        QCOMPARE(dead.row.worker, std::string("worker-2"));
        QCOMPARE(dead.live.history.size(), 3U);
        QCOMPARE(dead.live.dueAtUs, 0);
        QCOMPARE(harness.figures("q").dead, 1U);
        QCOMPARE(harness.figures("q").retried, 2U);
        QCOMPARE(harness.imbalance(), std::string());
    }

    void rejectedMessageIsNeverTriedAgain()
    {
        Harness harness;
        harness.define("q", policyOf(3));
        harness.attach(2, "q", 10);
        harness.submitMany("q", 2);
        const auto deliveries = harness.takeDeliveries();
        const std::string longText = std::string(message::kMaxErrorTextBytes - 1, 'x') + "ü";
        harness.end(2, deliveries[0].lease, Ending::Reject, {"Bad", longText});
        harness.end(2, deliveries[1].lease, Ending::Reject, {"Shape", ""}, {}, Reason::SchemaInvalid);
        harness.advance(std::chrono::hours(1));
        harness.run();
        QVERIFY(harness.takeDeliveries().empty());
        const auto& first = harness.ledger.dead.at(deliveries[0].lease.sequence);
        QVERIFY(first.row.reason == Reason::Rejected);
        QCOMPARE(first.row.failure.errorText.size(), message::kMaxErrorTextBytes - 1);
        QCOMPARE(first.live.history.size(), 1U);
        QVERIFY(harness.ledger.dead.at(deliveries[1].lease.sequence).row.reason
                == Reason::SchemaInvalid);
        QCOMPARE(harness.imbalance(), std::string());
    }

    void retriedMessageReturnsToItsPlaceBySequence()
    {
        Harness harness;
        harness.define("q", policyOf(3));
        harness.attach(2, "q", 1);
        harness.submitMany("q", 3);
        const auto first = harness.takeDeliveries().at(0).lease;
        harness.end(2, first, Ending::Retry, {"E", ""}, base::Micros(0));
        harness.run(); // falls due
        harness.run({Credit{2, 1, 0}});
        harness.submitMany("q", 1);
        // Its bytes are asked for only when there is credit; the next ones are here at once.
        std::vector<Sequence> order;
        for (int i = 0; i < 4; ++i) {
            harness.run({Credit{2, 1, 1}});
            for (const Delivery& delivery : harness.takeDeliveries())
                order.push_back(delivery.lease.sequence);
        }
        QCOMPARE(order.size(), 4U);
        QVERIFY(std::find(order.begin(), order.end(), first.sequence) <= order.begin() + 1);
        QCOMPARE(harness.imbalance(), std::string());
    }

    // ---- deliver-at

    void scheduledMessageWaitsForItsTime()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 10);
        harness.submit("q", {at(harness, seconds(5))});
        QCOMPARE(harness.figures("q").scheduled, 1U);
        harness.advance(base::Micros(4'999'999));
        harness.run();
        QVERIFY(harness.takeDeliveries().empty());
        harness.advance(base::Micros(1));
        harness.run();
        const auto deliveries = harness.takeDeliveries();
        QCOMPARE(deliveries.size(), 1U);
        QVERIFY(!deliveries[0].redelivered);
        QCOMPARE(harness.figures("q").waiting.p50Us, 0); // it was due just now
        harness.acknowledge(2, {deliveries[0].lease});
        QCOMPARE(harness.imbalance(), std::string());
    }

    void d16_backwardJumpDeliversNothingEarly()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 10);
        harness.submit("q", {at(harness, seconds(5))});
        harness.now.wall -= std::chrono::hours(1);
        harness.advance(seconds(6));
        harness.run();
        QVERIFY(harness.takeDeliveries().empty());
        QVERIFY(*harness.engine->nextDeadline() <= harness.now.steady + seconds(1));
        harness.now.wall += std::chrono::hours(1); // and the jump forward finds it due
        harness.run();
        QCOMPARE(harness.takeDeliveries().size(), 1U);
    }

    void d16_jumpsNeitherLapseLeasesNorHurryRetries()
    {
        Harness harness;
        harness.define("q", policyOf(3));
        harness.attach(2, "q", 10);
        harness.submitMany("q", 2);
        const auto deliveries = harness.takeDeliveries();
        harness.end(2, deliveries[0].lease, Ending::Retry, {"E", ""}, base::Micros(10'000'000));
        harness.now.wall += std::chrono::hours(24 * 30);
        harness.run();
        QCOMPARE(harness.figures("q").leased, 1U);
        QCOMPARE(harness.figures("q").retrying, 1U);
        harness.now.wall -= std::chrono::hours(24 * 60);
        harness.advance(seconds(10));
        harness.run();
        QCOMPARE(harness.takeDeliveries().size(), 1U);
        QVERIFY(harness.acknowledge(2, {deliveries[1].lease}).lost.empty());
    }

    void d16_retryDueAfterARestartIsClamped()
    {
        Harness harness;
        harness.define("q", policyOf(3));
        harness.attach(2, "q", 10);
        harness.submitMany("q", 1);
        harness.end(2, harness.takeDeliveries().at(0).lease, Ending::Retry, {"E", ""}, base::Micros(10'000'000));
        harness.now.wall -= std::chrono::hours(24 * 30); // while it was down
        harness.restart();
        QCOMPARE(harness.figures("q").retrying, 1U);
        harness.attach(2, "q", 10);
        harness.advance(seconds(60)); // the policy's longest delay
        harness.run();
        const auto again = harness.takeDeliveries();
        QCOMPARE(again.size(), 1U);
        QCOMPARE(again[0].attempt, 2U);
        QCOMPARE(harness.imbalance(), std::string());
    }

    // ---- expiry

    void expiredMessageBecomesADeadLetter()
    {
        Harness harness;
        harness.define("q");
        harness.submit("q", {at(harness, {}, seconds(5)), at(harness, seconds(20), seconds(5)),
                             at(harness, {}, seconds(50))});
        harness.advance(seconds(5));
        harness.run();
        QCOMPARE(harness.figures("q").dead, 2U);
        QCOMPARE(harness.figures("q").ready, 1U);
        for (const auto& [sequence, dead] : harness.ledger.dead)
            QVERIFY(dead.row.reason == Reason::Expired);
        harness.attach(2, "q", 10);
        QCOMPARE(harness.takeDeliveries().size(), 1U);
        QCOMPARE(harness.imbalance(), std::string());
    }

    void leasedMessageExpiresOnlyWhenItComesBack()
    {
        Harness harness;
        harness.define("q", policyOf(3));
        harness.attach(2, "q", 10);
        harness.submit("q", {at(harness, {}, seconds(5)), at(harness, {}, seconds(5)),
                             at(harness, {}, seconds(5))});
        const auto deliveries = harness.takeDeliveries();
        QCOMPARE(deliveries.size(), 3U);
        harness.advance(seconds(6));
        harness.run();
        QCOMPARE(harness.figures("q").leased, 3U);
        QVERIFY(harness.acknowledge(2, {deliveries[0].lease}).lost.empty());
        harness.end(2, deliveries[1].lease, Ending::Retry);
        harness.end(2, deliveries[2].lease, Ending::Release);
        QCOMPARE(harness.figures("q").dead, 2U);
        QCOMPARE(harness.figures("q").acknowledged, 1U);
        QVERIFY(harness.ledger.dead.at(deliveries[1].lease.sequence).row.reason == Reason::Expired);
        QCOMPARE(harness.imbalance(), std::string());
    }

    void messageSubmittedTooLateIsADeadLetterAtOnce()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 10);
        auto item = at(harness, {}, seconds(1));
        harness.advance(seconds(2));
        QVERIFY(harness.submit("q", {item}).problems.empty());
        QVERIFY(harness.takeDeliveries().empty());
        QCOMPARE(harness.ledger.deadIn(State::Dead), 1U);
    }

    void manyThatExpireOrAreDoneBeforeLeaveNoTimersBehind()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 100'000);
        for (int round = 0; round < 5; ++round) {
            std::vector<Submission> items;
            for (int i = 0; i < 1000; ++i)
                items.push_back(at(harness, {}, seconds(3600)));
            harness.submit("q", std::move(items));
            std::vector<LeaseRef> leases;
            for (const Delivery& delivery : harness.takeDeliveries())
                leases.push_back(delivery.lease);
            QCOMPARE(leases.size(), 1000U);
            harness.acknowledge(2, leases);
        }
        harness.advance(seconds(3600));
        harness.run();
        QVERIFY(harness.ledger.dead.empty());
        QCOMPARE(harness.imbalance(), std::string());
    }
};

QTEST_GUILESS_MAIN(TstEngineTime)
#include "tst_engine_time.moc"
