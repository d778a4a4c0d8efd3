// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/batch.h"
#include "core/store/connection_p.h"

#include <cstdint>
#include <string>

namespace millrace::store {

/// Appends records to the audit log, each bound to the one before it by its hash.
/// Thread: the one of its connection.
class AuditChain
{
public:
    /// Reads where the chain ends. Errors: Io, Corrupt.
    [[nodiscard]] static base::Result<AuditChain> open(Connection& connection);
    /// Within the caller's transaction. Errors: Io, StoreFull, Corrupt.
    [[nodiscard]] base::Result<void> append(const engine::AuditRecord& record);

private:
    Statement m_insert;
    Statement m_count;
    std::int64_t m_last = 0;
    std::string m_hash;
};

} // namespace millrace::store
