// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/message/dead_letter.h"
#include "core/store/sqlite_store.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace millrace::store {

/// Serves people: read-only queries on a connection of its own, which never makes the writer wait and
/// never decides a change. Each read transaction takes at most 50 ms; long scans run in slices, newest dead
/// letter first. Opens with wal_autocheckpoint=0 and never checkpoints.
///
/// Thread: the one that opened it.
class Browser
{
public:
    /// The database must exist. Errors: NotFound, Io, Corrupt, Unsupported.
    [[nodiscard]] static base::Result<std::unique_ptr<Browser>> open(StoreOptions options);
    ~Browser();

    /// Returns true to stop early; called between slices with the number of rows examined and found.
    using Progress = std::function<bool(std::uint64_t examined, std::uint64_t found)>;

    /// Sequences of all dead letters that match, newest death first. Errors: Cancelled (progress said so), Io, Corrupt, Invalid.
    [[nodiscard]] base::Result<std::vector<message::Sequence>> select(const message::DeadLetterFilter& filter,
                                                                      const Progress& progress = {});
    /// Sequences that operation `id` closed, ascending. Errors: as select.
    [[nodiscard]] base::Result<std::vector<message::Sequence>> closedBy(message::OperationId id);
    /// Rows in the order asked for; those that no longer exist are left out. At most 1,000 at once (Limit).
    [[nodiscard]] base::Result<std::vector<message::DeadLetterRow>> rows(std::span<const message::Sequence> sequences);
    /// Errors: NotFound.
    [[nodiscard]] base::Result<message::DeadLetterDetail> detail(message::Sequence sequence);
    /// Groups by fingerprint of what matches (filter.fingerprint is ignored), largest first, at most 1,000.
    [[nodiscard]] base::Result<std::vector<message::DeadLetterGroup>> groups(const message::DeadLetterFilter& filter,
                                                                             const Progress& progress = {});

private:
    class Impl;
    explicit Browser(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace millrace::store
