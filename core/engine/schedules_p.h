// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/batch.h"
#include "core/message/cron.h"

#include <cstdint>
#include <limits>
#include <map>
#include <string>

namespace millrace::engine {

inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

/// Messages that the node submits by itself, by name; also those that an operator has removed, so that the pipeline
/// file does not bring them back.
struct Schedules
{
    struct Entry
    {
        ScheduleRow row;
        message::Cron cron;
        std::int64_t blockedUntilUs = 0; ///< steady: a run that could not be submitted is tried again then
        std::string trouble;             ///< why it could not

        [[nodiscard]] bool isActive() const noexcept
        {
            return !row.isPaused && !row.isRemoved && row.nextUs != 0;
        }
    };
    std::map<std::string, Entry, std::less<>> all;
    std::int64_t nextUs = kNever;    ///< UTC: the first run that is due and not blocked
    std::int64_t retryUs = kNever;   ///< steady: the first that is blocked
    std::int64_t lastWallUs = 0;     ///< the wall clock of the step before
};

} // namespace millrace::engine
