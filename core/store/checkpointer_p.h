// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/store/connection_p.h"

#include <chrono>
#include <cstdint>

namespace millrace::store {

/// Moves the write-ahead log into the database, on the writing connection only, and keeps it below its
/// limit. Thread: the one of its connection.
class Checkpointer
{
public:
    Checkpointer(Connection& connection, std::uint64_t limitBytes);
    ~Checkpointer();
    Checkpointer(const Checkpointer&) = delete;
    Checkpointer& operator=(const Checkpointer&) = delete;

    /// Checkpoints if the log has grown enough. What readers or a full disk prevent is tried again later.
    /// Errors: Io, Corrupt (nothing may be written on this connection any more).
    [[nodiscard]] base::Result<void> afterCommit();
    /// Whether a commit since forgetWrites() has added to the log; one that changed no byte does not.
    [[nodiscard]] bool hasWritten() const noexcept { return m_hasWritten; }
    void forgetWrites() noexcept { m_hasWritten = false; }

private:
    static int onCommit(void* self, sqlite3* database, const char* name, int frames);
    [[nodiscard]] base::Result<void> run(int mode);

    Connection* m_connection;
    int m_frames = 0;          ///< in the log after the last commit
    int m_framesAtLast = 0;    ///< when a checkpoint last ran
    bool m_hasWritten = false;
    int m_stepFrames = 0;
    int m_limitFrames = 0;
    std::chrono::steady_clock::time_point m_blockedUntil{};
};

} // namespace millrace::store
