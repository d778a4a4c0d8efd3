// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/lane_p.h"

#include <memory>
#include <string>

namespace millrace::engine {

namespace {

/// Of one buffer; a larger message has one to itself.
constexpr std::size_t kBufferBytes = 64 * 1024;

base::Slice appendTo(const std::shared_ptr<std::string>& buffer, const base::Slice& bytes)
{
    const std::size_t begin = buffer->size();
    buffer->append(bytes.view());
    return {buffer, std::string_view(*buffer).substr(begin)};
}

} // namespace

bool Lane::holdsPlain(Sequence sequence) const
{
    for (std::size_t i = 0; i < m_hot.size() && m_hot[i].sequence <= sequence; ++i) {
        if (m_hot[i].sequence == sequence)
            return true;
    }
    for (std::size_t i = 0; i < m_cold.size() && m_cold[i].first <= sequence; ++i) {
        if (sequence <= m_cold[i].last)
            return true;
    }
    return false;
}

std::uint64_t Lane::extractPlain(Sequence sequence)
{
    std::uint64_t bytes = 0;
    Ring<Resident> left;
    while (!m_hot.empty()) {
        Resident message = m_hot.pop();
        if (message.sequence == sequence)
            bytes = message.bytes();
        else
            left.push(std::move(message));
    }
    m_hot = std::move(left);
    if (bytes == 0)
        extractCold({sequence}, [](Sequence) {});
    return bytes;
}

void Lane::ownFresh()
{
    const std::size_t end = m_hot.size();
    std::size_t first = end - std::min(std::exchange(m_fresh, 0), end);
    while (first < end) {
        std::size_t last = first;
        std::size_t bytes = 0;
        do {
            bytes += m_hot[last].envelope.size() + m_hot[last].body.size();
            ++last;
        } while (last < end && bytes + m_hot[last].envelope.size() + m_hot[last].body.size() <= kBufferBytes);
        // Reserved in full: the views must not move.
        auto buffer = std::make_shared<std::string>();
        buffer->reserve(bytes);
        for (; first < last; ++first) {
            Resident& message = m_hot[first];
            message.envelope = appendTo(buffer, message.envelope);
            message.body = appendTo(buffer, message.body);
        }
    }
}

} // namespace millrace::engine
