// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace millrace::test {

/// Sits between SQLite and the operating system: counts what is written and synced, knows whether the
/// write-ahead log holds bytes that no sync has covered, and breaks the n-th call on demand.
///
/// Registered under its name for as long as it lives; no file may outlive it. Thread: any.
class CountingVfs
{
public:
    explicit CountingVfs(std::string name);
    ~CountingVfs();
    CountingVfs(const CountingVfs&) = delete;
    CountingVfs& operator=(const CountingVfs&) = delete;

    enum class File : std::uint8_t { Database, Log, Other };
    struct Counts
    {
        std::uint64_t writes = 0;
        std::uint64_t syncs = 0; ///< those that succeeded
        std::uint64_t bytes = 0;
    };
    enum class Fault : std::uint8_t { Io, NoSpace };
    enum class Lasts : std::uint8_t { Once, ForEver };

    [[nodiscard]] const std::string& name() const noexcept { return m_name; }
    [[nodiscard]] Counts counts(File file) const noexcept;
    /// True if bytes were written to a log since the last sync of it that succeeded.
    [[nodiscard]] bool logIsUnsynced() const noexcept;
    /// The most bytes that a log had.
    [[nodiscard]] std::uint64_t largestLog() const noexcept;

    /// The `nth` write or sync from now on (1-based) fails, and with ForEver all after it.
    void failAt(std::uint64_t nth, Fault fault, Lasts lasts);
    void heal() noexcept;
    [[nodiscard]] bool hasFailed() const noexcept;
    /// How often a file was synced after a sync of the same open file had failed.
    [[nodiscard]] std::uint64_t retriedSyncs() const noexcept;

    struct Shared;

private:
    std::string m_name;
    std::unique_ptr<Shared> m_shared;
};

} // namespace millrace::test
