// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tl/expected.hpp>

#include <source_location>
#include <string>
#include <string_view>
#include <utility>

namespace millrace::base {

/// What went wrong, as a closed set that callers branch on. The wire carries the same names.
enum class ErrorCode : std::uint8_t {
    NotFound,     ///< the named queue, message, view or file does not exist
    Conflict,     ///< the thing is no longer in the state that the request assumed
    Corrupt,      ///< stored or received bytes fail their check
    Busy,         ///< somebody else holds it
    Timeout,      ///< the deadline passed; for changes see Unknown
    Cancelled,    ///< the caller or a shutdown ended it before it took effect
    Closed,       ///< the connection or object is gone; nothing was changed
    Limit,        ///< a size, depth or count limit refuses it
    QueueFull,    ///< the queue is at its depth limit
    StoreFull,    ///< the disk is at its reserve
    Io,           ///< the operating system refused; `native` holds errno or the SQLite code
    Protocol,     ///< the peer broke the wire contract
    Unsupported,  ///< this backend or version cannot do it
    Invalid,      ///< the argument is wrong in itself
    LeaseLost,    ///< the lease token is stale; nothing was changed
    Unknown,      ///< a change whose outcome nobody can tell (commit failed, or the node died)
    Internal,     ///< a programming error, reported instead of hidden
};

/// kebab-case name as on the wire and in JSON output, for example `queue-full`.
[[nodiscard]] std::string_view toString(ErrorCode code) noexcept;

/// True if the same request may succeed later without a change by a person.
[[nodiscard]] bool isRetryable(ErrorCode code) noexcept;

/// An error value. `context` says what, where and what to do, in English, for logs and for the
/// window's details; it is never translated.
struct Error
{
    ErrorCode code = ErrorCode::Internal;
    std::string context;
    int native = 0;
    std::source_location where = std::source_location::current();
};

template<typename T>
using Result = tl::expected<T, Error>;

/// Builds the error branch of a Result: `return fail(ErrorCode::NotFound, "queue \"x\" …");`
[[nodiscard]] inline tl::unexpected<Error>
fail(ErrorCode code,
     std::string context,
     int native = 0,
     std::source_location where = std::source_location::current())
{
    return tl::unexpected<Error>(Error{code, std::move(context), native, where});
}

} // namespace millrace::base
