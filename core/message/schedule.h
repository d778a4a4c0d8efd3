// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/message/envelope.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::message {

inline constexpr std::size_t kMaxScheduleBodyBytes = 256 * 1024; ///< fits a control frame beside its envelope
inline constexpr std::size_t kScheduleRunsShown = 5;

/// What becomes of runs that fell due while the node was down. On the wire: never renumber.
enum class Missed : std::uint8_t {
    Skip = 0, ///< nothing
    One = 1,  ///< one message at the start, however many were missed: that of the first missed run
};
[[nodiscard]] std::string_view toString(Missed missed) noexcept;
[[nodiscard]] std::optional<Missed> missedFromString(std::string_view text) noexcept;

/// A message that the node submits by itself again and again.
struct ScheduleDefinition
{
    std::string name;
    std::string cron;    ///< as Cron reads it; UTC
    std::string target;  ///< a queue or a topic
    Missed missed = Missed::One;
    /// Of each message; id and idempotency key are replaced by scheduledId(), `time` by when the run was due. A
    /// deliver-at or an expiry is refused: they are points in time.
    Envelope envelope;
    std::string body;
    friend bool operator==(const ScheduleDefinition&, const ScheduleDefinition&) = default;
};
/// Errors: Invalid, naming the field; Limit.
[[nodiscard]] base::Result<void> validate(const ScheduleDefinition& definition);

/// `name@2026-11-24T00:00:00Z`: the same for the same run, whoever asks and however often.
[[nodiscard]] std::string scheduledId(std::string_view name, std::int64_t dueUs);
/// The message of the run that is due at `dueUs`, UTC.
[[nodiscard]] Envelope scheduledEnvelope(const ScheduleDefinition& definition, std::int64_t dueUs);

/// A schedule as people see it.
struct ScheduleStatus
{
    ScheduleDefinition definition; ///< over the wire without the body
    std::uint64_t bodyBytes = 0;
    bool isPaused = false;
    bool isByOperator = false;     ///< somebody has changed it since: the pipeline file no longer decides
    std::int64_t lastDueUs = 0;    ///< UTC: of the last run that was submitted; 0 = none
    std::vector<std::int64_t> nextUs; ///< UTC, at most kScheduleRunsShown; empty while paused
    std::string trouble;           ///< why a run that is due cannot be submitted; empty = all is well
    friend bool operator==(const ScheduleStatus&, const ScheduleStatus&) = default;
};

} // namespace millrace::message
