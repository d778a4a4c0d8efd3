// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/actors.h"

#include <algorithm>

namespace millrace::simulation {

using namespace engine;
using message::LiveAct;

void Operator::act()
{
    if (!connect() || !m_chance.hits(110))
        return;
    const Features& features = m_pipeline.features;
    const std::uint64_t kind = m_chance.below(100);
    if (kind < 30)
        treatDeadLetters();
    else if (kind < 38)
        send(SetPaused{0, ++m_request, m_name, queue().name, m_chance.hits(250)});
    else if (kind < 46)
        readFile();
    else if (kind < 62 && features.acts)
        actOnMessages();
    else if (kind < 72 && features.parking)
        resumeKey();
    else if (kind < 84 && features.policies)
        changePolicy();
    else if (kind < 88 && features.topic && features.filters)
        send(DefineSubscription{0, ++m_request, m_name, chooseSubscription(m_chance, features, queue().name)});
    else if (kind < 100 && features.schedules)
        changeSchedule();
}

void Operator::receive(const Effect& /*effect*/) {}

const message::QueueDefinition& Operator::queue()
{
    return m_pipeline.queues[m_chance.below(m_pipeline.queues.size())];
}

void Operator::treatDeadLetters()
{
    const Model& model = m_around.model();
    if (m_chance.hits(150)) {
        if (!model.operations.empty())
            send(CancelOperation{0, ++m_request, m_name, 1 + m_chance.below(model.operations.size())});
        return;
    }
    StartOperation start;
    start.request = ++m_request;
    start.actor = m_name;
    start.reason = "because";
    start.verb = static_cast<message::Verb>(m_chance.below(4));
    for (const auto& [sequence, dead] : model.dead) {
        if (m_chance.hits(400))
            start.members.push_back(sequence);
    }
    if (m_chance.hits(200))
        start.members.push_back(1 + m_chance.below(1'000)); // maybe nothing of the kind
    send(std::move(start));
}

/// As a node does when it starts: what the file declares, sometimes after somebody has written in it.
void Operator::readFile()
{
    message::QueueDefinition declared = queue();
    if (m_chance.hits(700)) {
        declared.policy.lease = std::chrono::milliseconds(m_chance.between(500, 5'000));
        declared.policy.maxRunTime = 2 * declared.policy.lease;
        declared.policy.maxDepth = static_cast<std::uint64_t>(m_chance.between(5, 30));
    }
    send(DefineQueue{0, ++m_request, m_name, declared, true});
    std::vector<std::string> names;
    for (const auto& schedule : m_pipeline.schedules) {
        if (m_chance.hits(100))
            continue; // it has left the file
        names.push_back(schedule.name);
        send(DefineSchedule{0, ++m_request, m_name, schedule, true});
    }
    if (!m_pipeline.schedules.empty())
        send(KeepSchedules{0, ++m_request, m_name, std::move(names)});
}

void Operator::actOnMessages()
{
    const Model& model = m_around.model();
    ActOnMessages command;
    command.request = ++m_request;
    command.actor = m_name;
    command.queue = queue().name;
    command.act = static_cast<LiveAct>(m_chance.below(3));
    command.reason = m_chance.hits(500) ? "not wanted" : "";
    const bool wantsRetrying = command.act == LiveAct::RetryNow;
    for (const auto& [sequence, message] : model.live) {
        if (wantsRetrying && message.isRetrying)
            command.queue = model.queues.at(message.queue).definition.name;
    }
    const QueueId id = model.find(command.queue);
    for (const auto& [sequence, message] : model.live) {
        const std::uint32_t interest = !wantsRetrying ? 200 : message.isRetrying ? 800 : 20;
        if (message.queue == id && m_chance.hits(interest))
            command.messages.push_back(sequence);
    }
    if (m_chance.hits(300))
        command.messages.push_back(1 + m_chance.below(300)); // maybe done, of another queue, or named already
    send(std::move(command));
}

void Operator::resumeKey()
{
    ResumeKey command{0, ++m_request, m_name, queue().name, "key-" + std::to_string(m_chance.below(4))};
    for (const auto& [id, each] : m_around.model().queues) {
        if (each.blocks.empty() || m_chance.hits(300))
            continue;
        command.queue = each.definition.name;
        command.key = each.blocks.begin()->first;
    }
    send(std::move(command));
}

void Operator::changePolicy()
{
    UpdateQueue command;
    command.request = ++m_request;
    command.actor = m_name;
    command.queue = queue().name;
    command.resetsToFile = m_chance.hits(250);
    command.policy = m_chance.hits(100) ? queue().policy : choosePolicy(m_chance, m_pipeline.features);
    if (m_chance.hits(50))
        command.policy.retry.maxAttempts = 0; // which no policy may have
    send(std::move(command));
}

void Operator::changeSchedule()
{
    const std::string name = "schedule-" + std::to_string(m_chance.below(4));
    const std::uint64_t kind = m_chance.below(10);
    if (kind < 4)
        send(DefineSchedule{0, ++m_request, m_name, chooseSchedule(m_chance, name, m_pipeline.targets), false});
    else if (kind < 5)
        send(RemoveSchedule{0, ++m_request, m_name, name});
    else if (kind < 7)
        send(RunSchedule{0, ++m_request, m_name, name});
    else
        send(PauseSchedule{0, ++m_request, m_name, name, m_chance.hits(400)});
}

} // namespace millrace::simulation
