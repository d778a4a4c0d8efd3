// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/client/worker_core_p.h"

#include "transport/client/handler_thread_p.h"
#include "transport/client/pipeline.h"

#include <algorithm>
#include <utility>

namespace millrace::client {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kFirstAttachDelay{100};
constexpr std::chrono::milliseconds kMaxAttachDelay{2000};

} // namespace

WorkerCore::WorkerCore(Config config, std::shared_ptr<WorkerTotals> totals, Worker* owner)
    : m_config(std::move(config))
    , m_totals(std::move(totals))
    , m_owner(owner)
    , m_prefetch(m_config.options.prefetch.value_or(kLeastPrefetch))
{
}

WorkerCore::~WorkerCore()
{
    // The supervisor shares ownership, so the last owner may be the supervisor itself.
    if (m_supervisor.joinable())
        m_supervisor.detach();
}

void WorkerCore::createThreads()
{
    const auto threads = static_cast<std::uint32_t>(std::max(1, m_config.options.threads));
    const std::uint32_t concurrency = std::max(m_config.options.concurrency, threads);
    for (std::uint32_t i = 0; i < threads; ++i) {
        const std::size_t limit = concurrency / threads + (i < concurrency % threads ? 1 : 0);
        HandlerLoop::Hooks hooks;
        // Weak: a loop lives on while a handler hangs, and the core owns the loops.
        hooks.settle = [weak = weak_from_this()](Outcomes outcomes) {
            if (const auto core = weak.lock())
                core->settle(std::move(outcomes));
        };
        hooks.report = [weak = weak_from_this()](const base::Error& error) {
            if (const auto core = weak.lock())
                core->report(error);
        };
        hooks.idle = [weak = weak_from_this()] {
            if (const auto core = weak.lock())
                core->notify();
        };
        m_loops.push_back(std::make_shared<HandlerLoop>(m_config.handler, limit, std::move(hooks)));
        m_threads.push_back(std::make_unique<HandlerThread>(m_loops.back()));
    }
}

QFuture<Result<void>> WorkerCore::start()
{
    createThreads();
    for (const auto& thread : m_threads)
        thread->start();
    QFuture<Result<void>> future;
    {
        const std::scoped_lock lock(m_mutex);
        future = m_started.emplace().future();
        m_attachAt = SteadyClock::now();
    }
    m_supervisor = std::thread([self = shared_from_this()] { self->supervise(); });
    return future;
}

QFuture<Result<void>> WorkerCore::stop()
{
    const std::scoped_lock lock(m_mutex);
    if (m_phase == Phase::Over)
        return resolved<void>({});
    m_phase = Phase::Stopping;
    m_changed.notify_all();
    return m_stopped.emplace_back().future();
}

void WorkerCore::stopNow()
{
    m_owner.detach();
    {
        const std::scoped_lock lock(m_mutex);
        m_stopsHard = true;
        if (m_phase != Phase::Over)
            m_phase = Phase::Stopping;
        m_changed.notify_all();
    }
    if (m_supervisor.joinable())
        m_supervisor.join();
}

bool WorkerCore::isOver() const
{
    const std::scoped_lock lock(m_mutex);
    return m_phase == Phase::Over;
}

std::uint32_t WorkerCore::window() const
{
    return std::max(1U, m_config.options.concurrency + m_prefetch);
}

std::chrono::milliseconds WorkerCore::tick() const
{
    return std::clamp<std::chrono::milliseconds>(
        std::min(m_policy.lease / 3, std::max<std::chrono::milliseconds>(m_policy.maxRunTime / 10, 20ms)),
        1ms, 10s);
}

bool WorkerCore::waitForWork(std::unique_lock<std::mutex>& lock)
{
    const auto mayGoOn = [this] { return m_phase == Phase::Starting || m_phase == Phase::Running; };
    while (mayGoOn()) {
        const bool attachIsDue = !m_isAttaching && m_attachAt && *m_attachAt <= SteadyClock::now();
        if (attachIsDue || !m_lostStops.empty() || m_extendAt <= SteadyClock::now())
            return true;
        auto until = m_extendAt;
        if (m_attachAt && !m_isAttaching)
            until = std::min(until, *m_attachAt);
        m_changed.wait_until(lock, until);
    }
    return false;
}

void WorkerCore::supervise()
{
    std::unique_lock lock(m_mutex);
    m_extendAt = SteadyClock::now() + tick();
    while (waitForWork(lock)) {
        const auto now = SteadyClock::now();
        const bool attaches = !m_isAttaching && m_attachAt && *m_attachAt <= now;
        if (attaches) {
            m_attachAt.reset();
            m_isAttaching = true;
        }
        const bool extends = m_extendAt <= now;
        if (extends)
            m_extendAt = now + tick();
        lock.unlock();
        stopLost();
        if (attaches)
            attach();
        if (extends)
            extendLeases();
        lock.lock();
    }
    lock.unlock();
    drain();
    endThreads();
    finishStop();
}

void WorkerCore::notify()
{
    const std::scoped_lock lock(m_mutex);
    m_changed.notify_all();
}

void WorkerCore::detach()
{
    std::unique_lock lock(m_mutex);
    const AttachmentId old = std::exchange(m_attachment, 0);
    lock.unlock();
    if (old != 0)
        m_config.connection->detach(old);
}

void WorkerCore::attach()
{
    detach();
    auto future = m_config.connection->attach(m_config.queue, m_config.worker, this, kDefaultDeadline);
    future.then(QtFuture::Launch::Sync,
                [self = shared_from_this()](const QFuture<Result<Attachment>>& ended) {
                    self->onAttached(ended.result());
                });
}

void WorkerCore::onAttached(Result<Attachment> result)
{
    std::unique_lock lock(m_mutex);
    m_isAttaching = false;
    m_changed.notify_all();
    if (!result) {
        if (m_phase == Phase::Starting) {
            m_startFailure = result.error();
            m_phase = Phase::Stopping;
            return;
        }
        // A worker that ran before keeps trying; the delay bounds how often it asks and complains.
        m_attachDelay = std::clamp(m_attachDelay * 2, kFirstAttachDelay, kMaxAttachDelay);
        m_attachAt = SteadyClock::now() + m_attachDelay;
        lock.unlock();
        report(result.error());
        return;
    }
    if (m_phase == Phase::Stopping || m_phase == Phase::Over) {
        lock.unlock();
        m_config.connection->detach(result->id);
        return;
    }
    m_attachment = result->id;
    m_attachDelay = {};
    m_policy = result->policy;
    m_extendAt = SteadyClock::now() + tick();
    m_credit = m_withheld = 0;
    m_endedLately = 0;
    m_adaptedAt = SteadyClock::now();
    const std::uint32_t granted = window();
    m_session += m_session % 2 == 0 ? 1 : 2;
    const bool isFirst = std::exchange(m_phase, Phase::Running) == Phase::Starting;
    auto started = std::exchange(m_started, std::nullopt);
    lock.unlock();
    m_config.connection->grantCredit(result->id, granted);
    if (started)
        started->resolve({});
    if (isFirst)
        m_owner.post([](Worker& worker) { Q_EMIT worker.started(); });
}

void WorkerCore::onDeliveries(IncomingBatch batch)
{
    m_totals->received += batch.deliveries.size();
    m_epoch = batch.epoch;
    if (batch.lease.count() > 0 && m_leaseMs.exchange(batch.lease.count()) != batch.lease.count()) {
        // Leases are extended in time for the new one.
        const std::scoped_lock lock(m_mutex);
        m_policy.lease = batch.lease;
        m_extendAt = std::min(m_extendAt, SteadyClock::now() + tick());
        m_changed.notify_all();
    }
    std::vector<std::list<HandlerLoop::Held>> parts(m_loops.size());
    std::vector<std::size_t> loads;
    loads.reserve(m_loops.size());
    for (const auto& loop : m_loops)
        loads.push_back(loop->load());
    for (IncomingDelivery& incoming : batch.deliveries) {
        const auto least = static_cast<std::size_t>(std::ranges::min_element(loads) - loads.begin());
        HandlerLoop::Held& held = parts[least].emplace_back();
        held.incoming = std::move(incoming);
        held.epoch = batch.epoch;
        held.session = m_session;
        ++loads[least];
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (!parts[i].empty())
            m_loops[i]->add(std::move(parts[i]));
    }
}

void WorkerCore::onDisconnected(const base::Error& /*why*/)
{
    {
        const std::scoped_lock lock(m_mutex);
        m_session += m_session % 2;
    }
    std::vector<std::stop_source> stops;
    std::size_t forgotten = 0;
    for (const auto& loop : m_loops)
        forgotten += loop->loseAll(stops);
    m_totals->leasesLost += forgotten;
    // Asking handlers to stop runs their code: that is for the supervisor.
    const std::scoped_lock lock(m_mutex);
    std::ranges::move(stops, std::back_inserter(m_lostStops));
    m_changed.notify_all();
}

void WorkerCore::onConnected()
{
    const std::scoped_lock lock(m_mutex);
    m_attachAt = SteadyClock::now();
    m_changed.notify_all();
}

void WorkerCore::stopLost()
{
    std::vector<std::stop_source> stops;
    {
        const std::scoped_lock lock(m_mutex);
        stops.swap(m_lostStops);
    }
    for (std::stop_source& stop : stops)
        stop.request_stop();
}

void WorkerCore::extendLeases()
{
    std::unique_lock lock(m_mutex);
    const auto startedBefore = SteadyClock::now() - m_policy.maxRunTime;
    lock.unlock();
    const std::uint64_t session = m_session;
    std::vector<message::LeaseRef> leases;
    std::vector<message::LeaseProgress> progress;
    std::vector<std::stop_source> overdue;
    for (const auto& loop : m_loops)
        loop->collectLeases(startedBefore, leases, progress, overdue);
    for (std::stop_source& stop : overdue)
        stop.request_stop();
    if (leases.empty() || session % 2 == 0)
        return;
    auto future = progress.empty()
                      ? m_config.connection->extend(m_epoch, std::move(leases), kDefaultDeadline)
                      : m_config.connection->extendWithProgress(
                            m_epoch, std::move(leases), std::move(progress), kDefaultDeadline);
    future.then(QtFuture::Launch::Sync,
                [self = shared_from_this(), session](
                    const QFuture<Result<std::vector<message::LeaseRef>>>& ended) {
                    self->onExtended(session, ended.result());
                });
}

void WorkerCore::onExtended(std::uint64_t session, Result<std::vector<message::LeaseRef>> lost)
{
    if (lost && !lost->empty())
        lose(session, *lost);
}

void WorkerCore::onStopped(std::vector<message::LeaseRef> leases)
{
    lose(m_session, leases);
}

/// Forgets what waits; handlers that run are asked to stop, and what they return does not count.
void WorkerCore::lose(std::uint64_t session, const std::vector<message::LeaseRef>& leases)
{
    std::vector<std::stop_source> stops;
    std::size_t forgotten = 0;
    for (const auto& loop : m_loops)
        forgotten += loop->loseLeases(leases, stops);
    m_totals->leasesLost += forgotten;
    returnCredit(session, static_cast<std::uint32_t>(forgotten));
    const std::scoped_lock lock(m_mutex);
    std::ranges::move(stops, std::back_inserter(m_lostStops));
    m_changed.notify_all();
}

void WorkerCore::report(const base::Error& error)
{
    m_owner.post([text = describe(error)](Worker& worker) { Q_EMIT worker.failed(text); });
}

} // namespace millrace::client
