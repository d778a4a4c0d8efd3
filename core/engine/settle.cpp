// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/impl_p.h"

#include <algorithm>

namespace millrace::engine {

namespace {

/// The longest delay that a worker may ask for instead of the policy's.
constexpr base::Micros kMaxAskedDelay = std::chrono::hours(24);

message::Failure cut(message::Failure failure)
{
    using message::truncateUtf8;
    failure.errorClass.resize(truncateUtf8(failure.errorClass, message::kMaxErrorClassBytes).size());
    failure.errorText.resize(truncateUtf8(failure.errorText, message::kMaxErrorTextBytes).size());
    return failure;
}

} // namespace

void Engine::Impl::handle(Settle& command)
{
    Settled settled{command.client, command.request, {}};
    for (const LeaseRef& ref : command.acknowledged) {
        if (Lease* lease = m_leases.find(ref, command.client); lease != nullptr)
            acknowledge(*lease);
        else
            settled.lost.push_back(ref);
    }
    for (FailedDelivery& failed : command.failed) {
        Lease* lease = m_leases.find(failed.lease, command.client);
        if (lease == nullptr)
            settled.lost.push_back(failed.lease);
        else if (failed.ending == Ending::Release)
            giveBack(*lease);
        else
            failDelivery(*lease, failed.ending, failed.reason, std::move(failed.failure), failed.delay);
    }
    send(std::move(settled));
}

void Engine::Impl::handle(Extend& command)
{
    Settled settled{command.client, command.request, {}};
    for (const LeaseRef& ref : command.leases) {
        Lease* lease = m_leases.find(ref, command.client);
        if (lease == nullptr) {
            settled.lost.push_back(ref);
            continue;
        }
        Queue& queue = *lease->owner->queue;
        const std::int64_t wanted = nowUs() + base::Micros(queue.policy().lease).count();
        const std::int64_t last
            = lease->startedUs + base::Micros(queue.policy().maxRunTime).count();
        // Never shortened: it may be at its end already, or be of a time when the queue's leases were longer.
        if (std::min(wanted, last) <= lease->deadlineUs)
            continue;
        lease->deadlineUs = std::min(wanted, last);
        if (wanted <= last) {
            m_leases.moveToEnd(*lease, queue.leases);
            timeLeases(queue);
        } else {
            m_leases.cap(*lease, queue.leases);
            m_timers.atSteady(last, Timers::Kind::CappedLease, lease->token);
        }
    }
    for (const message::LeaseProgress& each : command.progress) {
        if (Lease* lease = m_leases.find(each.lease, command.client); lease != nullptr)
            note(*lease, each.progress);
    }
    send(std::move(settled));
}

void Engine::Impl::acknowledge(Lease& lease)
{
    Queue& queue = *lease.owner->queue;
    const Lease ended = closeLease(lease, true);
    ++queue.figures.acknowledged;
    bool hasFailures = false;
    if (ended.inTrouble) {
        hasFailures = m_troubles.at(ended.sequence).failures > 0;
        forget(ended.sequence);
    } else {
        queue.dropBytes(ended.bytes);
    }
    removeRows(ended.sequence, hasFailures);
    if (ended.owner->isDetached)
        reap(*ended.owner);
}

void Engine::Impl::failDelivery(Lease& lease,
                                Ending ending,
                                message::Reason reason,
                                message::Failure failure,
                                std::optional<base::Micros> delay)
{
    Queue& queue = *lease.owner->queue;
    const Lease ended = closeLease(lease, true);
    Trouble& trouble = troubleOf(ended);
    ++trouble.failures;
    trouble.redelivered = true;
    failure = cut(std::move(failure));

    FailedAttempt row;
    row.sequence = ended.sequence;
    row.failures = trouble.failures;
    row.attempt.number = trouble.failures;
    row.attempt.startedAt = m_now.wall - base::Micros(nowUs() - ended.startedUs);
    row.attempt.endedAt = m_now.wall;
    row.attempt.worker = ended.owner->worker;
    row.attempt.failure = failure;

    if (trouble.failures == 1)
        trouble.firstAttemptUs = ended.startedUs;
    row.firstAttemptAtUs = wallUs() - (nowUs() - trouble.firstAttemptUs);

    const message::RetryPolicy& retry = queue.policy().retry;
    base::Micros wait{};
    const auto end = judge(retry, trouble, ending, reason, failure.errorClass, delay, wait);
    if (end) {
        const std::uint32_t attempts = trouble.failures;
        addFailure(std::move(row));
        forget(ended.sequence);
        bury(ended.sequence, queue, *end, std::move(failure), ended.owner->worker, attempts);
    } else {
        row.dueAtUs = std::max<std::int64_t>(wallUs() + wait.count(), 1);
        addFailure(std::move(row));
        trouble.state = message::State::Retrying;
        trouble.dueUs = nowUs() + wait.count();
        ++queue.figures.retrying;
        ++queue.figures.retried;
        m_timers.atSteady(trouble.dueUs, Timers::Kind::Retry, ended.sequence);
        timeExpiry(ended.sequence, trouble);
    }
    if (ended.owner->isDetached)
        reap(*ended.owner);
}

/// What becomes of a message whose attempt has failed. Its failures count that attempt already.
/// @param wait  set to the time until the next attempt, if there is one
/// @returns why there is no next attempt; nullopt if there is
std::optional<message::Reason> Engine::Impl::judge(const message::RetryPolicy& retry,
                                                   const Trouble& trouble,
                                                   Ending ending,
                                                   message::Reason reason,
                                                   std::string_view errorClass,
                                                   std::optional<base::Micros> asked,
                                                   base::Micros& wait)
{
    const auto byPolicy = retry.next(trouble.failures, m_random.uniform(), errorClass);
    if (ending == Ending::Reject)
        return reason == message::Reason::SchemaInvalid ? reason : message::Reason::Rejected;
    if (const message::RetryRule* rule = retry.ruleFor(errorClass); rule != nullptr && rule->reject)
        return message::Reason::Rejected;
    if (hasExpired(trouble))
        return message::Reason::Expired;
    if (!byPolicy)
        return message::Reason::AttemptsExhausted;
    wait = asked ? std::clamp(*asked, base::Micros(0), kMaxAskedDelay) : *byPolicy;
    const std::int64_t soFar = nowUs() - trouble.firstAttemptUs;
    if (retry.deadline.count() > 0 && soFar + wait.count() > base::Micros(retry.deadline).count())
        return message::Reason::DeadlineExceeded;
    return std::nullopt;
}

/// Back to its place at once, without costing an attempt.
void Engine::Impl::giveBack(Lease& lease)
{
    const Lease ended = closeLease(lease, false);
    Trouble& trouble = troubleOf(ended);
    trouble.redelivered = true;
    becomeReady(ended.sequence, trouble);
    if (ended.owner->isDetached)
        reap(*ended.owner);
}

void Engine::Impl::lapse(Lease& lease)
{
    Queue& queue = *lease.owner->queue;
    ++queue.figures.leasesLost;
    const std::int64_t heldMs = (nowUs() - lease.startedUs) / 1000;
    failDelivery(lease,
                 Ending::Retry,
                 message::Reason::Rejected,
                 {"lease-lapsed",
                  "the worker neither settled nor extended its lease in time; it held the message "
                  "for "
                      + std::to_string(heldMs) + " ms"},
                 std::nullopt);
}

void Engine::Impl::lapseDue(Queue& queue)
{
    queue.leasesTimedUs = 0;
    while (queue.leases.first != kNoLease) {
        Lease& lease = m_leases.at(queue.leases.first);
        if (lease.deadlineUs > nowUs())
            break;
        lapse(lease);
    }
    timeLeases(queue);
}

/// Before the queue's leases become shorter: those that are out would stand before ones that end earlier.
void Engine::Impl::timeEachLease(Queue& queue)
{
    while (queue.leases.first != kNoLease) {
        Lease& lease = m_leases.at(queue.leases.first);
        m_leases.cap(lease, queue.leases);
        m_timers.atSteady(lease.deadlineUs, Timers::Kind::CappedLease, lease.token);
    }
    queue.leasesTimedUs = 0;
}

void Engine::Impl::timeLeases(Queue& queue)
{
    if (queue.leasesTimedUs != 0 || queue.leases.first == kNoLease)
        return;
    queue.leasesTimedUs = m_leases.at(queue.leases.first).deadlineUs;
    m_timers.atSteady(queue.leasesTimedUs, Timers::Kind::QueueLeases, queue.row.id);
}

Lease Engine::Impl::closeLease(Lease& lease, bool wasRun)
{
    Queue& queue = *lease.owner->queue;
    touch(queue);
    --queue.figures.leased;
    if (queue.policy().maxConcurrency != 0)
        activate(queue);
    if (wasRun)
        queue.running.record(nowUs() - lease.startedUs, m_now.steady);
    m_handouts.release(lease.handout, batch().removedHandouts);
    if (lease.sequence == m_suspects.out)
        aloneEnded(*lease.owner, wasRun);
    if (lease.hasProgress)
        m_progress.erase(lease.token);
    if (lease.line != nullptr) {
        lease.line->isLeased = false;
        lookAt(queue, *lease.line);
    }
    return m_leases.close(lease, queue.leases);
}

} // namespace millrace::engine
