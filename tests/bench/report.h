// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <sys/types.h>

#include "tests/bench/load.h"

#include <QJsonObject>

#include <string_view>
#include <vector>

namespace millrace::bench {

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

/// A time (monotonic), and how long the node and this process have computed until then.
struct Moment
{
    std::int64_t ns = 0, nodeCpuNs = 0, ownCpuNs = 0;
    [[nodiscard]] static Moment now(const CpuClock& node);
};

/// What one role found out in one phase.
struct Report
{
    Moment first;                          ///< before the first submit, or before attaching
    Moment last;                           ///< last confirm, last settlement confirmed, or the operation's end seen
    std::int64_t firstDeliveryNs = 0;      ///< worker: the handler has the first
    std::uint64_t messages = 0;            ///< confirmed, settled or moved
    std::uint64_t settled = 0;             ///< worker: in all, also after it had what it wanted
    std::uint64_t problems = 0;            ///< refused, unknown or skipped
    Ledger::Tally tally;                   ///< worker: over all that its ledger saw
    std::vector<std::int64_t> deliveredNs; ///< worker: from due to the handler
    std::vector<std::int64_t> settledNs;   ///< worker: from due to the acknowledgement confirmed
    std::vector<std::int64_t> confirmedNs; ///< paced producer: from due to the confirm
    std::vector<std::int64_t> lateNs;      ///< paced producer: from due to being submitted
    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static Report fromJson(const QJsonObject& object);
    [[nodiscard]] double perSecond() const noexcept;
    /// CPU time of the node for each message, µs.
    [[nodiscard]] double cpuUs() const noexcept;
    /// The same of the process that reports.
    [[nodiscard]] double ownCpuUs() const noexcept;
};

/// Milliseconds at a quantile of nanoseconds; NaN when there are none.
[[nodiscard]] double quantileMs(std::vector<std::int64_t> values, double quantile);

[[nodiscard]] QString toQString(std::string_view text);

} // namespace millrace::bench
