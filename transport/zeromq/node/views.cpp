// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/node/views_p.h"

#include <utility>

namespace millrace::zeromq {

namespace {

std::size_t bytesOf(const std::vector<message::Sequence>& sequences)
{
    return sequences.capacity() * sizeof(message::Sequence);
}

} // namespace

base::Result<message::ViewId> Views::add(const std::string& session, std::vector<message::Sequence> sequences)
{
    sequences.shrink_to_fit();
    const auto found = m_bySession.find(session);
    if (found != m_bySession.end() && found->second.size() >= kMaxOfSession) {
        return base::fail(base::ErrorCode::Limit,
                          "this session has 64 views of dead letters open, which is the limit: close one");
    }
    if (m_bytes + bytesOf(sequences) > kMaxBytes) {
        return base::fail(base::ErrorCode::Limit,
                          "all open views of dead letters together need more than 512 MiB: close some, or filter more");
    }
    m_bytes += bytesOf(sequences);
    m_bySession[session][++m_last] = std::move(sequences);
    return m_last;
}

const std::vector<message::Sequence>* Views::find(const std::string& session, message::ViewId id) const
{
    const auto views = m_bySession.find(session);
    if (views == m_bySession.end())
        return nullptr;
    const auto found = views->second.find(id);
    return found == views->second.end() ? nullptr : &found->second;
}

void Views::remove(const std::string& session, message::ViewId id)
{
    const auto views = m_bySession.find(session);
    if (views == m_bySession.end())
        return;
    const auto found = views->second.find(id);
    if (found == views->second.end())
        return;
    m_bytes -= bytesOf(found->second);
    views->second.erase(found);
    if (views->second.empty())
        m_bySession.erase(views);
}

void Views::removeAll(const std::string& session)
{
    const auto views = m_bySession.find(session);
    if (views == m_bySession.end())
        return;
    for (const auto& [id, sequences] : views->second)
        m_bytes -= bytesOf(sequences);
    m_bySession.erase(views);
}

} // namespace millrace::zeromq
