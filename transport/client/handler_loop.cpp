// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/client/handler_loop_p.h"

#include <QMetaObject>

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace millrace::client {

namespace {

constexpr std::size_t kMaxOutcomes = 512;
/// An outcome waits no longer than this for others while handlers compute.
constexpr std::chrono::milliseconds kMaxOutcomeAge{5};
/// After this the event loop gets its turn: timers and sockets of waiting handlers.
constexpr std::chrono::milliseconds kMaxTurn{10};

message::Outcome retryAfterException(std::string text)
{
    return message::Outcome::retry({"exception", std::move(text)});
}

message::Outcome outcomeOfCurrentException()
{
    try {
        throw;
    } catch (const std::exception& error) {
        return retryAfterException(error.what());
    } catch (...) {
        return retryAfterException("the handler threw something that is not derived from std::exception");
    }
}

} // namespace

HandlerLoop::HandlerLoop(AnyHandler handler, std::size_t limit, Hooks hooks)
    : m_limit(std::max<std::size_t>(limit, 1))
    , m_hooks(std::move(hooks))
    , m_source(std::move(handler))
{
}

HandlerLoop::~HandlerLoop() = default;

void HandlerLoop::begin(QObject* context)
{
    if (const auto* factory = std::get_if<Worker::HandlerFactory>(&m_source)) {
        try {
            m_handler = (*factory)();
        } catch (...) {
            m_brokenFactory = outcomeOfCurrentException().failure.errorText;
        }
        if (!m_handler) {
            m_brokenFactory = "the handler factory made no handler: " + m_brokenFactory;
            m_hooks.report({base::ErrorCode::Invalid, m_brokenFactory});
        }
    }
    m_flushedAt = SteadyClock::now();
    {
        const std::scoped_lock lock(m_mutex);
        m_context = context;
    }
    wake();
}

void HandlerLoop::end()
{
    flush();
    const std::scoped_lock lock(m_mutex);
    m_context = nullptr;
    // A handler that still runs may use what the function object captured.
    if (m_running.empty())
        m_handler = nullptr;
}

void HandlerLoop::wake()
{
    const std::scoped_lock lock(m_mutex);
    if (m_context == nullptr || std::exchange(m_isWoken, true))
        return;
    QMetaObject::invokeMethod(
        m_context, [self = shared_from_this()] { self->turn(); }, Qt::QueuedConnection);
}

void HandlerLoop::add(std::list<Held> deliveries)
{
    m_load.fetch_add(deliveries.size(), std::memory_order_relaxed);
    {
        const std::scoped_lock lock(m_mutex);
        m_waiting.splice(m_waiting.end(), deliveries);
    }
    wake();
}

void HandlerLoop::turn()
{
    bool isDraining = false;
    {
        const std::scoped_lock lock(m_mutex);
        m_isWoken = false;
        isDraining = m_isDraining;
    }
    if (isDraining)
        releaseWaiting();
    else
        runWaiting();
    flush();
    if (isDraining && isIdle())
        m_hooks.idle();
}

void HandlerLoop::runWaiting()
{
    const bool isBatch = std::holds_alternative<Worker::BatchHandler>(m_source);
    const auto begun = SteadyClock::now();
    m_isRunningWaiting = true;
    while (isBatch ? runBatch() : runNext()) {
        if (mustFlush())
            flush();
        if (SteadyClock::now() - begun >= kMaxTurn) {
            wake();
            break;
        }
    }
    m_isRunningWaiting = false;
}

bool HandlerLoop::runNext()
{
    Runner runner;
    std::optional<Delivery> delivery;
    {
        const std::scoped_lock lock(m_mutex);
        if (m_isDraining || m_waiting.empty() || m_running.size() >= m_limit)
            return false;
        m_running.splice(m_running.end(), m_waiting, m_waiting.begin());
        runner = std::prev(m_running.end());
        runner->startedAt = SteadyClock::now();
        runner->stop = std::stop_source();
        delivery.emplace(runner->incoming, runner->stop.get_token(), weak_from_this());
    }
    run(shared_from_this(), runner, std::move(*delivery));
    return true;
}

QCoro::Task<> HandlerLoop::run(std::shared_ptr<HandlerLoop> loop, Runner runner, Delivery delivery)
{
    message::Outcome outcome;
    try {
        if (!loop->m_handler) {
            outcome = retryAfterException(loop->m_brokenFactory);
        } else {
            auto task = loop->m_handler(std::move(delivery));
            const message::Outcome returned = co_await task;
            outcome = returned;
        }
    } catch (...) {
        outcome = outcomeOfCurrentException();
    }
    loop->finish(runner, std::move(outcome));
}

bool HandlerLoop::runBatch()
{
    std::vector<Runner> runners;
    std::vector<Delivery> deliveries;
    {
        const std::scoped_lock lock(m_mutex);
        if (m_isDraining || m_waiting.empty())
            return false;
        const std::stop_source stop;
        const auto now = SteadyClock::now();
        while (!m_waiting.empty() && deliveries.size() < m_limit) {
            m_running.splice(m_running.end(), m_waiting, m_waiting.begin());
            const Runner runner = std::prev(m_running.end());
            runner->startedAt = now;
            runner->stop = stop;
            runners.push_back(runner);
            deliveries.emplace_back(runner->incoming, stop.get_token(), weak_from_this());
        }
    }
    std::vector<message::Outcome> outcomes;
    try {
        outcomes = std::get<Worker::BatchHandler>(m_source)(deliveries);
        while (outcomes.size() < deliveries.size())
            outcomes.push_back(retryAfterException("the batch handler returned too few outcomes"));
    } catch (...) {
        outcomes.assign(deliveries.size(), outcomeOfCurrentException());
    }
    for (std::size_t i = 0; i < runners.size(); ++i)
        finish(runners[i], std::move(outcomes[i]));
    return true;
}

void HandlerLoop::finish(Runner runner, message::Outcome outcome)
{
    std::list<Held> ended;
    {
        const std::scoped_lock lock(m_mutex);
        ended.splice(ended.end(), m_running, runner);
    }
    record(ended.front(), std::move(outcome));
    if (m_isRunningWaiting)
        return;
    // The handler was resumed from somewhere: settle, and begin the next one, in a turn of our own.
    if (m_outcomes.ended >= kMaxOutcomes)
        flush();
    wake();
}

void HandlerLoop::record(const Held& held, message::Outcome outcome)
{
    m_load.fetch_sub(1, std::memory_order_relaxed);
    Settlement& settlement = m_outcomes.settlement;
    if (m_outcomes.session != held.session || settlement.epoch != held.epoch) {
        flush();
        m_outcomes.session = held.session;
        settlement.epoch = held.epoch;
    }
    m_hasOutcomes = true;
    ++m_outcomes.ended;
    if (held.isLost) {
        ++m_outcomes.lost;
        return;
    }
    if (outcome.kind == message::Outcome::Kind::Acknowledge) {
        settlement.acknowledged.push_back(held.incoming.lease);
        return;
    }
    message::FailedDelivery failed;
    failed.lease = held.incoming.lease;
    failed.ending = outcome.kind == message::Outcome::Kind::Retry ? message::Ending::Retry
        : outcome.kind == message::Outcome::Kind::Reject          ? message::Ending::Reject
                                                                  : message::Ending::Release;
    failed.reason = outcome.reason;
    failed.failure.errorClass = message::truncateUtf8(outcome.failure.errorClass, message::kMaxErrorClassBytes);
    failed.failure.errorText = message::truncateUtf8(outcome.failure.errorText, message::kMaxErrorTextBytes);
    failed.delay = outcome.delay;
    settlement.failed.push_back(std::move(failed));
}

void HandlerLoop::releaseWaiting()
{
    std::list<Held> released;
    {
        const std::scoped_lock lock(m_mutex);
        released.swap(m_waiting);
    }
    for (const Held& held : released)
        record(held, message::Outcome::release());
}

bool HandlerLoop::mustFlush() const
{
    return m_outcomes.ended >= kMaxOutcomes
        || (!m_outcomes.isEmpty() && SteadyClock::now() - m_flushedAt >= kMaxOutcomeAge);
}

void HandlerLoop::flush()
{
    m_flushedAt = SteadyClock::now();
    if (!m_outcomes.isEmpty())
        m_hooks.settle(std::exchange(m_outcomes, {}));
    m_hasOutcomes = false;
}

void HandlerLoop::collectLeases(SteadyClock::time_point startedBefore,
                                std::vector<message::LeaseRef>& leases,
                                std::vector<message::LeaseProgress>& progress,
                                std::vector<std::stop_source>& overdue)
{
    const std::scoped_lock lock(m_mutex);
    for (Held& held : m_running) {
        if (held.isLost)
            continue;
        if (held.progress)
            progress.push_back({held.incoming.lease, *std::exchange(held.progress, std::nullopt)});
        if (held.startedAt > startedBefore)
            leases.push_back(held.incoming.lease);
        else if (!std::exchange(held.isOverdue, true))
            overdue.push_back(held.stop);
    }
    for (const Held& held : m_waiting)
        leases.push_back(held.incoming.lease);
}

void HandlerLoop::noteProgress(message::LeaseRef lease, message::Progress progress)
{
    const std::scoped_lock lock(m_mutex);
    const auto found = std::ranges::find(m_running, lease, [](const Held& held) { return held.incoming.lease; });
    if (found != m_running.end() && !found->isLost)
        found->progress = std::move(progress);
}

void Delivery::reportProgress(int percent, std::string_view note) const
{
    if (const auto loop = m_loop.lock()) {
        loop->noteProgress(m_incoming.lease,
                           {static_cast<std::uint8_t>(std::clamp(percent, 0, 100)),
                            std::string(message::truncateUtf8(note, message::kMaxProgressNoteBytes))});
    }
}

std::size_t HandlerLoop::loseLeases(const std::vector<message::LeaseRef>& leases,
                                    std::vector<std::stop_source>& stops)
{
    const auto isLost = [&leases](const Held& held) {
        return std::ranges::find(leases, held.incoming.lease) != leases.end();
    };
    const std::scoped_lock lock(m_mutex);
    for (Held& held : m_running) {
        if (!held.isLost && isLost(held)) {
            held.isLost = true;
            stops.push_back(held.stop);
        }
    }
    const std::size_t forgotten = m_waiting.remove_if(isLost);
    m_load.fetch_sub(forgotten, std::memory_order_relaxed);
    return forgotten;
}

std::size_t HandlerLoop::loseAll(std::vector<std::stop_source>& stops)
{
    std::list<Held> forgotten;
    const std::scoped_lock lock(m_mutex);
    for (Held& held : m_running) {
        if (!std::exchange(held.isLost, true))
            stops.push_back(held.stop);
    }
    forgotten.swap(m_waiting);
    m_load.fetch_sub(forgotten.size(), std::memory_order_relaxed);
    return forgotten.size();
}

void HandlerLoop::drain()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_isDraining = true;
    }
    wake();
}

bool HandlerLoop::isIdle() const
{
    const std::scoped_lock lock(m_mutex);
    return m_waiting.empty() && m_running.empty() && !m_hasOutcomes;
}

std::vector<std::stop_source> HandlerLoop::runningStops() const
{
    const std::scoped_lock lock(m_mutex);
    std::vector<std::stop_source> stops;
    for (const Held& held : m_running)
        stops.push_back(held.stop);
    return stops;
}

} // namespace millrace::client
