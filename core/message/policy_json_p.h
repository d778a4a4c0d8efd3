// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/message/life.h"
#include "core/message/retry.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the parts of a policy share when they are read, written and checked.
namespace millrace::message {

inline constexpr std::int64_t kDayMs = 86'400'000;
inline constexpr std::size_t kMaxNameBytes = 128;

inline std::string mustBe(std::string_view member, const std::string& range)
{
    return "queue policy: `" + std::string(member) + "` must be " + range;
}

inline base::Result<void>
inRange(std::string_view member, std::uint64_t value, std::uint64_t low, std::uint64_t high)
{
    if (value >= low && value <= high)
        return {};
    return base::fail(base::ErrorCode::Invalid,
                      mustBe(member,
                             std::to_string(low) + " to " + std::to_string(high) + ", not "
                                 + std::to_string(value)));
}

inline base::Result<void> inRange(std::string_view member,
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
            into = clampedMs(value);
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
    void take(const char* name, bool& into)
    {
        const nlohmann::json* value = find(name);
        if (value != nullptr && value->is_boolean())
            into = value->get<bool>();
        else if (value != nullptr)
            refuse(name, "true or false");
    }
    void take(const char* name, std::string& into)
    {
        const nlohmann::json* value = find(name);
        if (value != nullptr && value->is_string())
            into = value->get<std::string>();
        else if (value != nullptr)
            refuse(name, "a text");
    }
    /// At most `limit` whole numbers.
    void take(const char* name, std::vector<std::chrono::milliseconds>& into, std::size_t limit)
    {
        const nlohmann::json* value = find(name);
        if (value == nullptr)
            return;
        into.clear();
        if (!value->is_array() || value->size() > limit) {
            refuse(name, ("a list of at most " + std::to_string(limit) + " whole numbers").c_str());
            return;
        }
        for (const nlohmann::json& item : *value) {
            if (!item.is_number_unsigned()) {
                refuse(name, "a list of whole numbers, none negative");
                return;
            }
            into.push_back(clampedMs(item.get<std::uint64_t>()));
        }
    }
    /// A value with names: `fromString` reads one, `names` lists them for the error.
    template<typename Value>
    void take(const char* name, Value& into, std::optional<Value> (*fromString)(std::string_view) noexcept, const char* names)
    {
        const nlohmann::json* value = find(name);
        if (value == nullptr)
            return;
        const auto read = value->is_string() ? fromString(value->get_ref<const std::string&>()) : std::nullopt;
        if (read)
            into = *read;
        else
            refuse(name, names);
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
    /// What no duration can be is cut; validation refuses it in words.
    static std::chrono::milliseconds clampedMs(std::uint64_t value)
    {
        return std::chrono::milliseconds(
            std::min<std::uint64_t>(value, std::numeric_limits<std::int64_t>::max() / 1000));
    }
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

[[nodiscard]] nlohmann::ordered_json writeRetry(const RetryPolicy& retry);
/// @returns what is wrong; empty if all members were fit
[[nodiscard]] std::string readRetry(const nlohmann::json& object, RetryPolicy& retry);
[[nodiscard]] base::Result<void> checkRetry(const RetryPolicy& retry);

} // namespace millrace::message
