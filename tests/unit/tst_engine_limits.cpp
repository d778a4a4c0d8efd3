// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/engine_harness.h"

#include <QtTest>

using namespace millrace;
using namespace millrace::test;
using namespace std::chrono_literals;

namespace {

Submission of(const std::string& id, std::uint8_t priority, const std::string& key = {})
{
    message::Envelope envelope = Harness::envelope(id);
    envelope.priority = priority;
    envelope.partitionKey = key;
    return Harness::item(envelope);
}

std::string idOf(const Delivery& delivery)
{
    return std::string(message::viewEnvelope(delivery.envelope.view())->id);
}

QueueId idOfQueue(const Harness& harness) { return harness.engine->findQueue("q")->id; }

/// Hands out one after the other while priority 9 never runs dry; the number of the hand-out by id.
std::map<std::string, int> flooded(Harness& harness, int count)
{
    std::map<std::string, int> order;
    harness.attach(1, "q", 0);
    for (int i = 0; i < count; ++i) {
        harness.run({Harness::submitOf("q", {of("high", 9), of("high", 9)}), Credit{1, idOfQueue(harness), 1}});
        for (const Delivery& each : harness.takeDeliveries())
            order.emplace(idOf(each), i);
    }
    return order;
}

} // namespace

class TstEngineLimits : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void noPriorityStarves_data()
    {
        QTest::addColumn<quint64>("residentBytes");
        QTest::newRow("bytes in memory") << quint64{32 * 1024 * 1024};
        QTest::newRow("bytes in the store") << quint64{0};
    }
    void noPriorityStarves()
    {
        QFETCH(quint64, residentBytes);
        EngineOptions options;
        options.maxResidentBytes = residentBytes;
        Harness harness(options);
        harness.define("q");
        std::vector<Submission> items;
        for (std::uint8_t priority = 0; priority < 9; ++priority)
            items.push_back(of("p" + std::to_string(priority), priority));
        harness.submit("q", std::move(items));
        harness.submit("q", {of("high", 9), of("high", 9), of("high", 9)});
        const auto order = flooded(harness, 200);
        for (int priority = 0; priority < 9; ++priority) {
            const auto found = order.find("p" + std::to_string(priority));
            QVERIFY2(found != order.end() && found->second <= 160, std::to_string(priority).c_str());
        }
        QVERIFY(harness.imbalance().empty());
    }

    void aPriorityThatHasRunEmptyTakesNoTurnFromALowerOne()
    {
        Harness harness;
        harness.define("q");
        std::vector<Submission> items;
        for (int i = 0; i < 15; ++i)
            items.push_back(of("high", 9));
        for (int i = 0; i < 15; ++i)
            items.push_back(of("middle", 5));
        items.push_back(of("low", 1));
        harness.submit("q", std::move(items));
        harness.attach(1, "q", 16);
        const auto deliveries = harness.takeDeliveries();
        QCOMPARE(deliveries.size(), std::size_t{16});
        QCOMPARE(idOf(deliveries.back()), std::string("low"));
    }

    void theHighestPriorityHasFifteenOfSixteenTurns()
    {
        Harness harness;
        harness.define("q");
        std::vector<Submission> items;
        for (int i = 0; i < 320; ++i)
            items.push_back(of("m", i % 2 == 0 ? 9 : 0));
        harness.submit("q", std::move(items));
        harness.attach(1, "q", 160);
        QCOMPARE(harness.takeDeliveries().size(), std::size_t{160});
        const auto high = std::count_if(harness.ledger.handouts.begin()->second.begin(),
                                        harness.ledger.handouts.begin()->second.end(),
                                        [&](Sequence each) { return harness.ledger.live.at(each).row.priority == 9; });
        QCOMPARE(high, 150);
    }

    void noMoreAreLeasedThanTheLimitOverAllWorkers()
    {
        Harness harness;
        message::QueuePolicy policy;
        policy.maxConcurrency = 3;
        harness.define("q", policy);
        harness.submitMany("q", 10);
        harness.attach(1, "q", 2);
        harness.attach(2, "q", 100);
        auto leases = harness.takeDeliveries();
        QCOMPARE(harness.figures("q").leased, std::uint64_t{3});
        harness.submitMany("q", 1);
        QCOMPARE(harness.figures("q").leased, std::uint64_t{3});
        (void)harness.end(1, leases.at(0).lease, message::Ending::Retry); // each end makes room for one
        QCOMPARE(harness.figures("q").leased, std::uint64_t{3});
        policy.maxConcurrency = 0;
        harness.run({UpdateQueue{1, 1, "ann", "q", policy, false}});
        QCOMPARE(harness.figures("q").ready, std::uint64_t{0});
        QVERIFY(harness.imbalance().empty());
    }

    void theRateIsATokenBucket()
    {
        Harness harness;
        message::QueuePolicy policy;
        policy.rate = {10, 3};
        harness.define("q", policy);
        harness.submitMany("q", 100);
        harness.attach(1, "q", 1000);
        QCOMPARE(harness.takeDeliveries().size(), std::size_t{3});
        const auto start = harness.now.steady;
        for (int i = 1; i <= 20; ++i) {
            const auto next = harness.engine->nextDeadline();
            QVERIFY(next.has_value());
            QCOMPARE((*next - start).count(), std::int64_t{i} * 100'000); // exactly when the token comes
            harness.advance(*next - harness.now.steady - base::Micros(1));
            harness.run();
            QVERIFY(harness.takeDeliveries().empty());
            harness.advance(base::Micros(1));
            harness.run();
            QCOMPARE(harness.takeDeliveries().size(), std::size_t{1});
        }
        harness.advance(1h); // no more than the burst gathers
        harness.run();
        const std::size_t after = harness.takeDeliveries().size();
        QVERIFY2(after == 3, std::to_string(after).c_str());
    }

    void aRateThatIsLiftedLetsTheRestGo()
    {
        Harness harness;
        message::QueuePolicy policy;
        policy.rate = {0.001, 1};
        harness.define("q", policy);
        harness.submitMany("q", 5);
        harness.attach(1, "q", 1000);
        QCOMPARE(harness.takeDeliveries().size(), std::size_t{1});
        policy.rate = {};
        harness.run({UpdateQueue{1, 1, "ann", "q", policy, false}});
        QCOMPARE(harness.takeDeliveries().size(), std::size_t{4});
    }

    void eachKeyHasARateOfItsOwn()
    {
        Harness harness;
        message::QueuePolicy policy;
        policy.keyRate = {1, 2};
        harness.define("q", policy);
        harness.attach(1, "q", 1000);
        std::vector<Submission> items;
        for (int i = 0; i < 5; ++i) {
            items.push_back(of("a" + std::to_string(i), 4, "a"));
            items.push_back(of("b" + std::to_string(i), 4, "b"));
            items.push_back(of("n" + std::to_string(i), 4));
        }
        harness.run({Harness::submitOf("q", std::move(items))});
        std::map<char, std::vector<std::int64_t>> times;
        const auto start = harness.now.steady;
        for (int i = 0; i < 200 && harness.figures("q").depth() > 0; ++i) {
            std::vector<LeaseRef> leases;
            for (const Delivery& each : harness.takeDeliveries()) {
                times[idOf(each).front()].push_back((harness.now.steady - start).count());
                leases.push_back(each.lease);
            }
            if (!leases.empty()) {
                harness.run({Settle{1, 1, leases, {}}});
                continue;
            }
            harness.advance(*harness.engine->nextDeadline() - harness.now.steady);
            harness.run();
        }
        const std::vector<std::int64_t> wanted{0, 0, 1'000'000, 2'000'000, 3'000'000};
        QCOMPARE(times['a'], wanted);
        QCOMPARE(times['b'], wanted);
        QCOMPARE(times['n'], (std::vector<std::int64_t>(5, 0)));
        QVERIFY(harness.imbalance().empty());
    }

    void aKeyThatComesBackGetsItsNextTokenInTime()
    {
        Harness harness;
        message::QueuePolicy policy;
        policy.keyRate = {1, 3};
        harness.define("q", policy);
        harness.attach(1, "q", 1000);
        for (int i = 0; i < 3; ++i) {
            harness.run({Harness::submitOf("q", {of("a", 4, "a")})});
            (void)harness.acknowledge(1, {harness.takeDeliveries().at(0).lease});
        }
        harness.run({Harness::submitOf("q", {of("a", 4, "a")})}); // the key was about to wait until its bucket is full
        QVERIFY(harness.takeDeliveries().empty());
        harness.advance(1s);
        harness.run();
        QCOMPARE(harness.takeDeliveries().size(), std::size_t{1});
    }

    void anEmptyKeyDoesNotGetAFullBucketAnew()
    {
        Harness harness;
        message::QueuePolicy policy;
        policy.keyRate = {1, 1};
        harness.define("q", policy);
        harness.attach(1, "q", 1000);
        for (int i = 0; i < 2; ++i) {
            harness.run({Harness::submitOf("q", {of("a", 4, "a")})});
            const auto all = harness.takeDeliveries();
            QCOMPARE(all.size(), std::size_t(i == 0 ? 1 : 0));
            if (!all.empty())
                (void)harness.acknowledge(1, {all[0].lease});
        }
        harness.advance(1s);
        harness.run();
        QCOMPARE(harness.takeDeliveries().size(), std::size_t{1});
    }
};

QTEST_GUILESS_MAIN(TstEngineLimits)
#include "tst_engine_limits.moc"
