// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/wire/data_codec.h"
#include "transport/wire/error_names.h"
#include "transport/wire/wire_read_p.h"

#include <algorithm>

namespace millrace::wire {

namespace {

using namespace detail;

constexpr std::size_t kMaxNameBytes = 128;     // of a queue or topic, as message::validateName
constexpr std::size_t kMaxPeopleBytes = 256;   // what only people read
constexpr std::uint32_t kHighestKind = 9;

Hello readHello(pbf_reader reader)
{
    Hello hello{.major = 0, .minor = 0, .role = {}, .client = {}, .session = {}};
    while (reader.next()) {
        switch (reader.tag_and_type()) {
        case varintField(1): hello.major = reader.get_uint32(); break;
        case varintField(2): hello.minor = reader.get_uint32(); break;
        case bytesField(3): hello.role = textOf(reader, "role", kMaxPeopleBytes); break;
        case bytesField(4): hello.client = textOf(reader, "client", kMaxPeopleBytes); break;
        case bytesField(5): hello.session = viewOf(reader).substr(0, kMaxPeopleBytes); break;
        default: reader.skip();
        }
    }
    return hello;
}

Heartbeat readHeartbeat(pbf_reader reader)
{
    Heartbeat heartbeat;
    while (reader.next()) {
        if (reader.tag_and_type() == varintField(1))
            heartbeat.number = reader.get_uint64();
        else
            reader.skip();
    }
    return heartbeat;
}

engine::Submission readMessage(const base::Slice& frame, pbf_reader reader, std::size_t index)
{
    engine::Submission item;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
        case bytesField(1): item.envelope = frame.part(viewOf(reader)); break;
        case bytesField(2): item.body = frame.part(viewOf(reader)); break;
        case bytesField(3): item.target = textOf(reader, "target", kMaxNameBytes); break;
        default: reader.skip();
        }
    }
    const std::string where = "message " + std::to_string(index) + " of the batch: ";
    if (item.body.size() > message::kMaxBodyBytes) {
        refuse(base::ErrorCode::Limit,
               where + "the body has " + std::to_string(item.body.size()) + " bytes; at most "
                   + std::to_string(message::kMaxBodyBytes)
                   + " are allowed: keep the data elsewhere and send a reference to it");
    }
    auto view = message::viewEnvelope(item.envelope.view());
    if (!view)
        refuse(view.error().code, where + view.error().context);
    item.view = *view;
    if (item.body.isNull())
        item.body = frame.part({});
    return item;
}

Submit readSubmit(const base::Slice& frame, pbf_reader reader)
{
    Submit submit;
    std::uint64_t bytes = 0;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
        case varintField(1): submit.request = reader.get_uint64(); break;
        case bytesField(2): submit.target = textOf(reader, "target", kMaxNameBytes); break;
        case bytesField(3): {
            if (submit.messages.size() >= kMaxBatchMessages)
                refuse(base::ErrorCode::Limit, "a batch has at most 1024 messages: send several");
            auto item = readMessage(frame, readerOf(viewOf(reader)), submit.messages.size());
            bytes += item.envelope.size() + item.body.size();
            submit.messages.push_back(std::move(item));
            if (bytes > kMaxBatchBytes && submit.messages.size() > 1) {
                refuse(base::ErrorCode::Limit,
                       "a batch of several messages has at most 1048576 bytes: send several batches");
            }
            break;
        }
        case varintField(4): submit.waitMs = reader.get_uint32(); break;
        case varintField(5): submit.atomic = reader.get_bool(); break;
        default: reader.skip();
        }
    }
    return submit;
}

Attach readAttach(pbf_reader reader)
{
    Attach attach;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
        case varintField(1): attach.request = reader.get_uint64(); break;
        case bytesField(2): attach.queue = textOf(reader, "queue", kMaxNameBytes); break;
        case bytesField(3): attach.worker = textOf(reader, "worker", kMaxPeopleBytes); break;
        default: reader.skip();
        }
    }
    return attach;
}

Credit readCredit(pbf_reader reader)
{
    Credit credit;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
        case varintField(1): credit.queue = reader.get_uint32(); break;
        case varintField(2): credit.more = reader.get_uint32(); break;
        default: reader.skip();
        }
    }
    return credit;
}

message::Ending toEnding(std::uint32_t value)
{
    if (value > static_cast<std::uint32_t>(message::Ending::Release))
        refuse(base::ErrorCode::Protocol, "field `ending` is " + std::to_string(value) + "; 0, 1 or 2 are known");
    return static_cast<message::Ending>(value);
}

message::Reason toRejection(std::uint32_t value)
{
    if (value == 0)
        return message::Reason::Rejected;
    const auto reason = static_cast<message::Reason>(std::min(value, 255U));
    if (reason != message::Reason::Rejected && reason != message::Reason::SchemaInvalid)
        refuse(base::ErrorCode::Protocol, "field `reason` is " + std::to_string(value) + "; 1 and 3 are known");
    return reason;
}

message::FailedDelivery readFailed(pbf_reader reader)
{
    message::FailedDelivery failed;
    std::uint32_t reason = 0;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
        case varintField(1): failed.lease.sequence = reader.get_uint64(); break;
        case varintField(2): failed.lease.token = reader.get_uint64(); break;
        case varintField(3): failed.ending = toEnding(reader.get_uint32()); break;
        case varintField(4): reason = reader.get_uint32(); break;
        case bytesField(5):
            failed.failure.errorClass = textOf(reader, "error_class", message::kMaxErrorClassBytes);
            break;
        case bytesField(6):
            failed.failure.errorText = textOf(reader, "error_text", message::kMaxErrorTextBytes);
            break;
        case varintField(7): failed.delay = base::Micros(reader.get_int64()); break;
        default: reader.skip();
        }
    }
    if (failed.ending == message::Ending::Reject)
        failed.reason = toRejection(reason);
    return failed;
}

Settle readSettle(pbf_reader reader)
{
    Settle settle;
    std::vector<std::uint64_t> sequences, tokens;
    while (reader.next()) {
        if (takeNumbers(reader, 2, kMaxLeasesPerFrame, sequences)
            || takeNumbers(reader, 3, kMaxLeasesPerFrame, tokens))
            continue;
        switch (reader.tag_and_type()) {
        case varintField(1): settle.request = reader.get_uint64(); break;
        case bytesField(4):
            if (settle.failed.size() >= kMaxLeasesPerFrame)
                refuse(base::ErrorCode::Limit, "a frame settles at most 65536 deliveries: send several");
            settle.failed.push_back(readFailed(readerOf(viewOf(reader))));
            break;
        default: reader.skip();
        }
    }
    settle.acknowledged = toLeases(sequences, tokens);
    return settle;
}

struct IndexedProgress
{
    std::uint32_t index = 0;
    message::Progress progress;
};

IndexedProgress readProgress(pbf_reader reader)
{
    IndexedProgress read;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
        case varintField(1): read.index = reader.get_uint32(); break;
        case varintField(2):
            read.progress.percent = static_cast<std::uint8_t>(std::min<std::uint32_t>(reader.get_uint32(), 100));
            break;
        case bytesField(3):
            read.progress.note = cleanText(viewOf(reader), message::kMaxProgressNoteBytes);
            break;
        default: reader.skip();
        }
    }
    return read;
}

Extend readExtend(pbf_reader reader)
{
    Extend extend;
    std::vector<std::uint64_t> sequences, tokens;
    std::vector<IndexedProgress> progress;
    while (reader.next()) {
        if (takeNumbers(reader, 2, kMaxLeasesPerFrame, sequences)
            || takeNumbers(reader, 3, kMaxLeasesPerFrame, tokens))
            continue;
        if (reader.tag_and_type() == varintField(1))
            extend.request = reader.get_uint64();
        else if (reader.tag_and_type() == bytesField(4) && progress.size() < kMaxProgressPerFrame)
            progress.push_back(readProgress(readerOf(viewOf(reader))));
        else
            reader.skip();
    }
    extend.leases = toLeases(sequences, tokens);
    // Only for people to see: what fits nothing, or comes beyond the limit, is left out.
    for (IndexedProgress& each : progress) {
        if (each.index < extend.leases.size())
            extend.progress.push_back({extend.leases[each.index], std::move(each.progress)});
    }
    return extend;
}

Detach readDetach(pbf_reader reader)
{
    Detach detach;
    while (reader.next()) {
        if (reader.tag_and_type() == varintField(1))
            detach.queue = reader.get_uint32();
        else
            reader.skip();
    }
    return detach;
}

ClientFrame readFrame(const base::Slice& frame)
{
    const Kind kind = kindOf(frame.view(), kHighestKind);
    pbf_reader reader = readerOf(kind.content);
    switch (kind.number) {
    case 1: return readHello(reader);
    case 2: return readHeartbeat(reader);
    case 3: return readSubmit(frame, reader);
    case 4: return readAttach(reader);
    case 5: return readDetach(reader);
    case 6: return readCredit(reader);
    case 7: return readSettle(reader);
    case 8: return readExtend(reader);
    default: break;
    }
    while (reader.next())
        reader.skip();
    return Goodbye{};
}

/// The request number of a frame that could not be read as a whole; 0 if that cannot be read either.
std::uint64_t requestOf(std::string_view frame)
{
    try {
        const Kind kind = kindOf(frame, kHighestKind);
        if (kind.number != 3 && kind.number != 4 && kind.number != 7 && kind.number != 8)
            return 0;
        pbf_reader reader = readerOf(kind.content);
        while (reader.next()) {
            if (reader.tag_and_type() == varintField(1))
                return reader.get_uint64();
            reader.skip();
        }
    } catch (const Refusal&) {
        return 0;
    } catch (const protozero::exception&) {
        return 0;
    }
    return 0;
}

} // namespace

base::Result<ClientFrame> decodeClientFrame(const base::Slice& frame, std::uint64_t* request)
{
    auto result = guarded<ClientFrame>(frame.size(), kMaxDataFrameBytes, [&] { return readFrame(frame); });
    if (!result && request != nullptr)
        *request = requestOf(frame.view());
    return result;
}

} // namespace millrace::wire
