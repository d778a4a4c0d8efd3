// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/message/policy.h"

#include <nlohmann/json.hpp>

namespace millrace::message {

namespace {

constexpr std::size_t kMaxAttributeNameBytes = 128;
constexpr std::size_t kMaxAttributeValueBytes = 1024;

base::Result<void> checkPattern(const char* what, const std::string& pattern)
{
    if (pattern.size() <= kMaxPatternBytes)
        return {};
    return base::fail(base::ErrorCode::Invalid,
                      std::string("the ") + what + " pattern has " + std::to_string(pattern.size())
                          + " bytes; at most " + std::to_string(kMaxPatternBytes) + " are allowed");
}

} // namespace

base::Result<void> validateFilter(const SubscriptionDefinition& definition)
{
    if (auto ok = checkPattern("type", definition.typePattern); !ok)
        return ok;
    if (auto ok = checkPattern("source", definition.sourcePattern); !ok)
        return ok;
    if (definition.attributes.size() > kMaxFilterAttributes) {
        return base::fail(base::ErrorCode::Invalid,
                          "a subscription compares at most " + std::to_string(kMaxFilterAttributes)
                              + " attributes, not " + std::to_string(definition.attributes.size()));
    }
    for (const auto& [name, value] : definition.attributes) {
        if (name.empty() || name.size() > kMaxAttributeNameBytes || value.size() > kMaxAttributeValueBytes) {
            return base::fail(base::ErrorCode::Invalid,
                              "an attribute of a subscription has a name of 1 to 128 bytes and a value of at most "
                              "1024 bytes");
        }
    }
    return {};
}

std::string attributesToJson(const std::map<std::string, std::string>& attributes)
{
    if (attributes.empty())
        return {};
    return nlohmann::json(attributes).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

base::Result<std::map<std::string, std::string>> attributesFromJson(std::string_view json)
{
    std::map<std::string, std::string> attributes;
    if (json.empty())
        return attributes;
    const nlohmann::json object = nlohmann::json::parse(json, nullptr, false);
    if (!object.is_object())
        return base::fail(base::ErrorCode::Invalid, "the attributes of a subscription are not a JSON object");
    for (const auto& item : object.items()) {
        if (!item.value().is_string())
            return base::fail(base::ErrorCode::Invalid, "an attribute of a subscription is not a text");
        attributes.emplace(item.key(), item.value().get<std::string>());
    }
    return attributes;
}

} // namespace millrace::message
