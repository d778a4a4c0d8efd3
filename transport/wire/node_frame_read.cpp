// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/wire/error_names.h"
#include "transport/wire/data_codec.h"
#include "transport/wire/wire_read_p.h"

namespace millrace::wire {

namespace {

using namespace detail;

constexpr std::size_t kMaxTextBytes = 64 * 1024;
constexpr std::uint32_t kHighestKind = 9;

base::Error readError(pbf_reader reader)
{
    base::Error error;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
        case bytesField(1): error.code = errorCodeFromString(viewOf(reader)); break;
        case bytesField(2): error.context = textOf(reader, "text", kMaxTextBytes); break;
        default: reader.skip();
        }
    }
    return error;
}

/// Version fields are absent only where they are 0; absent limits are those of version 1.
Welcome readWelcome(pbf_reader reader)
{
    Welcome welcome;
    welcome.major = welcome.minor = 0;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
        case varintField(1): welcome.major = reader.get_uint32(); break;
        case varintField(2): welcome.minor = reader.get_uint32(); break;
        case varintField(3): welcome.epoch = reader.get_uint64(); break;
        case bytesField(4): welcome.node = textOf(reader, "node", kMaxTextBytes); break;
        case bytesField(5): welcome.version = textOf(reader, "version", kMaxTextBytes); break;
        case varintField(6): welcome.maxBatchMessages = reader.get_uint32(); break;
        case varintField(7): welcome.maxBatchBytes = reader.get_uint64(); break;
        case varintField(8): welcome.maxBodyBytes = reader.get_uint64(); break;
        case varintField(9): welcome.maxFrameBytes = reader.get_uint64(); break;
        case varintField(10): welcome.heartbeatMs = reader.get_uint32(); break;
        case varintField(11): welcome.sessionTimeoutMs = reader.get_uint32(); break;
        default: reader.skip();
        }
    }
    return welcome;
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

SubmitProblem readProblem(pbf_reader reader)
{
    SubmitProblem problem;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
        case varintField(1): problem.index = reader.get_uint32(); break;
        case varintField(2): problem.isDuplicate = reader.get_bool(); break;
        case bytesField(3): problem.firstId = textOf(reader, "first_id", kMaxTextBytes); break;
        case bytesField(4): problem.error = readError(readerOf(viewOf(reader))); break;
        default: reader.skip();
        }
    }
    return problem;
}

Confirm readConfirm(pbf_reader reader)
{
    Confirm confirm;
    while (reader.next()) {
        if (takeNumbers(reader, 2, kMaxBatchMessages, confirm.sequences))
            continue;
        switch (reader.tag_and_type()) {
        case varintField(1): confirm.request = reader.get_uint64(); break;
        case bytesField(3):
            if (confirm.problems.size() >= kMaxBatchMessages)
                refuse(base::ErrorCode::Limit, "a confirm has at most 1024 problems");
            confirm.problems.push_back(readProblem(readerOf(viewOf(reader))));
            break;
        default: reader.skip();
        }
    }
    return confirm;
}

Attached readAttached(pbf_reader reader)
{
    Attached attached;
    attached.ok = true;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
        case varintField(1): attached.request = reader.get_uint64(); break;
        case varintField(2): attached.queue = reader.get_uint32(); break;
        case bytesField(3): attached.policyJson = textOf(reader, "policy", kMaxTextBytes); break;
        case bytesField(4):
            attached.error = readError(readerOf(viewOf(reader)));
            attached.ok = false;
            break;
        default: reader.skip();
        }
    }
    return attached;
}

Delivery readDelivery(const base::Slice& frame, pbf_reader reader)
{
    Delivery delivery;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
        case varintField(1): delivery.lease.sequence = reader.get_uint64(); break;
        case varintField(2): delivery.lease.token = reader.get_uint64(); break;
        case varintField(3): delivery.attempt = reader.get_uint32(); break;
        case varintField(4): delivery.redelivered = reader.get_bool(); break;
        case bytesField(5): delivery.envelope = frame.part(viewOf(reader)); break;
        case bytesField(6): delivery.body = frame.part(viewOf(reader)); break;
        default: reader.skip();
        }
    }
    if (delivery.body.isNull())
        delivery.body = frame.part({});
    return delivery;
}

Deliver readDeliver(const base::Slice& frame, pbf_reader reader)
{
    Deliver deliver;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
        case varintField(1): deliver.queue = reader.get_uint32(); break;
        case varintField(2): deliver.leaseUs = reader.get_int64(); break;
        case bytesField(3):
            if (deliver.deliveries.size() >= kMaxBatchMessages)
                refuse(base::ErrorCode::Limit, "a frame delivers at most 1024 messages");
            deliver.deliveries.push_back(readDelivery(frame, readerOf(viewOf(reader))));
            break;
        default: reader.skip();
        }
    }
    return deliver;
}

Settled readSettled(pbf_reader reader)
{
    Settled settled;
    std::vector<std::uint64_t> sequences, tokens;
    while (reader.next()) {
        if (takeNumbers(reader, 2, 2 * std::size_t{kMaxLeasesPerFrame}, sequences)
            || takeNumbers(reader, 3, 2 * std::size_t{kMaxLeasesPerFrame}, tokens))
            continue;
        if (reader.tag_and_type() == varintField(1))
            settled.request = reader.get_uint64();
        else
            reader.skip();
    }
    settled.lost = toLeases(sequences, tokens);
    return settled;
}

Refused readRefused(pbf_reader reader)
{
    Refused refused;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
        case varintField(1): refused.request = reader.get_uint64(); break;
        case bytesField(2): refused.error = readError(readerOf(viewOf(reader))); break;
        default: reader.skip();
        }
    }
    return refused;
}

Lost readLost(pbf_reader reader)
{
    Lost lost;
    while (reader.next()) {
        if (takeNumbers(reader, 1, kMaxLeasesPerFrame, lost.requests))
            continue;
        if (reader.tag_and_type() == bytesField(2))
            lost.error = readError(readerOf(viewOf(reader)));
        else
            reader.skip();
    }
    return lost;
}

StopDeliveries readStopDeliveries(pbf_reader reader)
{
    StopDeliveries stop;
    std::vector<std::uint64_t> sequences;
    std::vector<std::uint64_t> tokens;
    while (reader.next()) {
        if (takeNumbers(reader, 2, kMaxLeasesPerFrame, sequences)
            || takeNumbers(reader, 3, kMaxLeasesPerFrame, tokens))
            continue;
        if (reader.tag_and_type() == varintField(1))
            stop.queue = reader.get_uint32();
        else
            reader.skip();
    }
    stop.leases = toLeases(sequences, tokens);
    return stop;
}

NodeFrame readFrame(const base::Slice& frame)
{
    const Kind kind = kindOf(frame.view(), kHighestKind);
    pbf_reader reader = readerOf(kind.content);
    switch (kind.number) {
    case 1: return readWelcome(reader);
    case 2: return readHeartbeat(reader);
    case 3: return readConfirm(reader);
    case 4: return readAttached(reader);
    case 5: return readDeliver(frame, reader);
    case 6: return readSettled(reader);
    case 7: return readRefused(reader);
    case 8: return readLost(reader);
    default: return readStopDeliveries(reader);
    }
}

} // namespace

base::Result<NodeFrame> decodeNodeFrame(const base::Slice& frame)
{
    return guarded<NodeFrame>(frame.size(), kMaxDataFrameBytes, [&] { return readFrame(frame); });
}

} // namespace millrace::wire
