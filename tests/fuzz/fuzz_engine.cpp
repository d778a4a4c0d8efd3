// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/fuzz_input.h"
#include "tests/fuzz/judged_node.h"
#include "tests/simulation/pipeline.h"

#include <string>
#include <utility>
#include <vector>

using namespace millrace;
using namespace millrace::engine;
using simulation::Chance;
using simulation::Pipeline;

namespace {

constexpr int kSteps = 200;
constexpr std::uint32_t kClients = 4;
constexpr std::int64_t kSecond = 1'000'000;

EngineOptions optionsOf(const Pipeline& pipeline, const simulation::Model::Limits& limits)
{
    EngineOptions options;
    options.maxResidentBytes = pipeline.features.largeMemory ? 32 * 1024 * 1024 : 1024;
    options.maxDeliveriesPerStep = 16;
    options.maxBatchMessages = 4;
    options.maxDeduplicationBytes = limits.keysAreScarce ? 1'500 : options.maxDeduplicationBytes;
    options.maxDeferredMessages = limits.deferredMessages;
    options.maxDeferredBytes = limits.deferredBytes;
    options.deferFor = base::Micros(limits.deferForUs);
    return options;
}

simulation::Model::Limits limitsOf(const Pipeline& pipeline)
{
    simulation::Model::Limits limits;
    limits.keysAreScarce = pipeline.features.scarceKeys;
    limits.memoryIsAmple = pipeline.features.largeMemory;
    limits.deferForUs = 10 * kSecond;
    if (pipeline.features.fewMayWait)
        limits.deferredMessages = 6;
    return limits;
}

/// An engine that bytes drive: the first choose its pipeline, the others what happens to it.
class Play
{
public:
    explicit Play(fuzz::Input& input)
        : m_input(input)
        , m_chance(std::uint64_t{input.below(65'536)})
        , m_pipeline(m_chance)
        , m_node(optionsOf(m_pipeline, limitsOf(m_pipeline)), limitsOf(m_pipeline))
    {
        std::vector<Command> commands;
        for (const auto& queue : m_pipeline.queues)
            commands.emplace_back(DefineQueue{1, ++m_request, "file", queue, true});
        for (const auto& subscription : m_pipeline.subscriptions)
            commands.emplace_back(DefineSubscription{1, ++m_request, "file", subscription});
        for (const auto& schedule : m_pipeline.schedules)
            commands.emplace_back(DefineSchedule{1, ++m_request, "file", schedule, true});
        m_node.turn(std::move(commands));
    }
    void step()
    {
        std::vector<Command> commands;
        for (std::uint32_t count = m_input.byte() % 4; count > 0; --count)
            commands.push_back(next());
        misfortune();
        for (Effect& effect : m_node.turn(std::move(commands))) {
            if (const auto* deliver = std::get_if<Deliver>(&effect)) {
                for (const Delivery& delivery : deliver->items)
                    m_leases.push_back({deliver->client, delivery.lease});
            }
        }
    }

private:
    ClientId client() { return 2 + m_input.below(kClients); }
    const std::string& queue() { return m_pipeline.queues[m_input.byte() % m_pipeline.queues.size()].name; }
    const std::string& target() { return m_pipeline.targets[m_input.byte() % m_pipeline.targets.size()]; }
    QueueId queueId() { return m_node.model().find(queue()); }
    bool oneOf(std::uint8_t many) { return m_input.byte() % many == 0; }

    /// Time goes on, the wall clock jumps, the node ends, a commit fails, the disk fills.
    void misfortune()
    {
        if (oneOf(2)) {
            const auto by = base::Micros(m_input.byte() * (oneOf(4) ? 100'000 : 1'000));
            m_node.now.steady += by;
            m_node.now.wall += by;
        }
        switch (m_input.byte() % 32) {
        case 0: m_node.start(false); break;
        case 1: m_node.start(true); break;
        case 2: m_node.failsToCommit = true; break;
        case 3: m_node.spaceIsLow = oneOf(2); break;
        case 4: m_node.now.wall += base::Micros((std::int64_t{m_input.byte()} - 128) * 10 * kSecond); break;
        default: break;
        }
    }
    Submission item()
    {
        message::Envelope envelope;
        envelope.id = "m" + std::to_string(++m_made);
        envelope.source = oneOf(2) ? "/simulation/p1" : "/other";
        envelope.type = oneOf(2) ? "order.placed" : "order.created";
        const std::uint8_t has = m_input.byte();
        if ((has & 1U) != 0)
            envelope.priority = m_input.byte() % 10;
        if ((has & 2U) != 0)
            envelope.idempotencyKey = "k" + std::to_string(m_input.byte() % 8);
        if ((has & 4U) != 0)
            envelope.partitionKey = "key-" + std::to_string(m_input.byte() % 3);
        if ((has & 8U) != 0)
            envelope.uniqueKey = "u" + std::to_string(m_input.byte() % 3);
        const std::int64_t wall = base::toMicros(m_node.now.wall);
        if ((has & 16U) != 0)
            envelope.deliverAtUs = wall + (std::int64_t{m_input.byte()} - 32) * 100'000;
        if ((has & 32U) != 0)
            envelope.expiresAtUs = wall + (std::int64_t{m_input.byte()} - 16) * 100'000;
        if ((has & 64U) != 0)
            envelope.attributes["region"] = oneOf(2) ? "north" : "south";
        if ((has & 128U) != 0)
            envelope.subject = "even";
        Submission made;
        made.envelope = base::Slice::own(message::encode(envelope));
        made.body = base::Slice::own(std::string(oneOf(16) ? 3'000 : m_input.byte(), 'b'));
        made.view = *message::viewEnvelope(made.envelope.view());
        return made;
    }
    Command attach()
    {
        const ClientId worker = client();
        return Attach{worker, ++m_request, queue(), "w" + std::to_string(worker)};
    }
    Command submit()
    {
        if (m_last && oneOf(8))
            return *m_last; // once more
        Submit submit;
        submit.client = client();
        submit.request = ++m_request;
        submit.target = oneOf(32) ? "nowhere" : target();
        submit.atomic = m_pipeline.features.atomic && oneOf(2);
        submit.patience = base::Micros(oneOf(4) ? 0 : m_input.byte() * 50'000);
        for (std::uint32_t i = m_input.byte() % 5; i > 0; --i) {
            submit.items.push_back(item());
            if (submit.atomic && oneOf(2))
                submit.items.back().target = target();
        }
        m_last = submit;
        return submit;
    }
    Command settle()
    {
        Settle settle{client(), ++m_request, {}, {}};
        for (std::uint32_t i = m_input.byte() % 4; i > 0 && !m_leases.empty(); --i) {
            const auto& [owner, lease] = m_leases[m_input.below(static_cast<std::uint32_t>(m_leases.size()))];
            settle.client = oneOf(8) ? settle.client : owner;
            if (oneOf(2)) {
                settle.acknowledged.push_back(lease);
                continue;
            }
            message::FailedDelivery failed;
            failed.lease = lease;
            failed.ending = static_cast<message::Ending>(m_input.byte() % 3);
            failed.failure = {"Class" + std::to_string(m_input.byte() % 3), m_input.text(16)};
            if (oneOf(4))
                failed.delay = base::Micros(m_input.byte() * 10'000);
            settle.failed.push_back(std::move(failed));
        }
        return settle;
    }
    Command extend()
    {
        Extend extend{client(), ++m_request, {}, {}};
        if (m_leases.empty())
            return extend;
        const auto& [owner, lease] = m_leases[m_input.below(static_cast<std::uint32_t>(m_leases.size()))];
        extend.client = owner;
        extend.leases.push_back(lease);
        if (oneOf(2))
            extend.progress.push_back({lease, {static_cast<std::uint8_t>(m_input.byte() % 101), m_input.text(8)}});
        return extend;
    }
    Command operation()
    {
        StartOperation start;
        start.client = 1;
        start.request = ++m_request;
        start.actor = "fuzz";
        start.verb = static_cast<message::Verb>(m_input.byte() % 4);
        for (const auto& [sequence, dead] : m_node.model().dead) {
            if (oneOf(2))
                start.members.push_back(sequence);
        }
        if (oneOf(4))
            start.members.push_back(m_input.below(1000));
        return start;
    }
    Command act()
    {
        ActOnMessages act{1, ++m_request, "fuzz", queue(), {}, {}, "why"};
        act.act = static_cast<message::LiveAct>(m_input.byte() % 3);
        for (const auto& [sequence, message] : m_node.model().live) {
            if (oneOf(4))
                act.messages.push_back(sequence);
        }
        return act;
    }
    Command changeQueue()
    {
        const auto& declared = m_pipeline.queues[m_input.byte() % m_pipeline.queues.size()];
        if (oneOf(3))
            return DefineQueue{1, ++m_request, "file", declared, true};
        UpdateQueue update{1, ++m_request, "fuzz", declared.name, declared.policy, oneOf(3)};
        Chance chance(m_input.byte());
        update.policy = choosePolicy(chance, m_pipeline.features);
        return update;
    }
    Command changeSchedule()
    {
        const std::string name = "schedule-" + std::to_string(m_input.byte() % 3);
        Chance chance(m_input.byte());
        switch (m_input.byte() % 4) {
        case 0: return PauseSchedule{1, ++m_request, "fuzz", name, oneOf(2)};
        case 1: return RemoveSchedule{1, ++m_request, "fuzz", name};
        case 2: return KeepSchedules{1, ++m_request, "file", {"schedule-0"}};
        default: break;
        }
        return DefineSchedule{1, ++m_request, "fuzz", chooseSchedule(chance, name, m_pipeline.targets), oneOf(2)};
    }
    Command next()
    {
        switch (m_input.byte() % 24) {
        case 0:
        case 1:
        case 2:
        case 3:
        case 4: return submit();
        case 5: return attach();
        case 6:
        case 7: return Credit{client(), queueId(), m_input.byte() % 8U};
        case 8:
        case 9:
        case 10: return settle();
        case 11: return extend();
        case 12: return operation();
        case 13: return CancelOperation{1, ++m_request, "fuzz", m_input.byte() % 8U};
        case 14: return oneOf(2) ? Command(Disconnect{client()}) : Command(DetachQueue{client(), queueId()});
        case 15: return SetPaused{1, ++m_request, "fuzz", queue(), oneOf(2)};
        case 16:
            if (m_pipeline.features.acts)
                return act();
            return submit();
        case 17: return ResumeKey{1, ++m_request, "fuzz", queue(), "key-" + std::to_string(m_input.byte() % 3)};
        case 18: return changeQueue();
        case 19: {
            Chance chance(m_input.byte());
            return DefineSubscription{1, ++m_request, "fuzz",
                                      chooseSubscription(chance, m_pipeline.features, queue())};
        }
        case 20: return changeSchedule();
        case 21: return RunSchedule{1, ++m_request, "fuzz", "schedule-0"};
        default: return attach();
        }
    }

    fuzz::Input& m_input;
    Chance m_chance;
    Pipeline m_pipeline;
    fuzz::JudgedNode m_node;
    std::vector<std::pair<ClientId, LeaseRef>> m_leases;
    std::optional<Submit> m_last;
    std::uint64_t m_made = 0;
    RequestId m_request = 0;
};

} // namespace

/// Whatever happens to it, over restarts too, the engine does what the simulation's model foretells.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    fuzz::Input input(data, size);
    try {
        Play play(input);
        for (int i = 0; i < kSteps && !input.isEmpty(); ++i)
            play.step();
    } catch (const std::exception& violation) {
        fuzz::require(false, violation.what());
    }
    return 0;
}
