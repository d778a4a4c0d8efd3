// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/impl_p.h"

#include <algorithm>

namespace millrace::engine {

namespace {

constexpr std::size_t kFetchedPerLane = 1024;
/// Of a lane far behind others, for the turns that it gets nevertheless.
constexpr std::size_t kFetchedForTurns = 16;
constexpr std::size_t kFetchedPerStep = 4096;
/// Of a queue of which nothing is known yet: bodies may have up to 16 MiB.
constexpr std::uint64_t kFirstFetch = 8;
/// What a fetch may bring even if the budget of resident bytes is used up, so that one queue's
/// waiting messages cannot stop another's.
constexpr std::uint64_t kLeastFetchBytes = 1024 * 1024;

} // namespace

/// Asks for the bytes that the queue will need next. Only one fetch is under way at a time.
void Engine::Impl::planFetch(Queue& queue)
{
    if (m_isFetching)
        return;
    std::size_t ahead = 0; // messages that are here or asked for
    for (std::size_t priority = kPriorities; priority-- > 0;) {
        Lane& lane = queue.lanes[priority];
        if (lane.empty() || (ahead >= kFetchedPerLane && lane.hotCount() > 0))
            continue;
        const std::size_t limit = ahead < kFetchedPerLane ? kFetchedPerLane : kFetchedForTurns;
        const std::size_t asked = m_fetch.messages.size();
        planFetch(queue, lane, static_cast<std::uint8_t>(priority), limit);
        ahead += lane.hotCount() + m_fetch.messages.size() - asked;
    }
}

void Engine::Impl::planFetch(Queue& queue, Lane& lane, std::uint8_t priority, std::size_t limit)
{
    const std::uint64_t used = m_residentBytes + m_fetchBytes;
    const std::uint64_t budget = m_options.maxResidentBytes;
    const std::uint64_t free = budget > used ? budget - used : 0;
    const std::uint64_t least = m_fetchBytes < kLeastFetchBytes ? kLeastFetchBytes - m_fetchBytes : 0;
    const std::uint64_t size = std::max<std::uint64_t>(queue.averageBytes, 1);
    std::uint64_t room = std::max(free, least) / size;
    if (queue.averageBytes == 0)
        room = std::min(room, kFirstFetch);
    room = std::max<std::uint64_t>(room, lane.hotCount() == 0 ? 1 : 0);
    room = std::min<std::uint64_t>(room, limit);
    room = std::min<std::uint64_t>(room, kFetchedPerStep - m_fetch.messages.size());

    const std::size_t before = m_fetch.messages.size();
    for (const Sequence sequence : lane.awaiting()) {
        if (m_fetch.messages.size() - before >= room)
            break;
        m_fetch.messages.push_back(sequence);
        m_requestedTroubles.push_back(sequence);
    }
    const std::size_t plain = m_fetch.messages.size();
    if (lane.hotCount() < kFetchedPerLane && lane.hasCold() && plain - before < room)
        lane.beginFetch(room - (plain - before), m_fetch.messages);
    for (std::size_t i = plain; i < m_fetch.messages.size(); ++i)
        m_requests.push_back({m_fetch.messages[i], &queue, priority});
    m_fetchBytes += (m_fetch.messages.size() - before) * size;
}

void Engine::Impl::sendFetch()
{
    if (m_fetch.messages.empty() && m_fetch.deadLetters.empty() && m_fetch.aged.empty())
        return;
    std::sort(m_fetch.messages.begin(), m_fetch.messages.end());
    std::sort(m_requests.begin(), m_requests.end(), [](const Request& a, const Request& b) {
        return a.sequence < b.sequence;
    });
    if (!m_unstored.empty())
        m_unstored.fetch(m_fetch.messages, m_fetchedHere);
    m_isFetching = true;
    m_fetchBytes = 0;
    send(std::exchange(m_fetch, {}));
}

void Engine::Impl::handle(Fetched& command)
{
    if (!m_isFetching)
        return;
    m_isFetching = false;
    std::move(m_fetchedHere.begin(), m_fetchedHere.end(), std::back_inserter(command.messages));
    m_fetchedHere.clear();
    std::sort(command.messages.begin(),
              command.messages.end(),
              [](const FetchedMessage& a, const FetchedMessage& b) { return a.sequence < b.sequence; });
    const auto rowOf = [&](Sequence sequence) -> FetchedMessage* {
        const auto found = std::lower_bound(command.messages.begin(),
                                            command.messages.end(),
                                            sequence,
                                            [](const FetchedMessage& row, Sequence value) {
                                                return row.sequence < value;
                                            });
        return found != command.messages.end() && found->sequence == sequence ? &*found : nullptr;
    };
    for (const Request& request : m_requests)
        request.queue->lanes[request.priority].endFetch();
    // The buffers of a fetch for one lane leave in order with its messages. Those for several do not.
    const bool isShared = !m_requestedTroubles.empty()
                          || std::any_of(m_requests.begin(), m_requests.end(), [this](const Request& each) {
                                 return each.queue != m_requests.front().queue
                                        || each.priority != m_requests.front().priority;
                             });
    for (const Request& request : m_requests)
        arrive(request, rowOf(request.sequence), isShared);
    for (const Sequence sequence : m_requestedTroubles)
        arriveInTrouble(sequence, rowOf(sequence));
    m_requests.clear();
    m_requestedTroubles.clear();

    std::sort(command.deadLetters.begin(),
              command.deadLetters.end(),
              [](const FetchedDeadLetter& a, const FetchedDeadLetter& b) {
                  return a.sequence < b.sequence;
              });
    for (auto& [id, operation] : m_operations) {
        if (operation.requested > 0)
            advance(operation, command.deadLetters);
    }
    for (const FetchedAged& aged : command.aged)
        archive(aged);
}

void Engine::Impl::arrive(const Request& request, FetchedMessage* row, bool isShared)
{
    Queue& queue = *request.queue;
    if (row == nullptr) {
        vanish(queue);
        return;
    }
    if (!row->damage.empty()) {
        --queue.figures.ready;
        queue.dropBytes(queue.averageBytes);
        bury(request.sequence,
             queue,
             message::Reason::Rejected,
             {"damaged-row", std::move(row->damage)},
             {},
             0);
        return;
    }
    Resident message{request.sequence,
                     m_times.find(request.sequence, nowUs()),
                     std::move(row->envelope),
                     std::move(row->body)};
    m_residentBytes += message.bytes();
    queue.learnSize(message.bytes());
    Lane& lane = queue.lanes[request.priority];
    lane.pushHot(std::move(message));
    if (isShared)
        ownLater(lane);
    else
        lane.keepFresh();
    queue.laneMask |= 1U << request.priority;
}

/// It may have expired on the way; then nobody waits for it any more.
void Engine::Impl::arriveInTrouble(Sequence sequence, FetchedMessage* row)
{
    const auto found = m_troubles.find(sequence);
    if (found == m_troubles.end() || found->second.state != message::State::Ready
        || found->second.isResident)
        return;
    Trouble& trouble = found->second;
    Queue& queue = *trouble.queue;
    if (row == nullptr || !row->damage.empty()) {
        const std::uint32_t failures = trouble.failures;
        leaveState(sequence, trouble);
        forget(sequence);
        if (row != nullptr) {
            bury(sequence,
                 queue,
                 message::Reason::Rejected,
                 {"damaged-row", std::move(row->damage)},
                 {},
                 failures);
        } else {
            ++queue.figures.ready; // has been counted already
            vanish(queue);
        }
        return;
    }
    Lane& lane = queue.lanes[trouble.priority];
    // A message that was overtaken in its key on the way waits outside its lane.
    const bool isWaited = trouble.line == nullptr || (trouble.line->current == sequence && trouble.line->isInLane);
    if (isWaited && !trouble.isSuspect)
        lane.removeSpecial(sequence, false);
    trouble.envelope = base::Slice::own(row->envelope.toString());
    trouble.body = base::Slice::own(row->body.toString());
    trouble.isResident = true;
    trouble.storedBytes = static_cast<std::uint32_t>(trouble.envelope.size() + trouble.body.size());
    m_residentBytes += trouble.bytes();
    queue.learnSize(trouble.bytes());
    if (isWaited)
        makeReady(sequence, trouble);
}

/// The store does not have a row that it confirmed: counted, so that sums still show it.
void Engine::Impl::vanish(Queue& queue)
{
    --queue.figures.ready;
    queue.dropBytes(queue.averageBytes);
    ++m_vanished;
}

} // namespace millrace::engine
