// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/hash.h"
#include "core/message/envelope.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

/// Messages that are known by a number: whoever receives one compares it by value with what was submitted.
namespace millrace::test {

/// 48 to 304 bytes that only this number has.
inline std::string numberedBody(std::uint64_t number)
{
    std::string body = std::to_string(number) + ':';
    const std::uint64_t blocks = 2 + number % 17;
    for (std::uint64_t i = 0; i < blocks; ++i)
        body += base::toHex(std::to_string(base::hash64(body, i))).substr(0, 16);
    return body;
}

inline message::Message numberedMessage(std::uint64_t number)
{
    message::Message message;
    message.envelope.id = "m-" + std::to_string(number);
    message.envelope.source = "/test/numbered";
    message.envelope.type = "test.numbered";
    message.envelope.idempotencyKey = message.envelope.id;
    message.body = numberedBody(number);
    return message;
}

/// The number that a body begins with; nullopt if it cannot be one of these.
inline std::optional<std::uint64_t> numberOf(std::string_view body)
{
    constexpr std::uint64_t kPlausible = 100'000'000;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(body.data(), body.data() + body.size(), number);
    return error == std::errc() && number <= kPlausible ? std::optional(number) : std::nullopt;
}

} // namespace millrace::test
