// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/message/retry.h"
#include "core/message/schedule.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::message {

/// What a confirm means. See README, "Durability".
enum class Durability : std::uint8_t {
    Full,   ///< confirmed means on disk: survives a power cut
    Normal, ///< survives a killed process; a power cut may take the last moments
    Memory, ///< never written: gone when the node ends; its dead letters are not
};
[[nodiscard]] std::string_view toString(Durability durability) noexcept;
[[nodiscard]] std::optional<Durability> durabilityFromString(std::string_view text) noexcept;

/// What happens to the later messages of a partition key when one of them becomes a dead letter.
enum class OnKeyFailure : std::uint8_t {
    Continue, ///< they go on
    Park,     ///< they wait behind it, in order, until it is replayed or discarded, or the key is resumed
};
[[nodiscard]] std::string_view toString(OnKeyFailure choice) noexcept;
[[nodiscard]] std::optional<OnKeyFailure> onKeyFailureFromString(std::string_view text) noexcept;

/// What a submit meets in a queue that is at one of its limits.
enum class WhenFull : std::uint8_t {
    Refuse, ///< it is refused with queue-full
    Defer,  ///< its confirm is withheld until there is room, in the order of the submits; its producer waits
};
[[nodiscard]] std::string_view toString(WhenFull choice) noexcept;
[[nodiscard]] std::optional<WhenFull> whenFullFromString(std::string_view text) noexcept;

/// A token bucket: how often something may be handed out. It is full when the node starts.
struct RateLimit
{
    double perSecond = 0;    ///< 0 = no limit; otherwise 0.001 to 1,000,000
    std::uint32_t burst = 1; ///< that may come at once after a pause; 1 to 1,000,000

    [[nodiscard]] bool isSet() const noexcept { return perSecond > 0; }
    friend bool operator==(const RateLimit&, const RateLimit&) = default;
};

/// How one queue behaves. Every limit has its unit in its name or type and a default that is safe on a laptop.
struct QueuePolicy
{
    RetryPolicy retry;
    std::chrono::milliseconds lease{30'000};
    std::chrono::milliseconds maxRunTime{300'000}; ///< leases are not extended beyond this; then the handler counts as hung
    std::uint64_t maxDepth = 10'000'000;           ///< messages not settled; a submit above it is refused with queue-full
    std::uint64_t maxDepthBytes = 10'737'418'240;  ///< of envelopes and bodies not settled
    WhenFull whenFull = WhenFull::Refuse;          ///< at maxDepth or maxDepthBytes
    std::uint64_t maxBodyBytes = 1024 * 1024;      ///< per message
    std::chrono::milliseconds deduplicationWindow{600'000};
    Durability durability = Durability::Full;
    /// Times that the node may die while a message is out alone, before the message counts as the cause; at least 1.
    std::uint32_t maxCrashes = 3;
    /// Dead letters that wait for a person; at it nothing more is delivered from the queue until some are replayed,
    /// discarded or archived. None is ever dropped.
    std::uint64_t maxDeadLetters = 1'000'000;
    std::chrono::milliseconds deadLetterMaxAge{0}; ///< older dead letters become archived; 0 = they stay
    OnKeyFailure onKeyFailure = OnKeyFailure::Continue;
    std::uint32_t maxConcurrency = 0; ///< messages leased at once, over all workers; 0 = no limit
    RateLimit rate{};                 ///< of hand-outs of the queue, retries included
    RateLimit keyRate{};              ///< of hand-outs of each partition key

    friend bool operator==(const QueuePolicy&, const QueuePolicy&) = default;
};

/// JSON text, as stored and as printed by the command line; members not named keep their default.
[[nodiscard]] std::string toJson(const QueuePolicy& policy);
/// Errors: Invalid, naming the member and the range it must be in.
[[nodiscard]] base::Result<QueuePolicy> queuePolicyFromJson(std::string_view json);
/// Errors: Invalid, naming the field and its range.
[[nodiscard]] base::Result<void> validate(const QueuePolicy& policy);

/// Queue and topic names: 1–128 of [A-Za-z0-9._-], beginning with a letter or digit.
/// Errors: Invalid.
[[nodiscard]] base::Result<void> validateName(std::string_view name);

struct QueueDefinition
{
    std::string name;
    QueuePolicy policy;
    friend bool operator==(const QueueDefinition&, const QueueDefinition&) = default;
};

/// Copies each message of `topic` that fits all of the filter into `queue`.
struct SubscriptionDefinition
{
    std::string topic;
    std::string queue;
    std::string typePattern;     ///< `*` matches any run of characters; empty = every message
    std::string sourcePattern{}; ///< the same for the source
    /// Each must be equal: further attributes of the envelope, and `subject`. At most kMaxFilterAttributes.
    std::map<std::string, std::string> attributes{};
    friend bool operator==(const SubscriptionDefinition&, const SubscriptionDefinition&) = default;
};

inline constexpr std::size_t kMaxPatternBytes = 256;
inline constexpr std::size_t kMaxFilterAttributes = 16;
/// Of the filter; names are not looked at. Errors: Invalid.
[[nodiscard]] base::Result<void> validateFilter(const SubscriptionDefinition& definition);
/// JSON object, as stored; empty text for no attributes.
[[nodiscard]] std::string attributesToJson(const std::map<std::string, std::string>& attributes);
/// Errors: Invalid.
[[nodiscard]] base::Result<std::map<std::string, std::string>> attributesFromJson(std::string_view json);

/// What a pipeline file declares, and what a node starts with.
struct PipelineDefinition
{
    std::vector<QueueDefinition> queues;
    std::vector<SubscriptionDefinition> subscriptions;
    std::vector<ScheduleDefinition> schedules{};
    friend bool operator==(const PipelineDefinition&, const PipelineDefinition&) = default;
};
/// Checks names, policies, schedules, duplicates, and that each subscription names a declared queue and each schedule
/// a queue or topic. Errors: Invalid, Limit.
[[nodiscard]] base::Result<void> validate(const PipelineDefinition& definition);

} // namespace millrace::message
