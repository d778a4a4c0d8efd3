// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/peers/load.h"

#include <poll.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace millrace::peers {

namespace {

constexpr std::uint64_t kStretches = 1021; // a prime, so that neighbours differ

void writeHex(std::uint64_t value, char* into)
{
    for (int digit = 15; digit >= 0; --digit, value >>= 4)
        into[digit] = "0123456789abcdef"[value & 15];
}

bool readHex(std::string_view text, std::uint64_t& value)
{
    value = 0;
    for (const char c : text) {
        if (c >= '0' && c <= '9')
            value = value << 4 | static_cast<std::uint64_t>(c - '0');
        else if (c >= 'a' && c <= 'f')
            value = value << 4 | static_cast<std::uint64_t>(c - 'a' + 10);
        else
            return false;
    }
    return true;
}

} // namespace

std::int64_t monotonicNs() noexcept
{
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

bool waitReadable(int descriptor, std::int64_t untilNs)
{
    pollfd one{descriptor, POLLIN, 0};
    for (;;) {
        const std::int64_t left = std::max<std::int64_t>(0, untilNs - monotonicNs());
        const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
        const int ready = ppoll(&one, 1, &timeout, nullptr);
        if (ready >= 0)
            return ready > 0;
        if (errno != EINTR)
            throw std::system_error(errno, std::generic_category(), "ppoll");
    }
}

Bodies::Bodies(std::size_t size)
    : m_size(size)
{
    if (size < kHead)
        throw std::invalid_argument("a body has at least 32 bytes");
    std::uint32_t state = 1;
    m_text.resize(size + kStretches);
    for (char& c : m_text) {
        state = state * 1'664'525U + 1'013'904'223U;
        c = static_cast<char>('A' + (state >> 24) % 26);
    }
}

void Bodies::write(std::uint64_t number, std::int64_t stampNs, char* into) const
{
    writeHex(number, into);
    writeHex(static_cast<std::uint64_t>(stampNs), into + 16);
    std::memcpy(into + kHead, m_text.data() + number % kStretches, m_size - kHead);
}

bool Bodies::read(std::string_view body, std::uint64_t& number, std::int64_t& stampNs) const
{
    std::uint64_t stamp = 0;
    if (body.size() != m_size || !readHex(body.substr(0, 16), number) || !readHex(body.substr(16, 16), stamp))
        return false;
    stampNs = static_cast<std::int64_t>(stamp);
    return std::memcmp(body.data() + kHead, m_text.data() + number % kStretches, m_size - kHead) == 0;
}

Checker::Checker(const Bodies& bodies, std::uint64_t first, std::uint64_t count, bool timed)
    : m_bodies(bodies)
    , m_first(first)
    , m_seen(count)
    , m_timed(timed)
{
}

void Checker::check(std::string_view body)
{
    const std::int64_t now = m_timed || m_firstNs == 0 ? monotonicNs() : 0;
    if (m_firstNs == 0)
        m_firstNs = now;
    std::uint64_t number = 0;
    std::int64_t stampNs = 0;
    if (!m_bodies.read(body, number, stampNs) || number < m_first || number - m_first >= m_seen.size()) {
        ++m_mismatches;
        return;
    }
    if (m_seen[number - m_first]) {
        ++m_duplicates;
        return;
    }
    m_seen[number - m_first] = true;
    ++m_distinct;
    if (m_timed)
        m_latenciesNs.push_back(now - stampNs);
}

double Checker::latencyMs(double quantile)
{
    if (m_latenciesNs.empty())
        return 0;
    const auto last = static_cast<double>(m_latenciesNs.size() - 1);
    const auto at = m_latenciesNs.begin() + static_cast<std::ptrdiff_t>(std::lround(last * quantile));
    std::nth_element(m_latenciesNs.begin(), at, m_latenciesNs.end());
    return static_cast<double>(*at) * 1e-6;
}

} // namespace millrace::peers
