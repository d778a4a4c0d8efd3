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

/// Which failed messages are tried again, and when: delays, the deadline for all attempts, rules per class.
class TstEngineRetry : public QObject
{
    Q_OBJECT

private:
    static message::QueuePolicy fixed(milliseconds delay, std::uint32_t attempts)
    {
        message::QueuePolicy policy;
        policy.retry.backoff = message::Backoff::Fixed;
        policy.retry.initialDelay = delay;
        policy.retry.maxAttempts = attempts;
        return policy;
    }
    /// Fails the one message that was delivered, and returns how it stands.
    static std::optional<Reason> fail(Harness& harness, const char* errorClass, std::optional<base::Micros> delay = {})
    {
        const auto deliveries = harness.takeDeliveries();
        if (deliveries.size() != 1)
            qFatal("%zu deliveries", deliveries.size());
        harness.end(2, deliveries[0].lease, Ending::Retry, {errorClass, "it broke"}, delay);
        if (harness.ledger.dead.empty())
            return std::nullopt;
        return harness.ledger.dead.begin()->second.row.reason;
    }

private Q_SLOTS:
    void whatFailedIsCalledRedeliveredAfterARestart()
    {
        Harness harness;
        harness.define("q", fixed(milliseconds(0), 5));
        harness.attach(2, "q", 1);
        harness.submitMany("q", 1);
        QVERIFY(!fail(harness, "Boom"));
        harness.ledger.stoppedCleanly = true; // no suspects
        harness.restart();
        harness.attach(2, "q", 1);
        const auto deliveries = harness.takeDeliveries();
        QCOMPARE(deliveries.at(0).attempt, 2U);
        QVERIFY(deliveries[0].redelivered);
    }
    void listedDelaysAreKeptOneAfterTheOther()
    {
        Harness harness;
        message::QueuePolicy policy;
        policy.retry.backoff = message::Backoff::List;
        policy.retry.delays = {seconds(1), seconds(10)};
        harness.define("q", policy);
        harness.attach(2, "q", 10);
        harness.submitMany("q", 1);
        for (const int wait : {1, 10, 10}) {
            QVERIFY(!fail(harness, "Boom"));
            harness.advance(seconds(wait) - base::Micros(1));
            harness.run();
            QCOMPARE(harness.figures("q").retrying, 1U);
            harness.advance(base::Micros(1));
            harness.run();
            QCOMPARE(harness.figures("q").leased, 1U);
        }
        QCOMPARE(harness.imbalance(), std::string());
    }
    void rejectingRuleEndsAtOnce()
    {
        Harness harness;
        auto policy = fixed(seconds(1), 5);
        policy.retry.rules = {{"CardDeclined", true, {}, 0}};
        harness.define("q", policy);
        harness.attach(2, "q", 10);
        harness.submitMany("q", 1);
        QVERIFY(!fail(harness, "Other"));
        harness.advance(seconds(1));
        harness.run();
        QVERIFY(fail(harness, "CardDeclined") == Reason::Rejected);
        QCOMPARE(harness.ledger.dead.begin()->second.row.attempts, 2U);
        QCOMPARE(harness.imbalance(), std::string());
    }
    void ruleHasItsOwnDelaysAndAttempts()
    {
        Harness harness;
        auto policy = fixed(seconds(1), 5);
        policy.retry.rules = {{"Timeout", false, {seconds(7)}, 2}};
        harness.define("q", policy);
        harness.attach(2, "q", 10);
        harness.submitMany("q", 1);
        QVERIFY(!fail(harness, "Timeout"));
        harness.advance(seconds(6));
        harness.run();
        QCOMPARE(harness.figures("q").retrying, 1U);
        harness.advance(seconds(1));
        harness.run();
        QVERIFY(fail(harness, "Timeout") == Reason::AttemptsExhausted);
    }
    void ruleAppliesToALapsedLease()
    {
        Harness harness;
        auto policy = fixed(seconds(1), 5);
        policy.retry.rules = {{"lease-lapsed", true, {}, 0}};
        harness.define("q", policy);
        harness.attach(2, "q", 1);
        harness.submitMany("q", 1);
        harness.advance(policy.lease);
        harness.run();
        QCOMPARE(harness.ledger.deadIn(State::Dead), 1U);
    }
    void attemptAfterTheDeadlineIsNotMade()
    {
        Harness harness;
        auto policy = fixed(seconds(10), 100);
        policy.retry.deadline = seconds(25);
        harness.define("q", policy);
        harness.attach(2, "q", 10);
        harness.advance(seconds(500)); // before the first attempt, time does not count
        harness.submitMany("q", 1);
        QVERIFY(!fail(harness, "Boom"));
        harness.advance(seconds(10));
        harness.run();
        QVERIFY(!fail(harness, "Boom")); // the third begins 20 s after the first
        harness.advance(seconds(10));
        harness.run();
        QVERIFY(fail(harness, "Boom") == Reason::DeadlineExceeded);
        QCOMPARE(harness.ledger.dead.begin()->second.row.attempts, 3U);
        QCOMPARE(harness.imbalance(), std::string());
    }
    void deadlineCountsForAnAskedDelayToo()
    {
        Harness harness;
        auto policy = fixed(seconds(1), 100);
        policy.retry.deadline = seconds(25);
        harness.define("q", policy);
        harness.attach(2, "q", 10);
        harness.submitMany("q", 1);
        QVERIFY(fail(harness, "Boom", seconds(26)) == Reason::DeadlineExceeded);
    }
    void deadlineCountsOverRestartsAndNoClockJumpBuriesAMessage()
    {
        Harness harness;
        auto policy = fixed(seconds(10), 100);
        policy.retry.deadline = seconds(25);
        harness.define("q", policy);
        harness.attach(2, "q", 10);
        harness.submitMany("q", 2);
        for (const auto& delivery : harness.takeDeliveries())
            harness.end(2, delivery.lease, Ending::Retry);
        harness.advance(seconds(15)); // and one in the restart
        harness.restart();
        harness.attach(2, "q", 1);
        QVERIFY(!harness.ledger.dead.size());
        const auto early = harness.takeDeliveries().at(0).lease;
        harness.end(2, early, Ending::Retry); // 16 s + 10 s
        QCOMPARE(harness.ledger.deadIn(State::Dead), 1U);
        QVERIFY(harness.ledger.dead.begin()->second.row.reason == Reason::DeadlineExceeded);
        harness.now.wall += std::chrono::hours(48);
        harness.restart();
        harness.run();
        QCOMPARE(harness.ledger.deadIn(State::Dead), 1U);
        harness.attach(2, "q", 1);
        QCOMPARE(harness.takeDeliveries().size(), 1U);
        QCOMPARE(harness.imbalance(), std::string());
    }
};

QTEST_GUILESS_MAIN(TstEngineRetry)
#include "tst_engine_retry.moc"
