// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/engine_harness.h"

#include <QtTest>

using namespace millrace;
using namespace millrace::test;
using std::chrono::seconds;

/// Messages that are not to be delivered before a time.
class TstEngineScheduled : public QObject
{
    Q_OBJECT

    static Submission dueAt(std::int64_t us, int number = 0, std::uint8_t priority = message::kDefaultPriority)
    {
        auto envelope = Harness::envelope("s" + std::to_string(number));
        envelope.deliverAtUs = us;
        envelope.priority = priority;
        return Harness::item(envelope);
    }
    static std::int64_t wallOf(const Harness& harness) { return base::toMicros(harness.now.wall); }

private Q_SLOTS:
    void farOffTimesWaitAndOverflowNothing_data()
    {
        QTest::addColumn<qint64>("us");
        QTest::newRow("in a thousand years") << qint64{33'000'000'000'000'000};
        QTest::newRow("the last microsecond") << qint64{INT64_MAX};
    }
    void farOffTimesWaitAndOverflowNothing()
    {
        QFETCH(qint64, us);
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 10);
        QVERIFY(harness.submit("q", {dueAt(us)}).problems.empty());
        for (int i = 0; i < 3; ++i) {
            QCOMPARE(harness.figures("q").scheduled, 1U);
            QVERIFY(*harness.engine->nextDeadline() > harness.now.steady);
            QVERIFY(*harness.engine->nextDeadline() <= harness.now.steady + seconds(1));
            harness.advance(std::chrono::hours(24 * 365));
            harness.restart();
            harness.attach(2, "q", 10);
            QVERIFY(harness.takeDeliveries().empty());
        }
        QCOMPARE(harness.imbalance(), std::string());
    }

    void pastTimesAreDeliveredAtOnce_data()
    {
        QTest::addColumn<qint64>("us");
        QTest::newRow("long ago") << qint64{1};
        QTest::newRow("before 1970") << qint64{-5};
        QTest::newRow("the first microsecond") << qint64{INT64_MIN};
    }
    void pastTimesAreDeliveredAtOnce()
    {
        QFETCH(qint64, us);
        Harness harness;
        harness.define("q");
        harness.submit("q", {dueAt(us)});
        harness.restart();
        QCOMPARE(harness.figures("q").ready, 1U);
        harness.attach(2, "q", 10);
        QCOMPARE(harness.takeDeliveries().size(), 1U);
    }

    /// In order of priority, then sequence; none twice, none late, and no step does all of them.
    void manyThatAreDueInTheSameMillisecond_data()
    {
        QTest::addColumn<bool>("restarts");
        QTest::newRow("in memory") << false;
        QTest::newRow("after a restart") << true;
    }
    void manyThatAreDueInTheSameMillisecond()
    {
        QFETCH(bool, restarts);
        constexpr int kMany = 30'000;
        Harness harness;
        harness.define("q");
        const std::int64_t due = wallOf(harness) + 60'000'000;
        std::vector<Submission> items;
        for (int i = 0; i < kMany; ++i)
            items.push_back(dueAt(due, i, i % 2 == 0 ? 4 : 5));
        harness.submit("q", std::move(items));
        if (restarts)
            harness.restart();
        harness.attach(2, "q", kMany);
        QVERIFY(harness.takeDeliveries().empty());
        harness.now.wall = base::wallFromMicros(due - 1);
        harness.run();
        QVERIFY(harness.takeDeliveries().empty());
        harness.advance(base::Micros(1));
        harness.step();
        auto out = harness.takeDeliveries();
        QVERIFY(harness.figures("q").scheduled >= kMany / 2);
        harness.run();
        for (Delivery& delivery : harness.takeDeliveries())
            out.push_back(std::move(delivery));
        QCOMPARE(out.size(), std::size_t{kMany});
        std::set<Sequence> seen;
        for (const Delivery& delivery : out)
            seen.insert(delivery.lease.sequence);
        QCOMPARE(seen.size(), std::size_t{kMany});
        QCOMPARE(harness.figures("q").scheduled, 0U);
        QCOMPARE(harness.imbalance(), std::string());
    }

    void fewThatAreDueTogetherComeInOrder()
    {
        Harness harness;
        harness.define("q");
        const std::int64_t due = wallOf(harness) + 1'000'000;
        std::vector<Submission> items;
        for (int i = 0; i < 10; ++i)
            items.push_back(dueAt(due - i % 3, i, i % 2 == 0 ? 4 : 5));
        harness.submit("q", std::move(items));
        harness.attach(2, "q", 10);
        harness.advance(seconds(1));
        harness.run();
        std::vector<Sequence> order;
        for (const Delivery& delivery : harness.takeDeliveries())
            order.push_back(delivery.lease.sequence);
        harness.run();
        for (const Delivery& delivery : harness.takeDeliveries())
            order.push_back(delivery.lease.sequence);
        QCOMPARE(order, (std::vector<Sequence>{2, 4, 6, 8, 10, 1, 3, 5, 7, 9}));
    }

    void whatFellDueWhileTheNodeWasDownIsReadyAtLoad()
    {
        Harness harness;
        harness.define("q");
        harness.submit("q", {dueAt(wallOf(harness) + 5'000'000, 0), dueAt(wallOf(harness) + 50'000'000, 1)});
        harness.advance(seconds(10));
        harness.restart();
        QCOMPARE(harness.figures("q").ready, 1U);
        QCOMPARE(harness.figures("q").scheduled, 1U);
        harness.attach(2, "q", 10);
        const auto out = harness.takeDeliveries();
        QCOMPARE(out.size(), 1U);
        QVERIFY(!out[0].redelivered);
    }

    void d16_clockSetBackWhileTheNodeWasDownDeliversNothingEarly()
    {
        Harness harness;
        harness.define("q");
        harness.submit("q", {dueAt(wallOf(harness) + 5'000'000)});
        harness.now.wall -= std::chrono::hours(1);
        harness.restart();
        harness.attach(2, "q", 10);
        harness.advance(seconds(30));
        harness.run();
        QVERIFY(harness.takeDeliveries().empty());
        harness.advance(std::chrono::hours(1));
        harness.run();
        QCOMPARE(harness.takeDeliveries().size(), 1U);
    }

    void whatExpiresBeforeItsTimeIsNeverDelivered()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 10);
        auto envelope = Harness::envelope("e");
        envelope.deliverAtUs = wallOf(harness) + 20'000'000;
        envelope.expiresAtUs = wallOf(harness) + 10'000'000;
        harness.submit("q", {Harness::item(envelope)});
        harness.advance(seconds(10));
        harness.run();
        QCOMPARE(harness.figures("q").scheduled, 0U);
        QCOMPARE(harness.figures("q").dead, 1U);
        harness.advance(seconds(30));
        harness.run();
        QVERIFY(harness.takeDeliveries().empty());
        QCOMPARE(harness.imbalance(), std::string());
    }

    void aFailedOneIsNotScheduledAgain()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 1);
        harness.submit("q", {dueAt(wallOf(harness) + 5'000'000)});
        harness.advance(seconds(5));
        harness.run();
        harness.end(2, harness.takeDeliveries().at(0).lease, message::Ending::Retry, {"E", ""}, base::Micros(1'000'000));
        harness.now.wall -= std::chrono::hours(1);
        harness.restart();
        QCOMPARE(harness.figures("q").scheduled, 0U);
        harness.attach(2, "q", 1);
        harness.advance(std::chrono::minutes(2)); // clamped to the policy's longest delay
        harness.run();
        QCOMPARE(harness.takeDeliveries().size(), 1U);
    }
};

QTEST_APPLESS_MAIN(TstEngineScheduled)
#include "tst_engine_scheduled.moc"
