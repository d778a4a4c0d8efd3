// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/runner.h"
#include "tests/simulation/crash_vfs.h"
#include "tests/simulation/judge.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace millrace::simulation {

struct NodeOptions
{
    engine::EngineOptions engine;
    std::string directory; ///< where the header of the database lies; its content is the VFS's
    std::uint64_t walLimitBytes = 0;
};

/// The process under test: the real runner, engine and SQLite store on the simulated disk. It can be killed at
/// any write; the judge sees each of its turns.
class Node
{
public:
    using Send = std::function<void(engine::Effect&)>;

    Node(NodeOptions options, CrashVfs& disk, Judge& judge, base::Now& now, FaultCounts& counts);
    ~Node();
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    /// Begins a process. It runs from here on, also if the store could not be opened: turn() tries again.
    void start();
    void stop(); ///< as a person would
    [[nodiscard]] bool isRunning() const { return m_runner != nullptr; }
    [[nodiscard]] bool isLoaded() const { return isRunning() && m_isLoaded && m_hasRun; }
    [[nodiscard]] std::optional<base::SteadyTime> nextDeadline() const { return m_runner->nextDeadline(); }

    enum class End : std::uint8_t { Fine, Reloaded, Unopened, Killed };
    /// One turn. What may leave goes to `send`; nothing leaves after the process was killed.
    End turn(std::vector<engine::Command> commands, const Send& send);
    /// The operating system takes the process away. @returns the kind of fault, by where it struck
    Fault bury();
    void kill() { m_disk.kill(); }

    // ---- for the next turn
    std::uint64_t killAfterReleases = UINT64_MAX;
    bool failsToOpen = false;
    std::int64_t slowCommitUs = 0, slowFetchUs = 0;

    bool spaceIsLow = false;
    bool powerWasCut = false; ///< since the last load
    std::uint64_t traceHash = 0;
    [[nodiscard]] std::uint64_t steps() const { return m_steps; }

private:
    friend class WatchedStore;
    base::Result<std::unique_ptr<engine::StorePort>> open();
    void lose(std::span<const engine::Effect> effects);
    void mix(std::uint64_t value) { traceHash = Chance(traceHash ^ value).next(); }
    void trace(const engine::Effect& effect);

    NodeOptions m_options;
    CrashVfs& m_disk;
    Judge& m_judge;
    base::Now& m_now;
    FaultCounts& m_counts;
    std::unique_ptr<engine::Runner> m_runner;
    bool m_isLoaded = false;
    bool m_isLoading = false;
    bool m_diedBeforeRelease = false;
    bool m_hasRun = false;       ///< this process has taken a step, in which what it found is recorded
    bool m_wasClean = true;      ///< what the store says of the last run that committed anything
    bool m_hasCommitted = false; ///< since the last load
    std::uint64_t m_steps = 0;

    // of the turn that runs
    Step m_step;
    bool m_isJudged = false;
    bool m_wasReloaded = false;
    bool m_commitFailed = false;
    std::uint64_t m_released = 0;
};

} // namespace millrace::simulation
