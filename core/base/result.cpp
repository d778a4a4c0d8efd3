// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/base/result.h"

namespace millrace::base {

std::string_view toString(ErrorCode code) noexcept
{
    switch (code) {
    case ErrorCode::NotFound: return "not-found";
    case ErrorCode::Conflict: return "conflict";
    case ErrorCode::Corrupt: return "corrupt";
    case ErrorCode::Busy: return "busy";
    case ErrorCode::Timeout: return "timeout";
    case ErrorCode::Cancelled: return "cancelled";
    case ErrorCode::Closed: return "closed";
    case ErrorCode::Limit: return "limit";
    case ErrorCode::QueueFull: return "queue-full";
    case ErrorCode::StoreFull: return "store-full";
    case ErrorCode::Io: return "io";
    case ErrorCode::Protocol: return "protocol";
    case ErrorCode::Unsupported: return "unsupported";
    case ErrorCode::Invalid: return "invalid";
    case ErrorCode::LeaseLost: return "lease-lost";
    case ErrorCode::Unknown: return "unknown";
    case ErrorCode::Internal: return "internal";
    }
    return "internal";
}

bool isRetryable(ErrorCode code) noexcept
{
    switch (code) {
    case ErrorCode::Busy:
    case ErrorCode::Timeout:
    case ErrorCode::Cancelled:
    case ErrorCode::Closed:
    case ErrorCode::QueueFull:
    case ErrorCode::StoreFull:
    case ErrorCode::Io:
    case ErrorCode::Unknown: return true;
    case ErrorCode::NotFound:
    case ErrorCode::Conflict:
    case ErrorCode::Corrupt:
    case ErrorCode::Limit:
    case ErrorCode::Protocol:
    case ErrorCode::Unsupported:
    case ErrorCode::Invalid:
    case ErrorCode::LeaseLost:
    case ErrorCode::Internal: return false;
    }
    return false;
}

} // namespace millrace::base
