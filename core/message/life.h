// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::message {

using Sequence = std::uint64_t; ///< given by the node at submit; row key; never reused; 0 = none
using QueueId = std::uint32_t;  ///< row key of the queue; 0 = none

/// Where an accepted message is. Every one is in exactly one of these; the names are the same on the
/// wire, in the store, on the command line and in the window. Values are stored: never renumber.
enum class State : std::uint8_t {
    Ready = 0,
    Scheduled = 1, ///< waits for its deliver-at
    Retrying = 2,  ///< waits for its next attempt
    Leased = 3,
    Parked = 4,    ///< waits behind a dead letter of its key
    Done = 5,
    Cancelled = 6,
    Expired = 7,
    Dead = 8,
    Archived = 9,
    Replayed = 10,  ///< evidence of a dead letter that was put back as a new message
    Discarded = 11,
};
[[nodiscard]] std::string_view toString(State state) noexcept;
[[nodiscard]] std::optional<State> stateFromString(std::string_view text) noexcept;

/// Why a message became a dead letter; kebab-case everywhere. Values are stored: never renumber.
enum class Reason : std::uint8_t {
    AttemptsExhausted = 0,
    Rejected = 1,
    Expired = 2,
    SchemaInvalid = 3,
    CrashedInFlight = 4,
    DeadlineExceeded = 5, ///< the next attempt would have come after the policy's deadline for all of them
    GivenUp = 6,          ///< an operator ended it
};
inline constexpr Reason kLastReason = Reason::GivenUp;
[[nodiscard]] std::string_view toString(Reason reason) noexcept;
[[nodiscard]] std::optional<Reason> reasonFromString(std::string_view text) noexcept;

inline constexpr std::size_t kMaxErrorTextBytes = 8 * 1024;
inline constexpr std::size_t kMaxErrorClassBytes = 256;

/// Why an attempt failed, in the worker's words. Hostile text: plain text wherever it is shown.
struct Failure
{
    std::string errorClass; ///< short and stable, for example `CardDeclined`; groups failures
    std::string errorText;  ///< cut at kMaxErrorTextBytes on a UTF-8 boundary
    friend bool operator==(const Failure&, const Failure&) = default;
};

/// One attempt at a message that did not end in an acknowledgement.
struct Attempt
{
    std::uint32_t number = 0; ///< 1-based
    base::WallTime startedAt{};
    base::WallTime endedAt{};
    std::string worker;
    Failure failure;
    friend bool operator==(const Attempt&, const Attempt&) = default;
};

/// One attempt as a field of the history blob: blobs are concatenated to append (a repeated field).
[[nodiscard]] std::string encodeAttempt(const Attempt& attempt);
/// Damaged bytes yield the attempts before the damage. Never fails; at most 1,000 attempts.
[[nodiscard]] std::vector<Attempt> decodeHistory(std::string_view blob);

inline constexpr std::size_t kMaxFingerprintBytes = 200;
/// What like failures have in common: error class, and the first frame of the text's stack trace or else its first line,
/// with numbers, hexadecimal runs, quoted parts and UUIDs replaced by `#`, at most 200 bytes. Frames are lines that begin
/// with `at ` or `#0`, and the last `File "…", line` of a Python traceback; only the first 64 lines are looked at.
[[nodiscard]] std::string fingerprintText(const Failure& failure);
/// hash64 of reason, and fingerprintText, as stored; the key of a group.
[[nodiscard]] std::uint64_t fingerprint(Reason reason, const Failure& failure);
/// The same, of a text that is there already.
[[nodiscard]] std::uint64_t fingerprintOf(Reason reason, std::string_view text);

/// Cuts at most at `limit` bytes without splitting a UTF-8 sequence.
[[nodiscard]] std::string_view truncateUtf8(std::string_view text, std::size_t limit) noexcept;

} // namespace millrace::message
