// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "core/message/envelope.h"
#include "transport/client/connection.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::bench {

/// What is measured, for all workloads.
struct Settings
{
    std::uint64_t count = 400'000;       ///< messages of the throughput phase
    std::size_t size = 256;              ///< bytes of a body, at least 16
    double latencyRate = 1000;           ///< messages a second of the latency phase
    std::uint64_t latencyCount = 5000;   ///< messages of the latency phase; 0 = none
};

inline constexpr std::string_view kThroughputQueue = "bench.throughput";
inline constexpr std::string_view kLatencyQueue = "bench.latency";

/// Message number `index`: a full envelope and a body that follows from the number alone, so that whoever
/// receives it can check every byte against what the producer's journal must hold. The first eight bytes of
/// the body are the number, the next eight a time stamp (monotonic, ns) that the check leaves out.
[[nodiscard]] client::OutgoingMessage makeMessage(std::uint64_t index, std::size_t size, std::int64_t stampNs);

/// One worker's tally: which numbers came, and whether each byte was right.
class Checker
{
public:
    Checker(std::uint64_t count, std::size_t size);
    /// @returns the time stamp in the body, or 0 if the message is not one of ours
    std::int64_t check(std::string_view envelope, std::string_view body);
    [[nodiscard]] std::uint64_t distinct() const noexcept { return m_distinct; }
    [[nodiscard]] std::uint64_t duplicates() const noexcept { return m_duplicates; }
    [[nodiscard]] std::uint64_t mismatches() const noexcept { return m_mismatches; }
    [[nodiscard]] bool isComplete() const noexcept { return m_distinct == m_seen.size(); }

private:
    std::vector<bool> m_seen;
    std::size_t m_size;
    std::string m_expected; ///< scratch, so that a check allocates nothing
    std::uint64_t m_distinct = 0, m_duplicates = 0, m_mismatches = 0;
};

/// Monotonic, the same clock in every process of this machine.
[[nodiscard]] std::int64_t monotonicNs() noexcept;

} // namespace millrace::bench
