// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <sys/types.h>

#include "tests/bench/load.h"

#include <QJsonObject>

#include <string_view>
#include <vector>

namespace millrace::bench {

/// What one role found out in one phase. Times are monotonic.
struct Report
{
    std::int64_t firstNs = 0;         ///< before the first submit, or before attaching
    std::int64_t firstDeliveryNs = 0; ///< worker: the handler has the first
    std::int64_t lastNs = 0;          ///< last confirm, last settlement confirmed, or the operation's end seen
    std::int64_t firstCpuNs = 0, lastCpuNs = 0; ///< CPU time of the node at firstNs and lastNs
    std::uint64_t messages = 0;                 ///< confirmed, settled or moved
    std::uint64_t settled = 0;                  ///< worker: in all, also after it had what it wanted
    std::uint64_t problems = 0;                 ///< refused, unknown or skipped
    Ledger::Tally tally;                        ///< worker: over all that its ledger saw
    std::vector<std::int64_t> deliveredNs;      ///< worker: from due to the handler
    std::vector<std::int64_t> settledNs;        ///< worker: from due to the acknowledgement confirmed
    std::vector<std::int64_t> confirmedNs;      ///< paced producer: from due to the confirm
    std::vector<std::int64_t> lateNs;           ///< paced producer: from due to being submitted
    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static Report fromJson(const QJsonObject& object);
    [[nodiscard]] double perSecond() const noexcept;
    /// CPU time of the node for each message, µs.
    [[nodiscard]] double cpuUs() const noexcept;
};

/// Reads the CPU time of a process, in ns of all its threads; 0 if there is none.
class CpuClock
{
public:
    explicit CpuClock(pid_t pid);
    [[nodiscard]] std::int64_t now() const noexcept;

private:
    clockid_t m_clock = 0;
    bool m_isUsable = false;
};

/// Milliseconds at a quantile of nanoseconds; NaN when there are none.
[[nodiscard]] double quantileMs(std::vector<std::int64_t> values, double quantile);

[[nodiscard]] QString toQString(std::string_view text);

} // namespace millrace::bench
