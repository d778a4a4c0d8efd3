// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/impl_p.h"

namespace millrace::engine {

using message::State;

/// The entry of a message whose lease has just ended; made now if it was a plain one.
Trouble& Engine::Impl::troubleOf(const Lease& ended)
{
    if (ended.inTrouble)
        return m_troubles.at(ended.sequence);
    Trouble& trouble = m_troubles[ended.sequence];
    trouble.queue = ended.owner->queue;
    trouble.priority = ended.priority;
    trouble.storedBytes = ended.bytes;
    return trouble;
}

/// From no counted state to ready, or to the dead letters if it has expired meanwhile.
void Engine::Impl::becomeReady(Sequence sequence, Trouble& trouble)
{
    Queue& queue = *trouble.queue;
    trouble.state = State::Ready;
    trouble.dueUs = nowUs();
    if (trouble.line != nullptr) {
        becomeReadyInLine(sequence, trouble);
        return;
    }
    ++queue.figures.ready;
    makeReady(sequence, trouble);
    if (hasExpired(trouble)) {
        expire(sequence, trouble);
        return;
    }
    timeExpiry(sequence, trouble);
    activate(queue);
}

void Engine::Impl::timeExpiry(Sequence sequence, Trouble& trouble)
{
    if (trouble.expiresAtUs == 0 || trouble.isExpiryTimed)
        return;
    trouble.isExpiryTimed = true;
    m_timers.atWall(trouble.expiresAtUs, sequence, true);
}

/// Takes a message that is not leased out of its state's gauge and out of its lane.
void Engine::Impl::leaveState(Sequence sequence, Trouble& trouble)
{
    Queue& queue = *trouble.queue;
    switch (trouble.state) {
    case State::Ready:
        if (trouble.line != nullptr) {
            leaveLane(sequence, trouble);
            break;
        }
        --queue.figures.ready;
        if (trouble.isSuspect)
            queue.suspects.erase(sequence);
        else
            queue.lanes[trouble.priority].removeSpecial(sequence, trouble.isResident);
        break;
    case State::Scheduled: --queue.figures.scheduled; break;
    case State::Retrying: --queue.figures.retrying; break;
    default: break;
    }
    dropBytes(trouble);
}

void Engine::Impl::dropBytes(Trouble& trouble)
{
    if (!trouble.isResident)
        return;
    m_residentBytes -= trouble.bytes();
    trouble.envelope.reset();
    trouble.body.reset();
    trouble.isResident = false;
}

void Engine::Impl::expire(Sequence sequence, Trouble& trouble)
{
    Queue& queue = *trouble.queue;
    const std::uint32_t failures = trouble.failures;
    leaveState(sequence, trouble);
    forget(sequence);
    bury(sequence,
         queue,
         message::Reason::Expired,
         {"expired", "the message was not finished before its expiry"},
         {},
         failures);
}

/// Drops the entry of a message that has left its state already.
void Engine::Impl::forget(Sequence sequence)
{
    const auto found = m_troubles.find(sequence);
    const Trouble& trouble = found->second;
    Queue& queue = *trouble.queue;
    queue.dropBytes(trouble.storedBytes != 0 ? trouble.storedBytes : queue.averageBytes);
    if (trouble.isUnique)
        releaseUnique(sequence);
    const bool leavesExpiry = trouble.isExpiryTimed;
    const bool leavesSchedule = trouble.state == State::Scheduled;
    if (trouble.line != nullptr)
        leaveLine(sequence, trouble);
    if (trouble.handout != 0)
        m_handouts.release(trouble.handout, batch().removedHandouts);
    if (trouble.isSuspect)
        clearSuspect(sequence);
    m_troubles.erase(found);
    const auto live = [this](const Timers::Wall& timer) { return isLive(timer); };
    if (leavesExpiry)
        m_timers.forgetWall(live);
    if (leavesSchedule)
        m_timers.forgetWall(live);
}

bool Engine::Impl::isLive(const Timers::Wall& timer) const
{
    const auto found = m_troubles.find(timer.sequence);
    if (found == m_troubles.end())
        return false;
    const Trouble& trouble = found->second;
    if (timer.isExpiry)
        return trouble.isExpiryTimed && trouble.expiresAtUs == timer.atUs;
    return trouble.state == State::Scheduled && trouble.deliverAtUs == timer.atUs;
}

/// Makes a dead letter of a message that has left its state already.
void Engine::Impl::bury(Sequence sequence,
                        Queue& queue,
                        message::Reason reason,
                        message::Failure failure,
                        std::string worker,
                        std::uint32_t attempts)
{
    batch().sync = true; // dead letters are durable whatever the queue is
    if (m_unstored.contains(sequence))
        m_unstored.moveTo(batch(), sequence);
    std::string group = m_options.fingerprintText(failure);
    group.resize(message::truncateUtf8(group, message::kMaxFingerprintBytes).size());
    batch().deadLetters.push_back({sequence,
                                   queue.row.id,
                                   reason,
                                   std::move(failure),
                                   std::move(worker),
                                   attempts,
                                   wallUs(),
                                   std::move(group)});
    ++queue.closed[static_cast<std::size_t>(State::Dead)];
    ++queue.figures.deadLettered;
    queue.figures.expired += reason == message::Reason::Expired ? 1 : 0;
    timeRetention(queue);
    if (m_left.sequence == sequence && queue.policy().onKeyFailure == message::OnKeyFailure::Park)
        parkBehind(queue, m_left);
}

} // namespace millrace::engine
