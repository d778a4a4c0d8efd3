// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/message/dead_letter.h"
#include "core/store/browser.h"
#include "core/store/connection_p.h"

#include <functional>
#include <map>
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
    message::Reason reason = message::Reason::Rejected;
    std::uint64_t fingerprint = 0;
};

/// Walks the dead letters that match a filter, newest death first within each state, in slices that
/// each are a read transaction of their own of at most 50 ms. Thread: the one of its connection.
class DeadLetterScan
{
public:
    explicit DeadLetterScan(Connection& connection) noexcept
        : m_connection(connection)
    {
    }
    using Visit = std::function<void(const ScannedRow&)>;
    /// Errors: Cancelled (progress said so), Io, Corrupt.
    [[nodiscard]] base::Result<void>
    run(const message::DeadLetterFilter& filter, const Browser::Progress& progress, const Visit& visit);

    /// The statement of one slice, for the test of its query plan.
    [[nodiscard]] static std::string sqlOf(const message::DeadLetterFilter& filter,
                                           const std::vector<message::QueueId>& queues,
                                           bool withText);

private:
    struct Place
    {
        std::int64_t diedAtUs = 0;
        message::Sequence sequence = 0;
    };
    enum class SliceEnd { More, Finished };
    [[nodiscard]] base::Result<bool> resolveQueues(const message::DeadLetterFilter& filter);
    [[nodiscard]] base::Result<SliceEnd> slice(Statement& statement, message::State state, Place& place, const Visit& visit);
    [[nodiscard]] base::Result<bool> matches(const Statement& row);
    [[nodiscard]] base::Result<bool> allInBody(message::Sequence content, const std::vector<bool>& found);

    Connection& m_connection;
    std::vector<message::QueueId> m_queues;
    std::vector<std::string> m_words; ///< lower case
    Statement m_body;
    std::int64_t m_fromUs = 0;
    std::uint64_t m_examined = 0;
    std::uint64_t m_found = 0;
};

} // namespace millrace::store
