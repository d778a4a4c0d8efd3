// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/message/dead_letter.h"
#include "core/store/browser.h"
#include "core/store/connection_p.h"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::store {

/// What a scan tells of each dead letter that matches.
struct ScannedRow
{
    message::Sequence sequence = 0;
    std::int64_t diedAtUs = 0;
    message::QueueId queue = 0;
    message::Reason reason = message::Reason::Rejected; ///< only with ScanFor::Groups, or a filter of reasons
    std::uint64_t fingerprint = 0;                      ///< only with ScanFor::Groups
};

enum class ScanFor : std::uint8_t { Sequences, Groups };

/// A statement of a slice: those that died in the same microsecond as the last row of the slice before,
/// and all that died earlier.
enum class SlicePart : std::uint8_t { Ties, Earlier };

/// Walks the dead letters that match a filter, newest death first within each state, in slices that
/// each are a read transaction of their own of at most 50 ms. Thread: the one of its connection.
class DeadLetterScan
{
public:
    DeadLetterScan(Connection& connection, ScanFor purpose) noexcept
        : m_connection(connection)
        , m_purpose(purpose)
    {
    }
    using Visit = std::function<void(const ScannedRow&)>;
    /// Errors: Cancelled (progress said so), Io, Corrupt.
    [[nodiscard]] base::Result<void>
    run(const message::DeadLetterFilter& filter, const Browser::Progress& progress, const Visit& visit);

    /// The statement of one part of a slice of one state; `queues` are those of the filter.
    [[nodiscard]] static std::string sqlOf(const message::DeadLetterFilter& filter,
                                           const std::vector<message::QueueId>& queues,
                                           ScanFor purpose,
                                           message::State state,
                                           SlicePart part);

private:
    struct Place
    {
        std::int64_t diedAtUs = 0;
        message::Sequence sequence = 0;
    };
    struct Budget
    {
        int rows = 0;
        std::chrono::steady_clock::time_point until;
        [[nodiscard]] bool isSpent() const;
    };
    enum class Rows : std::uint8_t { Finished, BudgetSpent };

    [[nodiscard]] base::Result<void> prepare(const message::DeadLetterFilter& filter);
    [[nodiscard]] base::Result<void> prepareFor(message::State state, const message::DeadLetterFilter& filter);
    [[nodiscard]] base::Result<void> resolveQueues(const message::DeadLetterFilter& filter);
    [[nodiscard]] base::Result<bool> slice(Place& place, const Visit& visit);
    [[nodiscard]] base::Result<Rows>
    readRows(Statement& statement, Place& place, Budget& budget, const Visit& visit);
    [[nodiscard]] base::Result<bool> matches(const Statement& row);
    [[nodiscard]] base::Result<bool> allInBody(message::Sequence content, const std::vector<bool>& found);

    Connection& m_connection;
    ScanFor m_purpose;
    std::vector<message::QueueId> m_queues; ///< sorted
    std::vector<message::Reason> m_reasons;
    std::vector<std::string> m_words; ///< lower case
    Statement m_ties, m_earlier, m_body;
    std::uint64_t m_fingerprint = 0; ///< 0 = of any
    std::int64_t m_fromUs = 0;
    std::uint64_t m_examined = 0;
    std::uint64_t m_found = 0;
};

} // namespace millrace::store
