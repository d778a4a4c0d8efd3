// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/batch.h"
#include "core/store/audit_p.h"
#include "core/store/connection_p.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace millrace::store {

/// Of envelope and body, as stored in `checksum`.
[[nodiscard]] std::uint64_t checksumOf(std::string_view envelope, std::string_view body) noexcept;

/// Turns a batch into rows, within the caller's transaction. Keeps its statements prepared and its
/// buffers allocated. Thread: the one of its connection.
class BatchWriter
{
public:
    /// Errors: Io, Corrupt.
    [[nodiscard]] static base::Result<BatchWriter> open(Connection& connection);
    /// Errors: Io, StoreFull, Corrupt (the batch does not fit what is stored).
    [[nodiscard]] base::Result<void> apply(const engine::Batch& batch);

private:
    /// Deletes by key, and runs of keys in one statement.
    struct Deletion
    {
        Statement one;
        Statement run;
    };

    explicit BatchWriter(Connection& connection) noexcept
        : m_connection(&connection)
    {
    }
    [[nodiscard]] base::Result<void> prepareAll();
    [[nodiscard]] base::Result<void> writeDefinitions(const engine::Batch& batch);
    [[nodiscard]] base::Result<void> writeMessages(std::span<const engine::NewMessage> messages);
    [[nodiscard]] base::Result<void> writeFailures(std::span<const engine::FailedAttempt> failures);
    [[nodiscard]] base::Result<void> writeDeadLetter(const engine::NewDeadLetter& dead);
    [[nodiscard]] base::Result<void> insertDeadLetter(const engine::NewDeadLetter& dead);
    [[nodiscard]] base::Result<void> writeGroup(const engine::NewDeadLetter& dead,
                                                std::uint64_t fingerprint,
                                                std::string_view text);
    [[nodiscard]] base::Result<void> writeChanges(std::span<const engine::DeadLetterChange> changes);
    [[nodiscard]] base::Result<void> writeRun(std::span<const engine::DeadLetterChange> run);
    [[nodiscard]] base::Result<void> writeOperation(const engine::OperationRow& row);
    [[nodiscard]] base::Result<void> writeRest(const engine::Batch& batch);
    [[nodiscard]] base::Result<void> writeSchedule(const engine::ScheduleRow& row);
    [[nodiscard]] base::Result<void> writeSuspects(const engine::Batch& batch);
    [[nodiscard]] base::Result<void> remove(Deletion& deletion, std::span<const std::uint64_t> keys);

    Connection* m_connection;
    AuditChain m_audit;
    Statement m_queue, m_subscription;
    Statement m_message, m_sharedMessage;
    Statement m_failure, m_retryChange;
    Statement m_readDying, m_deadLetter, m_deadContent, m_group;
    Statement m_change;
    Statement m_deduplication, m_handout, m_keyBlock, m_uniqueKey;
    Statement m_suspect, m_crashedHandouts, m_schedule;
    Statement m_newOperation, m_members, m_operation;
    Statement m_reserved;
    Deletion m_messages, m_failures, m_deduplications, m_handouts, m_suspects, m_keyBlocks, m_uniqueKeys;
    std::vector<std::uint64_t> m_sorted;
    std::vector<std::uint64_t> m_dying;
    std::string m_bytes;
};

} // namespace millrace::store
