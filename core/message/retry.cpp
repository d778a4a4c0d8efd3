// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/message/retry.h"

#include "core/message/policy_json_p.h"

#include <cmath>

namespace millrace::message {

namespace {

using Delays = std::vector<std::chrono::milliseconds>;

constexpr std::int64_t kLongestDelayMs = 30 * kDayMs;

base::Micros delayOf(const Delays& delays, std::uint32_t failures) noexcept
{
    const std::size_t index = std::max<std::uint32_t>(failures, 1) - 1;
    return delays[std::min(index, delays.size() - 1)];
}

base::Result<void> checkDelays(const std::string& member, const Delays& delays, std::size_t least)
{
    if (delays.size() < least || delays.size() > kMaxRetryDelays) {
        return base::fail(base::ErrorCode::Invalid,
                          mustBe(member,
                                 "a list of " + std::to_string(least) + " to "
                                     + std::to_string(kMaxRetryDelays) + " delays, not "
                                     + std::to_string(delays.size())));
    }
    for (const auto delay : delays) {
        if (auto ok = inRange(member, delay, 0, kLongestDelayMs); !ok)
            return ok;
    }
    return {};
}

base::Result<void> checkRule(const RetryRule& rule)
{
    if (rule.errorClass.empty() || rule.errorClass.size() > kMaxErrorClassBytes) {
        return base::fail(base::ErrorCode::Invalid,
                          mustBe("retry.rules.class", "a text of 1 to 256 bytes"));
    }
    if (rule.reject && (!rule.delays.empty() || rule.maxAttempts != 0)) {
        return base::fail(base::ErrorCode::Invalid,
                          "queue policy: the rule for class \"" + rule.errorClass
                              + "\" rejects at once: it can have neither `delays_ms` nor `max_attempts`");
    }
    if (auto ok = checkDelays("retry.rules.delays_ms", rule.delays, 0); !ok)
        return ok;
    return inRange("retry.rules.max_attempts", std::uint64_t{rule.maxAttempts}, 0, 1000);
}

base::Result<void> checkRules(const std::vector<RetryRule>& rules)
{
    if (rules.size() > kMaxRetryRules) {
        return base::fail(base::ErrorCode::Invalid,
                          mustBe("retry.rules", "at most " + std::to_string(kMaxRetryRules) + " rules"));
    }
    std::set<std::string_view> classes;
    for (const RetryRule& rule : rules) {
        if (auto ok = checkRule(rule); !ok)
            return ok;
        if (!classes.insert(rule.errorClass).second) {
            return base::fail(base::ErrorCode::Invalid,
                              "queue policy: `retry.rules` has two rules for class \"" + rule.errorClass + "\"");
        }
    }
    return {};
}

nlohmann::ordered_json writeDelays(const Delays& delays)
{
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const auto delay : delays)
        list.push_back(delay.count());
    return list;
}

std::string readRules(const nlohmann::json& list, std::vector<RetryRule>& rules)
{
    rules.clear();
    if (!list.is_array() || list.size() > kMaxRetryRules)
        return mustBe("retry.rules", "a list of at most " + std::to_string(kMaxRetryRules) + " rules");
    for (const nlohmann::json& object : list) {
        RetryRule& rule = rules.emplace_back();
        Members members(object, "retry.rules.");
        members.take("class", rule.errorClass);
        members.take("reject", rule.reject);
        members.take("delays_ms", rule.delays, kMaxRetryDelays);
        members.take("max_attempts", rule.maxAttempts);
        if (std::string error = members.finish(); !error.empty())
            return error;
    }
    return {};
}

} // namespace

std::string_view toString(Backoff backoff) noexcept
{
    switch (backoff) {
    case Backoff::Exponential: return "exponential";
    case Backoff::Fixed: return "fixed";
    case Backoff::List: return "list";
    }
    return "exponential";
}

std::optional<Backoff> backoffFromString(std::string_view text) noexcept
{
    for (const auto backoff : {Backoff::Exponential, Backoff::Fixed, Backoff::List}) {
        if (toString(backoff) == text)
            return backoff;
    }
    return std::nullopt;
}

const RetryRule* RetryPolicy::ruleFor(std::string_view errorClass) const noexcept
{
    const auto found = std::find_if(rules.begin(), rules.end(), [&](const RetryRule& rule) {
        return rule.errorClass == errorClass;
    });
    return found == rules.end() ? nullptr : &*found;
}

std::optional<base::Micros>
RetryPolicy::next(std::uint32_t failures, double jitter, std::string_view errorClass) const noexcept
{
    const RetryRule* rule = ruleFor(errorClass);
    if (failures >= (rule != nullptr && rule->maxAttempts != 0 ? rule->maxAttempts : maxAttempts))
        return std::nullopt;
    if (rule != nullptr && !rule->delays.empty())
        return delayOf(rule->delays, failures);
    if (backoff == Backoff::Fixed)
        return initialDelay;
    if (backoff == Backoff::List && !delays.empty())
        return delayOf(delays, failures);
    const double exponent = static_cast<double>(std::max<std::uint32_t>(failures, 1) - 1);
    const double initial = static_cast<double>(base::Micros(initialDelay).count());
    const double longest = static_cast<double>(base::Micros(maxDelay).count());
    const double grown = initial * std::pow(multiplier, exponent);
    const double cap = grown < longest ? grown : longest; // also when `grown` is infinite
    return base::Micros(static_cast<std::int64_t>(cap * std::clamp(jitter, 0.0, 1.0)));
}

base::Micros RetryPolicy::longestDelay() const noexcept
{
    std::chrono::milliseconds longest = std::max(initialDelay, maxDelay);
    for (const auto delay : delays)
        longest = std::max(longest, delay);
    for (const RetryRule& rule : rules) {
        for (const auto delay : rule.delays)
            longest = std::max(longest, delay);
    }
    return longest;
}

nlohmann::ordered_json writeRetry(const RetryPolicy& retry)
{
    nlohmann::ordered_json object{
        {"initial_delay_ms", retry.initialDelay.count()},
        {"multiplier", retry.multiplier},
        {"max_delay_ms", retry.maxDelay.count()},
        {"max_attempts", retry.maxAttempts},
        {"backoff", std::string(toString(retry.backoff))},
        {"delays_ms", writeDelays(retry.delays)},
        {"deadline_ms", retry.deadline.count()},
    };
    nlohmann::ordered_json& rules = object["rules"] = nlohmann::ordered_json::array();
    for (const RetryRule& rule : retry.rules) {
        nlohmann::ordered_json& each = rules.emplace_back(nlohmann::ordered_json::object());
        each["class"] = rule.errorClass;
        if (rule.reject)
            each["reject"] = true;
        if (!rule.delays.empty())
            each["delays_ms"] = writeDelays(rule.delays);
        if (rule.maxAttempts != 0)
            each["max_attempts"] = rule.maxAttempts;
    }
    return object;
}

std::string readRetry(const nlohmann::json& object, RetryPolicy& retry)
{
    Members members(object, "retry.");
    members.take("initial_delay_ms", retry.initialDelay);
    members.take("multiplier", retry.multiplier);
    members.take("max_delay_ms", retry.maxDelay);
    members.take("max_attempts", retry.maxAttempts);
    members.take("backoff", retry.backoff, backoffFromString, "`exponential`, `fixed` or `list`");
    members.take("delays_ms", retry.delays, kMaxRetryDelays);
    members.take("deadline_ms", retry.deadline);
    if (const nlohmann::json* rules = members.find("rules"); rules != nullptr) {
        if (std::string error = readRules(*rules, retry.rules); !error.empty())
            return error;
    }
    return members.finish();
}

base::Result<void> checkRetry(const RetryPolicy& retry)
{
    const std::int64_t longestInitial = retry.backoff == Backoff::Fixed ? kLongestDelayMs : kDayMs;
    if (auto ok = inRange("retry.initial_delay_ms", retry.initialDelay, 0, longestInitial); !ok)
        return ok;
    if (!(retry.multiplier >= 1.0 && retry.multiplier <= 100.0))
        return base::fail(base::ErrorCode::Invalid, mustBe("retry.multiplier", "1 to 100"));
    // A fixed delay has no growth to cap.
    const std::int64_t leastMax = retry.backoff == Backoff::Fixed ? 0 : retry.initialDelay.count();
    if (auto ok = inRange("retry.max_delay_ms", retry.maxDelay, leastMax, kLongestDelayMs); !ok)
        return ok;
    if (auto ok = inRange("retry.max_attempts", std::uint64_t{retry.maxAttempts}, 1, 1000); !ok)
        return ok;
    if (auto ok = checkDelays("retry.delays_ms", retry.delays, retry.backoff == Backoff::List ? 1 : 0); !ok)
        return ok;
    if (auto ok = inRange("retry.deadline_ms", retry.deadline, 0, 366 * kDayMs); !ok)
        return ok;
    return checkRules(retry.rules);
}

} // namespace millrace::message
