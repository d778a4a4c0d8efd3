// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/client/handler_thread_p.h"
#include "transport/client/pipeline.h"
#include "transport/client/worker_core_p.h"

#include <algorithm>
#include <utility>

// How a worker settles deliveries, and how it ends.
namespace millrace::client {

namespace {

/// What handlers end in this time is granted beyond what runs.
constexpr std::chrono::milliseconds kAhead{100};
constexpr std::chrono::milliseconds kAdaptEvery{50};
/// How long handlers that were asked to stop may take until they are given up.
constexpr std::chrono::milliseconds kStopPatience{700};
/// How long a thread may take to leave its event loop.
constexpr std::chrono::milliseconds kThreadPatience{200};

message::Ending endingOf(const std::vector<std::pair<message::LeaseRef, message::Ending>>& failed,
                         const message::LeaseRef& lease,
                         bool& isFailed)
{
    const auto found = std::ranges::find(failed, lease, [](const auto& entry) { return entry.first; });
    isFailed = found != failed.end();
    return isFailed ? found->second : message::Ending::Retry;
}

} // namespace

void WorkerCore::settle(Outcomes outcomes)
{
    if (outcomes.session != m_session) {
        m_totals->leasesLost += outcomes.ended;
        return;
    }
    m_totals->leasesLost += outcomes.lost;
    Settlement& settlement = outcomes.settlement;
    if (!settlement.acknowledged.empty() || !settlement.failed.empty()) {
        Settled settled;
        settled.acknowledged = settlement.acknowledged.size();
        for (const message::FailedDelivery& failed : settlement.failed)
            settled.failed.emplace_back(failed.lease, failed.ending);
        ++m_settling;
        auto future = m_config.connection->settle(std::move(settlement), kDefaultDeadline);
        future.then(QtFuture::Launch::Sync,
                    [self = shared_from_this(), settled = std::move(settled)](
                        const QFuture<Result<std::vector<message::LeaseRef>>>& ended) {
                        self->onSettled(settled, ended.result());
                    });
    }
    returnCredit(outcomes.session, outcomes.ended);
}

void WorkerCore::onSettled(const Settled& settled, const Result<std::vector<message::LeaseRef>>& lost)
{
    // On an error the session ended or the node cannot tell: the leases are void either way, and nothing is counted
    // as done.
    if (lost) {
        std::uint64_t acknowledged = settled.acknowledged;
        std::uint64_t byEnding[3] = {0, 0, 0};
        for (const auto& [lease, ending] : settled.failed)
            ++byEnding[static_cast<std::size_t>(ending)];
        for (const message::LeaseRef& lease : *lost) {
            bool isFailed = false;
            const auto ending = endingOf(settled.failed, lease, isFailed);
            --(isFailed ? byEnding[static_cast<std::size_t>(ending)] : acknowledged);
        }
        const auto retried = byEnding[static_cast<std::size_t>(message::Ending::Retry)];
        const auto rejected = byEnding[static_cast<std::size_t>(message::Ending::Reject)];
        m_totals->acknowledged += acknowledged;
        m_totals->retried += retried;
        m_totals->rejected += rejected;
        m_totals->released += byEnding[static_cast<std::size_t>(message::Ending::Release)];
        m_totals->leasesLost += lost->size();
        announce({acknowledged, retried, rejected});
    }
    --m_settling;
    notify();
}

void WorkerCore::announce(const Signalled& counts)
{
    const std::scoped_lock lock(m_mutex);
    m_signalled.acknowledged += counts.acknowledged;
    m_signalled.retried += counts.retried;
    m_signalled.rejected += counts.rejected;
    if (std::exchange(m_isAnnouncing, true))
        return;
    m_owner.post([self = shared_from_this()](Worker& worker) {
        std::unique_lock posted(self->m_mutex);
        self->m_isAnnouncing = false;
        const Signalled sum = std::exchange(self->m_signalled, {});
        posted.unlock();
        Q_EMIT worker.settled(sum.acknowledged, sum.retried, sum.rejected);
    });
}

void WorkerCore::returnCredit(std::uint64_t session, std::uint32_t count)
{
    std::unique_lock lock(m_mutex);
    if (session != m_session || m_attachment == 0 || m_phase != Phase::Running)
        return;
    m_credit += count;
    if (!m_config.options.prefetch)
        adaptPrefetch(count);
    if (m_credit < std::max(1U, window() / 4))
        return;
    const std::uint32_t more = std::exchange(m_credit, 0);
    const AttachmentId attachment = m_attachment;
    lock.unlock();
    m_config.connection->grantCredit(attachment, more);
}

/// Under the lock.
void WorkerCore::adaptPrefetch(std::uint32_t ended)
{
    const std::uint32_t kept = std::min(m_withheld, m_credit);
    m_withheld -= kept;
    m_credit -= kept;
    m_endedLately += ended;
    const auto now = SteadyClock::now();
    const auto elapsed = now - m_adaptedAt;
    if (elapsed < kAdaptEvery)
        return;
    const double periods = std::chrono::duration<double>(elapsed) / std::chrono::duration<double>(kAhead);
    const double wanted = static_cast<double>(m_endedLately) / periods;
    m_endedLately = 0;
    m_adaptedAt = now;
    const auto next = static_cast<std::uint32_t>(
        std::clamp(wanted, double{kLeastPrefetch}, std::min(double{kMostPrefetch}, 2.0 * m_prefetch)));
    if (next >= m_prefetch)
        m_credit += next - m_prefetch;
    else
        m_withheld += m_prefetch - next;
    m_prefetch = next;
}

bool WorkerCore::isIdle() const
{
    return m_settling == 0 && std::ranges::all_of(m_loops, [](const auto& loop) { return loop->isIdle(); });
}

bool WorkerCore::waitForIdle(TimePoint until, bool endsWhenHard)
{
    std::unique_lock lock(m_mutex);
    while (!isIdle()) {
        if (SteadyClock::now() >= until || (endsWhenHard && m_stopsHard))
            return false;
        if (m_extendAt <= SteadyClock::now()) {
            m_extendAt = SteadyClock::now() + tick();
            lock.unlock();
            stopLost();
            extendLeases();
            lock.lock();
            continue;
        }
        m_changed.wait_until(lock, std::min(until, m_extendAt));
    }
    return true;
}

void WorkerCore::stopHandlers()
{
    for (const auto& loop : m_loops) {
        for (std::stop_source& stop : loop->runningStops())
            stop.request_stop();
    }
}

void WorkerCore::drain()
{
    detach();
    for (const auto& loop : m_loops)
        loop->drain();
    if (waitForIdle(SteadyClock::now() + m_config.options.drainTimeout, true))
        return;
    stopHandlers();
    if (!waitForIdle(SteadyClock::now() + kStopPatience, false)) {
        report({base::ErrorCode::Timeout,
                "handlers of queue \"" + m_config.queue
                    + "\" did not end in time: their leases lapse and the messages are delivered again"});
    }
}

void WorkerCore::endThreads()
{
    for (const auto& thread : m_threads)
        thread->quit();
    const auto until = SteadyClock::now() + kThreadPatience;
    for (auto& thread : m_threads) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - SteadyClock::now());
        if (!thread->wait(QDeadlineTimer(std::max(left, std::chrono::milliseconds::zero()))))
            HandlerThread::giveUp(std::move(thread));
    }
    m_threads.clear();
}

void WorkerCore::finishStop()
{
    std::unique_lock lock(m_mutex);
    m_phase = Phase::Over;
    auto started = std::exchange(m_started, std::nullopt);
    auto stopped = std::exchange(m_stopped, {});
    const auto failure = std::exchange(m_startFailure, std::nullopt);
    lock.unlock();
    if (started) {
        if (failure)
            started->resolve(tl::unexpected(*failure));
        else
            started->resolve(base::fail(base::ErrorCode::Cancelled, "the worker was stopped while it started"));
    } else {
        m_owner.post([](Worker& worker) { Q_EMIT worker.stopped(); });
    }
    for (Resolver<void>& resolver : stopped)
        resolver.resolve({});
}

} // namespace millrace::client
