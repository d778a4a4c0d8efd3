// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/impl_p.h"
#include "core/engine/text_p.h"

#include <algorithm>

namespace millrace::engine {

namespace {

using message::OperationState;
using message::State;
using message::Verb;

constexpr std::size_t kChunk = 500;
constexpr std::size_t kEndedKept = 50;

/// Once each, and as they were submitted: so a replay puts back in order what has no key that says so, too.
std::vector<Sequence> inOrder(std::vector<Sequence> members)
{
    std::sort(members.begin(), members.end());
    members.erase(std::unique(members.begin(), members.end()), members.end());
    return members;
}

std::string targetOf(OperationId id) { return "operation " + std::to_string(id); }

} // namespace

void Engine::Impl::handle(StartOperation& command)
{
    Operation operation;
    operation.row.isNew = true;
    operation.row.members = inOrder(std::move(command.members));
    message::OperationStatus& status = operation.row.status;
    status.id = ++m_lastOperation;
    status.verb = command.verb;
    status.actor = std::move(command.actor);
    status.reason = std::move(command.reason);
    status.total = operation.row.members.size();
    status.startedAtUs = wallUs();
    if (status.total == 0) {
        status.state = OperationState::Done;
        status.endedAtUs = wallUs();
    }

    std::string members;
    for (const Sequence sequence : operation.row.members)
        members += std::to_string(sequence) + "\n";
    audit(status.actor,
          std::string(message::toString(status.verb)),
          targetOf(status.id),
          status.total,
          "{\"act\":\"start\",\"reason\":" + quoteJson(status.reason) + "}",
          std::move(members));
    batch().operations.push_back(operation.row);
    reply(command.client, command.request, status);
    operation.row.isNew = false;
    const OperationId id = status.id;
    m_operations.emplace(id, std::move(operation));
}

void Engine::Impl::handle(CancelOperation& command)
{
    const auto found = m_operations.find(command.operation);
    if (found == m_operations.end()) {
        reply(command.client,
              command.request,
              base::fail(base::ErrorCode::NotFound,
                         "there is no operation " + std::to_string(command.operation)
                             + " that runs or ended lately"));
        return;
    }
    Operation& operation = found->second;
    if (operation.row.status.state == OperationState::Running) {
        endOperation(operation, OperationState::Cancelled);
        record(operation);
        audit(std::move(command.actor),
              "cancel",
              targetOf(command.operation),
              operation.row.status.total - operation.row.cursor,
              "{\"moved\":" + std::to_string(operation.row.status.moved) + "}",
              {});
    }
    reply(command.client, command.request, operation.row.status);
}

/// Asks for the next members of each running operation; they are moved when the rows arrive.
void Engine::Impl::planOperations()
{
    forgetOldOperations();
    if (m_isFetching)
        return;
    std::vector<Sequence>& wanted = m_fetch.deadLetters;
    for (auto& [id, operation] : m_operations) {
        if (operation.row.status.state != OperationState::Running)
            continue;
        const auto& members = operation.row.members;
        const auto first = members.begin() + static_cast<std::ptrdiff_t>(operation.row.cursor);
        operation.requested = std::min<std::size_t>(kChunk, members.size() - operation.row.cursor);
        wanted.insert(wanted.end(), first, first + static_cast<std::ptrdiff_t>(operation.requested));
    }
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
}

/// Moves the chunk whose rows have come. `rows` is in order of the sequences.
void Engine::Impl::advance(Operation& operation, std::span<const FetchedDeadLetter> rows)
{
    const std::size_t count = std::exchange(operation.requested, 0);
    message::OperationStatus& status = operation.row.status;
    if (status.state != OperationState::Running)
        return;
    const std::uint64_t before = status.moved;
    const std::uint64_t from = operation.row.cursor;
    std::string members;
    for (std::size_t i = 0; i < count; ++i) {
        const Sequence sequence = operation.row.members[operation.row.cursor++];
        const auto row = std::lower_bound(rows.begin(),
                                          rows.end(),
                                          sequence,
                                          [](const FetchedDeadLetter& each, Sequence value) {
                                              return each.sequence < value;
                                          });
        const bool isThere = row != rows.end() && row->sequence == sequence && row->exists;
        Sequence replayedAs = 0;
        const char* outcome = moveOne(operation, sequence, isThere ? &*row : nullptr, replayedAs);
        members += std::to_string(sequence) + ":" + outcome;
        if (replayedAs != 0)
            members += ":" + std::to_string(replayedAs);
        members += "\n";
    }
    if (operation.row.cursor == status.total)
        endOperation(operation, OperationState::Done);
    record(operation);
    audit(status.actor,
          std::string(message::toString(status.verb)),
          targetOf(status.id),
          status.moved - before,
          "{\"act\":\"chunk\",\"from\":" + std::to_string(from)
              + ",\"to\":" + std::to_string(operation.row.cursor) + "}",
          std::move(members));
}

/// Moves one dead letter if it is still in the state that the verb needs.
/// @returns the outcome's name for the audit log
const char* Engine::Impl::moveOne(Operation& operation,
                                  Sequence sequence,
                                  const FetchedDeadLetter* row,
                                  Sequence& replayedAs)
{
    message::OperationStatus& status = operation.row.status;
    const bool isArchived = row != nullptr && row->state == State::Archived;
    const State from = status.verb != Verb::Restore ? State::Dead : isArchived ? State::Archived : State::Discarded;
    const auto queue = row == nullptr ? m_queuesById.end() : m_queuesById.find(row->queue);
    const char* obstacle = nullptr;
    if (row == nullptr)
        obstacle = "missing";
    else if (row->state != from || m_changed.contains(sequence))
        obstacle = "changed";
    else if (status.verb == Verb::Replay && !row->damage.empty())
        obstacle = "damaged";
    else if (status.verb == Verb::Replay && queue == m_queuesById.end())
        obstacle = "no-queue";
    else if (status.verb == Verb::Replay && queue->second->isFull(row->bytes))
        obstacle = "queue-full";
    if (obstacle != nullptr) {
        ++status.skipped;
        return obstacle;
    }

    State to = State::Dead;
    if (status.verb == Verb::Replay) {
        to = State::Replayed;
        replayedAs = replay(*row, *queue->second);
    } else if (status.verb == Verb::Discard) {
        to = State::Discarded;
    } else if (status.verb == Verb::Archive) {
        to = State::Archived;
    }
    m_changed.insert(sequence);
    // First, so that what a replay puts back stands before what was parked behind it.
    const bool isDealtWith = status.verb == Verb::Replay || status.verb == Verb::Discard;
    if (isDealtWith && queue != m_queuesById.end() && !row->partitionKey.empty())
        unpark(*queue->second, row->partitionKey, sequence);
    batch().deadLetterChanges.push_back({sequence, from, to, status.id, replayedAs, wallUs()});
    if (queue != m_queuesById.end()) {
        --queue->second->closed[static_cast<std::size_t>(from)];
        ++queue->second->closed[static_cast<std::size_t>(to)];
        activate(*queue->second);
        timeRetention(*queue->second);
    }
    ++status.moved;
    return message::toString(to).data();
}

/// The new message that a dead letter becomes; its bytes stay where the evidence is. Deduplication
/// does not apply: the key was seen when the message was first submitted.
Sequence Engine::Impl::replay(const FetchedDeadLetter& row, Queue& queue)
{
    touch(queue);
    ++queue.figures.replayed;
    NewMessage& message = batch().messages.emplace_back();
    message.sequence = takeSequence();
    message.queue = queue.row.id;
    message.priority = std::min(row.priority, message::kHighestPriority);
    message.submittedAtUs = wallUs();
    message.partitionKey = row.partitionKey;
    message.contentOf = row.sequence;
    message.replayOf = row.sequence;
    message.replayCount = row.replayCount + 1;
    message.contentBytes = row.bytes;
    if (!row.partitionKey.empty())
        message.place = row.place != 0 ? row.place : row.sequence;
    enqueue(queue, message);
    return message.sequence;
}

void Engine::Impl::endOperation(Operation& operation, OperationState state)
{
    operation.row.status.state = state;
    operation.row.status.endedAtUs = wallUs();
    std::vector<Sequence>().swap(operation.row.members);
}

/// Keeps the last few that ended. Not called while anybody walks the operations.
void Engine::Impl::forgetOldOperations()
{
    if (m_operations.size() <= kEndedKept)
        return;
    std::size_t ended = 0;
    for (const auto& [id, operation] : m_operations)
        ended += operation.row.status.state == OperationState::Running ? 0 : 1;
    for (auto each = m_operations.begin(); each != m_operations.end() && ended > kEndedKept;) {
        if (each->second.row.status.state == OperationState::Running) {
            ++each;
        } else {
            each = m_operations.erase(each);
            --ended;
        }
    }
}

void Engine::Impl::record(const Operation& operation)
{
    OperationRow& row = batch().operations.emplace_back();
    row.status = operation.row.status;
    row.cursor = operation.row.cursor;
}

std::vector<message::OperationStatus> Engine::Impl::operations() const
{
    std::vector<message::OperationStatus> all;
    for (const auto& [id, operation] : m_operations)
        all.push_back(operation.row.status);
    return all;
}

} // namespace millrace::engine
