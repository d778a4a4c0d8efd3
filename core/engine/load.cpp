// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/impl_p.h"

#include <algorithm>

namespace millrace::engine {

using message::State;

void Engine::Impl::onMeta(std::uint64_t epoch, Sequence reservedThrough)
{
    m_epoch = epoch;
    m_leases.setEpoch(epoch);
    m_lastSequence = reservedThrough;
    m_reservedThrough = reservedThrough;
    m_random = Random(Random(m_options.randomSeed).next() ^ epoch);
}

void Engine::Impl::onLastRun(bool stoppedCleanly, std::uint64_t crashedHandoutsThrough)
{
    m_loading.stoppedCleanly = stoppedCleanly;
    m_loading.crashedHandoutsThrough = crashedHandoutsThrough;
}

void Engine::Impl::onQueue(const QueueRow& row) { addQueue(row); }

void Engine::Impl::onSubscription(const SubscriptionRow& row)
{
    const auto queue = m_queuesById.find(row.queue);
    if (queue == m_queuesById.end())
        return;
    m_lastSubscription = std::max(m_lastSubscription, row.id);
    m_topics[row.definition.topic].push_back({row, queue->second});
}

/// Those that wait or may expire get their entry now; the others a place among the cold ones.
void Engine::Impl::onMessage(const LoadedMessage& row)
{
    const auto found = m_queuesById.find(row.queue);
    if (found == m_queuesById.end())
        return;
    Queue& queue = *found->second;
    const std::uint8_t priority = std::min(row.priority, message::kHighestPriority);
    m_lastSequence = std::max(m_lastSequence, row.sequence);
    m_times.note(row.sequence, row.submittedAtUs);
    queue.storedBytes += row.bytes;
    if (!row.partitionKey.empty()) {
        loadInLine(queue, row, priority);
        return;
    }
    if (row.deliverAtUs != 0 || row.expiresAtUs != 0) {
        Trouble& trouble = m_troubles[row.sequence];
        trouble.queue = &queue;
        trouble.priority = priority;
        trouble.deliverAtUs = row.deliverAtUs;
        trouble.expiresAtUs = row.expiresAtUs;
        trouble.storedBytes = static_cast<std::uint32_t>(row.bytes);
        return;
    }
    queue.lanes[priority].pushCold(row.sequence);
    queue.laneMask |= 1U << priority;
    ++queue.figures.ready;
}

void Engine::Impl::onFailure(const LoadedFailure& row) { m_loading.failures.push_back(row); }

void Engine::Impl::onDeduplication(const DeduplicationRow& row)
{
    m_lastDeduplication = std::max(m_lastDeduplication, row.id);
    m_loading.deduplications.push_back(row);
}

void Engine::Impl::onHandout(const HandoutRow& row)
{
    m_handouts.addLoaded(row.id);
    m_loading.handouts.push_back(row);
}

void Engine::Impl::onSuspect(const SuspectRow& row) { m_loading.suspects.push_back(row); }

void Engine::Impl::onDeadLetterCount(QueueId queue, State state, std::uint64_t count)
{
    const auto found = m_queuesById.find(queue);
    if (found != m_queuesById.end() && static_cast<std::size_t>(state) < kStates)
        found->second->closed[static_cast<std::size_t>(state)] += count;
}

void Engine::Impl::onOperation(const OperationRow& row)
{
    m_lastOperation = std::max(m_lastOperation, row.status.id);
    Operation& operation = m_operations[row.status.id];
    operation.row = row;
    operation.row.isNew = false;
}

void Engine::Impl::finishLoad(base::Now now, bool isRebuild)
{
    m_now = now;
    m_reservedThrough = std::max(m_reservedThrough, m_lastSequence);
    m_times.convert([this](std::int64_t submittedUs) {
        return nowUs() - std::max<std::int64_t>(wallUs() - submittedUs, 0);
    });
    findLoadedTroubles();
    loadDeduplications();
    loadUniqueKeys();
    findSuspects(!m_loading.stoppedCleanly && !isRebuild);
    resumeTroubles();
    resumeSchedules();
    resumeLines();
    m_handouts.finishLoad(m_suspects.crashedHandoutsThrough, m_removedHandouts);
    for (const auto& queue : m_queues)
        timeRetention(*queue);
    m_loading = {};
    const bool isRunning = std::any_of(m_operations.begin(), m_operations.end(), [](const auto& each) {
        return each.second.row.status.state == message::OperationState::Running;
    });
    m_isLeftOver = isRunning || !m_removedHandouts.empty() || m_suspects.hasNews;
}

/// Takes the messages that failed or were handed out from among the cold ones and gives them entries.
void Engine::Impl::findLoadedTroubles()
{
    std::vector<Sequence> wanted;
    for (const LoadedFailure& row : m_loading.failures)
        wanted.push_back(row.sequence);
    for (const HandoutRow& row : m_loading.handouts)
        wanted.insert(wanted.end(), row.sequences.begin(), row.sequences.end());
    for (const SuspectRow& row : m_loading.suspects)
        wanted.push_back(row.sequence);
    for (const UniqueKeyRow& row : m_loading.uniqueKeys)
        wanted.push_back(row.sequence);
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    if (!wanted.empty()) {
        findTroublesInLine(wanted);
        for (const auto& queue : m_queues) {
            for (std::size_t priority = 0; priority < kPriorities; ++priority) {
                queue->lanes[priority].extractCold(wanted, [&](Sequence sequence) {
                    Trouble& trouble = m_troubles[sequence];
                    trouble.queue = queue.get();
                    trouble.priority = static_cast<std::uint8_t>(priority);
                    --queue->figures.ready;
                });
            }
        }
    }
    for (const LoadedFailure& row : m_loading.failures) {
        if (const auto found = m_troubles.find(row.sequence); found != m_troubles.end()) {
            found->second.failures = row.failures;
            found->second.redelivered = true;
            found->second.dueUs = row.dueAtUs; // UTC until resumeTroubles
            // A clock that jumped ahead while the node was down must not end a message: it gets one more
            // attempt whatever the deadline, for that is looked at when an attempt has failed.
            const std::int64_t began = row.firstAttemptAtUs == 0 ? wallUs() : row.firstAttemptAtUs;
            found->second.firstAttemptUs = nowUs() - std::max<std::int64_t>(wallUs() - began, 0);
        }
    }
    for (const HandoutRow& row : m_loading.handouts) {
        for (const Sequence sequence : row.sequences) {
            const auto found = m_troubles.find(sequence);
            if (found == m_troubles.end())
                continue;
            found->second.redelivered = true;
            if (found->second.handout == 0) {
                found->second.handout = row.id;
                m_handouts.holdLoaded(row.id);
            }
        }
    }
}

void Engine::Impl::resumeTroubles()
{
    std::vector<Sequence> all;
    all.reserve(m_troubles.size());
    for (const auto& [sequence, trouble] : m_troubles)
        all.push_back(sequence);
    std::sort(all.begin(), all.end()); // the order of a hash map must not decide anything
    for (const Sequence sequence : all) {
        Trouble& trouble = m_troubles.at(sequence);
        Queue& queue = *trouble.queue;
        const std::int64_t longest = queue.policy().retry.longestDelay().count();
        const std::int64_t wait
            = trouble.failures == 0 || trouble.dueUs <= wallUs() ? 0 : trouble.dueUs - wallUs();
        trouble.dueUs = nowUs() + std::min(wait, longest);
        if (wait > 0) {
            trouble.state = State::Retrying;
            trouble.deliverAtUs = 0;
            ++queue.figures.retrying;
            m_timers.atSteady(trouble.dueUs, Timers::Kind::Retry, sequence);
        } else if (trouble.deliverAtUs > wallUs() && trouble.failures == 0 && !trouble.redelivered) {
            trouble.state = State::Scheduled;
            ++queue.figures.scheduled;
            m_timers.atWall(trouble.deliverAtUs, sequence, false);
        } else {
            trouble.state = State::Ready;
            trouble.deliverAtUs = 0;
            trouble.dueUs = m_times.find(sequence, nowUs());
            if (trouble.line == nullptr) {
                ++queue.figures.ready;
                makeReady(sequence, trouble);
            }
        }
        timeExpiry(sequence, trouble);
    }
}

void Engine::Impl::loadDeduplications()
{
    for (DeduplicationRow& row : m_loading.deduplications) {
        const auto found = m_queuesById.find(row.queue);
        if (found == m_queuesById.end())
            continue;
        Queue& queue = *found->second;
        const std::int64_t window = base::Micros(queue.policy().deduplicationWindow).count();
        const std::int64_t left = std::clamp<std::int64_t>(row.expiresAtUs - wallUs(), 0, window);
        // In the order of the rows even if a clock that jumped has mixed up their times: later is safe.
        std::int64_t untilUs = nowUs() + left;
        if (!queue.deduplication.empty())
            untilUs = std::max(untilUs, queue.deduplication.lastUntilUs());
        m_deduplicationBytes -= queue.deduplication.bytes();
        queue.deduplication.add(row.key, {row.id, row.sequence, std::move(row.messageId), untilUs});
        m_deduplicationBytes += queue.deduplication.bytes();
    }
    for (const auto& queue : m_queues) {
        Deduplication& keys = queue->deduplication;
        keys.isTimed = !keys.empty();
        if (keys.isTimed)
            m_timers.atSteady(keys.firstUntilUs(), Timers::Kind::Deduplication, queue->row.id);
    }
}

} // namespace millrace::engine
