// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/store_script.h"

#include <algorithm>
#include <sstream>

namespace millrace::test {

using engine::Batch;
using engine::Sequence;
using message::State;

std::string envelopeOf(const std::string& id)
{
    message::Envelope envelope;
    envelope.id = id;
    envelope.source = "/shop";
    envelope.type = "order.created";
    envelope.correlationId = "c-" + id;
    return message::encode(envelope);
}

engine::NewMessage messageOf(Sequence sequence, std::string body)
{
    engine::NewMessage message;
    message.sequence = sequence;
    message.queue = 1;
    message.submittedAtUs = 500'000 + static_cast<std::int64_t>(sequence);
    message.envelope = base::Slice::own(envelopeOf("m-" + std::to_string(sequence)));
    message.body = base::Slice::own(body.empty() ? "body " + std::to_string(sequence) : std::move(body));
    return message;
}

engine::QueueRow queueOf(message::QueueId id, const std::string& name)
{
    engine::QueueRow row;
    row.id = id;
    row.definition.name = name;
    row.createdAtUs = 1'000;
    return row;
}

engine::FailedAttempt failureOf(Sequence sequence, std::uint32_t number)
{
    engine::FailedAttempt failure;
    failure.sequence = sequence;
    failure.failures = number;
    failure.dueAtUs = 2'000'000 + number;
    failure.firstAttemptAtUs = 1'000'000 + static_cast<std::int64_t>(sequence);
    failure.attempt.number = number;
    failure.attempt.startedAt = base::wallFromMicros(10 * number);
    failure.attempt.endedAt = base::wallFromMicros(10 * number + 5);
    failure.attempt.worker = "worker-1";
    failure.attempt.failure = {"CardDeclined", "card 4111 was refused"};
    return failure;
}

engine::NewDeadLetter deathOf(Sequence sequence)
{
    engine::NewDeadLetter death;
    death.sequence = sequence;
    death.queue = 1;
    death.failure = {"CardDeclined", "card 4111 was refused"};
    death.worker = "worker-1";
    death.attempts = 1;
    death.diedAtUs = 1'000'000 + static_cast<std::int64_t>(sequence);
    return death;
}

engine::ScheduleRow scheduleOf(const std::string& name)
{
    engine::ScheduleRow row;
    row.definition = {name, "*/5 * * * *", "orders", message::Missed::Skip, {}, std::string("a\0b", 3)};
    row.definition.envelope.id = name;
    row.definition.envelope.source = "/schedules";
    row.definition.envelope.type = "report.due";
    row.nextUs = 5'000'000;
    return row;
}

engine::AuditRecord auditOf(const std::string& verb)
{
    return {3'000'000, "anna", verb, "orders", 1, "{\"reason\":\"test\"}", "done", "2:replayed"};
}

namespace {

Batch synced()
{
    Batch batch;
    batch.sync = true;
    return batch;
}

Batch definitions()
{
    Batch batch = synced();
    batch.queues = {queueOf(1, "orders"), queueOf(2, "mail")};
    batch.queues[1].paused = true;
    batch.queues[1].definition.policy.maxDepth = 77;
    batch.subscriptions = {{1, {"events", "orders", "order.*"}, 1}, {2, {"events", "mail", ""}, 2}};
    batch.schedules = {scheduleOf("nightly"), scheduleOf("gone")};
    batch.sequencesReservedThrough = 1'000;
    return batch;
}

Batch submits(Sequence from, Sequence through)
{
    Batch batch = synced();
    for (Sequence sequence = from; sequence <= through; ++sequence)
        batch.messages.push_back(messageOf(sequence));
    return batch;
}

engine::OperationRow replayOperation(bool isNew)
{
    engine::OperationRow row;
    row.isNew = isNew;
    row.status.id = 1;
    row.status.actor = "anna";
    row.status.reason = "the card service is back";
    row.status.total = 2;
    row.status.startedAtUs = 3'000'000;
    if (isNew)
        row.members = {3, 2};
    return row;
}

/// Message 21 takes the bytes of dead letter 2.
Batch replay()
{
    Batch batch = synced();
    engine::NewMessage again = messageOf(21);
    again.envelope.reset();
    again.body.reset();
    again.contentOf = 2;
    again.replayOf = 2;
    again.replayCount = 1;
    again.place = 2;
    batch.removedKeyBlocks = {2};
    batch.messages = {again};
    batch.deadLetterChanges = {{2, State::Dead, State::Replayed, 1, 21, 3'100'000}};
    engine::OperationRow row = replayOperation(false);
    row.cursor = 1;
    row.status.moved = 1;
    batch.operations = {row};
    batch.audits = {auditOf("replay-chunk")};
    return batch;
}

Batch cancelOperation()
{
    Batch batch = synced();
    engine::OperationRow row = replayOperation(false);
    row.cursor = 1;
    row.status.moved = 1;
    row.status.state = message::OperationState::Cancelled;
    row.status.endedAtUs = 3'200'000;
    batch.operations = {row};
    batch.deadLetterChanges = {{3, State::Dead, State::Discarded, 2, 0, 3'200'001}};
    batch.removedHandouts = {1};
    batch.expiredDeduplications = {1};
    batch.queues = {queueOf(2, "mail")};
    return batch;
}

} // namespace

std::vector<Batch> script()
{
    std::vector<Batch> batches{definitions(), submits(1, 20)};
    batches[1].messages[4].partitionKey = "customer-5";
    batches[1].messages[5].priority = 9;
    batches[1].messages[6].deliverAtUs = 9'000'000;
    batches[1].messages[7].expiresAtUs = 9'500'000;
    batches[1].messages[8].body = base::Slice::own(std::string(100'000, 'x')); // overflow pages

    Batch work = synced();
    work.handouts = {{1, {1, 2, 3, 4}}, {2, {6, 5}}};
    work.suspects = {{3, 0, 7'000'000, "worker-1"}, {4, 2, 0, "worker-2"}, {5, 1, 0, ""}};
    work.crashedHandoutsThrough = 1;
    work.deduplications = {{1, 1, "key-1", 1, "m-1", 8'000'000}, {2, 1, "key-2", 2, "m-2", 8'100'000}};
    batches.push_back(work);

    Batch failures = synced();
    failures.failures = {failureOf(2, 1), failureOf(4, 1), failureOf(4, 2)};
    batches.push_back(failures);

    Batch deaths = synced();
    deaths.failures = {failureOf(3, 1)};
    deaths.deadLetters = {deathOf(2), deathOf(3)};
    deaths.uniqueKeys = {{5, 1, "u-5", "m-5"}, {6, 1, "u-6", "m-6"}};
    deaths.keyBlocks = {{2, 1, 2, "customer-1"}, {3, 1, 3, "customer-1"}};
    batches.push_back(deaths);

    Batch settled = synced();
    settled.removed = {1, 12, 10, 11, 15, 4};
    settled.removedFailures = {4};
    settled.removedUniqueKeys = {6};
    settled.schedules = {scheduleOf("gone")};
    settled.schedules[0].isRemoved = true;
    settled.schedules[0].lastDueUs = 4'000'000;
    settled.suspects = {{3, 1, 0, "worker-1"}};
    settled.removedSuspects = {4};
    batches.push_back(settled);

    Batch accepted = synced();
    accepted.operations = {replayOperation(true)};
    accepted.audits = {auditOf("replay")};
    batches.push_back(accepted);
    batches.push_back(replay());

    Batch again = submits(22, 30); // and the replayed one dies a second time
    again.deadLetters = {deathOf(21)};
    again.sequencesReservedThrough = 2'000;
    batches.push_back(again);
    batches.push_back(cancelOperation());
    return batches;
}

void RecordingSink::at(int stage)
{
    inOrder = inOrder && stage >= m_stage;
    m_stage = stage;
}

void RecordingSink::onMeta(std::uint64_t raised, Sequence sequencesReservedThrough)
{
    at(1);
    epoch = raised;
    reserved = sequencesReservedThrough;
}
void RecordingSink::onLastRun(bool clean, std::uint64_t crashedThrough)
{
    at(1);
    stoppedCleanly = clean;
    crashedHandoutsThrough = crashedThrough;
}
void RecordingSink::onQueue(const engine::QueueRow& row)
{
    at(2);
    queues.push_back(row);
}
void RecordingSink::onSubscription(const engine::SubscriptionRow& row)
{
    at(3);
    subscriptions.push_back(row);
}
void RecordingSink::onMessage(const engine::LoadedMessage& row)
{
    at(4);
    inOrder = inOrder && (messages.empty() || messages.back().sequence < row.sequence);
    messages.push_back(row);
    partitionKeys.emplace_back(row.partitionKey);
    messages.back().partitionKey = {};
}
void RecordingSink::onFailure(const engine::LoadedFailure& row)
{
    at(5);
    failures.push_back(row);
}
void RecordingSink::onDeduplication(const engine::DeduplicationRow& row)
{
    at(6);
    deduplications.push_back(row);
}
void RecordingSink::onHandout(const engine::HandoutRow& row)
{
    at(7);
    handouts.push_back(row);
}
void RecordingSink::onSchedule(const engine::ScheduleRow& row)
{
    at(3);
    schedules.push_back(row);
}
void RecordingSink::onSuspect(const engine::SuspectRow& row)
{
    at(7);
    suspects.push_back(row);
}
void RecordingSink::onKeyBlock(const engine::KeyBlockRow& row)
{
    at(8);
    keyBlocks.push_back(row);
}
void RecordingSink::onUniqueKey(const engine::UniqueKeyRow& row)
{
    at(8);
    uniqueKeys.push_back(row);
}
void RecordingSink::onDeadLetterCount(message::QueueId queue, State state, std::uint64_t count)
{
    at(9);
    deadLetterCounts.push_back({queue, state, count});
}
void RecordingSink::onOperation(const engine::OperationRow& row)
{
    at(10);
    operations.push_back(row);
}

namespace {

std::ostream& operator<<(std::ostream& out, const std::vector<Sequence>& sequences)
{
    for (const Sequence sequence : sequences)
        out << ' ' << sequence;
    return out;
}

void dumpLoaded(const RecordingSink& sink, std::ostream& out)
{
    out << "reserved " << sink.reserved << " order " << sink.inOrder << '\n';
    for (const auto& row : sink.queues)
        out << "queue " << row.id << ' ' << row.definition.name << ' ' << row.paused << ' '
            << row.createdAtUs << ' ' << message::toJson(row.definition.policy) << '\n';
    for (const auto& row : sink.subscriptions)
        out << "subscription " << row.id << ' ' << row.queue << ' ' << row.definition.topic << ' '
            << row.definition.queue << ' ' << row.definition.typePattern << '\n';
    for (std::size_t i = 0; i < sink.messages.size(); ++i) {
        const auto& row = sink.messages[i];
        out << "message " << row.sequence << ' ' << row.queue << ' ' << int{row.priority} << ' '
            << row.deliverAtUs << ' ' << row.expiresAtUs << ' ' << row.submittedAtUs << ' '
            << sink.partitionKeys[i] << ' ' << row.place << ' ' << row.bytes << '\n';
    }
    for (const auto& row : sink.failures)
        out << "failure " << row.sequence << ' ' << row.failures << ' ' << row.dueAtUs << ' ' << row.firstAttemptAtUs
            << '\n';
    for (const auto& row : sink.deduplications)
        out << "key " << row.id << ' ' << row.queue << ' ' << row.key << ' ' << row.sequence << ' '
            << row.messageId << ' ' << row.expiresAtUs << '\n';
    for (const auto& row : sink.handouts)
        out << "handout " << row.id << row.sequences << '\n';
    out << "crashed hand-outs " << sink.crashedHandoutsThrough << '\n';
    for (const auto& row : sink.schedules)
        out << "schedule " << row.definition.name << ' ' << row.definition.cron << ' ' << row.definition.target << ' '
            << message::toString(row.definition.missed) << ' ' << message::encode(row.definition.envelope) << ' '
            << row.definition.body << ' ' << row.isPaused << row.isByOperator << row.isRemoved << ' ' << row.lastDueUs
            << ' ' << row.nextUs << '\n';
    for (const auto& row : sink.suspects)
        out << "suspect " << row.sequence << ' ' << row.crashes << ' ' << row.handedOutAtUs << ' ' << row.worker
            << '\n';
    for (const auto& row : sink.uniqueKeys)
        out << "unique " << row.sequence << ' ' << row.queue << ' ' << row.key << ' ' << row.messageId << '\n';
    for (const auto& row : sink.keyBlocks)
        out << "block " << row.sequence << ' ' << row.queue << ' ' << row.place << ' ' << row.key << '\n';
    for (const auto& count : sink.deadLetterCounts)
        out << "dead " << count.queue << ' ' << message::toString(count.state) << ' ' << count.count << '\n';
    for (const auto& row : sink.operations)
        out << "operation " << row.status.id << ' ' << message::toString(row.status.verb) << ' '
            << message::toString(row.status.state) << ' ' << row.status.actor << ' ' << row.status.reason
            << ' ' << row.status.total << ' ' << row.cursor << ' ' << row.status.moved << ' '
            << row.status.skipped << ' ' << row.status.startedAtUs << ' ' << row.status.endedAtUs
            << row.members << '\n';
}

void dumpFetched(engine::Fetched& fetched, std::ostream& out)
{
    std::sort(fetched.messages.begin(), fetched.messages.end(), [](const auto& left, const auto& right) {
        return left.sequence < right.sequence;
    });
    for (const auto& row : fetched.messages)
        out << "bytes " << row.sequence << ' ' << row.envelope.view() << '|' << row.body.view() << '|'
            << row.damage << '\n';
    for (const auto& row : fetched.deadLetters) {
        if (row.exists)
            out << "evidence " << row.sequence << ' ' << message::toString(row.state) << ' ' << row.queue
                << ' ' << int{row.priority} << ' ' << row.partitionKey << ' ' << row.replayCount << ' '
                << row.place << ' ' << row.damage << '\n';
    }
}

} // namespace

std::string dump(engine::StorePort& store, Sequence lastSequence)
{
    RecordingSink sink;
    if (const auto loaded = store.load(sink); !loaded)
        return "load: " + loaded.error().context;
    std::vector<Sequence> all;
    for (Sequence sequence = 1; sequence <= lastSequence; ++sequence)
        all.push_back(sequence);
    auto fetched = store.fetch(all, all);
    if (!fetched)
        return "fetch: " + fetched.error().context;
    std::ostringstream out;
    dumpLoaded(sink, out);
    dumpFetched(*fetched, out);
    return out.str();
}

} // namespace millrace::test
