// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/crash/campaign/violation.h"

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace millrace::crash {

/// Two queues: every third message goes to the second one.
inline constexpr const char* kFullQueue = "full";
inline constexpr const char* kNormalQueue = "normal";

/// This program started anew as a node (`--node DIR`), in a process of its own that a test may kill. Thread: one.
class NodeChild
{
public:
    explicit NodeChild(std::filesystem::path directory);
    ~NodeChild();
    NodeChild(const NodeChild&) = delete;
    NodeChild& operator=(const NodeChild&) = delete;

    /// @param failpoint  as MILLRACE_FAILPOINT; empty = none
    void start(const std::string& failpoint);
    /// Waits until it serves. @returns false if it died before
    [[nodiscard]] bool awaitReady();
    /// Becomes readable when it dies.
    [[nodiscard]] int deathFd() const noexcept { return m_pipe; }
    [[nodiscard]] bool hasDied() { return m_pid == 0 || awaitDeath({}); }
    /// Waits until it has ended by itself.
    [[nodiscard]] bool awaitDeath(std::chrono::milliseconds patience);
    /// SIGKILL, and waits until it is gone.
    void kill();
    /// SIGTERM: a clean end. Throws if it does not come.
    void stop();
    [[nodiscard]] Clock::time_point startedAt() const noexcept { return m_startedAt; }
    [[nodiscard]] std::string endpoint() const { return "ipc://" + (m_directory / "run" / "n").string(); }
    [[nodiscard]] std::filesystem::path data() const { return m_directory / "data"; }

private:
    void reap();
    std::filesystem::path m_directory;
    pid_t m_pid = 0;
    int m_pipe = -1;
    Clock::time_point m_startedAt;
};

/// The node itself, until SIGTERM. @returns the exit code
int runNode(const std::filesystem::path& directory, int readyFd);

} // namespace millrace::crash
