// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "tests/bench/load.h"
#include "transport/client/connection.h"

#include <QCoroTask>
#include <QJsonObject>

#include <memory>

/// The three parts of a measurement, each usable in a process of its own.
namespace millrace::bench {

/// What a producer or a worker found out.
struct Report
{
    std::int64_t firstNs = 0; ///< monotonic: first submit, or first delivery
    std::int64_t lastNs = 0;  ///< last confirm, or last settlement confirmed
    std::uint64_t messages = 0;
    std::uint64_t problems = 0;   ///< refused or unknown
    std::uint64_t duplicates = 0; ///< worker: delivered again
    std::uint64_t mismatches = 0; ///< worker: a byte was wrong
    std::vector<std::int64_t> deliveredNs; ///< worker: from due to the handler
    std::vector<std::int64_t> settledNs;   ///< worker: from due to the acknowledgement confirmed
    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static Report fromJson(const QJsonObject& object);
};

/// Submits `count` messages as fast as they are confirmed, a bounded number of them in flight.
[[nodiscard]] QCoro::Task<base::Result<Report>> produce(std::shared_ptr<client::Connection> connection,
                                                        Settings settings);
/// Submits single messages at a fixed rate; a late confirm does not slow the schedule.
[[nodiscard]] QCoro::Task<base::Result<Report>> producePaced(std::shared_ptr<client::Connection> connection,
                                                             Settings settings);
/// Takes `count` distinct messages from `queue`, checks each by value, acknowledges it.
[[nodiscard]] QCoro::Task<base::Result<Report>> consume(std::shared_ptr<client::Connection> connection,
                                                        QString queue,
                                                        std::uint64_t count,
                                                        std::size_t size);

/// Milliseconds at a quantile of nanoseconds; NaN when there are none.
[[nodiscard]] double quantileMs(std::vector<std::int64_t> values, double quantile);

} // namespace millrace::bench
