// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/deduplication_p.h"

namespace millrace::engine {

const Deduplication::Entry* Deduplication::find(std::string_view key, std::int64_t nowUs) const
{
    const auto found = m_keys.find(key);
    return found != m_keys.end() && nowUs < found->second.untilUs ? &found->second : nullptr;
}

std::uint64_t Deduplication::add(std::string_view key, Entry entry)
{
    const std::int64_t untilUs = entry.untilUs;
    const std::uint64_t id = entry.id;
    std::uint64_t replaced = 0;
    m_bytes += costOf(key, entry);
    auto found = m_keys.find(key);
    if (found == m_keys.end()) {
        found = m_keys.emplace(std::string(key), std::move(entry)).first;
    } else {
        replaced = found->second.id;
        m_bytes -= costOf(key, found->second);
        found->second = std::move(entry);
    }
    m_order.push({untilUs, id, &*found});
    return replaced;
}

void Deduplication::expire(std::int64_t nowUs, std::size_t limit, std::vector<std::uint64_t>& ids)
{
    for (std::size_t i = 0; i < limit && !m_order.empty(); ++i) {
        if (m_order.front().untilUs > nowUs)
            return;
        const Place place = m_order.pop();
        // A place whose key was taken again is passed before the node goes: the node is alive here.
        if (place.node->second.id != place.id)
            continue;
        ids.push_back(place.id);
        m_bytes -= costOf(place.node->first, place.node->second);
        m_keys.erase(m_keys.find(place.node->first));
    }
}

} // namespace millrace::engine
