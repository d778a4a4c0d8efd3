// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/keys_p.h"

#include <algorithm>
#include <cassert>

namespace millrace::engine {

namespace {

/// Entries that have left are dropped from the front when they are this many, and half of all.
constexpr std::size_t kFewGone = 32;

template<typename Items>
auto placeIn(Items& items, std::size_t begin, Sequence place)
{
    return std::lower_bound(items.begin() + static_cast<std::ptrdiff_t>(begin),
                            items.end(),
                            place,
                            [](const auto& each, Sequence value) { return each.place < value; });
}

} // namespace

const KeyLine::Entry* KeyLine::entryOf(Sequence sequence) const
{
    if (const std::size_t at = find(sequence); at < m_entries.size() && m_entries[at].sequence == sequence)
        return &m_entries[at];
    if (!m_hasReplays)
        return nullptr;
    const auto found = std::find_if(m_entries.begin(), m_entries.end(), [&](const Entry& each) {
        return each.sequence == sequence;
    });
    return found == m_entries.end() ? nullptr : &*found;
}

void KeyLine::insert(Entry entry)
{
    m_hasReplays = m_hasReplays || entry.place != entry.sequence;
    ++m_size;
    if (!entry.isBusy) {
        ++m_idle;
        m_parked += isParked(entry.place) ? 1U : 0U;
    }
    if (m_begin == m_entries.size() || m_entries.back().place < entry.place) {
        m_entries.push_back(entry);
        return;
    }
    const auto at = placeIn(m_entries, m_begin, entry.place);
    // The place of a dead letter may still be there, empty, when its replay comes.
    if (at->place == entry.place)
        *at = entry;
    else
        m_entries.insert(at, entry);
}

void KeyLine::remove(Sequence place)
{
    const std::size_t at = find(place);
    assert(at < m_entries.size());
    Entry& entry = m_entries[at];
    if (!entry.isBusy) {
        --m_idle;
        m_parked -= isParked(place) ? 1U : 0U;
    }
    entry.sequence = 0;
    --m_size;
    trim();
}

void KeyLine::setBusy(Sequence place, bool isBusy)
{
    const std::size_t at = find(place);
    assert(at < m_entries.size());
    Entry& entry = m_entries[at];
    if (entry.isBusy == isBusy)
        return;
    entry.isBusy = isBusy;
    const std::uint64_t parked = isParked(place) ? 1 : 0;
    if (isBusy) {
        --m_idle;
        m_parked -= parked;
    } else {
        ++m_idle;
        m_parked += parked;
    }
}

void KeyLine::block(Sequence place, Sequence sequence)
{
    m_blocks.insert(placeIn(m_blocks, 0, place), {place, sequence});
    recountParked();
}

bool KeyLine::unblock(Sequence sequence)
{
    const auto gone = std::erase_if(m_blocks, [&](const Block& each) { return each.sequence == sequence; });
    recountParked();
    return gone > 0;
}

std::size_t KeyLine::find(Sequence place) const
{
    const auto at = placeIn(m_entries, m_begin, place);
    const bool isThere = at != m_entries.end() && at->place == place && at->sequence != 0;
    return isThere ? static_cast<std::size_t>(at - m_entries.begin()) : m_entries.size();
}

void KeyLine::trim()
{
    while (m_begin < m_entries.size() && m_entries[m_begin].sequence == 0)
        ++m_begin;
    if (m_begin == m_entries.size()) {
        m_entries.clear();
        m_begin = 0;
    } else if (m_begin >= kFewGone && m_begin * 2 >= m_entries.size()) {
        m_entries.erase(m_entries.begin(), m_entries.begin() + static_cast<std::ptrdiff_t>(m_begin));
        m_begin = 0;
    }
}

void KeyLine::recountParked()
{
    m_parked = 0;
    for (std::size_t i = m_begin; i < m_entries.size(); ++i) {
        const Entry& entry = m_entries[i];
        m_parked += entry.sequence != 0 && !entry.isBusy && isParked(entry.place) ? 1U : 0U;
    }
}

} // namespace millrace::engine
