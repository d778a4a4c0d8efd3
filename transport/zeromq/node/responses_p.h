// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transport/wire/control_codec.h"

#include <cstdint>
#include <string>
#include <vector>

/// Control responses that stay within the frame limit, whatever they hold. Thread: any.
namespace millrace::zeromq {

/// A response that is too large after all becomes a Limit error.
[[nodiscard]] std::string encodeResponse(const wire::v1::Response& response);
[[nodiscard]] std::string errorResponse(std::uint64_t request, const base::Error& error);
[[nodiscard]] std::string doneResponse(std::uint64_t request, std::uint64_t moved = 0, std::uint64_t skipped = 0);
/// As many rows from the front as fit.
[[nodiscard]] std::string runningResponse(std::uint64_t request, const std::vector<message::RunningMessage>& running);
[[nodiscard]] std::string retryingResponse(std::uint64_t request, const std::vector<message::RetryingMessage>& retrying);
[[nodiscard]] std::string parkedKeysResponse(std::uint64_t request, const std::vector<message::ParkedKey>& keys);
[[nodiscard]] std::string rowsResponse(std::uint64_t request, const std::vector<message::DeadLetterRow>& rows);
/// As many groups from the front as fit.
[[nodiscard]] std::string groupsResponse(std::uint64_t request, const std::vector<message::DeadLetterGroup>& groups);
/// As many schedules from the front as fit.
[[nodiscard]] std::string schedulesResponse(std::uint64_t request,
                                            const std::vector<message::ScheduleStatus>& schedules);
/// With its body.
[[nodiscard]] std::string scheduleResponse(std::uint64_t request, const message::ScheduleStatus& schedule);
/// The newest attempts that fit into half of the frame, and what fits of the body.
[[nodiscard]] std::string detailResponse(std::uint64_t request, message::DeadLetterDetail detail);

} // namespace millrace::zeromq
