// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::message {

/// How the delay before the next attempt grows.
enum class Backoff : std::uint8_t {
    Exponential, ///< uniform in [0, min(maxDelay, initialDelay · multiplier^(n-1))] after failure n: full jitter
    Fixed,       ///< always initialDelay
    List,        ///< the n-th of `delays` after failure n; the last one from then on
};
[[nodiscard]] std::string_view toString(Backoff backoff) noexcept;
[[nodiscard]] std::optional<Backoff> backoffFromString(std::string_view text) noexcept;

inline constexpr std::size_t kMaxRetryRules = 32;
inline constexpr std::size_t kMaxRetryDelays = 100;

/// What one class of errors gets instead of the policy's own.
struct RetryRule
{
    std::string errorClass; ///< compared byte for byte, for example `CardDeclined` or `lease-lapsed`
    bool reject = false;    ///< dead letter at once (reason `rejected`); excludes the members below
    std::vector<std::chrono::milliseconds> delays{}; ///< as Backoff::List; empty = the policy's backoff
    std::uint32_t maxAttempts = 0; ///< deliveries in total, whatever they failed with; 0 = the policy's
    friend bool operator==(const RetryRule&, const RetryRule&) = default;
};

/// Decides when a failed message is tried again.
///
/// Pure value; no clock, no I/O. Thread: any.
/// Source: "full jitter" spreads a crowd of failing consumers best; defaults fit a laptop demo and a
/// small service alike.
struct RetryPolicy
{
    std::chrono::milliseconds initialDelay{500};
    double multiplier = 2.0;
    std::chrono::milliseconds maxDelay{60'000};
    std::uint32_t maxAttempts = 5; ///< deliveries in total, the first included; at least 1
    Backoff backoff = Backoff::Exponential;
    std::vector<std::chrono::milliseconds> delays{}; ///< of Backoff::List; 1 to kMaxRetryDelays of them
    /// From the hand-out of the first attempt that failed: a message whose next attempt would come later is
    /// dead-lettered (`deadline-exceeded`) instead. 0 = none.
    std::chrono::milliseconds deadline{0};
    std::vector<RetryRule> rules{}; ///< at most kMaxRetryRules, each class once

    /// @param failures    1-based count of failed attempts so far
    /// @param jitter      uniform sample in [0, 1), injected so that tests are exact
    /// @param errorClass  of the last failure; decides which rule applies
    /// @returns nullopt when the message has used up its attempts: dead letter
    [[nodiscard]] std::optional<base::Micros>
    next(std::uint32_t failures, double jitter, std::string_view errorClass = {}) const noexcept;
    /// Null if no rule is for this class.
    [[nodiscard]] const RetryRule* ruleFor(std::string_view errorClass) const noexcept;
    /// No delay that next() returns is longer.
    [[nodiscard]] base::Micros longestDelay() const noexcept;
    friend bool operator==(const RetryPolicy&, const RetryPolicy&) = default;
};

} // namespace millrace::message
