// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/store/memory_store.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace millrace::store {

using base::ErrorCode;
using base::fail;
using engine::Sequence;

struct MemoryStore::Content
{
    struct DeadLetter
    {
        engine::NewMessage message; ///< with envelope and body, also where they are shared
        engine::NewDeadLetter death;
        std::vector<message::Attempt> attempts;
        message::State state = message::State::Dead;
        message::OperationId closedBy = 0;
        Sequence replayedAs = 0;
        std::int64_t closedAtUs = 0;
    };
    struct Trouble
    {
        std::uint32_t failures = 0;
        std::int64_t dueAtUs = 0;
        std::int64_t firstAttemptAtUs = 0;
        std::vector<message::Attempt> attempts;
    };

    std::uint64_t epoch = 0;
    Sequence reservedThrough = 0;
    std::map<message::QueueId, engine::QueueRow> queues;
    std::map<std::uint32_t, engine::SubscriptionRow> subscriptions;
    std::map<Sequence, engine::NewMessage> messages;
    std::map<Sequence, Trouble> troubles;
    std::map<Sequence, DeadLetter> deadLetters;
    std::map<std::uint64_t, engine::DeduplicationRow> deduplications;
    std::map<std::uint64_t, engine::HandoutRow> handouts;
    std::map<Sequence, engine::SuspectRow> suspects;
    std::map<std::string, engine::ScheduleRow> schedules;
    std::uint64_t crashedHandoutsThrough = 0;
    bool stoppedCleanly = true;
    std::map<Sequence, engine::KeyBlockRow> keyBlocks;
    std::map<Sequence, engine::UniqueKeyRow> uniqueKeys;
    std::map<message::OperationId, engine::OperationRow> operations;
    std::vector<engine::AuditRecord> audits;

    /// All that can be refused is refused here, so that a batch is applied whole or not at all.
    base::Result<void> check(const engine::Batch& batch) const;
    bool stateIs(const engine::DeadLetterChange& change,
                 const std::set<Sequence>& buried,
                 const std::map<Sequence, message::State>& changed) const;
    void apply(const engine::Batch& batch);
    void addMessage(engine::NewMessage message);
    void bury(const engine::NewDeadLetter& death);
    void change(const engine::DeadLetterChange& change);
    void addOperation(const engine::OperationRow& row);
    void applyRest(const engine::Batch& batch);
};

namespace {

constexpr std::size_t kEndedOperations = 50;

/// The newest that ended, by id.
std::vector<const engine::OperationRow*> lastEnded(
    const std::map<message::OperationId, engine::OperationRow>& operations)
{
    std::vector<const engine::OperationRow*> ended;
    for (const auto& [id, row] : operations) {
        if (row.status.state != message::OperationState::Running)
            ended.push_back(&row);
    }
    if (ended.size() > kEndedOperations)
        ended.erase(ended.begin(), ended.end() - kEndedOperations);
    return ended;
}

tl::unexpected<base::Error> refuse()
{
    return fail(ErrorCode::Io, "the store is closed after an error: make a new one on its content");
}

} // namespace

base::Result<void> MemoryStore::Content::check(const engine::Batch& batch) const
{
    std::set<Sequence> added;
    for (const engine::NewMessage& message : batch.messages) {
        if (message.contentOf != 0 && !deadLetters.contains(message.contentOf))
            return fail(ErrorCode::Corrupt,
                        "message " + std::to_string(message.sequence) + " shares the bytes of dead letter "
                            + std::to_string(message.contentOf) + ", which the store does not have");
        if (messages.contains(message.sequence) || !added.insert(message.sequence).second)
            return fail(ErrorCode::Corrupt,
                        "message " + std::to_string(message.sequence) + " is there already");
    }
    std::set<Sequence> buried;
    for (const engine::NewDeadLetter& death : batch.deadLetters) {
        const bool known = messages.contains(death.sequence) || added.contains(death.sequence);
        if (!known || !buried.insert(death.sequence).second)
            return fail(ErrorCode::Corrupt,
                        "message " + std::to_string(death.sequence)
                            + " is to become a dead letter, but the store does not have it");
    }
    std::map<Sequence, message::State> changed;
    for (const engine::DeadLetterChange& change : batch.deadLetterChanges) {
        if (!stateIs(change, buried, changed))
            return fail(ErrorCode::Corrupt,
                        "dead letter " + std::to_string(change.sequence) + " is not "
                            + std::string(message::toString(change.from)) + " in the store");
        changed[change.sequence] = change.to;
    }
    return {};
}

bool MemoryStore::Content::stateIs(const engine::DeadLetterChange& change,
                                   const std::set<Sequence>& buried,
                                   const std::map<Sequence, message::State>& changed) const
{
    if (const auto found = changed.find(change.sequence); found != changed.end())
        return found->second == change.from;
    if (buried.contains(change.sequence))
        return change.from == message::State::Dead;
    const auto found = deadLetters.find(change.sequence);
    return found != deadLetters.end() && found->second.state == change.from;
}

void MemoryStore::Content::addMessage(engine::NewMessage message)
{
    if (message.contentOf != 0) {
        const engine::NewMessage& evidence = deadLetters.at(message.contentOf).message;
        message.envelope = evidence.envelope;
        message.body = evidence.body;
    }
    messages.emplace(message.sequence, std::move(message));
}

void MemoryStore::Content::bury(const engine::NewDeadLetter& death)
{
    DeadLetter dead;
    dead.message = messages.at(death.sequence);
    dead.death = death;
    messages.erase(death.sequence);
    if (const auto trouble = troubles.find(death.sequence); trouble != troubles.end()) {
        dead.attempts = std::move(trouble->second.attempts);
        troubles.erase(trouble);
    }
    deadLetters.insert_or_assign(death.sequence, std::move(dead));
}

void MemoryStore::Content::change(const engine::DeadLetterChange& change)
{
    DeadLetter& dead = deadLetters.at(change.sequence);
    const bool closed = change.to != message::State::Dead;
    dead.state = change.to;
    dead.closedBy = closed ? change.operation : 0;
    dead.replayedAs = closed ? change.replayedAs : 0;
    dead.closedAtUs = closed ? change.atUs : 0;
}

void MemoryStore::Content::addOperation(const engine::OperationRow& row)
{
    if (row.isNew) {
        operations.insert_or_assign(row.status.id, row);
        return;
    }
    const auto found = operations.find(row.status.id);
    if (found == operations.end())
        return;
    engine::OperationRow& stored = found->second;
    stored.cursor = row.cursor;
    stored.status.state = row.status.state;
    stored.status.moved = row.status.moved;
    stored.status.skipped = row.status.skipped;
    stored.status.endedAtUs = row.status.endedAtUs;
}

void MemoryStore::Content::apply(const engine::Batch& batch)
{
    for (const engine::QueueRow& row : batch.queues)
        queues.insert_or_assign(row.id, row);
    for (const engine::SubscriptionRow& row : batch.subscriptions)
        subscriptions.insert_or_assign(row.id, row);
    for (const engine::NewMessage& message : batch.messages)
        addMessage(message);
    for (const engine::FailedAttempt& failure : batch.failures) {
        Trouble& trouble = troubles[failure.sequence];
        trouble.failures = failure.failures;
        trouble.dueAtUs = failure.dueAtUs;
        if (trouble.firstAttemptAtUs == 0)
            trouble.firstAttemptAtUs = failure.firstAttemptAtUs;
        trouble.attempts.push_back(failure.attempt);
    }
    for (const engine::RetryChange& row : batch.retryChanges)
        troubles.at(row.sequence).dueAtUs = row.dueAtUs;
    for (const engine::NewDeadLetter& death : batch.deadLetters)
        bury(death);
    for (const engine::DeadLetterChange& one : batch.deadLetterChanges)
        change(one);
    applyRest(batch);
}

void MemoryStore::Content::applyRest(const engine::Batch& batch)
{
    for (const Sequence sequence : batch.removed)
        messages.erase(sequence);
    for (const Sequence sequence : batch.removedFailures)
        troubles.erase(sequence);
    for (const engine::DeduplicationRow& row : batch.deduplications)
        deduplications.insert_or_assign(row.id, row);
    for (const std::uint64_t id : batch.expiredDeduplications)
        deduplications.erase(id);
    for (const engine::HandoutRow& row : batch.handouts)
        handouts.insert_or_assign(row.id, row);
    for (const std::uint64_t id : batch.removedHandouts)
        handouts.erase(id);
    for (const engine::ScheduleRow& row : batch.schedules)
        schedules.insert_or_assign(row.definition.name, row);
    for (const engine::SuspectRow& row : batch.suspects)
        suspects.insert_or_assign(row.sequence, row);
    for (const Sequence sequence : batch.removedSuspects)
        suspects.erase(sequence);
    if (batch.crashedHandoutsThrough != 0)
        crashedHandoutsThrough = batch.crashedHandoutsThrough;
    for (const engine::UniqueKeyRow& row : batch.uniqueKeys)
        uniqueKeys.insert_or_assign(row.sequence, row);
    for (const Sequence sequence : batch.removedUniqueKeys)
        uniqueKeys.erase(sequence);
    for (const engine::KeyBlockRow& row : batch.keyBlocks)
        keyBlocks.insert_or_assign(row.sequence, row);
    for (const Sequence sequence : batch.removedKeyBlocks)
        keyBlocks.erase(sequence);
    for (const engine::OperationRow& row : batch.operations)
        addOperation(row);
    audits.insert(audits.end(), batch.audits.begin(), batch.audits.end());
    if (batch.sequencesReservedThrough != 0)
        reservedThrough = batch.sequencesReservedThrough;
}

std::shared_ptr<MemoryStore::Content> MemoryStore::newContent() { return std::make_shared<Content>(); }

MemoryStore::MemoryStore(std::shared_ptr<Content> content)
    : m_content(std::move(content))
    , m_stoppedCleanly(m_content->stoppedCleanly)
{
}

MemoryStore::~MemoryStore()
{
    if (m_hasCommitted)
        m_content->stoppedCleanly = !m_failed;
}

base::Result<void> MemoryStore::load(engine::LoadSink& sink)
{
    if (m_failed)
        return refuse();
    const Content& content = *m_content;
    sink.onMeta(++m_content->epoch, content.reservedThrough);
    sink.onLastRun(m_stoppedCleanly, content.crashedHandoutsThrough);
    for (const auto& [id, row] : content.queues)
        sink.onQueue(row);
    for (const auto& [id, row] : content.subscriptions)
        sink.onSubscription(row);
    for (const auto& [name, row] : content.schedules)
        sink.onSchedule(row);
    for (const auto& [sequence, row] : content.messages) {
        sink.onMessage({sequence,
                        row.queue,
                        row.priority,
                        row.deliverAtUs,
                        row.expiresAtUs,
                        row.submittedAtUs,
                        row.partitionKey,
                        row.place,
                        row.envelope.size() + row.body.size()});
    }
    for (const auto& [sequence, trouble] : content.troubles)
        sink.onFailure({sequence, trouble.failures, trouble.dueAtUs, trouble.firstAttemptAtUs});
    for (const auto& [id, row] : content.deduplications)
        sink.onDeduplication(row);
    for (const auto& [id, row] : content.handouts)
        sink.onHandout(row);
    for (const auto& [sequence, row] : content.suspects)
        sink.onSuspect(row);
    for (const auto& [sequence, row] : content.keyBlocks)
        sink.onKeyBlock(row);
    for (const auto& [sequence, row] : content.uniqueKeys)
        sink.onUniqueKey(row);

    std::map<std::pair<message::State, message::QueueId>, std::uint64_t> counts;
    for (const auto& [sequence, dead] : content.deadLetters)
        ++counts[{dead.state, dead.death.queue}];
    for (const auto& [key, count] : counts)
        sink.onDeadLetterCount(key.second, key.first, count);

    for (const auto& [id, row] : content.operations) {
        if (row.status.state == message::OperationState::Running)
            sink.onOperation({row.status, row.cursor, row.members, false});
    }
    for (const engine::OperationRow* row : lastEnded(content.operations))
        sink.onOperation({row->status, row->cursor, {}, false});
    return {};
}

base::Result<void> MemoryStore::commit(const engine::Batch& batch)
{
    if (m_failed)
        return refuse();
    base::Result<void> done = m_content->check(batch);
    if (m_failNext)
        done = tl::unexpected<base::Error>(*std::exchange(m_failNext, std::nullopt));
    if (done) {
        m_content->apply(batch);
        m_content->stoppedCleanly = false;
        m_hasCommitted = true;
    }
    m_failed = !done;
    return done;
}

base::Result<engine::Fetched> MemoryStore::fetch(std::span<const Sequence> messages,
                                                 std::span<const Sequence> deadLetters)
{
    if (m_failed)
        return refuse();
    engine::Fetched fetched;
    for (const Sequence sequence : messages) {
        const auto found = m_content->messages.find(sequence);
        if (found != m_content->messages.end())
            fetched.messages.push_back({sequence, found->second.envelope, found->second.body, {}});
    }
    for (const Sequence sequence : deadLetters) {
        engine::FetchedDeadLetter& row = fetched.deadLetters.emplace_back();
        row.sequence = sequence;
        const auto found = m_content->deadLetters.find(sequence);
        if (found == m_content->deadLetters.end())
            continue;
        const Content::DeadLetter& dead = found->second;
        row.exists = true;
        row.state = dead.state;
        row.queue = dead.death.queue;
        row.priority = dead.message.priority;
        row.partitionKey = dead.message.partitionKey;
        row.replayCount = dead.message.replayCount;
        row.place = dead.message.place;
        row.bytes = dead.message.envelope.size() + dead.message.body.size();
    }
    return fetched;
}

base::Result<std::vector<Sequence>> MemoryStore::findAged(const engine::AgedQuery& query)
{
    if (m_failed)
        return refuse();
    std::vector<std::pair<std::int64_t, Sequence>> found;
    for (const auto& [sequence, dead] : m_content->deadLetters) {
        if (dead.state == message::State::Dead && dead.death.queue == query.queue
            && dead.death.diedAtUs < query.diedBeforeUs)
            found.emplace_back(dead.death.diedAtUs, sequence);
    }
    std::sort(found.begin(), found.end());
    found.resize(std::min(found.size(), query.limit));
    std::vector<Sequence> sequences;
    for (const auto& [diedAtUs, sequence] : found)
        sequences.push_back(sequence);
    return sequences;
}

std::uint64_t MemoryStore::bytesAvailable() { return m_bytesAvailable; }

void MemoryStore::failNextCommit(base::Error error) { m_failNext = std::move(error); }

void MemoryStore::setBytesAvailable(std::uint64_t bytes) { m_bytesAvailable = bytes; }

} // namespace millrace::store
