// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::peers {

/// Monotonic, the same clock in every process of this machine.
[[nodiscard]] std::int64_t monotonicNs() noexcept;

/// Waits until `descriptor` can be read. @returns false if it could not until `untilNs` (monotonic)
bool waitReadable(int descriptor, std::int64_t untilNs);

/// Bodies that follow from the number of the message alone, so that whoever receives one can check each byte:
/// 16 hex digits of the number, 16 of a time stamp (monotonic, ns), then a stretch of a fixed text. Printable, since
/// some systems carry JSON. bullmq/driver.mjs makes the same bodies.
class Bodies
{
public:
    static constexpr std::size_t kHead = 32;
    /// @param size bytes of a body, at least kHead
    explicit Bodies(std::size_t size);
    [[nodiscard]] std::size_t size() const noexcept { return m_size; }
    /// Writes size() bytes.
    void write(std::uint64_t number, std::int64_t stampNs, char* into) const;
    /// @returns whether `body` is that of message `number`, the stamp left out; fills in both if so
    bool read(std::string_view body, std::uint64_t& number, std::int64_t& stampNs) const;

private:
    std::size_t m_size;
    std::string m_text;
};

/// What a consumer received.
class Checker
{
public:
    /// Expects the numbers from `first` up to, without, first + count.
    Checker(const Bodies& bodies, std::uint64_t first, std::uint64_t count, bool timed);
    void check(std::string_view body);
    [[nodiscard]] std::uint64_t distinct() const noexcept { return m_distinct; }
    [[nodiscard]] std::uint64_t duplicates() const noexcept { return m_duplicates; }
    [[nodiscard]] std::uint64_t mismatches() const noexcept { return m_mismatches; }
    [[nodiscard]] bool isComplete() const noexcept { return m_distinct == m_seen.size(); }
    [[nodiscard]] std::int64_t firstNs() const noexcept { return m_firstNs; }
    /// Of the time from a message's stamp until it was received, in ms; 0 if it was not timed.
    [[nodiscard]] double latencyMs(double quantile);

private:
    const Bodies& m_bodies;
    std::uint64_t m_first;
    std::vector<bool> m_seen;
    bool m_timed;
    std::vector<std::int64_t> m_latenciesNs;
    std::uint64_t m_distinct = 0, m_duplicates = 0, m_mismatches = 0;
    std::int64_t m_firstNs = 0;
};

} // namespace millrace::peers
