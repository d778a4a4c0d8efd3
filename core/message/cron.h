// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace millrace::message {

inline constexpr std::size_t kMaxCronBytes = 128;

/// Recurring times, as in crontab(5): minute, hour, day of month, month, day of week.
///
/// Each field is `*`, a value, a range `a-b`, a step `*/n` or `a-b/n`, or a list of those with commas. Months and days
/// have names of three letters; Sunday is 0 and 7. If both days are restricted (neither begins with `*`), a day that
/// matches either counts, otherwise one that matches both. Instead of the fields: @yearly, @annually, @monthly,
/// @weekly, @daily, @midnight or @hourly.
///
/// Times are UTC: it has no summer time, so that no time is skipped and none comes twice. Whoever thinks in local time
/// sees a schedule move by an hour twice a year.
/// Pure value; no clock, no I/O, no allocation. Thread: any.
class Cron
{
public:
    /// Errors: Invalid, naming the field and what it takes; also for times that never come, such as the 30th of
    /// February.
    [[nodiscard]] static base::Result<Cron> parse(std::string_view text);
    /// The first time strictly after `afterUs`, both UTC; at most 50 years ahead.
    /// @returns nullopt if there is none, which only times beyond the year 9000 or before 1970 can cause
    [[nodiscard]] std::optional<std::int64_t> nextAfter(std::int64_t afterUs) const noexcept;
    friend bool operator==(const Cron&, const Cron&) = default;

private:
    [[nodiscard]] bool hasDay(unsigned dayOfMonth, unsigned dayOfWeek) const noexcept;

    // One bit for each value.
    std::uint64_t m_minutes = 0;
    std::uint32_t m_hours = 0;
    std::uint32_t m_daysOfMonth = 0; ///< 1–31
    std::uint32_t m_months = 0;      ///< 1–12
    std::uint32_t m_daysOfWeek = 0;  ///< 0–6
    bool m_eitherDay = false;        ///< both days are restricted
};

} // namespace millrace::message
