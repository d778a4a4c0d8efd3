// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/stepper.h"

#include <algorithm>

namespace millrace::simulation {

using namespace engine;
using base::ErrorCode;
using message::LiveAct;
using message::Reason;

// ---- queues

/// The pipeline file's word: an operator's policy stays until both say the same.
void Model::Stepper::take(const DefineQueue& command)
{
    isDone(command, std::nullopt, "defining a queue");
    const auto& wanted = command.definition.policy;
    const QueueId found = m.find(command.definition.name);
    if (found == 0) {
        Queue& queue = m.queues[static_cast<QueueId>(m.queues.size() + 1)];
        queue.definition = command.definition;
        queue.isSetByOperator = !command.isFromFile;
        if (command.isFromFile)
            queue.filePolicy = wanted;
        audit();
        return;
    }
    Queue& queue = m.queues.at(found);
    if (!command.isFromFile)
        return;
    const bool staysOperators = queue.isSetByOperator && queue.policy() != wanted;
    if (queue.filePolicy != wanted || queue.isSetByOperator != staysOperators)
        m.m_mustBeSafe = true;
    queue.filePolicy = wanted;
    queue.isSetByOperator = staysOperators;
    if (!staysOperators && queue.policy() != wanted) {
        change(queue, wanted);
        audit();
    }
}

void Model::Stepper::take(const UpdateQueue& command)
{
    const QueueId id = m.find(command.queue);
    const bool hasGoal = id != 0 && (!command.resetsToFile || m.queues.at(id).filePolicy.has_value());
    std::optional<ErrorCode> error;
    if (id == 0)
        error = ErrorCode::NotFound;
    else if (!hasGoal)
        error = ErrorCode::Conflict;
    else if (!command.resetsToFile && command.policy.retry.maxAttempts == 0)
        error = ErrorCode::Invalid;
    if (!isDone(command, error, "changing a policy"))
        return;
    Queue& queue = m.queues.at(id);
    const message::QueuePolicy wanted = command.resetsToFile ? *queue.filePolicy : command.policy;
    const bool isOperators = !command.resetsToFile && queue.filePolicy != wanted;
    if (queue.policy() == wanted && queue.isSetByOperator == isOperators)
        return;
    queue.isSetByOperator = isOperators;
    change(queue, wanted);
    count(command.resetsToFile ? Event::PolicyReset : Event::PolicyChanged);
    audit();
}

/// What waits, runs or is remembered keeps what it was promised.
void Model::Stepper::change(Queue& queue, const message::QueuePolicy& policy)
{
    queue.definition.policy = policy;
    if (!policy.keyRate.isSet())
        queue.keyTokensFullAtNs.clear(); // keys without messages are forgotten
}

void Model::Stepper::take(const DefineSubscription& command)
{
    isDone(command, std::nullopt, "defining a subscription");
    const auto known = std::find_if(m.subscriptions.begin(), m.subscriptions.end(), [&](const auto& each) {
        return each.topic == command.definition.topic && each.queue == command.definition.queue;
    });
    if (known == m.subscriptions.end()) {
        m.subscriptions.push_back(command.definition);
    } else if (*known != command.definition) {
        *known = command.definition;
        count(Event::FilterChanged);
    } else {
        return;
    }
    audit();
}

void Model::Stepper::take(const SetPaused& command)
{
    isDone(command, std::nullopt, "pausing a queue");
    Queue& queue = m.queues.at(m.find(command.queue));
    if (queue.isPaused == command.paused)
        return;
    queue.isPaused = command.paused;
    audit();
}

// ---- live messages

void Model::Stepper::take(const ActOnMessages& command)
{
    const std::set<Sequence> asked(command.messages.begin(), command.messages.end());
    const QueueId queue = m.find(command.queue);
    std::uint64_t moved = 0;
    bool isAnyThere = false;
    std::map<ClientId, std::vector<LeaseRef>> stops;
    for (const Sequence sequence : asked) {
        const auto found = m.live.find(sequence);
        if (found == m.live.end() || found->second.queue != queue)
            continue;
        isAnyThere = true;
        moved += act(command, sequence, stops) ? 1U : 0U;
    }
    std::optional<ErrorCode> error;
    if (asked.empty())
        error = ErrorCode::Limit;
    else if (moved == 0)
        error = isAnyThere ? ErrorCode::Conflict : ErrorCode::NotFound;
    for (std::size_t left = stops.size(); left > 0; --left) {
        const auto& stop = answer<StopDeliveries>("a word to who works on what was cancelled");
        demand(stop.queue == queue && stops[stop.client] == stop.leases,
               "who works on what was cancelled is told of something else");
        stops.erase(stop.client);
    }
    const std::size_t at = m_nextEffect;
    if (!isDone(command, error, "an act on messages"))
        return;
    const auto& status = *std::get<Reply>(m_step.effects[at]).outcome;
    demand(status.total == asked.size() && status.moved == moved && status.skipped == asked.size() - moved,
           "an act on messages counts other outcomes");
    audit();
}

/// @returns false if it changes nothing
bool Model::Stepper::act(const ActOnMessages& command, Sequence sequence,
                         std::map<ClientId, std::vector<LeaseRef>>& stops)
{
    Message& message = m.live.at(sequence);
    Queue& queue = m.queues.at(message.queue);
    if (command.act == LiveAct::RetryNow) {
        if (!message.isRetrying)
            return false;
        message.isRetrying = false;
        message.dueWallUs = m_wall;
        if (hasExpired(message))
            bury(sequence, Reason::Expired);
        count(Event::TriedNow);
        return true;
    }
    touch(queue);
    const bool isOut = message.isLeased();
    if (isOut) {
        stops[message.client].push_back({sequence, message.token});
        end(message);
    }
    if (command.act == LiveAct::GiveUp) {
        bury(sequence, Reason::GivenUp);
        count(Event::GivenUp);
    } else {
        remove(sequence);
        ++m.cancelled;
        ++m.cancelledNow;
        count(isOut ? Event::CancelledRunning : Event::CancelledWaiting);
    }
    return true;
}

} // namespace millrace::simulation
