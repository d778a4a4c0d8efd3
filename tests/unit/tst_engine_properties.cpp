// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/engine_harness.h"

#include <QtTest>

#include <random>

using namespace millrace;
using namespace millrace::test;
using message::Ending;

namespace {

/// Does something at random, settles honestly or not, and now and then crashes.
class Chaos
{
public:
    Harness harness;

    explicit Chaos(std::uint32_t seed)
        : harness(optionsOf(seed))
        , m_random(seed)
    {
        message::QueuePolicy policy;
        policy.lease = std::chrono::seconds(5);
        policy.maxRunTime = std::chrono::seconds(9);
        policy.maxDepth = 200;
        policy.retry = {std::chrono::milliseconds(200), 2.0, std::chrono::seconds(3), 3};
        policy.deduplicationWindow = std::chrono::seconds(8);
        harness.define("a", policy);
        policy.maxDepthBytes = 4000;
        policy.whenFull = message::WhenFull::Defer;
        policy.onKeyFailure = message::OnKeyFailure::Park;
        harness.define("b", policy);
        harness.run({DefineSubscription{1, 1, "t", {"topic", "a", ""}},
                     DefineSubscription{1, 1, "t", {"topic", "b", "test.*"}}});
        reattach();
    }

    void act()
    {
        std::vector<Command> commands;
        for (std::uint32_t i = below(4); i > 0; --i)
            commands.push_back(command());
        if (below(100) == 0)
            restart();
        else
            harness.step(std::move(commands));
        collect();
        harness.advance(base::Micros(below(400'000)));
        if (below(60) == 0)
            harness.now.wall += std::chrono::seconds(static_cast<int>(below(120)) - 60);
    }
    /// Acknowledges everything until nothing is live: what D6 promises once faults stop.
    void drain()
    {
        harness.run({Disconnect{m_client}});
        reattach();
        for (int i = 0; i < 400 && !harness.ledger.live.empty(); ++i) {
            harness.run({SetPaused{1, 1, "t", "a", false}, SetPaused{1, 1, "t", "b", false},
                         Credit{m_client, 1, 100}, Credit{m_client, 2, 100}});
            collect();
            harness.acknowledge(m_client, std::exchange(m_leases, {}));
            resumeKeys();
            harness.advance(std::chrono::seconds(3));
        }
    }
private:
    static EngineOptions optionsOf(std::uint32_t seed)
    {
        EngineOptions options;
        options.randomSeed = seed;
        options.maxResidentBytes = seed % 3 == 0 ? 0 : seed % 3 == 1 ? 2000 : 1'000'000;
        options.maxBatchMessages = 1 + seed % 7;
        options.maxDeliveriesPerStep = 5 + seed % 20;
        return options;
    }
    void resumeKeys()
    {
        const auto blocks = harness.ledger.keyBlocks;
        for (const auto& [sequence, block] : blocks)
            harness.run({ResumeKey{1, 1, "t", "b", block.key}});
        collect();
    }
    std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(m_random() % bound); }
    void reattach()
    {
        ++m_client;
        m_leases.clear();
        harness.run({Attach{m_client, 1, "a", "w"}, Attach{m_client, 1, "b", "w"},
                     Credit{m_client, 1, 10}, Credit{m_client, 2, 10}});
        collect();
    }
    void restart()
    {
        harness.restart();
        reattach();
    }
    void collect()
    {
        for (const Delivery& delivery : harness.takeDeliveries())
            m_leases.push_back(delivery.lease);
    }
    LeaseRef anyLease(bool take)
    {
        if (m_leases.empty())
            return {1 + below(50), below(1000)};
        const std::size_t index = below(static_cast<std::uint32_t>(m_leases.size()));
        const LeaseRef lease = m_leases[index];
        if (take)
            m_leases.erase(m_leases.begin() + static_cast<std::ptrdiff_t>(index));
        return lease;
    }
    Submit submission()
    {
        std::vector<Submission> items;
        for (std::uint32_t i = below(6); i > 0; --i) {
            auto envelope = Harness::envelope("m" + std::to_string(below(100)));
            envelope.priority = static_cast<std::uint8_t>(below(10));
            const std::int64_t wall = base::toMicros(harness.now.wall);
            if (below(4) == 0)
                envelope.deliverAtUs = wall + below(5'000'000);
            if (below(4) == 0)
                envelope.expiresAtUs = wall + below(9'000'000);
            if (below(3) == 0)
                envelope.idempotencyKey = "k" + std::to_string(below(20));
            if (below(4) == 0)
                envelope.uniqueKey = "u" + std::to_string(below(5));
            if (below(2) == 0)
                envelope.partitionKey = "p" + std::to_string(below(6));
            items.push_back(Harness::item(envelope, std::string(below(300), 'b')));
        }
        constexpr std::array kTargets{"a", "b", "topic", "none"};
        return Harness::submitOf(kTargets[below(kTargets.size())], std::move(items));
    }
    std::vector<Sequence> someDead()
    {
        std::vector<Sequence> members;
        for (const auto& [sequence, dead] : harness.ledger.dead) {
            if (below(2) == 0)
                members.push_back(sequence);
        }
        return members;
    }
    Command command()
    {
        switch (below(13)) {
        case 12: return ResumeKey{1, 1, "t", below(5) == 0 ? "a" : "b", "p" + std::to_string(below(6))};
        case 0: case 1: case 2: return submission();
        case 3: return Credit{m_client, 1 + below(2), below(10)};
        case 4: case 5: return Settle{m_client, 1, {anyLease(below(5) != 0)}, {}};
        case 6: case 7: {
            const auto ending = static_cast<Ending>(below(3));
            return Settle{m_client, 1, {}, {{anyLease(true), ending, message::Reason::Rejected, {"E", "t"}, {}}}};
        }
        case 8: return Extend{m_client, 1, {anyLease(false)}};
        case 9: return SetPaused{1, 1, "t", below(2) == 0 ? "a" : "b", below(4) == 0};
        case 10:
            return StartOperation{1, 1, "t", static_cast<message::Verb>(below(3)), "", someDead()};
        default:
            if (below(10) == 0) {
                const ClientId gone = m_client++;
                m_leases.clear();
                m_next = {Attach{m_client, 1, "a", "w"}, Attach{m_client, 1, "b", "w"}};
                return Disconnect{gone};
            }
            if (!m_next.empty()) {
                Command next = m_next.back();
                m_next.pop_back();
                return next;
            }
            return CancelOperation{1, 1, "t", 1 + below(5)};
        }
    }

    std::mt19937 m_random;
    ClientId m_client = 10;
    std::vector<LeaseRef> m_leases;
    std::vector<Command> m_next;
};

bool sameBatch(const Batch& a, const Batch& b)
{
    const auto sequences = [](const auto& rows) {
        std::vector<Sequence> all;
        for (const auto& row : rows)
            all.push_back(row.sequence);
        return all;
    };
    const auto dues = [](const Batch& batch) {
        std::vector<std::int64_t> all;
        for (const FailedAttempt& row : batch.failures)
            all.push_back(row.dueAtUs);
        return all;
    };
    const auto handouts = [](const Batch& batch) {
        std::vector<std::vector<Sequence>> all;
        for (const HandoutRow& row : batch.handouts)
            all.push_back(row.sequences);
        return all;
    };
    return a.sync == b.sync && sequences(a.messages) == sequences(b.messages)
           && sequences(a.failures) == sequences(b.failures) && dues(a) == dues(b)
           && sequences(a.deadLetters) == sequences(b.deadLetters)
           && sequences(a.deadLetterChanges) == sequences(b.deadLetterChanges)
           && a.removed == b.removed && a.removedFailures == b.removedFailures
           && handouts(a) == handouts(b) && a.removedHandouts == b.removedHandouts
           && a.expiredDeduplications == b.expiredDeduplications && a.audits.size() == b.audits.size();
}

} // namespace

class TstEngineProperties : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void d5_d6_d11_everyMessageIsInOneStateInOrderAndEndsAtLast()
    {
        std::uint64_t accepted = 0;
        std::uint64_t keyed = 0;
        for (std::uint32_t seed = 1; seed <= 300; ++seed) {
            Chaos chaos(seed);
            for (int step = 0; step < 120; ++step) {
                chaos.act();
                const std::string wrong = chaos.harness.imbalance();
                QVERIFY2(wrong.empty(), ("seed " + std::to_string(seed) + ": " + wrong).c_str());
            }
            chaos.drain();
            const std::string wrong = chaos.harness.imbalance();
            QVERIFY2(wrong.empty(), ("seed " + std::to_string(seed) + ": " + wrong).c_str());
            QVERIFY2(chaos.harness.ledger.live.empty(),
                     ("seed " + std::to_string(seed) + ": not drained").c_str());
            accepted += chaos.harness.ledger.accepted;
            keyed += chaos.harness.ledger.keyedStarts;
            QCOMPARE(chaos.harness.ledger.orderViolations, std::uint64_t{0});
        }
        QVERIFY(accepted > 10'000);
        QVERIFY(keyed > 5'000);
    }

    void sameStepsGiveTheSameBatches()
    {
        for (std::uint32_t seed = 1; seed <= 30; ++seed) {
            Chaos one(seed);
            Chaos other(seed);
            for (int step = 0; step < 120; ++step) {
                one.act();
                other.act();
                QVERIFY2(sameBatch(one.harness.lastBatch, other.harness.lastBatch),
                         ("seed " + std::to_string(seed) + ", step " + std::to_string(step)).c_str());
            }
        }
    }
};

QTEST_GUILESS_MAIN(TstEngineProperties)
#include "tst_engine_properties.moc"
