// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/wire/data_codec.h"
#include "transport/wire/error_names.h"
#include "transport/wire/wire_write_p.h"

#include <algorithm>

namespace millrace::wire {

using namespace detail;

namespace {

constexpr std::size_t kMaxPeopleBytes = 256;

std::size_t contentBytes(const OutgoingView& item) noexcept
{
    return textBytes(item.envelope) + textBytes(item.body) + textBytes(item.target);
}

std::string failedContent(const message::FailedDelivery& failed)
{
    std::string out;
    addNumber(out, 1, failed.lease.sequence);
    addNumber(out, 2, failed.lease.token);
    addNumber(out, 3, static_cast<std::uint64_t>(failed.ending));
    if (failed.ending == message::Ending::Reject)
        addNumber(out, 4, static_cast<std::uint64_t>(failed.reason));
    addText(out, 5, cleanText(failed.failure.errorClass, message::kMaxErrorClassBytes));
    addText(out, 6, cleanText(failed.failure.errorText, message::kMaxErrorTextBytes));
    if (failed.delay)
        addPresentNumber(out, 7, static_cast<std::uint64_t>(failed.delay->count()));
    return out;
}

} // namespace

std::string encode(const Hello& frame)
{
    std::string content;
    addNumber(content, 1, frame.major);
    addNumber(content, 2, frame.minor);
    addText(content, 3, cleanText(frame.role, kMaxPeopleBytes));
    addText(content, 4, cleanText(frame.client, kMaxPeopleBytes));
    addText(content, 5, frame.session);
    return framed(1, content);
}

std::string encode(const Heartbeat& frame, bool /*fromNode: the kind has the same number both ways*/)
{
    std::string content;
    addNumber(content, 1, frame.number);
    return framed(2, content);
}

std::string encodeSubmit(std::uint64_t request,
                         std::string_view target,
                         std::span<const OutgoingView> messages,
                         SubmitOptions options)
{
    std::size_t bytes = numberBytes(request) + textBytes(target) + numberBytes(options.waitMs)
                        + numberBytes(options.atomic ? 1 : 0);
    for (const OutgoingView& item : messages)
        bytes += nestedBytes(contentBytes(item));
    std::string out;
    out.reserve(nestedBytes(bytes));
    beginNested(out, 3, bytes);
    addNumber(out, 1, request);
    addText(out, 2, target);
    for (const OutgoingView& item : messages) {
        beginNested(out, 3, contentBytes(item));
        addText(out, 1, item.envelope);
        addText(out, 2, item.body);
        addText(out, 3, item.target);
    }
    addNumber(out, 4, options.waitMs);
    addNumber(out, 5, options.atomic ? 1 : 0);
    return out;
}

std::string encode(const Attach& frame)
{
    std::string content;
    addNumber(content, 1, frame.request);
    addText(content, 2, frame.queue);
    addText(content, 3, cleanText(frame.worker, kMaxPeopleBytes));
    return framed(4, content);
}

std::string encode(const Detach& frame)
{
    std::string content;
    addNumber(content, 1, frame.queue);
    return framed(5, content);
}

std::string encode(const Credit& frame)
{
    std::string content;
    addNumber(content, 1, frame.queue);
    addNumber(content, 2, frame.more);
    return framed(6, content);
}

std::string encode(const Settle& frame)
{
    std::string content;
    addNumber(content, 1, frame.request);
    addLeases(content, 2, 3, frame.acknowledged);
    for (const message::FailedDelivery& failed : frame.failed)
        addNested(content, 4, failedContent(failed));
    return framed(7, content);
}

std::string encode(const Extend& frame)
{
    std::string content;
    addNumber(content, 1, frame.request);
    addLeases(content, 2, 3, frame.leases);
    const std::size_t shown = std::min(frame.progress.size(), kMaxProgressPerFrame);
    auto from = frame.leases.begin(); // both are in the same order
    for (std::size_t i = 0; i < shown; ++i) {
        const auto found = std::find(from, frame.leases.end(), frame.progress[i].lease);
        if (found == frame.leases.end())
            continue;
        from = found;
        std::string each;
        addNumber(each, 1, static_cast<std::uint64_t>(found - frame.leases.begin()));
        addNumber(each, 2, frame.progress[i].progress.percent);
        addText(each, 3, frame.progress[i].progress.note);
        addNested(content, 4, each);
    }
    return framed(8, content);
}

std::string encode(const Goodbye&)
{
    return framed(9, {});
}

} // namespace millrace::wire
