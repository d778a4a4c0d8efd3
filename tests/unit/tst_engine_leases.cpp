// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/engine_harness.h"

#include <QtTest>

#include <map>
#include <random>

using namespace millrace;
using namespace millrace::test;
using message::Ending;
using std::chrono::seconds;

/// Who holds a message, for how long, and what whoever held it before can still do.
class TstEngineLeases : public QObject
{
    Q_OBJECT

    static message::QueuePolicy shortLease()
    {
        message::QueuePolicy policy;
        policy.lease = seconds(10);
        policy.maxRunTime = seconds(100);
        policy.retry.initialDelay = std::chrono::milliseconds(0); // again at once
        policy.retry.maxAttempts = 1000;
        return policy;
    }
    static Settled extend(Harness& harness, ClientId client, const std::vector<LeaseRef>& leases)
    {
        harness.run({Extend{client, 5, leases}});
        return harness.take<Settled>().at(0);
    }
    /// Client 2's lease lapsed and client 3 has the message: the token before and the one now.
    static std::pair<LeaseRef, LeaseRef> passOn(Harness& harness)
    {
        harness.define("q", shortLease());
        harness.attach(2, "q", 1);
        harness.submitMany("q", 1);
        const LeaseRef before = harness.takeDeliveries().at(0).lease;
        harness.attach(3, "q", 1);
        harness.advance(seconds(10));
        harness.run();
        return {before, harness.takeDeliveries().at(0).lease};
    }

private Q_SLOTS:
    void d7_shorterLeasesLapseBeforeLongerOnesOfEarlier()
    {
        Harness harness;
        message::QueuePolicy policy;
        policy.lease = std::chrono::seconds(30);
        harness.define("q", policy);
        harness.attach(2, "q", 2);
        harness.submitMany("q", 1);
        const auto longer = harness.takeDeliveries();
        policy.lease = std::chrono::seconds(1);
        harness.run({UpdateQueue{1, 1, "tester", "q", policy, false}});
        harness.submitMany("q", 1);
        QCOMPARE(harness.takeDeliveries().size(), 1U);
        harness.run({Extend{2, 1, {longer[0].lease}}}); // does not shorten it
        harness.advance(std::chrono::seconds(2));
        harness.run();
        QCOMPARE(harness.engine->count(State::Leased), 1U);
        QCOMPARE(harness.engine->count(State::Retrying), 1U);
        harness.advance(std::chrono::seconds(29));
        harness.run();
        QCOMPARE(harness.engine->count(State::Leased), 0U);
        QCOMPARE(harness.imbalance(), std::string());
    }

    void d8_whoLostItsLeaseChangesNothing_data()
    {
        QTest::addColumn<int>("act");
        QTest::newRow("acknowledge") << 0;
        QTest::newRow("retry") << 1;
        QTest::newRow("reject") << 2;
        QTest::newRow("release") << 3;
        QTest::newRow("extend") << 4;
    }
    void d8_whoLostItsLeaseChangesNothing()
    {
        QFETCH(int, act);
        Harness harness;
        const auto [before, now] = passOn(harness);
        harness.advance(seconds(6));
        const auto commits = harness.ledger.commits;
        Settled settled;
        switch (act) {
        case 0: settled = harness.acknowledge(2, {before}); break;
        case 1: settled = harness.end(2, before, Ending::Retry); break;
        case 2: settled = harness.end(2, before, Ending::Reject); break;
        case 3: settled = harness.end(2, before, Ending::Release); break;
        default: settled = extend(harness, 2, {before}); break;
        }
        QCOMPARE(settled.lost, std::vector<LeaseRef>{before});
        QCOMPARE(harness.ledger.commits, commits);
        QCOMPARE(harness.ledger.live.at(1).failures, 1U); // of the lapse
        // Neither shortened nor extended.
        harness.advance(base::Micros(3'999'999));
        harness.run();
        QCOMPARE(harness.figures("q").leased, 1U);
        QVERIFY(harness.acknowledge(3, {now}).lost.empty());
        QVERIFY(harness.ledger.live.empty());
        QCOMPARE(harness.ledger.done, 1U);
        QCOMPARE(harness.imbalance(), std::string());
    }

    void d8_tokenOfAnotherClientChangesNothing()
    {
        Harness harness;
        const auto [before, now] = passOn(harness);
        QCOMPARE(harness.acknowledge(2, {now}).lost.size(), 1U);
        QCOMPARE(extend(harness, 2, {now}).lost.size(), 1U);
        QCOMPARE(harness.figures("q").leased, 1U);
    }

    void d8_anAcknowledgementCountsOnce()
    {
        Harness harness;
        const auto [before, now] = passOn(harness);
        QCOMPARE(harness.acknowledge(3, {now, now}).lost, std::vector<LeaseRef>{now});
        QCOMPARE(harness.acknowledge(3, {now}).lost, std::vector<LeaseRef>{now}); // a duplicated frame
        QCOMPARE(harness.end(3, now, Ending::Retry).lost, std::vector<LeaseRef>{now});
        QCOMPARE(extend(harness, 3, {now}).lost, std::vector<LeaseRef>{now});
        harness.advance(std::chrono::hours(1));
        harness.run({Credit{2, 1, 10}, Credit{3, 1, 10}});
        QVERIFY(harness.takeDeliveries().empty()); // never delivered again
        QCOMPARE(harness.ledger.done, 1U);
        QCOMPARE(harness.figures("q").acknowledged, 1U);
        QCOMPARE(harness.imbalance(), std::string());
    }

    void d7_anExtensionThatWaitedIsBeforeTheLapse()
    {
        Harness harness;
        harness.define("q", shortLease());
        harness.attach(2, "q", 2);
        harness.submitMany("q", 2);
        const auto out = harness.takeDeliveries();
        harness.advance(seconds(10)); // exactly the deadline, and the frame is there
        QVERIFY(extend(harness, 2, {out[0].lease}).lost.empty());
        QCOMPARE(harness.figures("q").leasesLost, 1U); // the other one
        harness.advance(base::Micros(9'999'999));
        QVERIFY(harness.acknowledge(2, {out[0].lease}).lost.empty());
        QCOMPARE(harness.imbalance(), std::string());
    }

    void d7_aPausedWorkerFindsItsWorkDoneByAnother()
    {
        Harness harness;
        harness.define("q", shortLease());
        harness.attach(2, "q", 5);
        harness.submitMany("q", 5);
        std::vector<LeaseRef> held;
        for (const Delivery& delivery : harness.takeDeliveries())
            held.push_back(delivery.lease);
        harness.attach(3, "q", 5);
        harness.advance(std::chrono::hours(3)); // stopped by a signal, or the machine slept
        harness.run();
        std::vector<LeaseRef> taken;
        for (const Delivery& delivery : harness.takeDeliveries())
            taken.push_back(delivery.lease);
        QCOMPARE(taken.size(), 5U);
        QCOMPARE(harness.acknowledge(2, held).lost, held);
        QVERIFY(harness.acknowledge(3, taken).lost.empty());
        QCOMPARE(harness.ledger.done, 5U);
    }

    void d7_extensionsKeepTheOrderOfTheDeadlines()
    {
        Harness harness;
        harness.define("q", shortLease());
        harness.attach(2, "q", 3);
        harness.submitMany("q", 3);
        const auto out = harness.takeDeliveries();
        harness.advance(seconds(5));
        extend(harness, 2, {out[0].lease}); // until 15 s; the others until 10 s
        harness.advance(seconds(5));
        harness.run();
        QCOMPARE(harness.figures("q").leasesLost, 2U);
        harness.advance(base::Micros(4'999'999));
        harness.run();
        QCOMPARE(harness.figures("q").leasesLost, 2U);
        harness.advance(base::Micros(1));
        harness.run();
        QCOMPARE(harness.figures("q").leasesLost, 3U);
        QCOMPARE(harness.imbalance(), std::string());
    }

    /// Workers that answer too late, twice, or with somebody else's token. What each token may do is written down
    /// beside the engine: only the last one of a message, only by whom it was given to, and only until it ended.
    void d7_d8_atMostOneTokenOfAMessageIsValid()
    {
        Harness harness;
        auto policy = shortLease();
        policy.maxRunTime = seconds(20);
        harness.define("q", policy);
        std::mt19937 random(11);
        const auto below = [&](std::size_t bound) { return random() % bound; };
        for (ClientId client = 2; client < 6; ++client)
            harness.attach(client, "q", 4);

        struct Given
        {
            LeaseRef lease;
            ClientId client = 0;
        };
        std::vector<Given> given;
        std::map<Sequence, std::uint64_t> lastToken;
        std::map<Sequence, int> ended;
        std::uint64_t rounds = 0;
        const auto collect = [&] {
            for (const Deliver& deliver : harness.take<Deliver>()) {
                for (const Delivery& each : deliver.items) {
                    QVERIFY(each.lease.token > lastToken[each.lease.sequence]); // strictly growing
                    lastToken[each.lease.sequence] = each.lease.token;
                    QVERIFY(!ended.contains(each.lease.sequence));
                    given.push_back({each.lease, deliver.client});
                }
            }
        };
        while (rounds++ < 3000) {
            if (below(4) == 0)
                harness.submitMany("q", 1 + static_cast<int>(below(3)));
            harness.run({Credit{2 + below(4), 1, 1}});
            collect();
            harness.advance(base::Micros(below(3'000'000)));
            if (given.empty())
                continue;
            const std::size_t back = below(below(8) == 0 ? given.size() : std::min<std::size_t>(given.size(), 12));
            const Given& any = given[given.size() - 1 - back]; // now and then a very old one
            const ClientId by = below(5) == 0 ? 2 + below(4) : any.client;
            const bool isLast = lastToken[any.lease.sequence] == any.lease.token;
            const bool mayWork = isLast && by == any.client && !ended.contains(any.lease.sequence);
            const bool acknowledges = below(2) == 0;
            const Settled settled = acknowledges ? harness.acknowledge(by, {any.lease}) : extend(harness, by, {any.lease});
            QVERIFY(mayWork || settled.lost.size() == 1);
            if (acknowledges && settled.lost.empty())
                ended[any.lease.sequence] = 1;
            collect();
            QCOMPARE(harness.imbalance(), std::string());
        }
        QVERIFY(ended.size() > 500);
        QCOMPARE(harness.ledger.done, ended.size());
        QVERIFY(harness.figures("q").leasesLost > 100);
    }
};

QTEST_APPLESS_MAIN(TstEngineLeases)
#include "tst_engine_leases.moc"
