// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/impl_p.h"

#include <algorithm>
#include <tuple>

namespace millrace::engine {

using message::State;

namespace {

/// Suspects whose bytes are fetched together.
constexpr std::uint64_t kAhead = 64;
constexpr std::uint64_t kAheadBytes = 1024 * 1024;
constexpr const char* kErrorClass = "crashed-in-flight";

std::string chargeOf(std::uint32_t crashes, std::uint32_t limit)
{
    return "the node died while this message alone was with its worker; that makes "
           + std::to_string(crashes) + " of at most " + std::to_string(limit) + " times";
}

} // namespace

// ---- at load

/// Whatever a hand-out of a run that died still names is a suspect, and stays one over clean stops. Also a message that
/// has failed since and seems to wait: only the wall clock says that it was not out, and that may have been set back.
void Engine::Impl::findSuspects(bool isCrash)
{
    std::uint64_t through = m_loading.crashedHandoutsThrough;
    for (const HandoutRow& row : m_loading.handouts)
        through = isCrash ? std::max(through, row.id) : through;
    m_suspects.crashedHandoutsThrough = through;
    m_suspects.isCrash = isCrash;
    m_suspects.hasNews = through != m_loading.crashedHandoutsThrough;
    for (const HandoutRow& row : m_loading.handouts) {
        if (row.id > through)
            continue;
        for (const Sequence sequence : row.sequences) {
            const auto found = m_troubles.find(sequence);
            if (found != m_troubles.end())
                suspect(sequence, found->second);
        }
    }
    for (SuspectRow& row : m_loading.suspects) {
        const auto found = m_troubles.find(row.sequence);
        if (found == m_troubles.end()) {
            m_suspects.orphans.push_back(row.sequence);
            continue;
        }
        suspect(row.sequence, found->second);
        found->second.redelivered = true;
        m_suspects.all.at(row.sequence) = {row.crashes, true};
        if (row.handedOutAtUs != 0)
            m_suspects.wereOut.push_back(std::move(row));
    }
    m_suspects.hasNews
        = m_suspects.hasNews || !m_suspects.wereOut.empty() || !m_suspects.orphans.empty();
}

void Engine::Impl::suspect(Sequence sequence, Trouble& trouble)
{
    trouble.isSuspect = true;
    m_suspects.all.try_emplace(sequence);
    if (std::find(m_suspects.queues.begin(), m_suspects.queues.end(), trouble.queue)
        == m_suspects.queues.end())
        m_suspects.queues.push_back(trouble.queue);
}

/// In the first step. A crash before it is committed changes nothing: the next start finds the same rows.
void Engine::Impl::recordCrash()
{
    m_suspects.hasNews = false;
    batch().sync = true; // or a power cut would charge what this start found to be free
    batch().crashedHandoutsThrough = m_suspects.crashedHandoutsThrough;
    batch().removedSuspects.swap(m_suspects.orphans);
    for (const SuspectRow& row : std::exchange(m_suspects.wereOut, {})) {
        if (m_suspects.isCrash)
            countCrash(row);
        else
            batch().suspects.push_back({row.sequence, row.crashes, 0, row.worker});
    }
}

void Engine::Impl::countCrash(const SuspectRow& found)
{
    Trouble& trouble = m_troubles.at(found.sequence);
    Queue& queue = *trouble.queue;
    touch(queue);
    const std::uint32_t crashes = found.crashes + 1;
    ++trouble.failures;
    m_suspects.all.at(found.sequence).crashes = crashes;

    FailedAttempt& row = batch().failures.emplace_back();
    row.sequence = found.sequence;
    row.failures = trouble.failures;
    row.attempt.number = trouble.failures;
    row.attempt.startedAt = base::wallFromMicros(found.handedOutAtUs);
    row.attempt.endedAt = m_now.wall;
    row.attempt.worker = found.worker;
    if (trouble.failures == 1)
        trouble.firstAttemptUs = nowUs() - std::max<std::int64_t>(wallUs() - found.handedOutAtUs, 0);
    row.firstAttemptAtUs = wallUs() - (nowUs() - trouble.firstAttemptUs);
    row.attempt.failure = {kErrorClass, chargeOf(crashes, queue.policy().maxCrashes)};
    if (crashes < queue.policy().maxCrashes && trouble.failures < queue.policy().retry.maxAttempts) {
        row.dueAtUs = std::max<std::int64_t>(wallUs(), 1);
        ++queue.figures.retried;
        batch().suspects.push_back({found.sequence, crashes, 0, found.worker});
        return;
    }
    const std::uint32_t attempts = trouble.failures;
    message::Failure failure = row.attempt.failure;
    leaveState(found.sequence, trouble);
    forget(found.sequence);
    bury(found.sequence,
         queue,
         message::Reason::CrashedInFlight,
         std::move(failure),
         found.worker,
         attempts);
}

// ---- while it runs

/// To where ready messages wait: a lane, or, for a suspect, apart from all lanes.
void Engine::Impl::makeReady(Sequence sequence, Trouble& trouble)
{
    Queue& queue = *trouble.queue;
    if (trouble.isSuspect) {
        queue.suspects.insert(sequence);
        return;
    }
    queue.lanes[trouble.priority].addSpecial(sequence, trouble.isResident);
    queue.laneMask |= 1U << trouble.priority;
}

/// It was run to an end, or is gone.
void Engine::Impl::clearSuspect(Sequence sequence)
{
    const auto found = m_suspects.all.find(sequence);
    if (found == m_suspects.all.end())
        return;
    if (found->second.isStored)
        batch().removedSuspects.push_back(sequence);
    m_suspects.all.erase(found);
}

/// Hands out the next suspect if no other is out and a worker has nothing else in hand.
void Engine::Impl::deliverSuspect()
{
    if (!reserveWorker())
        return;
    Attachment& worker = *m_suspects.worker;
    if (worker.leases > 0 || m_leases.isFull())
        return; // it settles what it has, which is a step
    Queue& queue = *worker.queue;
    const Sequence sequence = *queue.suspects.begin();
    Trouble& trouble = m_troubles.at(sequence);
    if (trouble.isResident) {
        handOutAlone(queue, sequence, trouble);
    } else if (!m_isFetching) {
        fetchSuspects(queue);
    }
}

/// Those that come next as well, so that each is handed out in the commit that settles the one before it.
void Engine::Impl::fetchSuspects(const Queue& queue)
{
    const std::uint64_t size = std::max<std::uint64_t>(queue.averageBytes, 1);
    std::uint64_t room = queue.averageBytes == 0 ? 1 : std::clamp<std::uint64_t>(kAheadBytes / size, 1, kAhead);
    for (const Sequence sequence : queue.suspects) {
        if (room-- == 0)
            break;
        if (m_troubles.at(sequence).isResident)
            continue;
        m_fetch.messages.push_back(sequence);
        m_requestedTroubles.push_back(sequence);
    }
}

/// Chooses whose turn it is: the oldest suspect that has a worker without anything in hand; if there is none, the
/// oldest that has any, which then gets nothing more until it is free. Asked anew in each step, because a queue
/// may be paused, a message expire and a worker become free.
bool Engine::Impl::reserveWorker()
{
    Attachment* best = nullptr;
    auto rankOf = [](const Attachment& each) {
        return std::tuple(each.leases > 0, *each.queue->suspects.begin(), each.leases);
    };
    for (Queue* queue : m_suspects.queues) {
        if (queue->suspects.empty() || queue->row.paused || queue->isHalted() || allowance(*queue) == 0)
            continue;
        for (Attachment* each : queue->attached) {
            const bool hasCredit = each->credit + each->heldCredit > 0;
            if (hasCredit && (best == nullptr || rankOf(*each) < rankOf(*best)))
                best = each;
        }
    }
    if (best == m_suspects.worker)
        return best != nullptr;
    freeWorker();
    if (best == nullptr)
        return false;
    m_suspects.worker = best;
    best->isReserved = true;
    best->queue->credit -= best->credit;
    best->heldCredit = std::exchange(best->credit, 0);
    return true;
}

void Engine::Impl::freeWorker()
{
    Attachment* worker = std::exchange(m_suspects.worker, nullptr);
    if (worker == nullptr)
        return;
    worker->isReserved = false;
    const std::uint32_t held = std::exchange(worker->heldCredit, 0);
    if (worker->isDetached)
        return;
    worker->credit += held;
    worker->queue->credit += held;
    activate(*worker->queue);
}

/// That it is out is durable before its handler runs, in the commit of the hand-out.
void Engine::Impl::handOutAlone(Queue& queue, Sequence sequence, Trouble& trouble)
{
    Attachment& worker = *m_suspects.worker;
    queue.suspects.erase(sequence);
    Deliver into{worker.client, queue.row.id, queue.policy().lease, {}};
    Delivery& delivery = into.items.emplace_back();
    takeTrouble(sequence, trouble, delivery);
    --worker.heldCredit; // openLease takes it from what is free
    ++worker.credit;
    ++queue.credit;
    openLease(queue, worker, delivery, {trouble.dueUs, trouble.priority, true, trouble.line});
    spend(queue, 1);

    m_suspects.out = sequence;
    Suspects::Suspect& suspect = m_suspects.all.at(sequence);
    suspect.isStored = true;
    batch().suspects.push_back(
        {sequence, suspect.crashes, std::max<std::int64_t>(wallUs(), 1), worker.worker});
    send(std::move(into));
}

/// The lease of the suspect that was out is being closed. If its handler came to any end, the message did not kill
/// the node. If it was given back, or its worker vanished, nothing is known: it stays a suspect and is charged
/// with nothing, because a worker that is gone and a connection that is look alike.
void Engine::Impl::aloneEnded(const Attachment& worker, bool wasRun)
{
    const Sequence sequence = std::exchange(m_suspects.out, 0);
    if (wasRun) {
        m_troubles.at(sequence).isSuspect = false;
        clearSuspect(sequence);
    } else {
        batch().suspects.push_back({sequence, m_suspects.all.at(sequence).crashes, 0, worker.worker});
    }
    freeWorker();
}

} // namespace millrace::engine
