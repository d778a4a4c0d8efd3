// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/slice.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::message {

inline constexpr std::uint8_t kDefaultPriority = 4; ///< as AMQP and JMS
inline constexpr std::uint8_t kHighestPriority = 9;
inline constexpr std::size_t kMaxAttributeBytes = 4096;   ///< each attribute value, and each name
inline constexpr std::size_t kMaxEnvelopeBytes = 64 * 1024;
inline constexpr std::size_t kMaxBodyBytes = 16 * 1024 * 1024;

/// What a producer says about a message: CloudEvents 1.0 attributes by their own names, and the
/// extensions that Millrace gives a meaning to. Immutable once submitted: the encoded bytes travel
/// and are stored verbatim, the node never decodes and encodes them again.
struct Envelope
{
    std::string id;              ///< the producer's; unique together with `source`; required
    std::string source;          ///< required
    std::string type;            ///< required, for example `order.created`
    std::string subject;
    std::string time;            ///< RFC 3339 as the producer wrote it, kept byte for byte
    std::string dataContentType; ///< for example `application/json`
    std::string dataSchema;
    std::string correlationId;   ///< the business transaction
    std::string causationId;     ///< the message that caused this one
    std::string traceParent;     ///< W3C trace context
    std::string partitionKey;    ///< messages of one key are delivered in order
    std::uint8_t priority = kDefaultPriority; ///< 0–9, 9 first
    std::string idempotencyKey;
    std::string uniqueKey;       ///< no second message with it is accepted by a queue while the first is not settled there
    std::int64_t deliverAtUs = 0; ///< UTC; 0 = now
    std::int64_t expiresAtUs = 0; ///< UTC; 0 = never
    std::map<std::string, std::string> attributes; ///< further CloudEvents extensions

    friend bool operator==(const Envelope&, const Envelope&) = default;
};

/// The attributes that the node itself reads, as views into the encoded envelope.
struct EnvelopeView
{
    std::string_view id, source, type, subject, correlationId, partitionKey, idempotencyKey, uniqueKey;
    std::uint8_t priority = kDefaultPriority;
    std::int64_t deliverAtUs = 0;
    std::int64_t expiresAtUs = 0;
};

/// The encoded form: the `Envelope` message of transport/wire/millrace.proto, default values left out.
[[nodiscard]] std::string encode(const Envelope& envelope);
/// Errors: Protocol (not an envelope, invalid UTF-8, priority out of range), Limit, Invalid (id, source or type missing).
[[nodiscard]] base::Result<Envelope> decodeEnvelope(std::string_view bytes);
/// Reads in place, allocates nothing; the same checks as decodeEnvelope.
[[nodiscard]] base::Result<EnvelopeView> viewEnvelope(std::string_view bytes);

/// A message as a client holds it.
struct Message
{
    Envelope envelope;
    std::string body; ///< any bytes; dataContentType says what they are
    friend bool operator==(const Message&, const Message&) = default;
};

} // namespace millrace::message
