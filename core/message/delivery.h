// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"
#include "core/message/life.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace millrace::message {

/// Names one delivery: a stale token (the lease lapsed, or the node restarted) changes nothing.
struct LeaseRef
{
    Sequence sequence = 0;
    std::uint64_t token = 0; ///< grows strictly within an epoch; the session fixes the epoch
    friend bool operator==(const LeaseRef&, const LeaseRef&) = default;
};

/// How a delivery ends if it is not acknowledged. On the wire: never renumber.
enum class Ending : std::uint8_t {
    Retry = 0,   ///< try again after a delay; counts as a failed attempt
    Reject = 1,  ///< never try again: dead letter
    Release = 2, ///< not begun, give it to somebody else; costs no attempt
};

/// A delivery that was not acknowledged, and why.
struct FailedDelivery
{
    LeaseRef lease;
    Ending ending = Ending::Retry;
    Reason reason = Reason::Rejected; ///< for Reject: Rejected or SchemaInvalid
    Failure failure;
    std::optional<base::Micros> delay; ///< for Retry: instead of the policy's, for example from Retry-After
    friend bool operator==(const FailedDelivery&, const FailedDelivery&) = default;
};

inline constexpr std::size_t kMaxProgressNoteBytes = 200;

/// How far a handler says that it is.
struct Progress
{
    std::uint8_t percent = 0; ///< 0–100
    std::string note;         ///< hostile text, at most kMaxProgressNoteBytes
    friend bool operator==(const Progress&, const Progress&) = default;
};
struct LeaseProgress
{
    LeaseRef lease;
    Progress progress;
    friend bool operator==(const LeaseProgress&, const LeaseProgress&) = default;
};

/// What a handler returns.
struct Outcome
{
    enum class Kind : std::uint8_t { Acknowledge, Retry, Reject, Release };
    Kind kind = Kind::Acknowledge;
    Reason reason = Reason::Rejected;
    Failure failure;
    std::optional<base::Micros> delay;

    [[nodiscard]] static Outcome acknowledge() { return {}; }
    [[nodiscard]] static Outcome retry(Failure why, std::optional<base::Micros> after = std::nullopt)
    {
        return {Kind::Retry, Reason::Rejected, std::move(why), after};
    }
    [[nodiscard]] static Outcome reject(Failure why, Reason reason = Reason::Rejected)
    {
        return {Kind::Reject, reason, std::move(why), std::nullopt};
    }
    [[nodiscard]] static Outcome release() { return {Kind::Release, Reason::Rejected, {}, std::nullopt}; }
};

} // namespace millrace::message
