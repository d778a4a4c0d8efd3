// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/fuzz_input.h"
#include "tests/unit/engine_harness.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

using namespace millrace;
using namespace millrace::test;

namespace {

constexpr int kSteps = 200;
constexpr std::uint32_t kClients = 4;
const std::array<std::string, 3> kQueues{"a", "b", "c"};

/// An engine whose ledger judges each batch, driven by bytes.
class Play
{
public:
    explicit Play(fuzz::Input& input)
        : m_input(input)
    {
        message::QueuePolicy small;
        small.maxDepth = 50;
        small.retry.maxAttempts = 3;
        for (const std::string& queue : kQueues)
            m_harness.define(queue, queue == "a" ? message::QueuePolicy{} : small);
        m_harness.run({DefineSubscription{1, 1, "t", {"topic", "a", "order.*"}}});
        m_harness.run({DefineSubscription{1, 1, "t", {"topic", "b", ""}}});
    }
    void step()
    {
        m_harness.run({next()});
        for (Deliver& deliver : m_harness.take<Deliver>()) {
            for (Delivery& delivery : deliver.items)
                m_leases.push_back({deliver.client, delivery.lease});
        }
        if (m_input.byte() % 8 == 0)
            m_harness.advance(std::chrono::milliseconds(m_input.below(60'000)));
        if (m_input.byte() % 64 == 0)
            m_harness.restart();
        const std::string imbalance = m_harness.imbalance();
        fuzz::require(imbalance.empty(), imbalance);
    }

private:
    ClientId client() { return 2 + m_input.below(kClients); }
    const std::string& queue() { return kQueues.at(m_input.below(kQueues.size())); }
    QueueId queueId()
    {
        const QueueRow* row = m_harness.engine->findQueue(queue());
        return row == nullptr ? 99 : row->id;
    }
    Command submit()
    {
        std::vector<Submission> items;
        for (std::uint32_t i = m_input.below(5); i > 0; --i) {
            message::Envelope envelope = Harness::envelope("m" + std::to_string(++m_ids));
            envelope.type = m_input.byte() % 2 == 0 ? "order.placed" : "other";
            envelope.priority = m_input.byte() % 10;
            if (m_input.byte() % 4 == 0)
                envelope.idempotencyKey = "k" + std::to_string(m_input.below(20));
            if (m_input.byte() % 4 == 0)
                envelope.partitionKey = "p" + std::to_string(m_input.below(4));
            if (m_input.byte() % 8 == 0)
                envelope.deliverAtUs = base::toMicros(m_harness.now.wall) + m_input.below(60'000) * 1000;
            if (m_input.byte() % 8 == 0)
                envelope.expiresAtUs = base::toMicros(m_harness.now.wall) + m_input.below(60'000) * 1000;
            items.push_back(Harness::item(envelope, m_input.text(64)));
        }
        return Harness::submitOf(m_input.byte() % 4 == 0 ? "topic" : queue(), std::move(items), client());
    }
    Command settle()
    {
        Settle settle{client(), ++m_ids, {}, {}};
        for (std::uint32_t i = m_input.below(4); i > 0 && !m_leases.empty(); --i) {
            const auto& [owner, lease] = m_leases.at(m_input.below(static_cast<std::uint32_t>(m_leases.size())));
            settle.client = m_input.byte() % 8 == 0 ? client() : owner;
            if (m_input.byte() % 2 == 0)
                settle.acknowledged.push_back(lease);
            else
                settle.failed.push_back({lease,
                                         static_cast<message::Ending>(m_input.below(3)),
                                         message::Reason::Rejected,
                                         {"Fuzz", m_input.text(32)},
                                         std::nullopt});
        }
        return settle;
    }
    Command operation()
    {
        auto operation = StartOperation{};
        operation.client = 1;
        operation.request = ++m_ids;
        operation.actor = "fuzz";
        operation.verb = static_cast<message::Verb>(m_input.below(3));
        for (const auto& [sequence, dead] : m_harness.ledger.dead) {
            if (m_input.byte() % 2 == 0)
                operation.members.push_back(sequence);
        }
        if (m_input.byte() % 4 == 0)
            operation.members.push_back(m_input.below(1000));
        return operation;
    }
    Command next()
    {
        switch (m_input.byte() % 12) {
        case 0:
        case 1:
        case 2: return submit();
        case 3: return Attach{client(), ++m_ids, queue(), "w"};
        case 4:
        case 5: return Credit{client(), queueId(), m_input.below(20)};
        case 6:
        case 7:
        case 8: return settle();
        case 9: return operation();
        case 10: return m_input.byte() % 2 == 0 ? Command(Disconnect{client()}) : Command(DetachQueue{client(), queueId()});
        default: return SetPaused{1, ++m_ids, "fuzz", queue(), m_input.byte() % 2 == 0};
        }
    }

    fuzz::Input& m_input;
    Harness m_harness;
    std::vector<std::pair<ClientId, LeaseRef>> m_leases;
    std::uint64_t m_ids = 0;
};

} // namespace

/// Any sequence of commands leaves every accepted message in exactly one state, over restarts too.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    fuzz::Input input(data, size);
    Play play(input);
    for (int i = 0; i < kSteps && !input.isEmpty(); ++i)
        play.step();
    return 0;
}
