// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/message/policy.h"

#include "core/message/envelope.h"
#include "core/message/policy_json_p.h"

#include <algorithm>
#include <set>
#include <utility>

namespace millrace::message {

namespace {

std::string readRate(const nlohmann::json& object, const char* name, RateLimit& rate)
{
    Members members(object, std::string(name) + ".");
    members.take("per_second", rate.perSecond);
    members.take("burst", rate.burst);
    return members.finish();
}

nlohmann::ordered_json writeRate(const RateLimit& rate)
{
    return {{"per_second", rate.perSecond}, {"burst", rate.burst}};
}

base::Result<void> checkRate(const std::string& name, const RateLimit& rate)
{
    if (rate.perSecond != 0 && !(rate.perSecond >= 0.001 && rate.perSecond <= 1'000'000))
        return base::fail(base::ErrorCode::Invalid,
                          mustBe(name + ".per_second", "0 (no limit), or 0.001 to 1000000"));
    return inRange(name + ".burst", std::uint64_t{rate.burst}, 1, 1'000'000);
}

std::string readPolicy(const nlohmann::json& object, QueuePolicy& policy)
{
    Members members(object, "");
    if (const nlohmann::json* retry = members.find("retry"); retry != nullptr) {
        if (std::string error = readRetry(*retry, policy.retry); !error.empty())
            return error;
    }
    members.take("lease_ms", policy.lease);
    members.take("max_run_time_ms", policy.maxRunTime);
    members.take("max_depth", policy.maxDepth);
    members.take("max_depth_bytes", policy.maxDepthBytes);
    members.take("when_full", policy.whenFull, whenFullFromString, "`refuse` or `defer`");
    members.take("max_body_bytes", policy.maxBodyBytes);
    members.take("deduplication_window_ms", policy.deduplicationWindow);
    members.take("durability", policy.durability, durabilityFromString, "`full`, `normal` or `memory`");
    members.take("max_crashes", policy.maxCrashes);
    members.take("max_dead_letters", policy.maxDeadLetters);
    members.take("dead_letter_max_age_ms", policy.deadLetterMaxAge);
    members.take("on_key_failure", policy.onKeyFailure, onKeyFailureFromString, "`continue` or `park`");
    members.take("max_concurrency", policy.maxConcurrency);
    for (const auto& [name, rate] : {std::pair{"rate", &policy.rate}, std::pair{"key_rate", &policy.keyRate}}) {
        const nlohmann::json* member = members.find(name);
        if (member == nullptr)
            continue;
        if (std::string error = readRate(*member, name, *rate); !error.empty())
            return error;
    }
    return members.finish();
}

} // namespace

std::string_view toString(Durability durability) noexcept
{
    switch (durability) {
    case Durability::Full: return "full";
    case Durability::Normal: return "normal";
    case Durability::Memory: return "memory";
    }
    return "full";
}

std::optional<Durability> durabilityFromString(std::string_view text) noexcept
{
    for (const auto durability : {Durability::Full, Durability::Normal, Durability::Memory}) {
        if (toString(durability) == text)
            return durability;
    }
    return std::nullopt;
}

std::string_view toString(WhenFull choice) noexcept
{
    return choice == WhenFull::Defer ? "defer" : "refuse";
}

std::optional<WhenFull> whenFullFromString(std::string_view text) noexcept
{
    for (const auto choice : {WhenFull::Refuse, WhenFull::Defer}) {
        if (toString(choice) == text)
            return choice;
    }
    return std::nullopt;
}

std::string_view toString(OnKeyFailure choice) noexcept
{
    return choice == OnKeyFailure::Park ? "park" : "continue";
}

std::optional<OnKeyFailure> onKeyFailureFromString(std::string_view text) noexcept
{
    for (const auto choice : {OnKeyFailure::Continue, OnKeyFailure::Park}) {
        if (toString(choice) == text)
            return choice;
    }
    return std::nullopt;
}

std::string toJson(const QueuePolicy& policy)
{
    const nlohmann::ordered_json object{
        {"retry", writeRetry(policy.retry)},
        {"lease_ms", policy.lease.count()},
        {"max_run_time_ms", policy.maxRunTime.count()},
        {"max_depth", policy.maxDepth},
        {"max_depth_bytes", policy.maxDepthBytes},
        {"when_full", std::string(toString(policy.whenFull))},
        {"max_body_bytes", policy.maxBodyBytes},
        {"deduplication_window_ms", policy.deduplicationWindow.count()},
        {"durability", std::string(toString(policy.durability))},
        {"max_crashes", policy.maxCrashes},
        {"max_dead_letters", policy.maxDeadLetters},
        {"dead_letter_max_age_ms", policy.deadLetterMaxAge.count()},
        {"on_key_failure", std::string(toString(policy.onKeyFailure))},
        {"max_concurrency", policy.maxConcurrency},
        {"rate", writeRate(policy.rate)},
        {"key_rate", writeRate(policy.keyRate)},
    };
    return object.dump();
}

base::Result<QueuePolicy> queuePolicyFromJson(std::string_view json)
{
    const nlohmann::json object = nlohmann::json::parse(json, nullptr, false);
    if (!object.is_object())
        return base::fail(base::ErrorCode::Invalid, "queue policy: the text is not a JSON object");
    QueuePolicy policy;
    if (std::string error = readPolicy(object, policy); !error.empty())
        return base::fail(base::ErrorCode::Invalid, std::move(error));
    if (auto valid = validate(policy); !valid)
        return tl::unexpected(std::move(valid).error());
    return policy;
}

base::Result<void> validate(const QueuePolicy& policy)
{
    if (auto ok = checkRetry(policy.retry); !ok)
        return ok;
    if (auto ok = inRange("lease_ms", policy.lease, 1, kDayMs); !ok)
        return ok;
    if (auto ok
        = inRange("max_run_time_ms", policy.maxRunTime, policy.lease.count(), 30 * kDayMs);
        !ok)
        return ok;
    if (auto ok = inRange("max_depth", policy.maxDepth, 1, 1'000'000'000'000); !ok)
        return ok;
    if (auto ok = inRange("max_depth_bytes", policy.maxDepthBytes, 1, 1'000'000'000'000'000); !ok)
        return ok;
    if (auto ok = inRange("max_body_bytes", policy.maxBodyBytes, 1, kMaxBodyBytes); !ok)
        return ok;
    if (auto ok = inRange("max_crashes", std::uint64_t{policy.maxCrashes}, 1, 1000); !ok)
        return ok;
    if (auto ok = inRange("max_dead_letters", policy.maxDeadLetters, 1, 1'000'000'000'000); !ok)
        return ok;
    if (auto ok = inRange("dead_letter_max_age_ms", policy.deadLetterMaxAge, 0, 3660 * kDayMs); !ok)
        return ok;
    if (auto ok = checkRate("rate", policy.rate); !ok)
        return ok;
    if (auto ok = checkRate("key_rate", policy.keyRate); !ok)
        return ok;
    return inRange("deduplication_window_ms", policy.deduplicationWindow, 0, 30 * kDayMs);
}

base::Result<void> validateName(std::string_view name)
{
    const auto isLetterOrDigit = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    const bool fits
        = !name.empty() && name.size() <= kMaxNameBytes && isLetterOrDigit(name.front())
          && std::all_of(name.begin(), name.end(), [&](char c) {
                 return isLetterOrDigit(c) || c == '.' || c == '_' || c == '-';
             });
    if (fits)
        return {};
    return base::fail(base::ErrorCode::Invalid,
                      "the name \"" + std::string(truncateUtf8(name, kMaxNameBytes))
                          + "\" is not allowed: use 1 to 128 letters, digits, dots, underscores "
                            "and hyphens, beginning with a letter or digit");
}

namespace {

base::Result<void> checkSchedules(const PipelineDefinition& definition, std::set<std::string_view> targets)
{
    for (const SubscriptionDefinition& subscription : definition.subscriptions)
        targets.insert(subscription.topic);
    std::set<std::string_view> names;
    for (const ScheduleDefinition& schedule : definition.schedules) {
        if (auto ok = validate(schedule); !ok)
            return ok;
        if (!targets.contains(schedule.target))
            return base::fail(base::ErrorCode::Invalid,
                              "schedule \"" + schedule.name + "\" names a target that is not declared: \""
                                  + schedule.target + "\"");
        if (!names.insert(schedule.name).second)
            return base::fail(base::ErrorCode::Invalid, "schedule \"" + schedule.name + "\" is declared twice");
    }
    return {};
}

} // namespace

base::Result<void> validate(const PipelineDefinition& definition)
{
    std::set<std::string_view> queues;
    for (const QueueDefinition& queue : definition.queues) {
        if (auto ok = validateName(queue.name); !ok)
            return ok;
        if (auto ok = validate(queue.policy); !ok)
            return base::fail(base::ErrorCode::Invalid,
                              "queue \"" + queue.name + "\": " + ok.error().context);
        if (!queues.insert(queue.name).second)
            return base::fail(base::ErrorCode::Invalid,
                              "queue \"" + queue.name + "\" is declared twice");
    }
    std::set<std::pair<std::string_view, std::string_view>> subscriptions;
    for (const SubscriptionDefinition& subscription : definition.subscriptions) {
        const std::string& topic = subscription.topic;
        if (auto ok = validateName(topic); !ok)
            return ok;
        if (auto ok = validateFilter(subscription); !ok)
            return ok;
        if (queues.contains(topic))
            return base::fail(base::ErrorCode::Invalid,
                              "\"" + topic + "\" is declared both as a topic and as a queue");
        if (!queues.contains(subscription.queue))
            return base::fail(base::ErrorCode::Invalid,
                              "the subscription of topic \"" + topic
                                  + "\" names a queue that is not declared: \""
                                  + std::string(truncateUtf8(subscription.queue, kMaxNameBytes))
                                  + "\"");
        if (!subscriptions.emplace(topic, subscription.queue).second)
            return base::fail(base::ErrorCode::Invalid,
                              "topic \"" + topic + "\" is subscribed twice by queue \""
                                  + subscription.queue + "\"");
    }
    return checkSchedules(definition, std::move(queues));
}

} // namespace millrace::message
