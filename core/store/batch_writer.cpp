// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/store/batch_writer_p.h"

#include "core/base/failpoint.h"
#include "core/base/hash.h"
#include "core/store/varint_p.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace millrace::store {

using base::ErrorCode;
using base::fail;

namespace {

constexpr std::string_view kQueue
    = "INSERT INTO queue (queue_id, name, policy, paused, created_at_us, file_policy, set_by_operator)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
      " ON CONFLICT (queue_id) DO UPDATE SET name = excluded.name, policy = excluded.policy,"
      " paused = excluded.paused, file_policy = excluded.file_policy,"
      " set_by_operator = excluded.set_by_operator";
constexpr std::string_view kSubscription
    = "INSERT INTO subscription (subscription_id, topic, queue_id, type_pattern, source_pattern, attributes)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (subscription_id) DO UPDATE SET topic = excluded.topic,"
      " queue_id = excluded.queue_id, type_pattern = excluded.type_pattern,"
      " source_pattern = excluded.source_pattern, attributes = excluded.attributes";
constexpr std::string_view kMessage
    = "INSERT INTO message (sequence, queue_id, priority, deliver_at_us, expires_at_us,"
      " submitted_at_us, partition_key, replay_of, replay_count, checksum, envelope, body)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
/// The evidence may itself be shared: what is stored is always where the bytes lie.
constexpr std::string_view kSharedMessage
    = "INSERT OR ROLLBACK INTO message (sequence, queue_id, priority, deliver_at_us, expires_at_us,"
      " submitted_at_us, partition_key, replay_of, replay_count, content_of, checksum, place)"
      " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, coalesce(d.content_of, d.sequence), c.checksum, ?11"
      " FROM dead_letter d"
      " JOIN dead_letter_content c ON c.sequence = coalesce(d.content_of, d.sequence)"
      " WHERE d.sequence = ?10";
/// A message that fails for ever must not grow for ever: the first 100 attempts, or 1 MiB, are kept.
constexpr std::string_view kFailure
    = "INSERT INTO failure (sequence, failures, due_at_us, history, first_attempt_at_us)"
      " VALUES (?1, ?2, ?3, ?4, ?5)"
      " ON CONFLICT (sequence) DO UPDATE SET failures = excluded.failures,"
      " due_at_us = excluded.due_at_us,"
      " history = CASE WHEN failure.failures < 100 AND length(failure.history) < 1048576"
      " THEN CAST(failure.history || excluded.history AS BLOB) ELSE failure.history END";
constexpr std::string_view kRetryChange = "UPDATE failure SET due_at_us = ?2 WHERE sequence = ?1";
constexpr std::string_view kReadDying
    = "SELECT m.content_of, coalesce(m.envelope, c.envelope), length(coalesce(m.body, c.body))"
      " FROM message m LEFT JOIN dead_letter_content c ON c.sequence = m.content_of"
      " WHERE m.sequence = ?1";
constexpr std::string_view kDeadLetter
    = "INSERT OR ROLLBACK INTO dead_letter (sequence, queue_id, state, reason, fingerprint, died_at_us,"
      " submitted_at_us, priority, attempts, replay_count, replay_of, content_of, body_bytes,"
      " message_id, type, source, correlation_id, partition_key, worker, error_class, error_text, place)"
      " SELECT sequence, ?2, 8, ?3, ?4, ?5, submitted_at_us, priority, ?6, replay_count, replay_of,"
      " content_of, ?7, ?8, ?9, ?10, ?11, partition_key, ?12, ?13, ?14, place"
      " FROM message WHERE sequence = ?1";
constexpr std::string_view kDeadContent
    = "INSERT OR ROLLBACK INTO dead_letter_content (sequence, checksum, history, envelope, body)"
      " SELECT m.sequence, m.checksum, coalesce(f.history, x''), m.envelope, m.body"
      " FROM message m LEFT JOIN failure f ON f.sequence = m.sequence WHERE m.sequence = ?1";
constexpr std::string_view kGroup
    = "INSERT INTO failure_group (fingerprint, reason, error_class, text, first_died_at_us)"
      " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (fingerprint) DO NOTHING";
/// Of a run of dead letters that become a run of messages, ?5 further on; NULL if they become none.
constexpr std::string_view kChange
    = "UPDATE OR ROLLBACK dead_letter SET state = ?4, replayed_as = sequence + ?5, closed_by = ?6, closed_at_us = ?7"
      " WHERE sequence BETWEEN ?1 AND ?2 AND state = ?3";
constexpr std::string_view kDeduplication
    = "INSERT INTO deduplication (deduplication_id, queue_id, key, sequence, message_id,"
      " expires_at_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
constexpr std::string_view kHandout = "INSERT INTO handout (handout_id, sequences) VALUES (?1, ?2)";
constexpr std::string_view kSuspect
    = "INSERT INTO suspect (sequence, crashes, handed_out_at_us, worker) VALUES (?1, ?2, ?3, ?4)"
      " ON CONFLICT (sequence) DO UPDATE SET crashes = excluded.crashes,"
      " handed_out_at_us = excluded.handed_out_at_us, worker = excluded.worker";
constexpr std::string_view kSchedule
    = "INSERT OR REPLACE INTO schedule (name, cron, target, missed, envelope, body, paused, by_operator, removed,"
      " last_due_us, next_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
constexpr std::string_view kCrashedHandouts
    = "INSERT INTO meta (key, value) VALUES ('crashed_handouts_through', ?1)"
      " ON CONFLICT (key) DO UPDATE SET value = excluded.value";
constexpr std::string_view kUniqueKey
    = "INSERT INTO unique_key (sequence, queue_id, key, message_id) VALUES (?1, ?2, ?3, ?4)";
constexpr std::string_view kKeyBlock
    = "INSERT INTO key_block (sequence, queue_id, place, key) VALUES (?1, ?2, ?3, ?4)";
constexpr std::string_view kNewOperation
    = "INSERT INTO operation (operation_id, verb, state, actor, reason, total, cursor, moved,"
      " skipped, started_at_us, ended_at_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
constexpr std::string_view kMembers
    = "INSERT INTO operation_members (operation_id, members) VALUES (?1, ?2)";
constexpr std::string_view kOperation
    = "UPDATE operation SET state = ?2, cursor = ?3, moved = ?4, skipped = ?5, ended_at_us = ?6"
      " WHERE operation_id = ?1";
constexpr std::string_view kReserved
    = "INSERT INTO meta (key, value) VALUES ('sequences_reserved_through', ?1)"
      " ON CONFLICT (key) DO UPDATE SET value = excluded.value";
constexpr std::string_view kDeleteMessage = "DELETE FROM message WHERE sequence = ?1";
constexpr std::string_view kDeleteMessages = "DELETE FROM message WHERE sequence BETWEEN ?1 AND ?2";
constexpr std::string_view kDeleteFailure = "DELETE FROM failure WHERE sequence = ?1";
constexpr std::string_view kDeleteFailures = "DELETE FROM failure WHERE sequence BETWEEN ?1 AND ?2";
constexpr std::string_view kDeleteSuspect = "DELETE FROM suspect WHERE sequence = ?1";
constexpr std::string_view kDeleteSuspects = "DELETE FROM suspect WHERE sequence BETWEEN ?1 AND ?2";
constexpr std::string_view kDeleteKey = "DELETE FROM deduplication WHERE deduplication_id = ?1";
constexpr std::string_view kDeleteKeys
    = "DELETE FROM deduplication WHERE deduplication_id BETWEEN ?1 AND ?2";
constexpr std::string_view kDeleteUniqueKey = "DELETE FROM unique_key WHERE sequence = ?1";
constexpr std::string_view kDeleteUniqueKeys = "DELETE FROM unique_key WHERE sequence BETWEEN ?1 AND ?2";
constexpr std::string_view kDeleteKeyBlock = "DELETE FROM key_block WHERE sequence = ?1";
constexpr std::string_view kDeleteKeyBlocks = "DELETE FROM key_block WHERE sequence BETWEEN ?1 AND ?2";
constexpr std::string_view kDeleteHandout = "DELETE FROM handout WHERE handout_id = ?1";
constexpr std::string_view kDeleteHandouts = "DELETE FROM handout WHERE handout_id BETWEEN ?1 AND ?2";

/// 0 is "none" in memory and NULL in the table.
template<typename Number>
std::optional<Number> orNull(Number number) noexcept
{
    return number == 0 ? std::nullopt : std::optional<Number>(number);
}

/// Whether one statement can do both.
bool continues(const engine::DeadLetterChange& before, const engine::DeadLetterChange& next) noexcept
{
    return next.sequence == before.sequence + 1 && next.from == before.from && next.to == before.to
        && next.operation == before.operation && next.atUs == before.atUs
        && next.replayedAs == (before.replayedAs == 0 ? 0 : before.replayedAs + 1);
}

} // namespace

std::uint64_t checksumOf(std::string_view envelope, std::string_view body) noexcept
{
    return base::hash64(body, base::hash64(envelope));
}

base::Result<BatchWriter> BatchWriter::open(Connection& connection)
{
    BatchWriter writer(connection);
    if (auto done = writer.prepareAll(); !done)
        return errorOf(done);
    auto audit = AuditChain::open(connection);
    if (!audit)
        return errorOf(audit);
    writer.m_audit = std::move(*audit);
    return writer;
}

base::Result<void> BatchWriter::prepareAll()
{
    const std::pair<Statement*, std::string_view> all[] = {
        {&m_queue, kQueue},
        {&m_subscription, kSubscription},
        {&m_message, kMessage},
        {&m_sharedMessage, kSharedMessage},
        {&m_failure, kFailure},
        {&m_retryChange, kRetryChange},
        {&m_readDying, kReadDying},
        {&m_deadLetter, kDeadLetter},
        {&m_deadContent, kDeadContent},
        {&m_group, kGroup},
        {&m_change, kChange},
        {&m_deduplication, kDeduplication},
        {&m_handout, kHandout},
        {&m_schedule, kSchedule},
        {&m_suspect, kSuspect},
        {&m_crashedHandouts, kCrashedHandouts},
        {&m_suspects.one, kDeleteSuspect},
        {&m_suspects.run, kDeleteSuspects},
        {&m_keyBlock, kKeyBlock},
        {&m_uniqueKey, kUniqueKey},
        {&m_uniqueKeys.one, kDeleteUniqueKey},
        {&m_uniqueKeys.run, kDeleteUniqueKeys},
        {&m_newOperation, kNewOperation},
        {&m_members, kMembers},
        {&m_operation, kOperation},
        {&m_reserved, kReserved},
        {&m_messages.one, kDeleteMessage},
        {&m_messages.run, kDeleteMessages},
        {&m_failures.one, kDeleteFailure},
        {&m_failures.run, kDeleteFailures},
        {&m_deduplications.one, kDeleteKey},
        {&m_deduplications.run, kDeleteKeys},
        {&m_handouts.one, kDeleteHandout},
        {&m_handouts.run, kDeleteHandouts},
        {&m_keyBlocks.one, kDeleteKeyBlock},
        {&m_keyBlocks.run, kDeleteKeyBlocks},
    };
    for (const auto& [statement, sql] : all) {
        auto prepared = m_connection->prepare(sql);
        if (!prepared)
            return errorOf(prepared);
        *statement = std::move(*prepared);
    }
    return {};
}

base::Result<void> BatchWriter::apply(const engine::Batch& batch)
{
    if (auto done = writeDefinitions(batch); !done)
        return done;
    if (auto done = writeMessages(batch.messages); !done)
        return done;
    if (auto done = writeFailures(batch.failures); !done)
        return done;

    for (const engine::RetryChange& row : batch.retryChanges) {
        if (auto done = m_retryChange.run(row.sequence, row.dueAtUs); !done)
            return done;
    }
    m_dying.clear();
    for (const engine::NewDeadLetter& dead : batch.deadLetters) {
        if (auto done = writeDeadLetter(dead); !done)
            return done;
        m_dying.push_back(dead.sequence);
    }
    if (auto done = remove(m_messages, m_dying); !done)
        return done;
    if (auto done = remove(m_failures, m_dying); !done)
        return done;

    if (auto done = writeChanges(batch.deadLetterChanges); !done)
        return done;
    if (auto done = remove(m_messages, batch.removed); !done)
        return done;
    if (!batch.removed.empty())
        MR_FAILPOINT("after-removal");
    if (auto done = remove(m_failures, batch.removedFailures); !done)
        return done;
    return writeRest(batch);
}

base::Result<void> BatchWriter::writeDefinitions(const engine::Batch& batch)
{
    for (const engine::QueueRow& row : batch.queues) {
        const std::string policy = message::toJson(row.definition.policy);
        const std::string_view name = row.definition.name;
        const std::string filePolicy = row.filePolicy ? message::toJson(*row.filePolicy) : std::string();
        auto done = m_queue.run(row.id,
                                name,
                                std::string_view(policy),
                                row.paused,
                                row.createdAtUs,
                                OptionalText{filePolicy},
                                row.isSetByOperator);
        if (!done)
            return done;
    }
    for (const engine::SubscriptionRow& row : batch.subscriptions) {
        const std::string_view topic = row.definition.topic;
        const std::string_view pattern = row.definition.typePattern;
        const std::string_view source = row.definition.sourcePattern;
        const std::string attributes = message::attributesToJson(row.definition.attributes);
        if (auto done = m_subscription.run(
                row.id, topic, row.queue, pattern, source, std::string_view(attributes));
            !done)
            return done;
    }
    return {};
}

base::Result<void> BatchWriter::writeMessages(std::span<const engine::NewMessage> messages)
{
    for (const engine::NewMessage& row : messages) {
        MR_FAILPOINT("in-batch");
        if (row.contentOf == 0) {
            const std::string_view envelope = row.envelope.view();
            const std::string_view body = row.body.view();
            auto done = m_message.run(row.sequence,
                                      row.queue,
                                      row.priority,
                                      row.deliverAtUs,
                                      row.expiresAtUs,
                                      row.submittedAtUs,
                                      OptionalText{row.partitionKey},
                                      orNull(row.replayOf),
                                      row.replayCount,
                                      checksumOf(envelope, body),
                                      Blob(envelope),
                                      Blob(body));
            if (!done)
                return done;
            continue;
        }
        auto done = m_sharedMessage.run(row.sequence,
                                        row.queue,
                                        row.priority,
                                        row.deliverAtUs,
                                        row.expiresAtUs,
                                        row.submittedAtUs,
                                        OptionalText{row.partitionKey},
                                        orNull(row.replayOf),
                                        row.replayCount,
                                        row.contentOf,
                                        orNull(row.place));
        if (!done)
            return done;
        if (m_connection->changes() != 1)
            return fail(ErrorCode::Corrupt,
                        "message " + std::to_string(row.sequence) + " shares the bytes of dead letter "
                            + std::to_string(row.contentOf) + ", which the store does not have");
    }
    return {};
}

base::Result<void> BatchWriter::writeFailures(std::span<const engine::FailedAttempt> failures)
{
    for (const engine::FailedAttempt& row : failures) {
        m_bytes = message::encodeAttempt(row.attempt);
        if (auto done = m_failure.run(
                row.sequence, row.failures, row.dueAtUs, Blob(m_bytes), row.firstAttemptAtUs);
            !done)
            return done;
    }
    return {};
}

base::Result<void> BatchWriter::writeDeadLetter(const engine::NewDeadLetter& dead)
{
    m_readDying.bind(dead.sequence);
    const auto row = m_readDying.step();
    if (!row)
        return errorOf(row);
    if (!*row)
        return fail(ErrorCode::Corrupt,
                    "message " + std::to_string(dead.sequence)
                        + " is to become a dead letter, but the store does not have it");
    auto done = insertDeadLetter(dead); // reads the row's views: the statement stays on it until here
    m_readDying.reset();
    if (!done)
        return done;
    MR_FAILPOINT("in-dead-letter");
    return m_deadContent.run(dead.sequence);
}

base::Result<void> BatchWriter::insertDeadLetter(const engine::NewDeadLetter& dead)
{
    // An envelope that cannot be read is kept and moves on; only the columns stay empty.
    const auto view = message::viewEnvelope(m_readDying.blob(1));
    const message::EnvelopeView envelope = view ? *view : message::EnvelopeView{};
    const std::string group = dead.groupText.empty() ? message::fingerprintText(dead.failure) : dead.groupText;
    const std::uint64_t fingerprint = message::fingerprintOf(dead.reason, group);
    auto done = m_deadLetter.run(dead.sequence,
                                 dead.queue,
                                 dead.reason,
                                 fingerprint,
                                 dead.diedAtUs,
                                 dead.attempts,
                                 m_readDying.integer(2),
                                 envelope.id,
                                 envelope.type,
                                 envelope.source,
                                 envelope.correlationId,
                                 std::string_view(dead.worker),
                                 std::string_view(dead.failure.errorClass),
                                 std::string_view(dead.failure.errorText));
    if (!done)
        return done;
    return writeGroup(dead, fingerprint, group);
}

base::Result<void> BatchWriter::writeGroup(const engine::NewDeadLetter& dead,
                                           std::uint64_t fingerprint,
                                           std::string_view text)
{
    return m_group.run(fingerprint,
                       dead.reason,
                       std::string_view(dead.failure.errorClass),
                       text,
                       dead.diedAtUs);
}

base::Result<void> BatchWriter::writeChanges(std::span<const engine::DeadLetterChange> changes)
{
    for (std::size_t first = 0; first < changes.size();) {
        std::size_t end = first + 1;
        while (end < changes.size() && continues(changes[end - 1], changes[end]))
            ++end;
        if (auto done = writeRun(changes.subspan(first, end - first)); !done)
            return done;
        first = end;
    }
    return {};
}

base::Result<void> BatchWriter::writeRun(std::span<const engine::DeadLetterChange> run)
{
    MR_FAILPOINT("in-replay-chunk");
    const engine::DeadLetterChange& change = run.front();
    const bool closed = change.to != message::State::Dead;
    const bool isReplayed = closed && change.replayedAs != 0;
    auto done = m_change.run(change.sequence,
                             run.back().sequence,
                             change.from,
                             change.to,
                             isReplayed ? std::optional(change.replayedAs - change.sequence) : std::nullopt,
                             closed ? orNull(change.operation) : std::nullopt,
                             closed ? orNull(change.atUs) : std::nullopt);
    if (!done)
        return done;
    if (static_cast<std::size_t>(m_connection->changes()) != run.size())
        return fail(ErrorCode::Corrupt,
                    "dead letter " + std::to_string(change.sequence)
                        + (run.size() > 1 ? ", or one of the " + std::to_string(run.size() - 1) + " after it," : "")
                        + " is not " + std::string(message::toString(change.from)) + " in the store");
    return {};
}

base::Result<void> BatchWriter::writeOperation(const engine::OperationRow& row)
{
    const message::OperationStatus& status = row.status;
    if (!row.isNew)
        return m_operation.run(status.id,
                               status.state,
                               row.cursor,
                               status.moved,
                               status.skipped,
                               status.endedAtUs);
    auto done = m_newOperation.run(status.id,
                                   status.verb,
                                   status.state,
                                   std::string_view(status.actor),
                                   std::string_view(status.reason),
                                   status.total,
                                   row.cursor,
                                   status.moved,
                                   status.skipped,
                                   status.startedAtUs,
                                   status.endedAtUs);
    if (!done)
        return done;
    encodeSequences(row.members, m_bytes);
    return m_members.run(status.id, Blob(m_bytes));
}

base::Result<void> BatchWriter::writeRest(const engine::Batch& batch)
{
    for (const engine::DeduplicationRow& row : batch.deduplications) {
        const std::string_view key = row.key;
        const std::string_view id = row.messageId;
        auto done = m_deduplication.run(row.id, row.queue, key, row.sequence, id, row.expiresAtUs);
        if (!done)
            return done;
    }
    if (auto done = remove(m_deduplications, batch.expiredDeduplications); !done)
        return done;
    for (const engine::HandoutRow& row : batch.handouts) {
        encodeSequences(row.sequences, m_bytes);
        if (auto done = m_handout.run(row.id, Blob(m_bytes)); !done)
            return done;
    }
    if (auto done = remove(m_handouts, batch.removedHandouts); !done)
        return done;
    if (auto done = writeSuspects(batch); !done)
        return done;
    for (const engine::ScheduleRow& row : batch.schedules) {
        if (auto done = writeSchedule(row); !done)
            return done;
    }
    for (const engine::UniqueKeyRow& row : batch.uniqueKeys) {
        const std::string_view key = row.key;
        if (auto done = m_uniqueKey.run(row.sequence, row.queue, key, std::string_view(row.messageId)); !done)
            return done;
    }
    if (auto done = remove(m_uniqueKeys, batch.removedUniqueKeys); !done)
        return done;
    for (const engine::KeyBlockRow& row : batch.keyBlocks) {
        if (auto done = m_keyBlock.run(row.sequence, row.queue, row.place, std::string_view(row.key)); !done)
            return done;
    }
    if (auto done = remove(m_keyBlocks, batch.removedKeyBlocks); !done)
        return done;
    for (const engine::OperationRow& row : batch.operations) {
        if (auto done = writeOperation(row); !done)
            return done;
    }
    for (const engine::AuditRecord& record : batch.audits) {
        if (auto done = m_audit.append(record); !done)
            return done;
    }
    if (batch.sequencesReservedThrough == 0)
        return {};
    return m_reserved.run(batch.sequencesReservedThrough);
}

base::Result<void> BatchWriter::writeSchedule(const engine::ScheduleRow& row)
{
    const message::ScheduleDefinition& definition = row.definition;
    const std::string_view name = definition.name;
    const std::string_view cron = definition.cron;
    const std::string_view target = definition.target;
    const std::string envelope = message::encode(definition.envelope);
    return m_schedule.run(name,
                          cron,
                          target,
                          definition.missed,
                          Blob(envelope),
                          Blob(definition.body),
                          row.isPaused,
                          row.isByOperator,
                          row.isRemoved,
                          row.lastDueUs,
                          row.nextUs);
}

base::Result<void> BatchWriter::writeSuspects(const engine::Batch& batch)
{
    for (const engine::SuspectRow& row : batch.suspects) {
        const std::string_view worker = row.worker;
        if (auto done = m_suspect.run(row.sequence, row.crashes, row.handedOutAtUs, worker); !done)
            return done;
    }
    if (auto done = remove(m_suspects, batch.removedSuspects); !done)
        return done;
    return batch.crashedHandoutsThrough == 0 ? base::Result<void>()
                                             : m_crashedHandouts.run(batch.crashedHandoutsThrough);
}

base::Result<void> BatchWriter::remove(Deletion& deletion, std::span<const std::uint64_t> keys)
{
    if (keys.empty())
        return {};
    m_sorted.assign(keys.begin(), keys.end());
    if (!std::is_sorted(m_sorted.begin(), m_sorted.end()))
        std::sort(m_sorted.begin(), m_sorted.end());
    // A range may only hold keys that are all in the list: others in a gap would be lost.
    for (std::size_t first = 0; first < m_sorted.size();) {
        std::size_t last = first;
        while (last + 1 < m_sorted.size() && m_sorted[last + 1] - m_sorted[last] <= 1)
            ++last;
        auto done = m_sorted[first] == m_sorted[last]
            ? deletion.one.run(m_sorted[first])
            : deletion.run.run(m_sorted[first], m_sorted[last]);
        if (!done)
            return done;
        first = last + 1;
    }
    return {};
}

} // namespace millrace::store
