// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/wire/control_codec.h"

#include "transport/wire/data_codec.h"

#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <charconv>

namespace millrace::wire {

namespace {

constexpr std::size_t kMaxErrorBytes = 4096;
constexpr std::size_t kMaxFilterText = 1024;
constexpr int kMaxFilterEntries = 10'000;

/// libprotobuf writes a line to standard error for every string that is not UTF-8: a hostile peer could fill a disk
/// with it. What is wrong with a frame is in our own error.
void silenceLibprotobuf()
{
    static const auto previous = google::protobuf::SetLogHandler(nullptr);
    static_cast<void>(previous);
}

template<typename Message>
base::Result<Message> parse(std::string_view frame, std::uint64_t limit, const char* what)
{
    if (frame.size() > limit) {
        return base::fail(base::ErrorCode::Limit,
                          std::string(what) + " has " + std::to_string(frame.size())
                              + " bytes; at most " + std::to_string(limit) + " are allowed");
    }
    silenceLibprotobuf();
    Message message;
    if (!message.ParseFromArray(frame.data(), static_cast<int>(frame.size())))
        return base::fail(base::ErrorCode::Protocol, std::string(what) + " is not in the wire format");
    return message;
}

template<typename Enum>
base::Result<Enum> toEnum(std::uint32_t value, Enum highest, const char* field)
{
    if (value <= static_cast<std::uint32_t>(highest))
        return static_cast<Enum>(value);
    return base::fail(base::ErrorCode::Protocol,
                      "field `" + std::string(field) + "` is " + std::to_string(value) + "; at most "
                          + std::to_string(static_cast<unsigned>(highest)) + " is known");
}

base::Result<message::State> toState(std::uint32_t value)
{
    return toEnum(value, message::State::Discarded, "state");
}
base::Result<message::Reason> toReason(std::uint32_t value)
{
    return toEnum(value, message::kLastReason, "reason");
}

std::string clean(std::string_view text)
{
    return cleanText(text, text.size());
}

} // namespace

base::Result<v1::Request> parseRequest(std::string_view frame)
{
    return parse<v1::Request>(frame, kMaxControlFrameBytes, "the control request");
}

base::Result<v1::Response> parseResponse(std::string_view frame)
{
    return parse<v1::Response>(frame, kMaxControlFrameBytes, "the control response");
}

base::Result<v1::Snapshot> parseSnapshot(std::string_view frame)
{
    return parse<v1::Snapshot>(frame, kMaxDataFrameBytes, "the telemetry snapshot");
}

void write(const base::Error& error, v1::Error* out)
{
    out->set_code(std::string(base::toString(error.code)));
    out->set_text(cleanText(error.context, kMaxErrorBytes));
}

base::Error read(const v1::Error& in)
{
    return base::Error{errorCodeFromString(in.code()), in.text()};
}

void write(const message::DeadLetterFilter& filter, v1::Filter* out)
{
    for (const std::string& queue : filter.queues)
        out->add_queues(clean(queue));
    for (const message::Reason reason : filter.reasons)
        out->add_reasons(static_cast<std::uint32_t>(reason));
    // No state at all means dead on the wire; in a filter it means any.
    static constexpr message::State kAny[] = {message::State::Dead,
                                              message::State::Archived,
                                              message::State::Replayed,
                                              message::State::Discarded};
    if (filter.states.empty()) {
        for (const message::State state : kAny)
            out->add_states(static_cast<std::uint32_t>(state));
    }
    for (const message::State state : filter.states)
        out->add_states(static_cast<std::uint32_t>(state));
    out->set_fingerprint(filter.fingerprint);
    out->set_died_from_us(filter.diedFromUs);
    out->set_died_until_us(filter.diedUntilUs);
    out->set_text(cleanText(filter.text, kMaxFilterText));
}

base::Result<message::DeadLetterFilter> read(const v1::Filter& in)
{
    if (in.queues_size() > kMaxFilterEntries || in.reasons_size() > kMaxFilterEntries
        || in.states_size() > kMaxFilterEntries || in.text().size() > kMaxFilterText) {
        return base::fail(base::ErrorCode::Limit,
                          "a filter has at most 10000 entries and 1024 bytes of text");
    }
    message::DeadLetterFilter filter;
    filter.queues.assign(in.queues().begin(), in.queues().end());
    for (const std::uint32_t value : in.reasons()) {
        const auto reason = toReason(value);
        if (!reason)
            return tl::unexpected(reason.error());
        filter.reasons.push_back(*reason);
    }
    if (in.states_size() > 0)
        filter.states.clear();
    for (const std::uint32_t value : in.states()) {
        const auto state = toState(value);
        if (!state)
            return tl::unexpected(state.error());
        filter.states.push_back(*state);
    }
    filter.fingerprint = in.fingerprint();
    filter.diedFromUs = in.died_from_us();
    filter.diedUntilUs = in.died_until_us();
    filter.text = in.text();
    return filter;
}

void write(const message::DeadLetterRow& row, v1::Row* out)
{
    out->set_ref(row.ref.value);
    out->set_queue(clean(row.queue));
    out->set_state(static_cast<std::uint32_t>(row.state));
    out->set_reason(static_cast<std::uint32_t>(row.reason));
    out->set_id(clean(row.id));
    out->set_type(clean(row.type));
    out->set_source(clean(row.source));
    out->set_correlation_id(clean(row.correlationId));
    out->set_error_class(clean(row.errorClass));
    out->set_error_text(clean(row.errorText));
    out->set_worker(clean(row.worker));
    out->set_attempts(row.attempts);
    out->set_replay_count(row.replayCount);
    out->set_body_bytes(row.bodyBytes);
    out->set_fingerprint(row.fingerprint);
    out->set_submitted_at_us(row.submittedAtUs);
    out->set_died_at_us(row.diedAtUs);
}

base::Result<message::DeadLetterRow> read(const v1::Row& in)
{
    const auto state = toState(in.state());
    if (!state)
        return tl::unexpected(state.error());
    const auto reason = toReason(in.reason());
    if (!reason)
        return tl::unexpected(reason.error());
    message::DeadLetterRow row;
    row.ref.value = in.ref();
    row.queue = in.queue();
    row.state = *state;
    row.reason = *reason;
    row.id = in.id();
    row.type = in.type();
    row.source = in.source();
    row.correlationId = in.correlation_id();
    row.errorClass = in.error_class();
    row.errorText = in.error_text();
    row.worker = in.worker();
    row.attempts = in.attempts();
    row.replayCount = in.replay_count();
    row.bodyBytes = in.body_bytes();
    row.fingerprint = in.fingerprint();
    row.submittedAtUs = in.submitted_at_us();
    row.diedAtUs = in.died_at_us();
    return row;
}

void write(const message::DeadLetterDetail& detail, v1::Detail* out)
{
    write(detail.row, out->mutable_row());
    out->set_error_text(clean(detail.errorText));
    out->set_envelope(detail.envelope);
    out->set_body(detail.body);
    std::string history;
    for (const message::Attempt& attempt : detail.attempts)
        history += message::encodeAttempt(attempt);
    out->set_history(std::move(history));
    out->set_replay_of(detail.replayOf.value);
    out->set_replayed_as(detail.replayedAs.value);
    out->set_closed_at_us(detail.closedAtUs);
    out->set_closed_by(clean(detail.closedBy));
    out->set_damage(clean(detail.damage));
}

base::Result<message::DeadLetterDetail> read(const v1::Detail& in)
{
    auto row = read(in.row());
    if (!row)
        return tl::unexpected(row.error());
    message::DeadLetterDetail detail;
    detail.row = std::move(*row);
    detail.errorText = in.error_text();
    detail.envelope = in.envelope();
    detail.body = in.body();
    detail.attempts = message::decodeHistory(in.history());
    detail.replayOf.value = in.replay_of();
    detail.replayedAs.value = in.replayed_as();
    detail.closedAtUs = in.closed_at_us();
    detail.closedBy = in.closed_by();
    detail.damage = in.damage();
    return detail;
}

void write(const message::DeadLetterGroup& group, v1::Group* out)
{
    out->set_fingerprint(group.fingerprint);
    out->set_reason(static_cast<std::uint32_t>(group.reason));
    out->set_error_class(clean(group.errorClass));
    out->set_text(clean(group.text));
    for (const std::string& queue : group.queues)
        out->add_queues(clean(queue));
    out->set_count(group.count);
    out->set_first_died_at_us(group.firstDiedAtUs);
    out->set_last_died_at_us(group.lastDiedAtUs);
}

base::Result<message::DeadLetterGroup> read(const v1::Group& in)
{
    const auto reason = toReason(in.reason());
    if (!reason)
        return tl::unexpected(reason.error());
    message::DeadLetterGroup group;
    group.fingerprint = in.fingerprint();
    group.reason = *reason;
    group.errorClass = in.error_class();
    group.text = in.text();
    group.queues.assign(in.queues().begin(), in.queues().end());
    group.count = in.count();
    group.firstDiedAtUs = in.first_died_at_us();
    group.lastDiedAtUs = in.last_died_at_us();
    return group;
}

void write(const message::OperationStatus& status, v1::OperationStatus* out)
{
    out->set_id(status.id);
    out->set_verb(static_cast<std::uint32_t>(status.verb));
    out->set_state(static_cast<std::uint32_t>(status.state));
    out->set_actor(clean(status.actor));
    out->set_reason(clean(status.reason));
    out->set_total(status.total);
    out->set_moved(status.moved);
    out->set_skipped(status.skipped);
    out->set_started_at_us(status.startedAtUs);
    out->set_ended_at_us(status.endedAtUs);
}

base::Result<message::OperationStatus> read(const v1::OperationStatus& in)
{
    const auto verb = readVerb(in.verb());
    if (!verb)
        return tl::unexpected(verb.error());
    const auto state = toEnum(in.state(), message::OperationState::Cancelled, "state");
    if (!state)
        return tl::unexpected(state.error());
    message::OperationStatus status;
    status.id = in.id();
    status.verb = *verb;
    status.state = *state;
    status.actor = in.actor();
    status.reason = in.reason();
    status.total = in.total();
    status.moved = in.moved();
    status.skipped = in.skipped();
    status.startedAtUs = in.started_at_us();
    status.endedAtUs = in.ended_at_us();
    return status;
}

base::Result<message::Verb> readVerb(std::uint32_t value)
{
    return toEnum(value, message::Verb::Archive, "verb");
}

base::Result<message::LiveAct> readLiveAct(std::uint32_t value)
{
    return toEnum(value, message::LiveAct::GiveUp, "act");
}

base::Result<std::vector<message::Sequence>> readRefs(const google::protobuf::RepeatedPtrField<std::string>& refs)
{
    std::vector<message::Sequence> sequences;
    sequences.reserve(static_cast<std::size_t>(refs.size()));
    for (const std::string& ref : refs) {
        message::Sequence& sequence = sequences.emplace_back();
        const char* const end = ref.data() + ref.size();
        const auto [stop, error] = std::from_chars(ref.data(), end, sequence);
        if (error != std::errc() || stop != end || sequence == 0) {
            return base::fail(base::ErrorCode::Invalid,
                              "\"" + cleanText(ref, 64) + "\" names no message of this node");
        }
    }
    return sequences;
}

void write(const message::RunningMessage& running, v1::RunningMessage* out)
{
    out->set_ref(clean(running.ref.value));
    out->set_worker(clean(running.worker));
    out->set_attempt(running.attempt);
    out->set_started_at_us(running.startedAtUs);
    out->set_leased_until_us(running.leasedUntilUs);
    out->set_progress_at_us(running.progressAtUs);
    out->set_percent(running.progress.percent);
    out->set_note(clean(running.progress.note));
}

base::Result<message::RunningMessage> read(const v1::RunningMessage& in)
{
    if (in.percent() > 100)
        return base::fail(base::ErrorCode::Protocol, "field `percent` must be 0 to 100");
    message::RunningMessage running;
    running.ref.value = in.ref();
    running.worker = in.worker();
    running.attempt = in.attempt();
    running.startedAtUs = in.started_at_us();
    running.leasedUntilUs = in.leased_until_us();
    running.progressAtUs = in.progress_at_us();
    running.progress = {static_cast<std::uint8_t>(in.percent()), in.note()};
    return running;
}

void write(const message::RetryingMessage& retrying, v1::RetryingMessage* out)
{
    out->set_ref(clean(retrying.ref.value));
    out->set_attempts(retrying.attempts);
    out->set_due_at_us(retrying.dueAtUs);
    out->set_partition_key(clean(retrying.partitionKey));
}

base::Result<message::RetryingMessage> read(const v1::RetryingMessage& in)
{
    return message::RetryingMessage{{in.ref()}, in.attempts(), in.due_at_us(), in.partition_key()};
}

void write(const message::ParkedKey& parked, v1::ParkedKey* out)
{
    out->set_key(clean(parked.key));
    out->set_parked(parked.parked);
    out->set_behind(clean(parked.behind.value));
}

base::Result<message::ParkedKey> read(const v1::ParkedKey& in)
{
    return message::ParkedKey{in.key(), in.parked(), {in.behind()}};
}

void write(const message::Selection& selection, v1::StartOperation* out)
{
    struct Writer
    {
        v1::StartOperation* out;
        void operator()(const std::vector<message::MessageRef>& refs) const
        {
            v1::Refs* list = out->mutable_refs();
            for (const message::MessageRef& ref : refs)
                list->add_refs(clean(ref.value));
        }
        void operator()(const message::Selection::View& view) const { out->set_view(view.id); }
        void operator()(const message::DeadLetterFilter& filter) const { write(filter, out->mutable_filter()); }
        void operator()(const message::Selection::ClosedBy& by) const { out->set_closed_by(by.id); }
    };
    std::visit(Writer{out}, selection.members);
}

base::Result<message::Selection> readSelection(const v1::StartOperation& in)
{
    switch (in.members_case()) {
    case v1::StartOperation::kRefs: {
        std::vector<message::MessageRef> refs;
        refs.reserve(static_cast<std::size_t>(in.refs().refs_size()));
        for (const std::string& ref : in.refs().refs())
            refs.push_back({ref});
        return message::Selection{std::move(refs)};
    }
    case v1::StartOperation::kView: return message::Selection{message::Selection::View{in.view()}};
    case v1::StartOperation::kFilter: {
        auto filter = read(in.filter());
        if (!filter)
            return tl::unexpected(filter.error());
        return message::Selection{std::move(*filter)};
    }
    case v1::StartOperation::kClosedBy:
        return message::Selection{message::Selection::ClosedBy{in.closed_by()}};
    case v1::StartOperation::MEMBERS_NOT_SET: break;
    }
    return base::fail(base::ErrorCode::Protocol,
                      "field `members` is missing: name the dead letters, a view, a filter or an operation");
}

} // namespace millrace::wire
