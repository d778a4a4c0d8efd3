// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/engine_harness.h"

#include <QtTest>

#include <malloc.h>

using namespace millrace;
using namespace millrace::test;
using message::Ending;

/// Messages whose bytes are only in the store, damaged rows, and what a restart finds.
class TstEngineMemory : public QObject
{
    Q_OBJECT

private:
    static EngineOptions withResident(std::uint64_t bytes)
    {
        EngineOptions options;
        options.maxResidentBytes = bytes;
        return options;
    }
    static std::vector<Sequence> drain(Harness& harness, std::size_t count)
    {
        std::vector<Sequence> order;
        const QueueId queue = harness.engine->findQueue("q")->id;
        harness.attach(2, "q", 100);
        while (order.size() < count) {
            std::vector<LeaseRef> leases;
            for (const Delivery& delivery : harness.takeDeliveries()) {
                order.push_back(delivery.lease.sequence);
                leases.push_back(delivery.lease);
            }
            if (leases.empty())
                break;
            harness.run({Settle{2, 1, leases, {}},
                         Credit{2, queue, static_cast<std::uint32_t>(leases.size())}});
        }
        return order;
    }

private Q_SLOTS:
    void whatWaitsDoesNotKeepItsFrameAlive_data()
    {
        QTest::addColumn<bool>("expires");
        QTest::newRow("plain") << false;
        QTest::newRow("with an expiry") << true;
    }
    void whatWaitsDoesNotKeepItsFrameAlive()
    {
        QFETCH(bool, expires);
        Harness harness;
        harness.define("q");
        message::Envelope envelope = Harness::envelope("small");
        if (expires)
            envelope.expiresAtUs = base::toMicros(harness.now.wall) + 3'600'000'000;
        const std::string encoded = message::encode(envelope);
        auto frame = std::make_shared<std::string>(encoded + "body" + std::string(1'000'000, 'x'));
        const std::weak_ptr<std::string> alive = frame;
        base::Slice whole(frame, *frame);
        Submission item;
        item.envelope = whole.part(whole.view().substr(0, encoded.size()));
        item.body = whole.part(whole.view().substr(encoded.size(), 4));
        item.view = *message::viewEnvelope(item.envelope.view());
        std::vector<Submission> items{item};
        item = {};
        harness.submit("q", std::move(items));
        harness.lastBatch = {};
        for (auto& [sequence, each] : harness.ledger.live) {
            each.row.envelope = base::Slice::own(each.row.envelope.toString());
            each.row.body = base::Slice::own(each.row.body.toString());
        }
        whole.reset();
        frame.reset();
        QVERIFY(alive.expired());
        harness.attach(2, "q", 1);
        const auto deliveries = harness.takeDeliveries();
        QCOMPARE(deliveries.size(), 1U);
        QCOMPARE(deliveries[0].body.toString(), std::string("body"));
        QCOMPARE(deliveries[0].envelope.toString(), encoded);
    }

    void coldMessagesComeInOrder_data()
    {
        QTest::addColumn<quint64>("resident");
        QTest::newRow("none in memory") << quint64(0);
        QTest::newRow("a few in memory") << quint64(20'000);
        QTest::newRow("all in memory") << quint64(100'000'000);
    }
    void coldMessagesComeInOrder()
    {
        QFETCH(quint64, resident);
        Harness harness(withResident(resident));
        harness.define("q");
        for (int i = 0; i < 3; ++i)
            harness.submitMany("q", 1000, std::string(100, 'b'));
        const auto order = drain(harness, 3000);
        QCOMPARE(order.size(), 3000U);
        QVERIFY(std::is_sorted(order.begin(), order.end()));
        QVERIFY(harness.ledger.live.empty());
        QCOMPARE(harness.imbalance(), std::string());
    }
    void fetchesAreBoundedInCountAndBytes()
    {
        Harness harness(withResident(0));
        harness.define("q");
        harness.submitMany("q", 3000, "small");
        harness.run({Attach{2, 1, "q", "w"}});
        std::vector<Command> credit{Credit{2, 1, 5000}};
        StepResult result;
        harness.engine->step(harness.now, credit, UINT64_MAX, result);
        QCOMPARE(std::get<Fetch>(result.effects.at(0)).messages.size(), 1024U);
        StepResult second; // while one is under way there is no other
        harness.engine->step(harness.now, {}, UINT64_MAX, second);
        QVERIFY(second.effects.empty());

        Harness large(withResident(0));
        large.define("q");
        large.submitMany("q", 100, std::string(200'000, 'x'));
        large.run({Attach{2, 1, "q", "w"}});
        std::vector<Command> more{Credit{2, 1, 5000}};
        large.engine->step(large.now, more, UINT64_MAX, result);
        const std::size_t asked = std::get<Fetch>(result.effects.at(0)).messages.size();
        QVERIFY2(asked >= 4 && asked <= 6, std::to_string(asked).c_str());
    }
    void urgentColdMessageIsNotOvertaken()
    {
        Harness harness(withResident(1000)); // room for a few
        harness.define("q");
        std::vector<Submission> items;
        for (int i = 0; i < 20; ++i) {
            auto envelope = Harness::envelope("m");
            envelope.priority = i < 10 ? 1 : 9;
            items.push_back(Harness::item(envelope));
        }
        harness.submit("q", std::move(items));
        const auto order = drain(harness, 20);
        QCOMPARE(order.size(), 20U);
        QVERIFY(std::all_of(order.begin(), order.begin() + 10, [](Sequence each) { return each > 10; }));
    }
    void returnedMessageIsServedWhileOthersUseUpTheCredit()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 1);
        harness.submitMany("q", 100);
        const auto first = harness.takeDeliveries().at(0);
        harness.end(2, first.lease, Ending::Release);
        harness.run();
        for (int i = 0; i < 3; ++i) {
            harness.run({Credit{2, 1, 1}});
            const auto deliveries = harness.takeDeliveries();
            QCOMPARE(deliveries.size(), 1U);
            if (deliveries[0].lease.sequence == first.lease.sequence)
                return;
        }
        QFAIL("the returned message waits behind the whole queue");
    }
    void d19_damagedRowIsQuarantinedAndTheRestGoesOn()
    {
        Harness harness(withResident(0));
        harness.define("q");
        harness.submitMany("q", 3);
        harness.ledger.damage[2] = "checksum of the row does not match";
        harness.attach(2, "q", 10);
        QCOMPARE(harness.takeDeliveries().size(), 2U);
        const auto& dead = harness.ledger.dead.at(2);
        QVERIFY(dead.row.reason == message::Reason::Rejected);
        QCOMPARE(dead.row.failure.errorClass, std::string("damaged-row"));
        QCOMPARE(dead.row.failure.errorText, std::string("checksum of the row does not match"));
        QCOMPARE(harness.imbalance(), std::string());
    }
    void d19_damagedRowOfAFailedMessage()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 1);
        harness.submitMany("q", 1);
        harness.end(2, harness.takeDeliveries().at(0).lease, Ending::Retry, {"E", ""}, base::Micros(0));
        harness.ledger.damage[1] = "bad";
        harness.run({Credit{2, 1, 1}});
        QVERIFY(harness.takeDeliveries().empty());
        QCOMPARE(harness.ledger.dead.at(1).row.attempts, 1U);
        QCOMPARE(harness.imbalance(), std::string());
    }
    void vanishedRowIsCounted()
    {
        Harness harness(withResident(0));
        harness.define("q");
        harness.submitMany("q", 2);
        harness.ledger.live.erase(1);
        harness.attach(2, "q", 10);
        QCOMPARE(harness.takeDeliveries().size(), 1U);
        QCOMPARE(harness.figures("q").ready, 0U);
        QCOMPARE(harness.engine->count(State::Cancelled), 1U);
    }

    // ---- restart

    void d10_inFlightAtACrashIsReadyAtOnceAndCostsNoAttempt()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 2);
        harness.submitMany("q", 4);
        const auto before = harness.takeDeliveries();
        QCOMPARE(before.size(), 2U);
        harness.restart();
        QCOMPARE(harness.figures("q").ready, 4U);
        harness.attach(3, "q", 10);
        std::size_t handled = 0;
        for (auto after = harness.takeDeliveries(); !after.empty(); after = harness.takeDeliveries()) {
            std::vector<LeaseRef> leases;
            for (const Delivery& delivery : after) {
                const bool wasOut = delivery.lease.sequence <= before.back().lease.sequence;
                QCOMPARE(delivery.redelivered, wasOut);
                QCOMPARE(delivery.attempt, 1U);
                leases.push_back(delivery.lease);
            }
            handled += leases.size();
            QVERIFY(harness.acknowledge(3, leases).lost.empty());
        }
        QCOMPARE(handled, 4U);
        QVERIFY(harness.ledger.handouts.empty());
        QCOMPARE(harness.imbalance(), std::string());
    }
    void d9_handoutIsKnownAcrossTwoCrashes()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 2);
        harness.submitMany("q", 2);
        harness.restart();
        harness.run();
        harness.restart(); // nobody was there to take them meanwhile
        harness.attach(3, "q", 10);
        for (int i = 0; i < 2; ++i) {
            const auto out = harness.takeDeliveries();
            QCOMPARE(out.size(), 1U);
            QVERIFY(out[0].redelivered);
            harness.acknowledge(3, {out[0].lease});
        }
        QVERIFY(harness.ledger.handouts.empty());
    }
    void handoutOfMessagesThatAreGoneIsRemovedAtStart()
    {
        Harness harness;
        harness.define("q");
        harness.ledger.handouts[7] = {41, 42};
        harness.restart();
        QVERIFY(harness.engine->nextDeadline().has_value());
        harness.run();
        QVERIFY(harness.ledger.handouts.empty());
        harness.attach(2, "q", 1);
        harness.submitMany("q", 1);
        QVERIFY(harness.ledger.handouts.begin()->first > 7);
    }
    void retriesScheduledAndDeadSurviveARestart()
    {
        Harness harness;
        harness.define("q");
        harness.attach(2, "q", 3);
        harness.submitMany("q", 3);
        const auto deliveries = harness.takeDeliveries();
        harness.end(2, deliveries[0].lease, Ending::Retry, {"E", ""}, base::Micros(30'000'000));
        harness.end(2, deliveries[1].lease, Ending::Reject);
        harness.acknowledge(2, {deliveries[2].lease});
        auto envelope = Harness::envelope("later");
        envelope.deliverAtUs = base::toMicros(harness.now.wall) + 40'000'000;
        harness.submit("q", {Harness::item(envelope)});
        harness.restart();
        QCOMPARE(harness.figures("q").retrying, 1U);
        QCOMPARE(harness.figures("q").scheduled, 1U);
        QCOMPARE(harness.figures("q").dead, 1U);
        harness.attach(3, "q", 5);
        harness.advance(std::chrono::seconds(29));
        harness.run();
        const auto retried = harness.takeDeliveries();
        QCOMPARE(retried.size(), 1U);
        QCOMPARE(retried[0].attempt, 2U);
        harness.advance(std::chrono::seconds(10));
        harness.run();
        QCOMPARE(harness.takeDeliveries().size(), 1U);
        QCOMPARE(harness.imbalance(), std::string());
    }
    void millionWaitingCostAlmostNothing()
    {
        Engine engine({});
        engine.onMeta(1, 2'000'000);
        engine.onQueue({1, {"q", {}}, false, 0});
        const std::size_t before = mallinfo2().uordblks;
        for (Sequence sequence = 1; sequence <= 1'000'000; ++sequence)
            engine.onMessage({sequence, 1, 4, 0, 0, 1'800'000'000'000'000, {}});
        engine.finishLoad({base::SteadyTime(base::Micros(1)), base::wallFromMicros(1'800'000'000'000'000)});
        QCOMPARE(engine.count(State::Ready), 1'000'000U);
        QVERIFY(mallinfo2().uordblks < before + 1'000'000); // less than a byte for each
    }
};

QTEST_GUILESS_MAIN(TstEngineMemory)
#include "tst_engine_memory.moc"
