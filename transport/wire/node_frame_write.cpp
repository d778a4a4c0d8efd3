// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/message/policy.h"
#include "transport/wire/data_codec.h"
#include "transport/wire/error_names.h"
#include "transport/wire/wire_write_p.h"

namespace millrace::wire {

using namespace detail;

namespace {

constexpr std::size_t kMaxErrorBytes = 4096;

std::string errorContent(const base::Error& error)
{
    std::string out;
    addText(out, 1, base::toString(error.code));
    addText(out, 2, cleanText(error.context, kMaxErrorBytes));
    return out;
}

std::string problemContent(const engine::SubmitProblem& problem)
{
    std::string out;
    addNumber(out, 1, problem.index);
    addNumber(out, 2, problem.isDuplicate ? 1 : 0);
    addText(out, 3, problem.firstId);
    if (!problem.isDuplicate)
        addNested(out, 4, errorContent(problem.error));
    return out;
}

std::size_t contentBytes(const engine::Delivery& item) noexcept
{
    return numberBytes(item.lease.sequence) + numberBytes(item.lease.token) + numberBytes(item.attempt)
           + numberBytes(item.redelivered ? 1 : 0) + textBytes(item.envelope.view())
           + textBytes(item.body.view());
}

} // namespace

std::string encode(const Welcome& frame)
{
    std::string content;
    addNumber(content, 1, frame.major);
    addNumber(content, 2, frame.minor);
    addNumber(content, 3, frame.epoch);
    addText(content, 4, cleanText(frame.node, kMaxErrorBytes));
    addText(content, 5, cleanText(frame.version, kMaxErrorBytes));
    addNumber(content, 6, frame.maxBatchMessages);
    addNumber(content, 7, frame.maxBatchBytes);
    addNumber(content, 8, frame.maxBodyBytes);
    addNumber(content, 9, frame.maxFrameBytes);
    addNumber(content, 10, frame.heartbeatMs);
    addNumber(content, 11, frame.sessionTimeoutMs);
    return framed(1, content);
}

std::string encode(const engine::Confirm& effect)
{
    std::string content;
    addNumber(content, 1, effect.request);
    addPacked(content, 2, effect.sequences, [](std::uint64_t sequence) { return sequence; });
    for (const engine::SubmitProblem& problem : effect.problems)
        addNested(content, 3, problemContent(problem));
    return framed(3, content);
}

std::string encode(const engine::Attached& effect)
{
    std::string content;
    addNumber(content, 1, effect.request);
    if (effect.queue) {
        addNumber(content, 2, *effect.queue);
        addText(content, 3, message::toJson(effect.policy));
    } else {
        addNested(content, 4, errorContent(effect.queue.error()));
    }
    return framed(4, content);
}

std::string encode(const engine::Deliver& effect)
{
    const auto leaseUs = static_cast<std::uint64_t>(effect.lease.count());
    std::size_t bytes = numberBytes(effect.queue) + numberBytes(leaseUs);
    for (const engine::Delivery& item : effect.items)
        bytes += nestedBytes(contentBytes(item));
    std::string out;
    out.reserve(nestedBytes(bytes));
    beginNested(out, 5, bytes);
    addNumber(out, 1, effect.queue);
    addNumber(out, 2, leaseUs);
    for (const engine::Delivery& item : effect.items) {
        beginNested(out, 3, contentBytes(item));
        addNumber(out, 1, item.lease.sequence);
        addNumber(out, 2, item.lease.token);
        addNumber(out, 3, item.attempt);
        addNumber(out, 4, item.redelivered ? 1 : 0);
        addText(out, 5, item.envelope.view());
        addText(out, 6, item.body.view());
    }
    return out;
}

std::string encode(const engine::Settled& effect)
{
    std::string content;
    addNumber(content, 1, effect.request);
    addLeases(content, 2, 3, effect.lost);
    return framed(6, content);
}

std::string encode(const engine::StopDeliveries& effect)
{
    std::string content;
    addNumber(content, 1, effect.queue);
    addLeases(content, 2, 3, effect.leases);
    return framed(9, content);
}

std::string encode(const Refused& frame)
{
    std::string content;
    addNumber(content, 1, frame.request);
    addNested(content, 2, errorContent(frame.error));
    return framed(7, content);
}

std::string encode(const Lost& frame)
{
    std::string content;
    addPacked(content, 1, frame.requests, [](std::uint64_t request) { return request; });
    addNested(content, 2, errorContent(frame.error));
    return framed(8, content);
}

} // namespace millrace::wire
