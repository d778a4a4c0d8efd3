// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/simulation/chance.h"
#include "tests/simulation/faults.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace millrace::simulation {

/// A disk in memory, as an SQLite VFS: each file has the bytes that the process sees and the bytes that would
/// survive a power cut. What was not synced is dropped or torn, sector by sector, when the power goes.
///
/// Registered as the default VFS under its name for as long as it lives, so that SQLite takes its randomness
/// from here, too. One at a time. Thread: one.
class CrashVfs
{
public:
    explicit CrashVfs(std::string name);
    ~CrashVfs();
    CrashVfs(const CrashVfs&) = delete;
    CrashVfs& operator=(const CrashVfs&) = delete;

    enum class Breaks : std::uint8_t {
        Write, ///< EIO
        Sync,  ///< EIO; the next sync from the chosen call on
        Space, ///< ENOSPC
        Kill,  ///< the process dies with this call half done: it and all that follow fail until revive()
    };
    enum class Place : std::uint8_t { Nowhere, Log, Database };

    [[nodiscard]] const std::string& name() const noexcept { return m_name; }
    /// Forgets everything, gives the disk one durable file, and seeds the randomness.
    void reset(const std::string& file, const std::string& content, std::uint64_t seed);
    /// The `nth` write, sync or truncation from now on (1-based) breaks, once.
    void breakAt(std::uint64_t nth, Breaks how);
    void heal() noexcept { m_left = 0; }
    [[nodiscard]] bool isArmed() const noexcept { return m_left != 0; }
    /// Counts breaks that fired, except Kill, whose place `diedAt` tells.
    void countInto(FaultCounts* counts) noexcept { m_counts = counts; }

    [[nodiscard]] bool isDead() const noexcept { return m_isDead; }
    [[nodiscard]] Place diedAt() const noexcept { return m_diedAt; }
    void kill() noexcept { m_isDead = true; }
    /// After all files are closed: the process may start again.
    void revive() noexcept;
    /// Drops or tears what was not synced. Only while no file is open.
    void cutPower(Chance& chance);
    [[nodiscard]] std::uint64_t syncs() const noexcept { return m_syncs; }

    struct Inode;
    struct Shared;

private:
    friend struct Shared;
    int refuses(Place place, bool isSync);

    std::string m_name;
    std::unique_ptr<Shared> m_shared;
    std::map<std::string, std::shared_ptr<Inode>> m_files;   ///< as the process sees the directory
    std::map<std::string, std::shared_ptr<Inode>> m_durable; ///< as a power cut leaves it
    FaultCounts* m_counts = nullptr;
    Chance m_chance{0};
    std::uint64_t m_left = 0;
    Breaks m_breaks = Breaks::Write;
    bool m_isDead = false;
    Place m_diedAt = Place::Nowhere;
    std::uint64_t m_syncs = 0;
};

} // namespace millrace::simulation
