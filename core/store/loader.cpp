// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/store/loader_p.h"

#include "core/base/failpoint.h"
#include "core/store/varint_p.h"

#include <map>
#include <utility>

namespace millrace::store {

using base::ErrorCode;
using base::fail;

namespace {

constexpr const char* kRaiseEpoch = "INSERT INTO meta (key, value) VALUES ('epoch', 1)"
                                    " ON CONFLICT (key) DO UPDATE SET value = value + 1";
constexpr std::string_view kEpoch = "SELECT value FROM meta WHERE key = 'epoch'";
constexpr std::string_view kReserved
    = "SELECT value FROM meta WHERE key = 'sequences_reserved_through'";
constexpr std::string_view kCrashedHandouts
    = "SELECT value FROM meta WHERE key = 'crashed_handouts_through'";
constexpr std::string_view kQueues
    = "SELECT queue_id, name, policy, paused, created_at_us, file_policy, set_by_operator FROM queue"
      " ORDER BY queue_id";
constexpr std::string_view kSubscriptions
    = "SELECT s.subscription_id, s.topic, q.name, s.type_pattern, s.queue_id, s.source_pattern, s.attributes"
      " FROM subscription s"
      " JOIN queue q ON q.queue_id = s.queue_id ORDER BY s.subscription_id";
constexpr std::string_view kSchedules
    = "SELECT name, cron, target, missed, envelope, body, paused, by_operator, removed, last_due_us, next_us"
      " FROM schedule ORDER BY name";
constexpr std::string_view kMessages
    = "SELECT sequence, queue_id, priority, deliver_at_us, expires_at_us, submitted_at_us,"
      " partition_key, place, coalesce(length(envelope) + length(body),"
      " (SELECT length(c.envelope) + length(c.body) FROM dead_letter_content c WHERE c.sequence = content_of), 0)"
      " FROM message ORDER BY sequence";
constexpr std::string_view kFailures
    = "SELECT sequence, failures, due_at_us, first_attempt_at_us FROM failure ORDER BY sequence";
constexpr std::string_view kDeduplications
    = "SELECT deduplication_id, queue_id, key, sequence, message_id, expires_at_us"
      " FROM deduplication ORDER BY deduplication_id";
constexpr std::string_view kHandouts = "SELECT handout_id, sequences FROM handout ORDER BY handout_id";
constexpr std::string_view kUniqueKeys
    = "SELECT sequence, queue_id, key, message_id FROM unique_key ORDER BY sequence";
constexpr std::string_view kKeyBlocks
    = "SELECT sequence, queue_id, place, key FROM key_block ORDER BY sequence";
constexpr std::string_view kSuspects
    = "SELECT sequence, crashes, handed_out_at_us, worker FROM suspect ORDER BY sequence";
/// From dead_letter_by_queue alone.
constexpr std::string_view kOpenDeadLetters
    = "SELECT queue_id, count(*) FROM dead_letter INDEXED BY dead_letter_by_queue WHERE state = 8 GROUP BY queue_id";
/// From dead_letter_closed alone, in its order: counted here, a million would be sorted there.
constexpr std::string_view kClosedDeadLetters
    = "SELECT queue_id, state FROM dead_letter INDEXED BY dead_letter_closed WHERE state > 8";
constexpr std::string_view kRunning
    = "SELECT o.operation_id, verb, state, actor, reason, total, cursor, moved, skipped,"
      " started_at_us, ended_at_us, m.members FROM operation o"
      " JOIN operation_members m ON m.operation_id = o.operation_id"
      " WHERE state = 0 ORDER BY o.operation_id";
/// The newest by number, not by time: the engine continues the numbers, and clocks step back.
constexpr std::string_view kEnded
    = "SELECT * FROM (SELECT operation_id, verb, state, actor, reason, total, cursor, moved, skipped,"
      " started_at_us, ended_at_us, NULL FROM operation WHERE state IN (1, 2)"
      " ORDER BY operation_id DESC LIMIT 50) ORDER BY operation_id";

/// Calls `onRow(statement)`, which returns Result<void>, for each row of `sql`.
template<typename OnRow>
base::Result<void> forEach(Connection& connection, std::string_view sql, OnRow onRow)
{
    auto statement = connection.prepare(sql);
    if (!statement)
        return errorOf(statement);
    for (;;) {
        const auto row = statement->step();
        if (!row)
            return errorOf(row);
        if (!*row)
            return {};
        if (base::Result<void> done = onRow(*statement); !done)
            return done;
    }
}

base::Result<void> loadMeta(Connection& connection, bool stoppedCleanly, engine::LoadSink& sink)
{
    auto transaction = Transaction::begin(connection, kBeginWrite);
    if (!transaction)
        return errorOf(transaction);
    if (auto done = connection.execute(kRaiseEpoch); !done)
        return done;
    const auto epoch = connection.integerOf(kEpoch);
    if (!epoch)
        return errorOf(epoch);
    const auto reserved = connection.integerOf(kReserved);
    if (!reserved)
        return errorOf(reserved);
    const auto crashed = connection.integerOf(kCrashedHandouts);
    if (!crashed)
        return errorOf(crashed);
    if (auto done = transaction->commit(); !done)
        return done;
    sink.onMeta(static_cast<std::uint64_t>(*epoch), static_cast<engine::Sequence>(*reserved));
    sink.onLastRun(stoppedCleanly, static_cast<std::uint64_t>(*crashed));
    return {};
}

base::Result<void> loadDefinitions(Connection& connection, engine::LoadSink& sink)
{
    auto queues = forEach(connection, kQueues, [&](Statement& row) -> base::Result<void> {
        engine::QueueRow queue;
        queue.id = row.number<message::QueueId>(0);
        queue.definition.name = row.text(1);
        auto policy = message::queuePolicyFromJson(row.text(2));
        if (!policy)
            return fail(ErrorCode::Corrupt,
                        "the stored policy of queue \"" + queue.definition.name
                            + "\" cannot be used: " + policy.error().context);
        queue.definition.policy = *policy;
        queue.paused = row.integer(3) != 0;
        queue.createdAtUs = row.integer(4);
        // One that cannot be read is set anew by the file at this start.
        if (auto filePolicy = message::queuePolicyFromJson(row.text(5)); filePolicy)
            queue.filePolicy = std::move(*filePolicy);
        queue.isSetByOperator = row.integer(6) != 0;
        sink.onQueue(queue);
        return {};
    });
    if (!queues)
        return queues;
    return forEach(connection, kSubscriptions, [&](Statement& row) -> base::Result<void> {
        engine::SubscriptionRow subscription;
        subscription.id = row.number<std::uint32_t>(0);
        subscription.definition.topic = row.text(1);
        subscription.definition.queue = row.text(2);
        subscription.definition.typePattern = row.text(3);
        subscription.queue = row.number<message::QueueId>(4);
        subscription.definition.sourcePattern = row.text(5);
        auto attributes = message::attributesFromJson(row.text(6));
        if (!attributes)
            return fail(ErrorCode::Corrupt,
                        "a stored subscription of topic \"" + subscription.definition.topic
                            + "\" cannot be used: " + attributes.error().context);
        subscription.definition.attributes = std::move(*attributes);
        sink.onSubscription(subscription);
        return {};
    });
}

base::Result<void> loadSchedules(Connection& connection, engine::LoadSink& sink)
{
    return forEach(connection, kSchedules, [&](Statement& row) -> base::Result<void> {
        engine::ScheduleRow schedule;
        message::ScheduleDefinition& definition = schedule.definition;
        definition.name = row.text(0);
        definition.cron = row.text(1);
        definition.target = row.text(2);
        definition.missed = row.integer(3) == 0 ? message::Missed::Skip : message::Missed::One;
        auto envelope = message::decodeEnvelope(row.blob(4));
        if (!envelope)
            return fail(ErrorCode::Corrupt,
                        "the stored envelope of schedule \"" + definition.name
                            + "\" cannot be used: " + envelope.error().context);
        definition.envelope = std::move(*envelope);
        definition.body = row.blob(5);
        schedule.isPaused = row.integer(6) != 0;
        schedule.isByOperator = row.integer(7) != 0;
        schedule.isRemoved = row.integer(8) != 0;
        schedule.lastDueUs = row.integer(9);
        schedule.nextUs = row.integer(10);
        sink.onSchedule(schedule);
        return {};
    });
}

base::Result<void> loadMessages(Connection& connection, engine::LoadSink& sink)
{
    auto messages = forEach(connection, kMessages, [&](Statement& row) -> base::Result<void> {
        engine::LoadedMessage loaded;
        loaded.sequence = row.number<engine::Sequence>(0);
        loaded.queue = row.number<message::QueueId>(1);
        loaded.priority = row.number<std::uint8_t>(2);
        loaded.deliverAtUs = row.integer(3);
        loaded.expiresAtUs = row.integer(4);
        loaded.submittedAtUs = row.integer(5);
        loaded.partitionKey = row.text(6);
        loaded.place = row.number<engine::Sequence>(7);
        loaded.bytes = row.number<std::uint64_t>(8);
        sink.onMessage(loaded);
        MR_FAILPOINT("in-load");
        return {};
    });
    if (!messages)
        return messages;
    return forEach(connection, kFailures, [&](Statement& row) -> base::Result<void> {
        sink.onFailure({row.number<engine::Sequence>(0),
                        row.number<std::uint32_t>(1),
                        row.integer(2),
                        row.integer(3)});
        return {};
    });
}

base::Result<void> loadBookkeeping(Connection& connection, engine::LoadSink& sink)
{
    auto keys = forEach(connection, kDeduplications, [&](Statement& row) -> base::Result<void> {
        engine::DeduplicationRow loaded;
        loaded.id = row.number<std::uint64_t>(0);
        loaded.queue = row.number<message::QueueId>(1);
        loaded.key = row.text(2);
        loaded.sequence = row.number<engine::Sequence>(3);
        loaded.messageId = row.text(4);
        loaded.expiresAtUs = row.integer(5);
        sink.onDeduplication(loaded);
        return {};
    });
    if (!keys)
        return keys;
    auto handouts = forEach(connection, kHandouts, [&](Statement& row) -> base::Result<void> {
        auto sequences = decodeSequences(row.blob(1));
        if (!sequences)
            return errorOf(sequences);
        sink.onHandout({row.number<std::uint64_t>(0), std::move(*sequences)});
        return {};
    });
    if (!handouts)
        return handouts;
    auto suspects = forEach(connection, kSuspects, [&](Statement& row) -> base::Result<void> {
        sink.onSuspect({row.number<engine::Sequence>(0),
                        row.number<std::uint32_t>(1),
                        row.integer(2),
                        std::string(row.text(3))});
        return {};
    });
    if (!suspects)
        return suspects;
    auto blocks = forEach(connection, kKeyBlocks, [&](Statement& row) -> base::Result<void> {
        sink.onKeyBlock({row.number<engine::Sequence>(0),
                         row.number<message::QueueId>(1),
                         row.number<engine::Sequence>(2),
                         std::string(row.text(3))});
        return {};
    });
    if (!blocks)
        return blocks;
    auto unique = forEach(connection, kUniqueKeys, [&](Statement& row) -> base::Result<void> {
        sink.onUniqueKey({row.number<engine::Sequence>(0),
                          row.number<message::QueueId>(1),
                          std::string(row.text(2)),
                          std::string(row.text(3))});
        return {};
    });
    return unique;
}

base::Result<void> countDeadLetters(Connection& connection, engine::LoadSink& sink)
{
    auto open = forEach(connection, kOpenDeadLetters, [&](Statement& row) -> base::Result<void> {
        sink.onDeadLetterCount(row.number<message::QueueId>(0), message::State::Dead, row.number<std::uint64_t>(1));
        return {};
    });
    if (!open)
        return open;
    std::map<std::pair<message::QueueId, message::State>, std::uint64_t> counts;
    auto closed = forEach(connection, kClosedDeadLetters, [&](Statement& row) -> base::Result<void> {
        ++counts[{row.number<message::QueueId>(0), static_cast<message::State>(row.integer(1))}];
        return {};
    });
    for (const auto& [key, count] : counts)
        sink.onDeadLetterCount(key.first, key.second, count);
    return closed;
}

base::Result<void> loadOperations(Connection& connection, std::string_view sql, engine::LoadSink& sink)
{
    return forEach(connection, sql, [&](Statement& row) -> base::Result<void> {
        engine::OperationRow loaded;
        message::OperationStatus& status = loaded.status;
        status.id = row.number<message::OperationId>(0);
        status.verb = static_cast<message::Verb>(row.integer(1));
        status.state = static_cast<message::OperationState>(row.integer(2));
        status.actor = row.text(3);
        status.reason = row.text(4);
        status.total = row.number<std::uint64_t>(5);
        loaded.cursor = row.number<std::uint64_t>(6);
        status.moved = row.number<std::uint64_t>(7);
        status.skipped = row.number<std::uint64_t>(8);
        status.startedAtUs = row.integer(9);
        status.endedAtUs = row.integer(10);
        auto members = decodeSequences(row.blob(11));
        if (!members)
            return errorOf(members);
        loaded.members = std::move(*members);
        sink.onOperation(loaded);
        return {};
    });
}

} // namespace

base::Result<void> loadAll(Connection& connection, bool stoppedCleanly, engine::LoadSink& sink)
{
    if (auto done = loadMeta(connection, stoppedCleanly, sink); !done)
        return done;
    if (auto done = loadDefinitions(connection, sink); !done)
        return done;
    if (auto done = loadSchedules(connection, sink); !done)
        return done;
    if (auto done = loadMessages(connection, sink); !done)
        return done;
    if (auto done = loadBookkeeping(connection, sink); !done)
        return done;
    if (auto done = countDeadLetters(connection, sink); !done)
        return done;
    if (auto done = loadOperations(connection, kRunning, sink); !done)
        return done;
    return loadOperations(connection, kEnded, sink);
}

} // namespace millrace::store
