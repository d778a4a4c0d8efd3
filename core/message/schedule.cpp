// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/message/schedule.h"

#include "core/message/cron.h"
#include "core/message/policy.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace millrace::message {

namespace {

std::string utcText(std::int64_t us)
{
    using namespace std::chrono;
    const sys_seconds time{seconds(us / 1'000'000)};
    const sys_days day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(time - day);
    std::array<char, 64> text{};
    const int length = std::snprintf(text.data(),
                                     text.size(),
                                     "%04d-%02u-%02uT%02d:%02d:%02dZ",
                                     int{date.year()},
                                     unsigned{date.month()},
                                     unsigned{date.day()},
                                     static_cast<int>(clock.hours().count()),
                                     static_cast<int>(clock.minutes().count()),
                                     static_cast<int>(clock.seconds().count()));
    return {text.data(), static_cast<std::size_t>(length)};
}

tl::unexpected<base::Error> refuse(const ScheduleDefinition& definition, const std::string& why)
{
    return base::fail(base::ErrorCode::Invalid, "schedule \"" + definition.name + "\": " + why);
}

} // namespace

std::string_view toString(Missed missed) noexcept
{
    return missed == Missed::Skip ? "skip" : "one";
}

std::optional<Missed> missedFromString(std::string_view text) noexcept
{
    for (const Missed missed : {Missed::Skip, Missed::One}) {
        if (toString(missed) == text)
            return missed;
    }
    return std::nullopt;
}

base::Result<void> validate(const ScheduleDefinition& definition)
{
    if (auto ok = validateName(definition.name); !ok)
        return ok;
    if (auto ok = validateName(definition.target); !ok)
        return refuse(definition, ok.error().context);
    if (auto cron = Cron::parse(definition.cron); !cron)
        return refuse(definition, cron.error().context);
    if (definition.envelope.deliverAtUs != 0 || definition.envelope.expiresAtUs != 0)
        return refuse(definition, "its messages cannot have a fixed time of delivery or expiry");
    // The longest that any run needs.
    if (auto view = viewEnvelope(encode(scheduledEnvelope(definition, 0))); !view)
        return refuse(definition, view.error().context);
    if (definition.body.size() > kMaxScheduleBodyBytes) {
        return base::fail(base::ErrorCode::Limit,
                          "schedule \"" + definition.name + "\": a body has at most "
                              + std::to_string(kMaxScheduleBodyBytes) + " bytes here; this one has "
                              + std::to_string(definition.body.size()));
    }
    return {};
}

std::string scheduledId(std::string_view name, std::int64_t dueUs)
{
    return std::string(name) + '@' + utcText(dueUs);
}

Envelope scheduledEnvelope(const ScheduleDefinition& definition, std::int64_t dueUs)
{
    Envelope envelope = definition.envelope;
    envelope.id = scheduledId(definition.name, dueUs);
    envelope.idempotencyKey = envelope.id;
    envelope.time = utcText(dueUs);
    return envelope;
}

} // namespace millrace::message
