// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/engine.h"

#include <functional>
#include <memory>
#include <span>

namespace millrace::engine {

/// Runs an engine against a store and lets effects out only after their commit: the one place
/// where "nothing is said before it is true on disk" is decided.
///
/// Thread: the broker thread; it may block on the disk.
class Runner
{
public:
    using OpenStore = std::function<base::Result<std::unique_ptr<StorePort>>()>;
    using Clock = std::function<base::Now()>;
    /// Called for every effect that may leave, Fetch excepted (the runner serves it). In order.
    using Release = std::function<void(Effect&)>;
    /// A commit failed: no effect of that step leaves. Everybody who waited for one must be told Unknown.
    using Lost = std::function<void(const base::Error&, std::span<const Effect>)>;

    Runner(EngineOptions options, OpenStore openStore, Clock clock);

    /// Opens the store and loads the engine. Errors: those of opening and loading.
    [[nodiscard]] base::Result<void> start();
    /// One turn: step, commit, release effects, serve fetches. On a commit that fails: `lost`, then
    /// the store is opened again and the engine rebuilt from it.
    /// @returns an error only if the store cannot be opened again; call turn() again later to retry.
    [[nodiscard]] base::Result<void> turn(std::span<Command> commands, const Release& release, const Lost& lost);
    /// nullopt = nothing to do until a command arrives.
    [[nodiscard]] std::optional<base::SteadyTime> nextDeadline() const;
    [[nodiscard]] Engine& engine();
    [[nodiscard]] StorePort& store();
    /// Counts completed commits and their time; for telemetry.
    struct CommitMeter { std::uint64_t commits = 0; std::uint64_t failed = 0; base::Micros lastCommit{}; };
    [[nodiscard]] const CommitMeter& commits() const noexcept { return m_commits; }

private:
    EngineOptions m_options;
    OpenStore m_openStore;
    Clock m_clock;
    std::unique_ptr<StorePort> m_store;
    std::unique_ptr<Engine> m_engine;
    StepResult m_result;
    std::vector<Command> m_pending;   ///< Fetched results that open the next turn
    CommitMeter m_commits;
    /// What the start found is recorded: what comes is no longer the start after a crash.
    bool m_hasRun = false;

    base::Result<void> step(std::span<Command> commands, const Release& release, const Lost& lost);
};

} // namespace millrace::engine
