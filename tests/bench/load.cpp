// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/load.h"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace millrace::bench {

namespace {

constexpr std::size_t kHeadBytes = 16;

message::Envelope envelopeOf(std::uint64_t index)
{
    const std::string number = std::to_string(index);
    message::Envelope envelope;
    envelope.id = "order-" + number;
    envelope.source = "/bench/producer";
    envelope.type = "bench.order.created";
    envelope.subject = "customer/" + std::to_string(index % 1000);
    envelope.time = "2026-01-01T00:00:00.000Z";
    envelope.dataContentType = "application/octet-stream";
    envelope.correlationId = "transaction-" + number;
    return envelope;
}

/// Fills everything but the time stamp.
void fillBody(std::string& body, std::uint64_t index, std::size_t size)
{
    body.resize(std::max(size, kHeadBytes));
    std::memcpy(body.data(), &index, sizeof index);
    std::uint64_t state = index * 0x9E3779B97F4A7C15ULL + 1;
    for (std::size_t at = kHeadBytes; at < body.size(); at += sizeof state) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        std::memcpy(body.data() + at, &state, std::min(sizeof state, body.size() - at));
    }
}

} // namespace

client::OutgoingMessage makeMessage(std::uint64_t index, std::size_t size, std::int64_t stampNs)
{
    std::string body;
    fillBody(body, index, size);
    std::memcpy(body.data() + sizeof index, &stampNs, sizeof stampNs);
    return {base::Slice::own(message::encode(envelopeOf(index))), base::Slice::own(std::move(body))};
}

Checker::Checker(std::uint64_t count, std::size_t size)
    : m_seen(count, false)
    , m_size(size)
{
}

std::int64_t Checker::check(std::string_view envelope, std::string_view body)
{
    std::uint64_t index = 0;
    std::int64_t stamp = 0;
    if (body.size() != std::max(m_size, kHeadBytes)) {
        ++m_mismatches;
        return 0;
    }
    std::memcpy(&index, body.data(), sizeof index);
    std::memcpy(&stamp, body.data() + sizeof index, sizeof stamp);
    if (index >= m_seen.size()) {
        ++m_mismatches;
        return 0;
    }
    fillBody(m_expected, index, m_size);
    if (std::memcmp(m_expected.data() + kHeadBytes, body.data() + kHeadBytes, body.size() - kHeadBytes) != 0
        || message::encode(envelopeOf(index)) != envelope)
        ++m_mismatches;
    if (m_seen[index])
        ++m_duplicates;
    else
        ++m_distinct;
    m_seen[index] = true;
    return stamp;
}

std::int64_t monotonicNs() noexcept
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

} // namespace millrace::bench
