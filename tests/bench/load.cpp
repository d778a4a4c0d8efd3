// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/load.h"

#include "core/message/envelope.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cstring>
#include <memory>

namespace millrace::bench {

namespace {

constexpr std::size_t kNumberDigits = 10;
constexpr std::size_t kGroupDigits = 6;
constexpr std::uint64_t kCustomers = 1000;

message::Envelope envelopeOfZero(bool hasKey)
{
    message::Envelope envelope;
    envelope.id = "order-" + std::string(kNumberDigits, '0');
    envelope.source = "/bench/producer";
    envelope.type = "bench.order.created";
    envelope.subject = "customer/" + std::string(kGroupDigits, '0');
    envelope.time = "2026-01-01T00:00:00.000Z";
    envelope.dataContentType = "application/octet-stream";
    envelope.correlationId = "transaction-" + std::string(kNumberDigits, '0');
    if (hasKey)
        envelope.partitionKey = "key-" + std::string(kGroupDigits, '0');
    return envelope;
}

void writeDigits(char* to, std::size_t width, std::uint64_t value)
{
    for (std::size_t i = width; i-- > 0; value /= 10)
        to[i] = static_cast<char>('0' + value % 10);
}

} // namespace

MessageMaker::MessageMaker(Shape shape)
    : m_shape(shape)
    , m_envelope(message::encode(envelopeOfZero(shape.keys > 0)))
{
    m_shape.size = std::max(shape.size, kHeadBytes);
    const auto add = [this](std::string_view prefix, std::size_t width, std::uint64_t modulus) {
        const std::size_t at = m_envelope.find(prefix);
        assert(at != std::string::npos);
        m_digits.push_back({at + prefix.size(), width, modulus});
    };
    add("order-", kNumberDigits, 0);
    add("transaction-", kNumberDigits, 0);
    add("customer/", kGroupDigits, kCustomers);
    if (shape.keys > 0)
        add("key-", kGroupDigits, shape.keys);
}

void MessageMaker::writeEnvelope(char* to, std::uint64_t number) const
{
    std::memcpy(to, m_envelope.data(), m_envelope.size());
    for (const Digits& digits : m_digits)
        writeDigits(to + digits.at, digits.width, digits.modulus == 0 ? number : number % digits.modulus);
}

void MessageMaker::writeBody(char* to, std::uint64_t number, std::int64_t stampNs) const
{
    std::memcpy(to, &number, sizeof number);
    std::memcpy(to + sizeof number, &stampNs, sizeof stampNs);
    std::uint64_t state = number * 0x9E3779B97F4A7C15ULL + 1;
    for (std::size_t at = kHeadBytes; at < m_shape.size; at += sizeof state) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        std::memcpy(to + at, &state, std::min(sizeof state, m_shape.size - at));
    }
}

std::vector<client::OutgoingMessage>
MessageMaker::batch(std::uint64_t first, std::uint64_t stride, std::size_t count, std::int64_t stampNs) const
{
    const std::size_t each = m_envelope.size() + m_shape.size;
    const auto buffer = std::make_shared_for_overwrite<char[]>(each * count);
    std::vector<client::OutgoingMessage> messages;
    messages.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        char* const envelope = buffer.get() + i * each;
        char* const body = envelope + m_envelope.size();
        const std::uint64_t number = first + i * stride;
        writeEnvelope(envelope, number);
        writeBody(body, number, stampNs);
        messages.push_back({base::Slice(buffer, std::string_view(envelope, m_envelope.size())),
                            base::Slice(buffer, std::string_view(body, m_shape.size))});
    }
    return messages;
}

Ledger::Ledger(std::uint64_t count, Shape shape)
    : m_maker(shape)
    , m_seen(count, false)
    , m_expected(m_maker.envelopeBytes() + m_maker.bodyBytes(), '\0')
{}

std::int64_t Ledger::check(std::uint64_t queue, std::string_view envelope, std::string_view body)
{
    const std::scoped_lock guard(m_lock);
    std::uint64_t number = 0;
    std::int64_t stamp = 0;
    if (envelope.size() != m_maker.envelopeBytes() || body.size() != m_maker.bodyBytes()) {
        ++m_tally.mismatches;
        return 0;
    }
    std::memcpy(&number, body.data(), sizeof number);
    std::memcpy(&stamp, body.data() + sizeof number, sizeof stamp);
    if (number >= m_seen.size()) {
        ++m_tally.mismatches;
        return 0;
    }
    char* const expectedBody = m_expected.data() + envelope.size();
    m_maker.writeEnvelope(m_expected.data(), number);
    m_maker.writeBody(expectedBody, number, stamp);
    if (std::memcmp(m_expected.data(), envelope.data(), envelope.size()) != 0
        || std::memcmp(expectedBody, body.data(), body.size()) != 0)
        ++m_tally.mismatches;
    if (const std::uint64_t keys = m_maker.keys(); keys > 0) {
        std::uint64_t& next = m_next[queue * keys + number % keys];
        if (number < next)
            ++m_tally.disorders;
        next = std::max(next, number + 1);
    }
    ++(m_seen[number] ? m_tally.duplicates : m_tally.distinct);
    m_seen[number] = true;
    return stamp;
}

Ledger::Tally Ledger::tally() const
{
    const std::scoped_lock guard(m_lock);
    return m_tally;
}

bool Ledger::isComplete() const
{
    const std::scoped_lock guard(m_lock);
    return m_tally.distinct == m_seen.size() && m_tally.duplicates == 0 && m_tally.mismatches == 0
           && m_tally.disorders == 0;
}

std::int64_t monotonicNs() noexcept
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

std::string queueName(std::uint64_t n)
{
    return "bench." + std::to_string(n);
}

} // namespace millrace::bench
