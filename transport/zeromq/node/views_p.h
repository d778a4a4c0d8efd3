// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/message/dead_letter.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace millrace::zeromq {

/// Frozen result lists, kept while somebody shows them: 8 bytes a row. Thread: the reader's.
class Views
{
public:
    static constexpr std::size_t kMaxOfSession = 64;
    static constexpr std::size_t kMaxBytes = 512ULL * 1024 * 1024; ///< of all together

    /// Errors: Limit.
    [[nodiscard]] base::Result<message::ViewId> add(const std::string& session, std::vector<message::Sequence> sequences);
    /// Null if there is none of this session.
    [[nodiscard]] const std::vector<message::Sequence>* find(const std::string& session, message::ViewId id) const;
    void remove(const std::string& session, message::ViewId id);
    void removeAll(const std::string& session);
    [[nodiscard]] std::size_t bytes() const noexcept { return m_bytes; }

private:
    std::map<std::string, std::map<message::ViewId, std::vector<message::Sequence>>, std::less<>> m_bySession;
    message::ViewId m_last = 0;
    std::size_t m_bytes = 0;
};

} // namespace millrace::zeromq
