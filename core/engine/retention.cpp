// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/impl_p.h"

#include <algorithm>

/// Dead letters that are older than their queue's policy allows are archived, in chunks.
namespace millrace::engine {

using message::State;

namespace {

constexpr std::size_t kChunk = 500;
constexpr std::int64_t kLeastPauseUs = 1'000'000;
constexpr std::int64_t kMostPauseUs = 60'000'000;
constexpr const char* kActor = "retention";

} // namespace

/// Looks again after a tenth of the age, at most a minute, while there is anything to look for.
void Engine::Impl::timeRetention(Queue& queue)
{
    const std::int64_t age = base::Micros(queue.policy().deadLetterMaxAge).count();
    if (age == 0 || queue.retentionUs != 0 || queue.closed[static_cast<std::size_t>(State::Dead)] == 0)
        return;
    queue.retentionUs = nowUs() + std::clamp(age / 10, kLeastPauseUs, kMostPauseUs);
    m_timers.atSteady(queue.retentionUs, Timers::Kind::Retention, queue.row.id);
}

void Engine::Impl::planRetention()
{
    if (m_isFetching)
        return;
    for (Queue* queue : m_agedQueues) {
        queue->retentionUs = 0;
        const std::int64_t age = base::Micros(queue->policy().deadLetterMaxAge).count();
        if (age > 0)
            m_fetch.aged.push_back({queue->row.id, wallUs() - age, kChunk});
    }
    m_agedQueues.clear();
}

/// Nothing has changed these since they were read: what is fetched is the first command of its step.
void Engine::Impl::archive(const FetchedAged& aged)
{
    Queue& queue = *m_queuesById.at(aged.queue);
    std::string members;
    std::uint64_t moved = 0;
    for (const Sequence sequence : aged.sequences) {
        if (!m_changed.insert(sequence).second)
            continue; // a running operation has just dealt with it
        batch().deadLetterChanges.push_back({sequence, State::Dead, State::Archived, 0, 0, wallUs()});
        --queue.closed[static_cast<std::size_t>(State::Dead)];
        ++queue.closed[static_cast<std::size_t>(State::Archived)];
        members += std::to_string(sequence) + ":archived\n";
        ++moved;
    }
    if (moved > 0) {
        audit(kActor,
              "archive",
              queue.name(),
              moved,
              "{\"max_age_ms\":" + std::to_string(queue.policy().deadLetterMaxAge.count()) + "}",
              std::move(members));
        activate(queue);
    }
    if (aged.isWhole) {
        timeRetention(queue);
    } else {
        queue.retentionUs = nowUs();
        m_agedQueues.push_back(&queue);
    }
}

} // namespace millrace::engine
