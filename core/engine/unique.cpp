// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/impl_p.h"

namespace millrace::engine {

/// From now until the message is settled or a dead letter, its queue takes no other with its unique key.
void Engine::Impl::holdUnique(Queue& queue, const Submission& item, const NewMessage& row)
{
    std::string key(item.view.uniqueKey);
    std::string id(item.view.id);
    if (!row.isUnstored)
        batch().uniqueKeys.push_back({row.sequence, queue.row.id, key, id});
    queue.unique.emplace(key, Deduplication::Entry{0, row.sequence, std::move(id), 0});
    m_uniqueKeys.emplace(row.sequence, std::pair(&queue, std::move(key)));
}

void Engine::Impl::releaseUnique(Sequence sequence)
{
    const auto found = m_uniqueKeys.find(sequence);
    if (found == m_uniqueKeys.end())
        return;
    const auto& [queue, key] = found->second;
    queue->unique.erase(key);
    if (!m_unstored.contains(sequence))
        batch().removedUniqueKeys.push_back(sequence);
    m_uniqueKeys.erase(found);
}

void Engine::Impl::onUniqueKey(const UniqueKeyRow& row) { m_loading.uniqueKeys.push_back(row); }

/// After all messages that hold one have their entries.
void Engine::Impl::loadUniqueKeys()
{
    for (UniqueKeyRow& row : m_loading.uniqueKeys) {
        const auto found = m_troubles.find(row.sequence);
        if (found == m_troubles.end())
            continue;
        found->second.isUnique = true;
        Queue& queue = *found->second.queue;
        queue.unique.emplace(row.key, Deduplication::Entry{0, row.sequence, std::move(row.messageId), 0});
        m_uniqueKeys.emplace(row.sequence, std::pair(&queue, std::move(row.key)));
    }
}

} // namespace millrace::engine
