// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/message/dead_letter.h"
#include "transport/client/pipeline.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace millrace::client {

/// The dead letters of a recording, with views, groups and operations on them, as a node would
/// answer. Thread: the one that owns it.
class RecordedDeadLetters
{
public:
    explicit RecordedDeadLetters(std::vector<message::DeadLetterDetail> newestFirst);

    [[nodiscard]] DeadLetterView openView(const message::DeadLetterFilter& filter);
    void closeView(message::ViewId view) { m_views.erase(view); }
    [[nodiscard]] base::Result<std::vector<message::DeadLetterRow>>
    rows(message::ViewId view, std::uint64_t first, std::uint32_t count) const;
    [[nodiscard]] base::Result<message::DeadLetterDetail> detail(const message::MessageRef& ref) const;
    [[nodiscard]] std::vector<message::DeadLetterGroup>
    groups(const message::DeadLetterFilter& filter) const;

    [[nodiscard]] base::Result<message::OperationStatus>
    start(message::Verb verb, const message::Selection& selection, std::string reason, std::int64_t nowUs);
    [[nodiscard]] base::Result<message::OperationStatus> cancel(message::OperationId id, std::int64_t nowUs);
    [[nodiscard]] base::Result<message::OperationStatus> operation(message::OperationId id) const;
    /// Moves the next members of every running operation. @returns the operations that advanced
    [[nodiscard]] std::vector<message::OperationStatus> advance(std::size_t members, std::int64_t nowUs);
    [[nodiscard]] bool isRunning() const;
    /// Newest first.
    [[nodiscard]] std::vector<message::OperationStatus> operations() const;

    /// How far the played state has moved from what was recorded.
    struct Change
    {
        std::int64_t dead = 0;
        std::uint64_t replayed = 0;
    };
    [[nodiscard]] const std::map<std::string, Change>& changes() const { return m_changes; }

private:
    using Index = std::size_t;
    struct Operation
    {
        message::OperationStatus status;
        std::vector<Index> members; ///< kNoIndex = named, but unknown
        std::size_t next = 0;
    };
    static constexpr Index kNoIndex = static_cast<Index>(-1);

    [[nodiscard]] std::vector<Index> select(const message::DeadLetterFilter& filter) const;
    [[nodiscard]] base::Result<std::vector<Index>> freeze(const message::Selection& selection) const;
    [[nodiscard]] bool move(Index index, const message::OperationStatus& status, std::int64_t nowUs);

    std::vector<message::DeadLetterDetail> m_letters;
    std::vector<message::OperationId> m_closedBy; ///< by index; 0 = none
    std::unordered_map<std::string, Index> m_byRef;
    std::map<message::ViewId, std::vector<Index>> m_views;
    std::map<message::OperationId, Operation> m_operations;
    std::map<std::string, Change> m_changes; ///< by queue
    message::ViewId m_lastView = 0;
    message::OperationId m_lastOperation = 0;
    std::uint64_t m_lastReplay = 0;
};

} // namespace millrace::client
