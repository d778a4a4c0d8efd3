// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/message/policy.h"

#include "core/message/envelope.h"
#include "core/message/life.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

namespace millrace::message {

namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::size_t kMaxNameBytes = 128;

std::string mustBe(std::string_view member, const std::string& range)
{
    return "queue policy: `" + std::string(member) + "` must be " + range;
}

base::Result<void>
inRange(std::string_view member, std::uint64_t value, std::uint64_t low, std::uint64_t high)
{
    if (value >= low && value <= high)
        return {};
    return base::fail(base::ErrorCode::Invalid,
                      mustBe(member,
                             std::to_string(low) + " to " + std::to_string(high) + ", not "
                                 + std::to_string(value)));
}

base::Result<void> inRange(std::string_view member,
                           std::chrono::milliseconds value,
                           std::int64_t low,
                           std::int64_t high)
{
    if (value.count() >= low && value.count() <= high)
        return {};
    return base::fail(base::ErrorCode::Invalid,
                      mustBe(member,
                             std::to_string(low) + " to " + std::to_string(high)
                                 + " milliseconds, not " + std::to_string(value.count())));
}

base::Result<void> checkRetry(const RetryPolicy& retry)
{
    if (auto ok = inRange("retry.initial_delay_ms", retry.initialDelay, 0, kDayMs); !ok)
        return ok;
    if (!(retry.multiplier >= 1.0 && retry.multiplier <= 100.0))
        return base::fail(base::ErrorCode::Invalid, mustBe("retry.multiplier", "1 to 100"));
    const std::int64_t leastMax = retry.initialDelay.count();
    if (auto ok = inRange("retry.max_delay_ms", retry.maxDelay, leastMax, 30 * kDayMs); !ok)
        return ok;
    return inRange("retry.max_attempts", std::uint64_t{retry.maxAttempts}, 1, 1000);
}

/// Takes the members of one JSON object; remembers the first thing that is wrong with it.
class Members
{
public:
    Members(const nlohmann::json& object, std::string prefix)
        : m_object(object)
        , m_prefix(std::move(prefix))
    {
        if (!object.is_object())
            m_error = mustBe(m_prefix, "a JSON object");
    }

    void take(const char* name, std::chrono::milliseconds& into)
    {
        std::uint64_t value = 0;
        if (whole(name, value))
            into = std::chrono::milliseconds(
                std::min<std::uint64_t>(value, std::numeric_limits<std::int64_t>::max() / 1000));
    }
    void take(const char* name, std::uint64_t& into) { whole(name, into); }
    void take(const char* name, std::uint32_t& into)
    {
        std::uint64_t value = 0;
        if (whole(name, value))
            into = static_cast<std::uint32_t>(
                std::min<std::uint64_t>(value, std::numeric_limits<std::uint32_t>::max()));
    }
    void take(const char* name, double& into)
    {
        const nlohmann::json* value = find(name);
        if (value != nullptr && value->is_number())
            into = value->get<double>();
        else if (value != nullptr)
            refuse(name, "a number");
    }
    void take(const char* name, Durability& into)
    {
        const nlohmann::json* value = find(name);
        if (value == nullptr)
            return;
        const auto durability
            = value->is_string() ? durabilityFromString(value->get_ref<const std::string&>())
                                 : std::nullopt;
        if (durability)
            into = *durability;
        else
            refuse(name, "`full`, `normal` or `memory`");
    }
    /// The member object `name`, or null.
    [[nodiscard]] const nlohmann::json* find(const char* name)
    {
        m_known.insert(name);
        if (!m_error.empty())
            return nullptr;
        const auto found = m_object.find(name);
        return found == m_object.end() ? nullptr : &*found;
    }
    /// Empty if all members were taken and each was fit.
    [[nodiscard]] std::string finish() const
    {
        if (!m_error.empty())
            return m_error;
        for (const auto& item : m_object.items()) {
            if (!m_known.contains(item.key()))
                return "queue policy: `" + m_prefix
                       + std::string(truncateUtf8(item.key(), kMaxNameBytes))
                       + "` is not a member of a policy";
        }
        return {};
    }

private:
    bool whole(const char* name, std::uint64_t& into)
    {
        const nlohmann::json* value = find(name);
        if (value == nullptr)
            return false;
        if (!value->is_number_unsigned()) {
            refuse(name, "a whole number and not negative");
            return false;
        }
        into = value->get<std::uint64_t>();
        return true;
    }
    void refuse(const char* name, const char* range)
    {
        if (m_error.empty())
            m_error = mustBe(m_prefix + name, range);
    }

    const nlohmann::json& m_object;
    std::string m_prefix;
    std::set<std::string, std::less<>> m_known;
    std::string m_error;
};

std::string readRetry(const nlohmann::json& object, RetryPolicy& retry)
{
    Members members(object, "retry.");
    members.take("initial_delay_ms", retry.initialDelay);
    members.take("multiplier", retry.multiplier);
    members.take("max_delay_ms", retry.maxDelay);
    members.take("max_attempts", retry.maxAttempts);
    return members.finish();
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
    members.take("max_body_bytes", policy.maxBodyBytes);
    members.take("deduplication_window_ms", policy.deduplicationWindow);
    members.take("durability", policy.durability);
    return members.finish();
}

} // namespace

std::optional<base::Micros> RetryPolicy::next(std::uint32_t failures, double jitter) const noexcept
{
    if (failures >= maxAttempts)
        return std::nullopt;
    const double exponent = static_cast<double>(std::max<std::uint32_t>(failures, 1) - 1);
    const double initial = static_cast<double>(base::Micros(initialDelay).count());
    const double longest = static_cast<double>(base::Micros(maxDelay).count());
    const double grown = initial * std::pow(multiplier, exponent);
    const double cap = grown < longest ? grown : longest; // also when `grown` is infinite
    return base::Micros(static_cast<std::int64_t>(cap * std::clamp(jitter, 0.0, 1.0)));
}

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

std::string toJson(const QueuePolicy& policy)
{
    const nlohmann::ordered_json object{
        {"retry",
         {{"initial_delay_ms", policy.retry.initialDelay.count()},
          {"multiplier", policy.retry.multiplier},
          {"max_delay_ms", policy.retry.maxDelay.count()},
          {"max_attempts", policy.retry.maxAttempts}}},
        {"lease_ms", policy.lease.count()},
        {"max_run_time_ms", policy.maxRunTime.count()},
        {"max_depth", policy.maxDepth},
        {"max_body_bytes", policy.maxBodyBytes},
        {"deduplication_window_ms", policy.deduplicationWindow.count()},
        {"durability", std::string(toString(policy.durability))},
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
    if (auto ok = inRange("max_body_bytes", policy.maxBodyBytes, 1, kMaxBodyBytes); !ok)
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
    return {};
}

} // namespace millrace::message
