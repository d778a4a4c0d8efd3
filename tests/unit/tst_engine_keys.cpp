// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/engine_harness.h"

#include <QtTest>

using namespace millrace;
using namespace millrace::test;
using message::Ending;
using message::OnKeyFailure;
using namespace std::chrono_literals;

namespace {

Submission keyed(const std::string& id, const std::string& key, std::uint8_t priority = 4)
{
    message::Envelope envelope = Harness::envelope(id);
    envelope.partitionKey = key;
    envelope.priority = priority;
    return Harness::item(envelope);
}

std::vector<std::string> idsOf(const std::vector<Delivery>& deliveries)
{
    std::vector<std::string> ids;
    for (const Delivery& each : deliveries)
        ids.emplace_back(message::viewEnvelope(each.envelope.view())->id);
    return ids;
}

using Ids = std::vector<std::string>;

/// A queue `q` with one worker that takes whatever there is.
class Bed
{
public:
    Harness harness;

    explicit Bed(OnKeyFailure onKeyFailure = OnKeyFailure::Continue, EngineOptions options = {})
        : harness(options)
    {
        policy.onKeyFailure = onKeyFailure;
        policy.retry = {100ms, 1.0, 100ms, 2};
        harness.define("q", policy);
        harness.attach(1, "q", 1000);
    }
    message::QueuePolicy policy;

    /// What is handed out now; the leases are kept by id.
    Ids delivered()
    {
        const std::vector<Delivery> all = harness.takeDeliveries();
        const Ids ids = idsOf(all);
        for (std::size_t i = 0; i < all.size(); ++i)
            leases[ids[i]] = all[i].lease;
        return ids;
    }
    Ids submit(std::vector<Submission> items)
    {
        harness.submit("q", std::move(items));
        return delivered();
    }
    Ids acknowledge(const std::string& id)
    {
        (void)harness.acknowledge(1, {leases.at(id)});
        return delivered();
    }
    Ids end(const std::string& id, Ending ending)
    {
        (void)harness.end(1, leases.at(id), ending);
        return delivered();
    }
    Ids after(base::Micros time)
    {
        harness.advance(time);
        harness.run();
        return delivered();
    }
    /// After a crash, what was in flight comes back one by one.
    Ids restart(bool clean = false)
    {
        harness.ledger.stoppedCleanly = clean;
        harness.restart();
        harness.attach(1, "q", 1000);
        return delivered();
    }
    Ids operate(message::Verb verb, std::vector<Sequence> members)
    {
        harness.run({StartOperation{1, 1, "ann", verb, "", std::move(members)}});
        return delivered();
    }
    bool balanced()
    {
        const std::string wrong = harness.imbalance();
        if (!wrong.empty())
            qWarning("%s", wrong.c_str());
        return wrong.empty() && harness.ledger.orderViolations == 0;
    }

    std::map<std::string, LeaseRef> leases;
};

} // namespace

class TstEngineKeys : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void d11_aLaterMessageWaitsWhileAnEarlierIsLeased()
    {
        Bed bed;
        QCOMPARE(bed.submit({keyed("a1", "a"), keyed("a2", "a"), keyed("b1", "b"), keyed("a3", "a")}),
                 (Ids{"a1", "b1"}));
        QCOMPARE(bed.harness.figures("q").ready, std::uint64_t{2});
        QCOMPARE(bed.harness.figures("q").lagUs, std::int64_t{0}); // none could be delivered now
        QCOMPARE(bed.acknowledge("a1"), (Ids{"a2"}));
        QCOMPARE(bed.acknowledge("b1"), Ids{});
        QCOMPARE(bed.acknowledge("a2"), (Ids{"a3"}));
        QCOMPARE(bed.acknowledge("a3"), Ids{});
        QVERIFY(bed.balanced());
        QCOMPARE(bed.harness.ledger.done, std::uint64_t{4});
    }

    void d11_aLaterMessageWaitsWhileAnEarlierIsRetrying()
    {
        Bed bed;
        QCOMPARE(bed.submit({keyed("a1", "a"), keyed("a2", "a")}), (Ids{"a1"}));
        QCOMPARE(bed.end("a1", Ending::Retry), Ids{});
        QCOMPARE(bed.after(200ms), (Ids{"a1"}));
        QCOMPARE(bed.end("a1", Ending::Release), (Ids{"a1"}));
        QCOMPARE(bed.acknowledge("a1"), (Ids{"a2"}));
        QVERIFY(bed.balanced());
    }

    void d11_orderWithinAKeyIsBySequenceWhateverThePriority()
    {
        Bed bed;
        QCOMPARE(bed.submit({keyed("a1", "a", 0), keyed("a2", "a", 9), keyed("b1", "b", 9)}), (Ids{"b1", "a1"}));
        QCOMPARE(bed.acknowledge("a1"), (Ids{"a2"}));
        QVERIFY(bed.balanced());
    }

    void aMessageWithoutKeyWaitsForNobody()
    {
        Bed bed;
        QCOMPARE(bed.submit({keyed("a1", "a"), keyed("a2", "a"), Harness::item(Harness::envelope("n"))}).size(),
                 std::size_t{2});
    }

    void d11_aScheduledMessageThatWasNeverStartedHoldsNobodyUp()
    {
        Bed bed;
        message::Envelope later = Harness::envelope("later");
        later.partitionKey = "a";
        later.deliverAtUs = base::toMicros(bed.harness.now.wall) + 5'000'000;
        QCOMPARE(bed.submit({Harness::item(later), keyed("a2", "a"), keyed("a3", "a")}), (Ids{"a2"}));
        QCOMPARE(bed.after(6s), Ids{}); // due, but a2 is leased
        QCOMPARE(bed.acknowledge("a2"), (Ids{"later"})); // its sequence is lower than that of a3
        QCOMPARE(bed.acknowledge("later"), (Ids{"a3"}));
        QVERIFY(bed.balanced());
    }

    void d11_orderHoldsOverARestart()
    {
        Bed bed;
        QCOMPARE(bed.submit({keyed("a1", "a"), keyed("a2", "a"), keyed("b1", "b"), keyed("b2", "b")}),
                 (Ids{"a1", "b1"}));
        QCOMPARE(bed.end("b1", Ending::Retry), Ids{});
        QCOMPARE(bed.restart(true), (Ids{"a1", "b1"}));
        QCOMPARE(bed.acknowledge("a1"), (Ids{"a2"}));
        QCOMPARE(bed.acknowledge("b1"), (Ids{"b2"}));
        QVERIFY(bed.balanced());
    }

    void d11_orderHoldsWhenTheNodeDied()
    {
        Bed bed;
        QCOMPARE(bed.submit({keyed("a1", "a"), keyed("a2", "a"), keyed("b1", "b"), keyed("b2", "b")}),
                 (Ids{"a1", "b1"}));
        QCOMPARE(bed.restart(), (Ids{"a1"})); // alone
        QCOMPARE(bed.acknowledge("a1"), (Ids{"b1"}));
        QCOMPARE(bed.acknowledge("b1"), (Ids{"a2", "b2"}));
        QVERIFY(bed.balanced());
    }

    void d11_aLoadedRetryHoldsItsKey()
    {
        Bed bed;
        bed.policy.retry = {60s, 1.0, 60s, 5};
        bed.harness.run({UpdateQueue{1, 1, "ann", "q", bed.policy, false}});
        QCOMPARE(bed.submit({keyed("a1", "a"), keyed("a2", "a")}), (Ids{"a1"}));
        (void)bed.harness.end(1, bed.leases.at("a1"), Ending::Retry, {"E", "t"}, base::Micros(30s));
        QCOMPARE(bed.restart(), Ids{});
        QCOMPARE(bed.after(60s), (Ids{"a1"}));
        QCOMPARE(bed.acknowledge("a1"), (Ids{"a2"}));
        QVERIFY(bed.balanced());
    }

    void d11_withContinueTheFollowersGoOn()
    {
        Bed bed;
        QCOMPARE(bed.submit({keyed("a1", "a"), keyed("a2", "a"), keyed("a3", "a")}), (Ids{"a1"}));
        QCOMPARE(bed.end("a1", Ending::Reject), (Ids{"a2"}));
        // The replay takes the dead letter's place: before a3, but not beside a2.
        QCOMPARE(bed.operate(message::Verb::Replay, {1}), Ids{});
        QCOMPARE(bed.acknowledge("a2"), (Ids{"a1"}));
        QCOMPARE(bed.acknowledge("a1"), (Ids{"a3"}));
        QVERIFY(bed.balanced());
    }

    void d11_withParkTheFollowersWaitBehindTheDeadLetter()
    {
        Bed bed(OnKeyFailure::Park);
        QCOMPARE(bed.submit({keyed("a1", "a"), keyed("a2", "a"), keyed("b1", "b")}), (Ids{"a1", "b1"}));
        QCOMPARE(bed.end("a1", Ending::Reject), Ids{});
        QCOMPARE(bed.harness.figures("q").parked, std::uint64_t{1});
        QCOMPARE(bed.submit({keyed("a3", "a")}), Ids{}); // submitted later
        QCOMPARE(bed.harness.figures("q").parked, std::uint64_t{2});
        QCOMPARE(bed.harness.figures("q").ready, std::uint64_t{0});
        QCOMPARE(bed.harness.engine->count(State::Parked), std::uint64_t{2});
        QVERIFY(bed.balanced());

        QCOMPARE(bed.restart(true), (Ids{"b1"})); // durable
        QCOMPARE(bed.harness.figures("q").parked, std::uint64_t{2});
        QCOMPARE(bed.operate(message::Verb::Replay, {1}), (Ids{"a1"}));
        QCOMPARE(bed.harness.figures("q").parked, std::uint64_t{0});
        QCOMPARE(bed.acknowledge("a1"), (Ids{"a2"}));
        QCOMPARE(bed.acknowledge("a2"), (Ids{"a3"}));
        QCOMPARE(bed.acknowledge("a3"), Ids{});
        QVERIFY(bed.balanced());
        QVERIFY(bed.harness.ledger.keyBlocks.empty());
    }

    void d11_aReplayThatDiesAgainParksAgainAndKeepsItsPlace()
    {
        Bed bed(OnKeyFailure::Park);
        QCOMPARE(bed.submit({keyed("a1", "a"), keyed("a2", "a")}), (Ids{"a1"}));
        QCOMPARE(bed.end("a1", Ending::Reject), Ids{});
        QCOMPARE(bed.operate(message::Verb::Replay, {1}), (Ids{"a1"}));
        QCOMPARE(bed.end("a1", Ending::Reject), Ids{});
        QCOMPARE(bed.restart(), Ids{});
        const Sequence again = bed.harness.ledger.dead.rbegin()->first;
        QCOMPARE(bed.operate(message::Verb::Replay, {again}), (Ids{"a1"}));
        QCOMPARE(bed.restart(), (Ids{"a1"})); // its place is durable too
        QCOMPARE(bed.acknowledge("a1"), (Ids{"a2"}));
        QVERIFY(bed.balanced());
    }

    void d11_discardingOrResumingLetsTheFollowersGo()
    {
        Bed bed(OnKeyFailure::Park);
        QCOMPARE(bed.submit({keyed("a1", "a"), keyed("a2", "a"), keyed("b1", "b"), keyed("b2", "b")}),
                 (Ids{"a1", "b1"}));
        QCOMPARE(bed.end("a1", Ending::Reject), Ids{});
        QCOMPARE(bed.end("b1", Ending::Reject), Ids{});
        QCOMPARE(bed.operate(message::Verb::Discard, {1}), (Ids{"a2"}));
        bed.harness.run({ResumeKey{1, 1, "ann", "q", "b"}});
        QVERIFY(bed.harness.take<Reply>().at(0).outcome.has_value());
        QCOMPARE(bed.delivered(), (Ids{"b2"}));
        QCOMPARE(bed.harness.ledger.audits.back().verb, std::string("resume-key"));
        QVERIFY(bed.harness.ledger.keyBlocks.empty());
        QCOMPARE(bed.harness.ledger.deadIn(State::Dead), std::uint64_t{1}); // b1 stays dead
        bed.harness.run({ResumeKey{1, 1, "ann", "q", "b"}});
        QVERIFY(bed.harness.take<Reply>().at(0).outcome.error().code == base::ErrorCode::NotFound);
        QVERIFY(bed.balanced());
    }

    void parkedKeysAreListedWithWhatHoldsThemUp()
    {
        Bed bed(OnKeyFailure::Park);
        QVERIFY(bed.harness.engine->parkedKeys("q", 10)->empty());
        QCOMPARE(bed.submit({keyed("a1", "a"), keyed("a2", "a"), keyed("b1", "b"), keyed("b2", "b"), keyed("b3", "b"),
                             keyed("c1", "c")}),
                 (Ids{"a1", "b1", "c1"}));
        QCOMPARE(bed.end("a1", Ending::Reject), Ids{});
        QCOMPARE(bed.end("b1", Ending::Reject), Ids{});
        const auto keys = bed.harness.engine->parkedKeys("q", 10);
        QVERIFY(keys.has_value());
        QCOMPARE(*keys, (std::vector<message::ParkedKey>{{"b", 2, {"3"}}, {"a", 1, {"1"}}}));
        QCOMPARE(bed.harness.engine->parkedKeys("q", 1)->size(), std::size_t{1});
        QVERIFY(bed.harness.engine->parkedKeys("nowhere", 1).error().code == base::ErrorCode::NotFound);
        bed.harness.run({ResumeKey{1, 1, "ann", "q", "b"}});
        QCOMPARE(bed.harness.engine->parkedKeys("q", 10)->at(0).key, std::string("a"));
    }

    void d11_severalDeadLettersOfAKeyAreReplayedInOrder()
    {
        Bed bed(OnKeyFailure::Park);
        message::Envelope brief = Harness::envelope("a2");
        brief.partitionKey = "a";
        brief.expiresAtUs = base::toMicros(bed.harness.now.wall) + 1'000'000;
        QCOMPARE(bed.submit({keyed("a1", "a"), Harness::item(brief), keyed("a3", "a")}), (Ids{"a1"}));
        QCOMPARE(bed.end("a1", Ending::Reject), Ids{});
        QCOMPARE(bed.after(2s), Ids{}); // a2 expires where it is parked
        QCOMPARE(bed.harness.ledger.keyBlocks.size(), std::size_t{2});
        QCOMPARE(bed.operate(message::Verb::Replay, {2}), Ids{}); // still behind a1
        QCOMPARE(bed.operate(message::Verb::Replay, {1}), (Ids{"a1"}));
        QCOMPARE(bed.acknowledge("a1"), (Ids{"a2"}));
        QCOMPARE(bed.acknowledge("a2"), (Ids{"a3"}));
        QVERIFY(bed.balanced());
    }

    void d11_aLongLineWhoseBytesAreInTheStoreStaysInOrder()
    {
        EngineOptions options;
        options.maxResidentBytes = 2000;
        Bed bed(OnKeyFailure::Continue, options);
        std::vector<Submission> items;
        for (int i = 0; i < 300; ++i)
            items.push_back(keyed("m" + std::to_string(i), "k" + std::to_string(i % 3)));
        Ids now = bed.submit(std::move(items));
        std::map<int, int> next;
        std::size_t done = 0;
        while (!now.empty()) {
            Ids following;
            for (const std::string& id : now) {
                const int number = std::stoi(id.substr(1));
                QCOMPARE(number / 3, next[number % 3]++);
                ++done;
                const Ids more = bed.acknowledge(id);
                following.insert(following.end(), more.begin(), more.end());
            }
            now = std::move(following);
        }
        QCOMPARE(done, std::size_t{300});
        QVERIFY(bed.balanced());
    }

    void d11_aPersonMayActOnWhatWaitsInLine()
    {
        EngineOptions options;
        options.maxResidentBytes = 0; // no entry of their own
        Bed bed(OnKeyFailure::Park, options);
        QCOMPARE(bed.submit({keyed("a1", "a"), keyed("a2", "a"), keyed("a3", "a"), keyed("a4", "a")}), (Ids{"a1"}));
        bed.harness.run({ActOnMessages{1, 1, "ann", "q", message::LiveAct::Cancel, {2}, ""}});
        QCOMPARE(bed.acknowledge("a1"), (Ids{"a3"}));
        bed.harness.run({ActOnMessages{1, 1, "ann", "q", message::LiveAct::GiveUp, {3}, ""}});
        QCOMPARE(bed.harness.figures("q").parked, std::uint64_t{1}); // a dead letter like any other
        QCOMPARE(bed.operate(message::Verb::Archive, {3}), Ids{});   // and put away it still parks
        QCOMPARE(bed.operate(message::Verb::Restore, {3}), Ids{});
        QCOMPARE(bed.operate(message::Verb::Replay, {3}), (Ids{"a3"}));
        QCOMPARE(bed.acknowledge("a3"), (Ids{"a4"}));
        QVERIFY(bed.balanced());
    }

    void aThousandKeysAreInFlightAtOnce()
    {
        Bed bed;
        std::vector<Submission> items;
        for (int i = 0; i < 3000; ++i)
            items.push_back(keyed("m" + std::to_string(i), "k" + std::to_string(i % 1000)));
        QCOMPARE(bed.submit(std::move(items)).size(), std::size_t{1000});
        QCOMPARE(bed.harness.figures("q").leased, std::uint64_t{1000});
        QVERIFY(bed.balanced());
    }
};

QTEST_GUILESS_MAIN(TstEngineKeys)
#include "tst_engine_keys.moc"
