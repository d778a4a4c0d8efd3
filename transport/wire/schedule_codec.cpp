// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/wire/control_codec.h"
#include "transport/wire/data_codec.h"

namespace millrace::wire {

namespace {

std::string clean(std::string_view text) { return cleanText(text, text.size()); }

} // namespace

void write(const message::ScheduleDefinition& definition, v1::Schedule* out)
{
    out->set_name(clean(definition.name));
    out->set_cron(clean(definition.cron));
    out->set_target(clean(definition.target));
    out->set_missed(static_cast<std::uint32_t>(definition.missed));
    message::Envelope envelope = definition.envelope;
    envelope.id = definition.name; // an envelope without id is none
    out->set_envelope(message::encode(envelope));
    out->set_body(definition.body);
}

base::Result<message::ScheduleDefinition> read(const v1::Schedule& in)
{
    if (in.missed() > static_cast<std::uint32_t>(message::Missed::One)) {
        return base::fail(base::ErrorCode::Protocol,
                          "field `missed` is " + std::to_string(in.missed()) + "; at most 1 is known");
    }
    auto envelope = message::decodeEnvelope(in.envelope());
    if (!envelope)
        return tl::unexpected(std::move(envelope).error());
    message::ScheduleDefinition definition;
    definition.name = in.name();
    definition.cron = in.cron();
    definition.target = in.target();
    definition.missed = static_cast<message::Missed>(in.missed());
    definition.envelope = std::move(*envelope);
    definition.body = in.body();
    return definition;
}

void write(const message::ScheduleStatus& status, v1::ScheduleStatus* out)
{
    write(status.definition, out->mutable_schedule());
    out->mutable_schedule()->clear_body();
    out->set_body_bytes(status.bodyBytes);
    out->set_paused(status.isPaused);
    out->set_by_operator(status.isByOperator);
    out->set_last_due_us(status.lastDueUs);
    for (const std::int64_t us : status.nextUs)
        out->add_next_us(us);
    out->set_trouble(clean(status.trouble));
}

base::Result<message::ScheduleStatus> read(const v1::ScheduleStatus& in)
{
    auto definition = read(in.schedule());
    if (!definition)
        return tl::unexpected(std::move(definition).error());
    message::ScheduleStatus status;
    status.definition = std::move(*definition);
    status.bodyBytes = in.body_bytes();
    status.isPaused = in.paused();
    status.isByOperator = in.by_operator();
    status.lastDueUs = in.last_due_us();
    status.nextUs.assign(in.next_us().begin(), in.next_us().end());
    status.trouble = in.trouble();
    return status;
}

} // namespace millrace::wire
