// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/store/checkpointer_p.h"

#include "core/base/failpoint.h"

#include <algorithm>

namespace millrace::store {

namespace {

constexpr std::uint64_t kFrameBytes = 16 * 1024 + 24;
/// A passive checkpoint each eighth of the limit: a page that many commits touched is moved once, and the
/// log begins again at its start as soon as no reader needs it.
constexpr std::uint64_t kSteps = 8;
/// A reader that does not end makes each attempt wait; the commits between go on without it.
constexpr auto kBlockedPause = std::chrono::seconds(1);

} // namespace

Checkpointer::Checkpointer(Connection& connection, std::uint64_t limitBytes)
    : m_connection(&connection)
    , m_stepFrames(static_cast<int>(std::max<std::uint64_t>(1, limitBytes / kSteps / kFrameBytes)))
    , m_limitFrames(static_cast<int>(std::max<std::uint64_t>(1, limitBytes / kFrameBytes)))
{
    sqlite3_wal_hook(connection.handle(), &Checkpointer::onCommit, this);
}

Checkpointer::~Checkpointer() { sqlite3_wal_hook(m_connection->handle(), nullptr, nullptr); }

int Checkpointer::onCommit(void* self, sqlite3* /*database*/, const char* /*name*/, int frames)
{
    auto* checkpointer = static_cast<Checkpointer*>(self);
    checkpointer->m_frames = frames;
    checkpointer->m_hasWritten = true;
    return SQLITE_OK;
}

base::Result<void> Checkpointer::afterCommit()
{
    if (m_frames < m_framesAtLast)
        m_framesAtLast = 0; // the log has begun again
    if (m_frames >= m_limitFrames) {
        if (std::chrono::steady_clock::now() < m_blockedUntil)
            return {};
        return run(SQLITE_CHECKPOINT_TRUNCATE);
    }
    if (m_frames - m_framesAtLast < m_stepFrames)
        return {};
    return run(SQLITE_CHECKPOINT_PASSIVE);
}

base::Result<void> Checkpointer::run(int mode)
{
    m_framesAtLast = m_frames;
    MR_FAILPOINT("before-checkpoint");
    const int code = sqlite3_wal_checkpoint_v2(m_connection->handle(), "main", mode, nullptr, nullptr);
    MR_FAILPOINT("after-checkpoint");
    if (code == SQLITE_OK) {
        if (mode == SQLITE_CHECKPOINT_TRUNCATE)
            m_frames = m_framesAtLast = 0;
        return {};
    }
    auto error = m_connection->error("cannot move the write-ahead log into the database");
    // A write that finds no space spoils nothing. A sync that fails does, for whatever reason.
    const int primary = error.native & 0xFF;
    if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED || primary == SQLITE_FULL) {
        m_blockedUntil = std::chrono::steady_clock::now() + kBlockedPause;
        return {};
    }
    return tl::unexpected<base::Error>(std::move(error));
}

} // namespace millrace::store
