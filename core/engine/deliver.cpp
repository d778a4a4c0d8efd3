// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/impl_p.h"

#include <algorithm>
#include <bit>

namespace millrace::engine {

namespace {

/// While lanes of several priorities wait, this many-th hand-out goes to one below the first, in turn. There are ten:
/// what is first of its lane is handed out after at most 160 hand-outs of its queue.
constexpr std::uint32_t kLowerTurn = 16;

} // namespace

/// Hands out what may be handed out, queue after queue, and asks the store for what must come first.
void Engine::Impl::deliver()
{
    std::uint32_t budget = m_options.maxDeliveriesPerStep;
    std::size_t kept = 0;
    std::size_t unserved = m_active.size();
    // Nothing in here activates a queue, so that the list stays as it is.
    for (std::size_t i = 0; i < m_active.size(); ++i) {
        Queue& queue = *m_active[i];
        if (queue.wantsDelivery()) {
            deliverFrom(queue, budget);
            // Also when that used up the credit: bytes that were asked for only while some is left
            // would never come for a message that returned to a busy queue.
            if (queue.canDeliver())
                planFetch(queue);
        }
        if (!queue.wantsDelivery()) {
            queue.isActive = false;
            continue;
        }
        if (budget == 0 && nextLane(queue) != nullptr) {
            m_isLeftOver = true;
            unserved = std::min(unserved, kept);
        }
        m_active[kept++] = &queue;
    }
    m_active.resize(kept);
    // Those that this step did not get to come first in the next one.
    if (unserved < kept)
        std::rotate(m_active.begin(),
                    m_active.begin() + static_cast<std::ptrdiff_t>(unserved + 1 < kept ? unserved + 1 : 0),
                    m_active.end());
}

void Engine::Impl::deliverFrom(Queue& queue, std::uint32_t& budget)
{
    std::uint64_t turns = 0; // left in this round, in which each gets an equal share
    std::uint64_t share = 0;
    while (budget > 0 && queue.wantsDelivery() && nextLane(queue) != nullptr) {
        if (turns == 0) {
            turns = static_cast<std::uint64_t>(
                std::count_if(queue.attached.begin(), queue.attached.end(), [](const Attachment* each) {
                    return each->credit > 0;
                }));
            share = (queue.figures.ready - queue.held + turns - 1) / turns;
        }
        const std::uint64_t allowed = allowance(queue);
        if (allowed == 0)
            return;
        --turns;
        Attachment& attachment = nextAttachment(queue);
        const std::uint64_t limit = std::min(
            {std::uint64_t{budget}, std::uint64_t{attachment.credit}, m_options.maxBatchMessages, share, allowed});

        Deliver into{attachment.client, queue.row.id, queue.policy().lease, {}};
        into.items.reserve(limit);
        std::uint64_t bytes = 0;
        while (into.items.size() < limit && !m_leases.isFull()) {
            Lane* lane = nextLane(queue);
            if (lane == nullptr)
                break;
            const std::uint64_t size = sizeOfNext(*lane);
            if (!into.items.empty() && bytes + size > m_options.maxBatchBytes)
                break;
            bytes += size;
            handOut(queue, *lane, attachment, into);
        }
        if (into.items.empty())
            return;
        budget -= static_cast<std::uint32_t>(into.items.size());
        spend(queue, into.items.size());
        send(std::move(into));
    }
}

/// The lane whose turn it is, if its next message's bytes are here: the one of the highest priority, but each
/// kLowerTurn-th time one below it, in turn, so that none waits for ever.
Lane* Engine::Impl::nextLane(Queue& queue)
{
    if (queue.sinceLower + 1 >= kLowerTurn) {
        if (Lane* lane = lowerLane(queue); lane != nullptr)
            return lane;
    }
    std::uint32_t mask = queue.laneMask;
    while (mask != 0) {
        const auto priority = static_cast<std::uint32_t>(std::bit_width(mask)) - 1;
        Lane& lane = queue.lanes[priority];
        switch (lane.next()) {
        case Lane::Next::Hot:
        case Lane::Next::Special: return &lane;
        case Lane::Next::Blocked: return nullptr;
        case Lane::Next::Nothing: break;
        }
        mask &= ~(1U << priority);
        if (lane.empty())
            queue.laneMask &= ~(1U << priority);
    }
    return nullptr;
}

/// Among the lanes below the first, the next below the one that had the last such turn; null if none has a message
/// whose bytes are here. Then the turn is still owed.
Lane* Engine::Impl::lowerLane(Queue& queue)
{
    const auto bitsBelow = [](std::uint32_t bit) { return (1U << bit) - 1; };
    const auto first = [&] { return static_cast<std::uint32_t>(std::bit_width(queue.laneMask)) - 1; };
    // One that has run empty is not the first: the turn would go to what is.
    while (queue.laneMask != 0 && queue.lanes[first()].empty())
        queue.laneMask &= ~(1U << first());
    if (queue.laneMask == 0)
        return nullptr;
    const std::uint32_t all = queue.laneMask & bitsBelow(first());
    for (std::uint32_t mask : {all & bitsBelow(queue.lastLower), all}) {
        while (mask != 0) {
            const auto priority = static_cast<std::uint32_t>(std::bit_width(mask)) - 1;
            Lane& lane = queue.lanes[priority];
            const Lane::Next next = lane.next();
            if (next == Lane::Next::Hot || next == Lane::Next::Special)
                return &lane;
            if (lane.empty())
                queue.laneMask &= ~(1U << priority);
            mask &= ~(1U << priority);
        }
    }
    return nullptr;
}

/// Counts a hand-out from `lane`, before it.
void Engine::Impl::noteTurn(Queue& queue, const Lane& lane)
{
    const auto priority = static_cast<std::uint32_t>(&lane - queue.lanes.data());
    const std::uint32_t others = queue.laneMask & ~(1U << priority);
    if (others == 0) {
        queue.sinceLower = 0;
    } else if (queue.sinceLower + 1 >= kLowerTurn && others > (1U << priority)) {
        queue.sinceLower = 0;
        queue.lastLower = priority;
    } else {
        ++queue.sinceLower;
    }
}

/// Whose turn it is among those with credit. There is one.
Attachment& Engine::Impl::nextAttachment(Queue& queue)
{
    for (;;) {
        queue.nextAttachment %= queue.attached.size();
        Attachment& attachment = *queue.attached[queue.nextAttachment++];
        if (attachment.credit > 0)
            return attachment;
    }
}

std::uint64_t Engine::Impl::sizeOfNext(const Lane& lane) const
{
    const std::uint64_t bytes = lane.next() == Lane::Next::Hot
                                    ? lane.hotFront().bytes()
                                    : m_troubles.at(lane.specialFront()).bytes();
    return bytes - sizeof(Resident);
}

void Engine::Impl::handOut(Queue& queue, Lane& lane, Attachment& attachment, Deliver& into)
{
    noteTurn(queue, lane);
    Delivery& delivery = into.items.emplace_back();
    Origin origin;
    if (lane.next() == Lane::Next::Hot) {
        Resident message = lane.popHot();
        m_residentBytes -= message.bytes();
        delivery.lease.sequence = message.sequence;
        delivery.envelope = std::move(message.envelope);
        delivery.body = std::move(message.body);
        origin.dueUs = message.dueUs;
        origin.priority = static_cast<std::uint8_t>(&lane - queue.lanes.data());
    } else {
        const Sequence sequence = lane.specialFront();
        Trouble& trouble = m_troubles.at(sequence);
        lane.removeSpecial(sequence, true);
        takeTrouble(sequence, trouble, delivery);
        origin = {trouble.dueUs, trouble.priority, true, trouble.line};
    }
    openLease(queue, attachment, delivery, origin);
}

/// Moves what a delivery of a message in trouble holds into `delivery`.
void Engine::Impl::takeTrouble(Sequence sequence, Trouble& trouble, Delivery& delivery)
{
    delivery.lease.sequence = sequence;
    delivery.attempt = trouble.failures + 1;
    delivery.redelivered = trouble.redelivered;
    delivery.envelope = trouble.envelope;
    delivery.body = trouble.body;
    trouble.storedBytes = static_cast<std::uint32_t>(delivery.envelope.size() + delivery.body.size());
    dropBytes(trouble);
    trouble.state = message::State::Leased;
    // The row of this step names it from now on.
    if (const std::uint64_t loaded = std::exchange(trouble.handout, 0); loaded != 0)
        m_handouts.release(loaded, batch().removedHandouts);
    if (trouble.line != nullptr)
        startInLine(trouble);
}

void Engine::Impl::openLease(Queue& queue,
                             Attachment& attachment,
                             Delivery& delivery,
                             const Origin& origin)
{
    Lease& lease = m_leases.open(attachment, queue.leases, delivery.lease.sequence);
    lease.startedUs = nowUs();
    lease.deadlineUs = nowUs() + base::Micros(queue.policy().lease).count();
    lease.priority = origin.priority;
    lease.bytes = static_cast<std::uint32_t>(delivery.envelope.size() + delivery.body.size());
    lease.inTrouble = origin.isTrouble;
    lease.handout = m_unstored.contains(lease.sequence) ? 0 : m_handouts.add(lease.sequence);
    delivery.lease.token = lease.token;
    timeLeases(queue);

    --attachment.credit;
    --queue.credit;
    lease.line = origin.line;
    if (origin.line == nullptr) // a line has counted it already
        --queue.figures.ready;
    ++queue.figures.leased;
    ++queue.figures.delivered;
    queue.waiting.record(nowUs() - origin.dueUs, m_now.steady);
    touch(queue);
}

} // namespace millrace::engine
