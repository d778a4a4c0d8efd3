// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/node/responses_p.h"

#include "transport/wire/data_codec.h"

#include <algorithm>

namespace millrace::zeromq {

namespace {

using wire::v1::Response;

/// What is left of a frame for lists and bodies, beside request number, keys and lengths.
constexpr std::size_t kRoom = wire::kMaxControlFrameBytes - 4096;
constexpr std::size_t kKeyBytes = 8;

Response responseTo(std::uint64_t request)
{
    Response response;
    response.set_request(request);
    return response;
}

/// Keeps items from the front while they fit.
template<typename Item, typename List>
void fill(const std::vector<Item>& items, List* list)
{
    std::size_t bytes = 0;
    for (const Item& item : items) {
        auto* added = list->Add();
        wire::write(item, added);
        bytes += added->ByteSizeLong() + kKeyBytes;
        if (bytes > kRoom) {
            list->RemoveLast();
            return;
        }
    }
}

void cutHistory(std::vector<message::Attempt>& attempts, std::size_t limit)
{
    std::size_t bytes = 0;
    auto keep = attempts.rbegin();
    for (; keep != attempts.rend(); ++keep) {
        bytes += message::encodeAttempt(*keep).size();
        if (bytes > limit)
            break;
    }
    attempts.erase(attempts.begin(), keep.base());
}

} // namespace

std::string encodeResponse(const Response& response)
{
    std::string frame = response.SerializeAsString();
    if (frame.size() <= wire::kMaxControlFrameBytes)
        return frame;
    return errorResponse(response.request(),
                         base::Error{base::ErrorCode::Limit,
                                     "the answer has " + std::to_string(frame.size())
                                         + " bytes, a control frame at most 1048576: ask for less"});
}

std::string errorResponse(std::uint64_t request, const base::Error& error)
{
    Response response = responseTo(request);
    wire::write(error, response.mutable_error());
    return response.SerializeAsString();
}

std::string doneResponse(std::uint64_t request, std::uint64_t moved, std::uint64_t skipped)
{
    Response response = responseTo(request);
    response.mutable_done()->set_moved(moved);
    response.mutable_done()->set_skipped(skipped);
    return response.SerializeAsString();
}

std::string runningResponse(std::uint64_t request, const std::vector<message::RunningMessage>& running)
{
    Response response = responseTo(request);
    fill(running, response.mutable_running()->mutable_messages());
    return encodeResponse(response);
}

std::string retryingResponse(std::uint64_t request, const std::vector<message::RetryingMessage>& retrying)
{
    Response response = responseTo(request);
    fill(retrying, response.mutable_retrying()->mutable_messages());
    return encodeResponse(response);
}

std::string parkedKeysResponse(std::uint64_t request, const std::vector<message::ParkedKey>& keys)
{
    Response response = responseTo(request);
    fill(keys, response.mutable_parked_keys()->mutable_keys());
    return encodeResponse(response);
}

std::string rowsResponse(std::uint64_t request, const std::vector<message::DeadLetterRow>& rows)
{
    Response response = responseTo(request);
    fill(rows, response.mutable_rows()->mutable_rows());
    return encodeResponse(response);
}

std::string groupsResponse(std::uint64_t request, const std::vector<message::DeadLetterGroup>& groups)
{
    Response response = responseTo(request);
    fill(groups, response.mutable_groups()->mutable_groups());
    return encodeResponse(response);
}

std::string schedulesResponse(std::uint64_t request, const std::vector<message::ScheduleStatus>& schedules)
{
    Response response = responseTo(request);
    fill(schedules, response.mutable_schedules()->mutable_schedules());
    return encodeResponse(response);
}

std::string scheduleResponse(std::uint64_t request, const message::ScheduleStatus& schedule)
{
    Response response = responseTo(request);
    auto* out = response.mutable_schedules()->add_schedules();
    wire::write(schedule, out);
    out->mutable_schedule()->set_body(schedule.definition.body);
    return encodeResponse(response);
}

std::string detailResponse(std::uint64_t request, message::DeadLetterDetail detail)
{
    Response response = responseTo(request);
    cutHistory(detail.attempts, kRoom / 2);
    std::string body = std::move(detail.body);
    detail.body.clear();
    wire::v1::Detail* out = response.mutable_detail();
    wire::write(detail, out);
    const std::size_t used = out->ByteSizeLong() + kKeyBytes;
    body.resize(std::min(body.size(), used < kRoom ? kRoom - used : 0));
    out->set_body(std::move(body));
    return encodeResponse(response);
}

} // namespace millrace::zeromq
