// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/stepper.h"

#include <algorithm>

namespace millrace::simulation {

using namespace engine;
using base::ErrorCode;
using message::OperationState;
using message::Reason;
using message::State;
using message::Verb;

/// Takes a message that waits out of its queue, with what it held there.
Model::Message Model::Stepper::remove(Sequence sequence)
{
    auto node = m.live.extract(sequence);
    Message& message = node.mapped();
    Queue& queue = m.queues.at(message.queue);
    --queue.waiting;
    queue.bytes -= message.bytes.size();
    queue.bytesMayDiffer = queue.bytesMayDiffer || !message.isSizeKnown;
    if (const auto held = queue.unique.find(message.uniqueKey);
        held != queue.unique.end() && held->second.sequence == sequence)
        queue.unique.erase(held);
    return std::move(message);
}

void Model::Stepper::bury(Sequence sequence, Reason reason)
{
    Message message = remove(sequence);
    Queue& queue = m.queues.at(message.queue);
    if (!message.partitionKey.empty() && queue.policy().onKeyFailure == message::OnKeyFailure::Park) {
        queue.blocks[message.partitionKey].emplace(sequence, message.place);
        count(Event::Parked);
    }
    if (reason == Reason::Expired)
        count(Event::Expired);
    else if (reason == Reason::DeadlineExceeded)
        count(Event::DeadlineExceeded);
    else if (reason == Reason::CrashedInFlight)
        count(Event::CrashedInFlight);
    if (message.isUnstored)
        count(Event::DiedUnstored);
    message.isUnstored = false;
    m.m_mustBeSafe = true; // whatever the queue's durability
    if (++queue.dead == queue.policy().maxDeadLetters)
        count(Event::Halted);
    m.dead.emplace(sequence, Dead{std::move(message), State::Dead, reason, 0, m_wall});
}

void Model::Stepper::unblock(Sequence deadLetter)
{
    const Message& message = m.dead.at(deadLetter).message;
    auto& blocks = m.queues.at(message.queue).blocks;
    const auto found = blocks.find(message.partitionKey);
    if (found == blocks.end())
        return;
    found->second.erase(deadLetter);
    if (found->second.empty())
        blocks.erase(found);
}

/// Operations: which members a step moves is its own choice, whether it may is not.
void Model::Stepper::move()
{
    std::set<QueueId> aged;
    for (const DeadLetterChange& change : m_step.changes) {
        const auto found = m.dead.find(change.sequence);
        demand(found != m.dead.end(), "P1: " + textOf(change.sequence) + " is no dead letter and was moved");
        Dead& dead = found->second;
        Queue& queue = m.queues.at(dead.message.queue);
        m.m_mustBeSafe = true;
        if (change.operation == 0) {
            age(change);
            aged.insert(dead.message.queue);
            continue;
        }
        Operation& operation = m.operations.at(change.operation);
        demand(operation.state == OperationState::Running, "P2: an operation that ended moved something");
        demand(operation.left.erase(change.sequence) == 1,
               "P1/P3: " + textOf(change.sequence) + " was moved twice, or is not selected");
        const bool fits = operation.verb != Verb::Restore
                              ? dead.state == State::Dead
                              : dead.state == State::Discarded || dead.state == State::Archived;
        demand(fits, "P1: " + textOf(change.sequence) + " was not in the state that is moved");
        ++operation.moved;
        const State from = std::exchange(dead.state, operation.verb == Verb::Replay    ? State::Replayed
                                                     : operation.verb == Verb::Discard ? State::Discarded
                                                     : operation.verb == Verb::Archive ? State::Archived
                                                                                       : State::Dead);
        demand(change.to == dead.state && change.from == from, "P1: moved to another state than the verb says");
        queue.dead += dead.state == State::Dead ? 1 : 0;
        queue.dead -= from == State::Dead ? 1 : 0;
        if (operation.verb == Verb::Replay || operation.verb == Verb::Discard)
            unblock(change.sequence);
        if (operation.verb == Verb::Archive)
            count(Event::Archived);
        else if (operation.verb == Verb::Restore)
            count(Event::Restored);
        else if (operation.verb == Verb::Replay)
            replay(change, dead);
    }
    m.audits += aged.size();
    for (const OperationRow& row : m_step.operations) {
        if (!row.isNew && row.status.state != OperationState::Cancelled)
            advance(row);
    }
}

/// Retention. What was too old was found at the end of the step before.
void Model::Stepper::age(const DeadLetterChange& change)
{
    Dead& dead = m.dead.at(change.sequence);
    Queue& queue = m.queues.at(dead.message.queue);
    const std::int64_t age = us(queue.policy().deadLetterMaxAge);
    demand(change.to == State::Archived && dead.state == State::Dead,
           "R5: " + textOf(change.sequence) + " was put away, and is no dead letter");
    demand(age > 0 && dead.diedWallUs < m.lastWallUs - age,
           "R5: " + textOf(change.sequence) + " was put away before its age");
    dead.state = State::Archived;
    --queue.dead;
    count(Event::Aged);
}

void Model::Stepper::advance(const OperationRow& row)
{
    Operation& operation = m.operations.at(row.status.id);
    demand(row.status.moved == operation.moved, "P2: an operation counts other moves than it made");
    demand(row.status.moved + row.status.skipped == row.cursor, "P2: moved and skipped are not what was handled");
    operation.state = row.status.state;
    audit();
    if (operation.state == OperationState::Done)
        demand(row.cursor == operation.total, "P2: an operation is done before its end");
}

void Model::Stepper::replay(const DeadLetterChange& change, Dead& dead)
{
    const Queue& queue = m.queues.at(dead.message.queue);
    demand(!queue.isFull(queue.bytesMayDiffer ? 0 : dead.message.bytes.size()) || queue.bytesMayDiffer,
           "a replay goes into a queue that is full");
    const NewMessage& row = nextMessage();
    demand(row.sequence == change.replayedAs && row.replayOf == change.sequence,
           "P1: the replay of " + textOf(change.sequence) + " is not beside it");
    dead.replayedAs = row.sequence;
    Message fresh;
    fresh.queue = dead.message.queue;
    fresh.id = dead.message.id;
    fresh.bytes = dead.message.bytes;
    fresh.partitionKey = dead.message.partitionKey;
    fresh.priority = dead.message.priority;
    fresh.replayOf = change.sequence;
    fresh.replayCount = dead.message.replayCount + 1;
    fresh.place = dead.message.place;
    checkRow(row, fresh);
    accept(row.sequence, std::move(fresh));
}

void Model::Stepper::take(const StartOperation& command)
{
    const auto& reply = answerTo<Reply>(command, "reply");
    demand(reply.outcome.has_value(), "an operation was not begun");
    demand(!m.operations.contains(reply.outcome->id), "an operation has the number of an earlier one");
    Operation& operation = m.operations[reply.outcome->id];
    operation.verb = command.verb;
    operation.left = {command.members.begin(), command.members.end()};
    operation.total = operation.left.size();
    operation.state = reply.outcome->state;
    demand(reply.outcome->total == operation.total, "P3: an operation has another number of members");
    audit();
}

void Model::Stepper::take(const CancelOperation& command)
{
    const auto& reply = answerTo<Reply>(command, "reply");
    const auto found = m.operations.find(command.operation);
    if (found == m.operations.end() || !reply.outcome)
        return;
    Operation& operation = found->second;
    demand(reply.outcome->moved == operation.moved, "P2: a cancelled operation counts other moves than it made");
    if (operation.state == OperationState::Running) {
        operation.state = OperationState::Cancelled;
        audit();
    }
}

/// The dead letters stay dead, and no longer hold up their key.
void Model::Stepper::take(const ResumeKey& command)
{
    const QueueId id = m.find(command.queue);
    const bool isHeldUp = id != 0 && m.queues.at(id).blocks.contains(command.key);
    if (!isDone(command, isHeldUp ? std::nullopt : std::optional(ErrorCode::NotFound), "resuming a key"))
        return;
    m.queues.at(id).blocks.erase(command.key);
    count(Event::KeyResumed);
    audit();
}

} // namespace millrace::simulation
