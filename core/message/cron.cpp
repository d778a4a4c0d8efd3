// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/message/cron.h"

#include "core/message/life.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <span>
#include <string>

namespace millrace::message {

namespace {

constexpr int kFields = 5;
constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kMinutesPerDay = 1440;
/// The 29th of February on a given day of the week is at most 40 years away (no leap year in 2100).
constexpr int kSearchedDays = 50 * 366;
constexpr std::int64_t kLastUs = 221'845'392'000'000'000; ///< beginning of the year 9000
/// 2000-01-01: from here every time that exists at all comes within the search.
constexpr std::int64_t kProbeUs = 946'684'800'000'000;

constexpr std::array<std::string_view, 12> kMonths{
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kDays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct Field
{
    const char* name;
    unsigned low;
    unsigned high;
    std::span<const std::string_view> names; ///< of the values from `low` on
};
constexpr std::array<Field, kFields> kLayout{{
    {"minute", 0, 59, {}},
    {"hour", 0, 23, {}},
    {"day of month", 1, 31, {}},
    {"month", 1, 12, kMonths},
    {"day of week", 0, 7, kDays},
}};

constexpr std::pair<std::string_view, std::string_view> kShorthands[] = {
    {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"}, {"@weekly", "0 0 * * 0"},
    {"@daily", "0 0 * * *"},  {"@midnight", "0 0 * * *"}, {"@hourly", "0 * * * *"},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equals(std::string_view text, std::string_view lowerCase)
{
    return std::equal(text.begin(), text.end(), lowerCase.begin(), lowerCase.end(), [](char a, char b) {
        return lower(a) == b;
    });
}

/// A number of at most four digits.
std::optional<unsigned> number(std::string_view text)
{
    if (text.empty() || text.size() > 4)
        return std::nullopt;
    unsigned value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9')
            return std::nullopt;
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    return value;
}

std::optional<unsigned> valueOf(std::string_view text, const Field& field)
{
    for (std::size_t i = 0; i < field.names.size(); ++i) {
        if (equals(text, field.names[i]))
            return field.low + static_cast<unsigned>(i);
    }
    const auto value = number(text);
    return value && *value >= field.low && *value <= field.high ? value : std::nullopt;
}

/// Cuts what is before `separator` off `text`; all of it if there is none.
std::string_view cut(std::string_view& text, char separator)
{
    const std::size_t at = std::min(text.find(separator), text.size());
    const std::string_view part = text.substr(0, at);
    text.remove_prefix(std::min(at + 1, text.size()));
    return part;
}

/// The bits of one member of a list; nullopt = it is none.
std::optional<std::uint64_t> readItem(std::string_view item, const Field& field)
{
    const bool hasStep = item.find('/') != item.npos;
    std::string_view rest = item;
    const std::string_view range = cut(rest, '/');
    const auto step = hasStep ? number(rest) : 1;
    if (!step || *step == 0)
        return std::nullopt;
    std::optional<unsigned> first = field.low;
    std::optional<unsigned> last = field.high;
    if (range != "*") {
        const bool isRange = range.find('-') != range.npos;
        std::string_view end = range;
        first = valueOf(cut(end, '-'), field);
        last = isRange ? valueOf(end, field) : first;
        if (hasStep && !isRange)
            return std::nullopt; // `5/10` means different things to different programs
    }
    if (first && last && field.high == 7 && *last == 0 && *first > 0)
        last = 7; // fri-sun
    if (!first || !last || *first > *last)
        return std::nullopt;
    std::uint64_t bits = 0;
    for (unsigned value = *first; value <= *last; value += *step)
        bits |= std::uint64_t{1} << value;
    return bits;
}

std::optional<std::uint64_t> readField(std::string_view text, const Field& field)
{
    std::uint64_t bits = 0;
    for (bool more = true; more;) {
        more = text.find(',') != text.npos;
        const auto item = readItem(cut(text, ','), field);
        if (!item)
            return std::nullopt;
        bits |= *item;
    }
    return bits;
}

tl::unexpected<base::Error> refuse(std::string_view text, const std::string& why)
{
    return base::fail(base::ErrorCode::Invalid,
                      "the schedule \"" + std::string(truncateUtf8(text, kMaxCronBytes)) + "\" " + why);
}

} // namespace

base::Result<Cron> Cron::parse(std::string_view text)
{
    if (text.size() > kMaxCronBytes)
        return refuse(text, "… has more than 128 bytes");
    std::string_view rest = text;
    for (const auto& [name, fields] : kShorthands) {
        if (equals(text, name))
            rest = fields;
    }
    std::array<std::string_view, kFields> parts;
    std::size_t count = 0;
    for (;;) {
        rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
        if (rest.empty())
            break;
        const std::size_t end = std::min(rest.find_first_of(" \t"), rest.size());
        if (count < kFields)
            parts[count] = rest.substr(0, end);
        ++count;
        rest.remove_prefix(end);
    }
    if (count != kFields)
        return refuse(text, "must have five fields: minute, hour, day of month, month, day of week");

    std::array<std::uint64_t, kFields> bits{};
    for (std::size_t i = 0; i < kFields; ++i) {
        const Field& field = kLayout[i];
        const auto read = readField(parts[i], field);
        if (!read) {
            return refuse(text,
                          "has a field `" + std::string(field.name) + "` that is not `*`, values, ranges or steps of "
                              + std::to_string(field.low) + " to " + std::to_string(field.high));
        }
        bits[i] = *read;
    }
    Cron cron;
    cron.m_minutes = bits[0];
    cron.m_hours = static_cast<std::uint32_t>(bits[1]);
    cron.m_daysOfMonth = static_cast<std::uint32_t>(bits[2]);
    cron.m_months = static_cast<std::uint32_t>(bits[3]);
    cron.m_daysOfWeek = static_cast<std::uint32_t>((bits[4] | bits[4] >> 7U) & 0x7FU);
    cron.m_eitherDay = parts[2].front() != '*' && parts[4].front() != '*';
    if (!cron.nextAfter(kProbeUs))
        return refuse(text, "names a time that never comes");
    return cron;
}

bool Cron::hasDay(unsigned dayOfMonth, unsigned dayOfWeek) const noexcept
{
    const bool byMonth = (m_daysOfMonth >> dayOfMonth & 1U) != 0;
    const bool byWeek = (m_daysOfWeek >> dayOfWeek & 1U) != 0;
    return m_eitherDay ? byMonth || byWeek : byMonth && byWeek;
}

std::optional<std::int64_t> Cron::nextAfter(std::int64_t afterUs) const noexcept
{
    using namespace std::chrono;
    if (afterUs < 0 || afterUs >= kLastUs)
        return std::nullopt;
    const std::int64_t from = afterUs / kMinuteUs + 1; // minutes since 1970
    sys_days day{days(from / kMinutesPerDay)};
    auto minute = static_cast<unsigned>(from % kMinutesPerDay); // of that day, to begin with
    const sys_days end = day + days(kSearchedDays);
    while (day < end) {
        const year_month_day date(day);
        if ((m_months >> unsigned{date.month()} & 1U) == 0) {
            day = sys_days((date.year() / date.month() + months(1)) / 1);
            minute = 0;
            continue;
        }
        if (hasDay(unsigned{date.day()}, weekday(day).c_encoding())) {
            for (unsigned hour = minute / 60; hour < 24; ++hour, minute = 0) {
                const std::uint64_t left = m_minutes >> minute % 60 << minute % 60;
                if ((m_hours >> hour & 1U) != 0 && left != 0) {
                    const auto first = static_cast<unsigned>(std::countr_zero(left));
                    return (day.time_since_epoch().count() * kMinutesPerDay + hour * 60 + first) * kMinuteUs;
                }
            }
        }
        day += days(1);
        minute = 0;
    }
    return std::nullopt;
}

} // namespace millrace::message
