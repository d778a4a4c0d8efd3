// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/store/memory_store.h"

#include <algorithm>
#include <map>
#include <string>

namespace millrace::store {

using engine::Sequence;

struct MemoryStore::Content
{
    struct DeadLetter
    {
        engine::NewDeadLetter row;
        engine::NewMessage message; ///< as it lived; its bytes are the evidence
        std::string history;
        message::State state = message::State::Dead;
        engine::OperationId closedBy = 0;
        Sequence replayedAs = 0;
    };
    std::uint64_t epoch = 0;
    Sequence reservedThrough = 0;
    std::map<engine::QueueId, engine::QueueRow> queues;
    std::map<std::uint32_t, engine::SubscriptionRow> subscriptions;
    std::map<Sequence, engine::NewMessage> messages;
    struct Failure
    {
        engine::LoadedFailure row;
        std::string history;
    };
    std::map<Sequence, Failure> failures;
    std::map<Sequence, DeadLetter> deadLetters;
    std::map<std::uint64_t, engine::DeduplicationRow> deduplications;
    std::map<std::uint64_t, engine::HandoutRow> handouts;
    std::map<engine::OperationId, engine::OperationRow> operations;
    std::vector<engine::AuditRecord> audits;

    /// Where the bytes of a message lie: its own row, or the evidence it shares.
    [[nodiscard]] const engine::NewMessage& bytesOf(const engine::NewMessage& message) const
    {
        if (message.contentOf == 0)
            return message;
        const auto evidence = deadLetters.find(message.contentOf);
        return evidence == deadLetters.end() ? message : evidence->second.message;
    }
};

std::shared_ptr<MemoryStore::Content> MemoryStore::newContent()
{
    return std::make_shared<Content>();
}

MemoryStore::MemoryStore(std::shared_ptr<Content> content)
    : m_content(std::move(content))
{
}
MemoryStore::~MemoryStore() = default;

void MemoryStore::failNextCommit(base::Error error)
{
    m_failNext = std::move(error);
}

void MemoryStore::setBytesAvailable(std::uint64_t bytes)
{
    m_bytesAvailable = bytes;
}

std::uint64_t MemoryStore::bytesAvailable()
{
    return m_bytesAvailable;
}

base::Result<void> MemoryStore::load(engine::LoadSink& sink)
{
    Content& content = *m_content;
    sink.onMeta(++content.epoch, content.reservedThrough);
    for (const auto& [id, row] : content.queues)
        sink.onQueue(row);
    for (const auto& [id, row] : content.subscriptions)
        sink.onSubscription(row);
    for (const auto& [sequence, row] : content.messages)
        sink.onMessage({sequence, row.queue, row.priority, row.deliverAtUs, row.expiresAtUs, row.submittedAtUs, row.partitionKey});
    for (const auto& [sequence, failure] : content.failures)
        sink.onFailure(failure.row);
    for (const auto& [id, row] : content.deduplications)
        sink.onDeduplication(row);
    for (const auto& [id, row] : content.handouts)
        sink.onHandout(row);
    std::map<std::pair<engine::QueueId, message::State>, std::uint64_t> counts;
    for (const auto& [sequence, dead] : content.deadLetters)
        ++counts[{dead.row.queue, dead.state}];
    for (const auto& [key, count] : counts)
        sink.onDeadLetterCount(key.first, key.second, count);
    std::size_t ended = 0;
    for (auto row = content.operations.rbegin(); row != content.operations.rend(); ++row) {
        engine::OperationRow copy = row->second;
        if (copy.status.state != message::OperationState::Running) {
            if (++ended > 50)
                continue;
            copy.members.clear();
        }
        sink.onOperation(copy);
    }
    return {};
}

base::Result<void> MemoryStore::commit(const engine::Batch& batch)
{
    if (m_failNext) {
        auto error = std::move(*m_failNext);
        m_failNext.reset();
        return tl::unexpected<base::Error>(std::move(error));
    }
    Content& content = *m_content;
    for (const auto& row : batch.queues)
        content.queues[row.id] = row;
    for (const auto& row : batch.subscriptions)
        content.subscriptions[row.id] = row;
    for (const auto& row : batch.messages)
        content.messages[row.sequence] = row;
    for (const auto& row : batch.failures) {
        Content::Failure& failure = content.failures[row.sequence];
        failure.row = {row.sequence, row.failures, row.dueAtUs};
        failure.history += message::encodeAttempt(row.attempt);
    }
    for (const auto& row : batch.deadLetters) {
        const auto live = content.messages.find(row.sequence);
        if (live == content.messages.end())
            return base::fail(base::ErrorCode::Corrupt, "message " + std::to_string(row.sequence) + " died, and is not in the store");
        Content::DeadLetter dead{row, live->second, {}, message::State::Dead, 0, 0};
        if (const auto failure = content.failures.find(row.sequence); failure != content.failures.end()) {
            dead.history = failure->second.history;
            content.failures.erase(failure);
        }
        content.messages.erase(live);
        content.deadLetters[row.sequence] = std::move(dead);
    }
    for (const auto& change : batch.deadLetterChanges) {
        const auto dead = content.deadLetters.find(change.sequence);
        if (dead == content.deadLetters.end() || dead->second.state != change.from)
            return base::fail(base::ErrorCode::Corrupt, "dead letter " + std::to_string(change.sequence) + " is not in the state to be changed");
        dead->second.state = change.to;
        dead->second.closedBy = change.to == message::State::Dead ? 0 : change.operation;
        dead->second.replayedAs = change.replayedAs;
    }
    for (const Sequence sequence : batch.removed)
        content.messages.erase(sequence);
    for (const Sequence sequence : batch.removedFailures)
        content.failures.erase(sequence);
    for (const auto& row : batch.deduplications)
        content.deduplications[row.id] = row;
    for (const std::uint64_t id : batch.expiredDeduplications)
        content.deduplications.erase(id);
    for (const auto& row : batch.handouts)
        content.handouts[row.id] = row;
    for (const std::uint64_t id : batch.removedHandouts)
        content.handouts.erase(id);
    for (const auto& row : batch.operations) {
        engine::OperationRow& stored = content.operations[row.status.id];
        std::vector<Sequence> members = row.isNew ? row.members : std::move(stored.members);
        stored = row;
        stored.members = std::move(members);
        stored.isNew = false;
    }
    content.audits.insert(content.audits.end(), batch.audits.begin(), batch.audits.end());
    if (batch.sequencesReservedThrough != 0)
        content.reservedThrough = batch.sequencesReservedThrough;
    return {};
}

base::Result<engine::Fetched> MemoryStore::fetch(std::span<const Sequence> messages, std::span<const Sequence> deadLetters)
{
    const Content& content = *m_content;
    engine::Fetched fetched;
    for (const Sequence sequence : messages) {
        const auto row = content.messages.find(sequence);
        if (row == content.messages.end())
            continue;
        const engine::NewMessage& bytes = content.bytesOf(row->second);
        fetched.messages.push_back({sequence, bytes.envelope, bytes.body, {}});
    }
    for (const Sequence sequence : deadLetters) {
        engine::FetchedDeadLetter out;
        out.sequence = sequence;
        if (const auto row = content.deadLetters.find(sequence); row != content.deadLetters.end()) {
            const Content::DeadLetter& dead = row->second;
            out.exists = true;
            out.state = dead.state;
            out.queue = dead.row.queue;
            out.priority = dead.message.priority;
            out.partitionKey = dead.message.partitionKey;
            out.replayCount = dead.message.replayCount;
        }
        fetched.deadLetters.push_back(std::move(out));
    }
    return fetched;
}

} // namespace millrace::store
