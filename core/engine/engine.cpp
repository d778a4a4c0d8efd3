// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/impl_p.h"

#include <algorithm>

namespace millrace::engine {

namespace {

constexpr Sequence kSequenceBlock = 100'000;
constexpr std::size_t kDeduplicationsPerStep = 10'000;
/// Of each clock; what is left is due already and goes with the next step, so that a million that are due together
/// hold up nobody else.
constexpr std::size_t kTimersPerStep = 10'000;
/// Keys are dropped about once a second instead of one by one.
constexpr std::int64_t kDeduplicationPauseUs = 1'000'000;

} // namespace

Engine::Impl::Impl(EngineOptions options)
    : m_options(std::move(options))
    , m_random(m_options.randomSeed)
{
}

void Engine::Impl::step(base::Now now,
                        std::span<Command> commands,
                        std::uint64_t submitBudget,
                        StepResult& result)
{
    result.clear();
    m_result = &result;
    m_now = {std::max(m_now.steady, now.steady), now.wall};
    m_submitBudget = submitBudget;
    m_isLeftOver = false;
    if (!m_changed.empty())
        m_changed.clear();
    if (!m_removedHandouts.empty())
        batch().removedHandouts.swap(m_removedHandouts);
    if (m_suspects.hasNews)
        recordCrash();

    for (Command& command : commands)
        std::visit([this](auto& each) { handle(each); }, command);
    fireTimers();
    if (!m_schedules.all.empty())
        fireSchedules();
    if (!m_deferred.empty())
        resumeDeferred();
    if (!m_dirtyLines.empty())
        advanceLines();
    if (m_suspects.mayHaveWork())
        deliverSuspect();
    if (!m_active.empty())
        deliver();
    if (!m_operations.empty())
        planOperations();
    if (!m_agedQueues.empty())
        planRetention();
    sendFetch();
    ownFresh();
    m_handouts.finishStep(batch().handouts);
    m_result = nullptr;
}

std::optional<base::SteadyTime> Engine::Impl::nextDeadline() const
{
    if (m_isLeftOver)
        return m_now.steady;
    auto next = m_timers.next(nowUs(), wallUs());
    if (const auto scheduled = nextScheduleUs(); scheduled)
        next = std::min(next.value_or(*scheduled), *scheduled);
    if (!next)
        return std::nullopt;
    return base::SteadyTime(base::Micros(*next));
}

void Engine::Impl::activate(Queue& queue)
{
    if (!queue.isActive && queue.wantsDelivery()) {
        queue.isActive = true;
        m_active.push_back(&queue);
    }
}

Sequence Engine::Impl::takeSequence()
{
    if (++m_lastSequence > m_reservedThrough) {
        m_reservedThrough = m_lastSequence + kSequenceBlock - 1;
        batch().sync = true; // also for a queue whose last messages a power cut may take: their numbers were told
        batch().sequencesReservedThrough = m_reservedThrough;
    }
    return m_lastSequence;
}

void Engine::Impl::reply(ClientId client,
                         RequestId request,
                         base::Result<message::OperationStatus> outcome)
{
    send(Reply{client, request, std::move(outcome)});
}

void Engine::Impl::fireTimers()
{
    for (std::size_t i = 0; i < kTimersPerStep; ++i) {
        const auto timer = m_timers.nextSteady(nowUs());
        if (!timer)
            break;
        fireSteady(*timer);
    }
    for (std::size_t i = 0; i < kTimersPerStep; ++i) {
        const auto timer = m_timers.nextWall(wallUs());
        if (!timer)
            break;
        fireWall(*timer);
    }
}

void Engine::Impl::fireSteady(const Timers::Steady& timer)
{
    switch (timer.kind) {
    case Timers::Kind::QueueLeases:
        // A timer from before the queue's lease changed is passed: another one runs.
        if (Queue& queue = *m_queuesById.at(static_cast<QueueId>(timer.id)); queue.leasesTimedUs == timer.atUs)
            lapseDue(queue);
        break;
    case Timers::Kind::CappedLease:
        // It may have been extended since.
        if (Lease* lease = m_leases.findToken(timer.id);
            lease != nullptr && lease->isCapped && lease->deadlineUs <= nowUs())
            lapse(*lease);
        break;
    case Timers::Kind::Retry: {
        const auto found = m_troubles.find(timer.id);
        if (found == m_troubles.end() || found->second.state != message::State::Retrying
            || found->second.dueUs != timer.atUs)
            break;
        --found->second.queue->figures.retrying;
        becomeReady(timer.id, found->second);
        break;
    }
    case Timers::Kind::Retention:
        if (Queue& queue = *m_queuesById.at(static_cast<QueueId>(timer.id)); queue.retentionUs == timer.atUs)
            m_agedQueues.push_back(&queue);
        break;
    case Timers::Kind::Deferred: giveUpDeferred(timer.id); break;
    case Timers::Kind::QueueTokens: unthrottle(*m_queuesById.at(static_cast<QueueId>(timer.id))); break;
    case Timers::Kind::KeyTokens:
        lookAtThrottled(*m_queuesById.at(static_cast<QueueId>(timer.id)), false);
        break;
    case Timers::Kind::Deduplication:
        expireDeduplications(*m_queuesById.at(static_cast<QueueId>(timer.id)));
        break;
    }
}

void Engine::Impl::fireWall(const Timers::Wall& timer)
{
    if (!isLive(timer)) {
        m_timers.passStaleWall();
        return;
    }
    Trouble& trouble = m_troubles.at(timer.sequence);
    if (timer.isExpiry) {
        trouble.isExpiryTimed = false;
        // While it is leased, its worker may still finish it; otherwise its return notices.
        if (trouble.state != message::State::Leased)
            expire(timer.sequence, trouble);
        return;
    }
    --trouble.queue->figures.scheduled;
    trouble.deliverAtUs = 0;
    becomeReady(timer.sequence, trouble);
}

void Engine::Impl::expireDeduplications(Queue& queue)
{
    Deduplication& keys = queue.deduplication;
    m_deduplicationBytes -= keys.bytes();
    std::vector<std::uint64_t> expired;
    keys.expire(nowUs(), kDeduplicationsPerStep, expired);
    removeKeys(expired);
    m_deduplicationBytes += keys.bytes();
    keys.isTimed = !keys.empty();
    if (keys.empty())
        return;
    const std::int64_t first = keys.firstUntilUs();
    // What is due already exceeded the limit of one step: the rest goes with the next one.
    const std::int64_t at = first <= nowUs() ? nowUs() + 1 : first + kDeduplicationPauseUs;
    m_timers.atSteady(at, Timers::Kind::Deduplication, queue.row.id);
}

std::uint64_t Engine::Impl::count(message::State state) const
{
    using message::State;
    std::uint64_t sum = state == State::Cancelled ? m_vanished : 0;
    for (const auto& queue : m_queues) {
        const telemetry::QueueSample& figures = queue->figures;
        switch (state) {
        case State::Ready: sum += figures.ready; break;
        case State::Scheduled: sum += figures.scheduled; break;
        case State::Retrying: sum += figures.retrying; break;
        case State::Leased: sum += figures.leased; break;
        case State::Parked: sum += figures.parked; break;
        case State::Done: sum += figures.acknowledged; break;
        case State::Cancelled: sum += figures.cancelled; break;
        default: sum += queue->closed[static_cast<std::size_t>(state)]; break;
        }
    }
    return sum;
}

// ---- the public face

Engine::Engine(EngineOptions options)
    : m_impl(std::make_unique<Impl>(std::move(options)))
{
}
Engine::~Engine() = default;

void Engine::onMeta(std::uint64_t epoch, Sequence sequencesReservedThrough)
{
    m_impl->onMeta(epoch, sequencesReservedThrough);
}
void Engine::onQueue(const QueueRow& row) { m_impl->onQueue(row); }
void Engine::onSubscription(const SubscriptionRow& row) { m_impl->onSubscription(row); }
void Engine::onMessage(const LoadedMessage& row) { m_impl->onMessage(row); }
void Engine::onFailure(const LoadedFailure& row) { m_impl->onFailure(row); }
void Engine::onDeduplication(const DeduplicationRow& row) { m_impl->onDeduplication(row); }
void Engine::onHandout(const HandoutRow& row) { m_impl->onHandout(row); }
void Engine::onKeyBlock(const KeyBlockRow& row) { m_impl->onKeyBlock(row); }
void Engine::onUniqueKey(const UniqueKeyRow& row) { m_impl->onUniqueKey(row); }
void Engine::onDeadLetterCount(QueueId queue, message::State state, std::uint64_t count)
{
    m_impl->onDeadLetterCount(queue, state, count);
}
void Engine::onOperation(const OperationRow& row) { m_impl->onOperation(row); }
void Engine::onLastRun(bool stoppedCleanly, std::uint64_t crashedHandoutsThrough)
{
    m_impl->onLastRun(stoppedCleanly, crashedHandoutsThrough);
}
void Engine::onSchedule(const ScheduleRow& row) { m_impl->onSchedule(row); }
std::vector<message::ScheduleStatus> Engine::schedules() const { return m_impl->schedules(); }
void Engine::onSuspect(const SuspectRow& row) { m_impl->onSuspect(row); }
void Engine::finishLoad(base::Now now, bool isRebuild) { m_impl->finishLoad(now, isRebuild); }

void Engine::step(base::Now now,
                  std::span<Command> commands,
                  std::uint64_t submitBudgetBytes,
                  StepResult& result)
{
    m_impl->step(now, commands, submitBudgetBytes, result);
}
std::optional<base::SteadyTime> Engine::nextDeadline() const { return m_impl->nextDeadline(); }
std::uint64_t Engine::epoch() const noexcept { return m_impl->epoch(); }
std::size_t Engine::queueCount() const noexcept { return m_impl->queueCount(); }
void Engine::sample(
    base::Now now,
    const std::function<void(const QueueRow& row, const telemetry::QueueSample& sample)>& visit)
{
    m_impl->sample(now, visit);
}
base::Result<std::vector<message::RunningMessage>>
Engine::running(std::string_view queue, std::size_t limit, base::Now now)
{
    return m_impl->running(queue, limit, now);
}
base::Result<std::vector<message::RetryingMessage>>
Engine::retrying(std::string_view queue, std::size_t limit, base::Now now) const
{
    return m_impl->retrying(queue, limit, now);
}
base::Result<std::vector<message::ParkedKey>> Engine::parkedKeys(std::string_view queue, std::size_t limit) const
{
    return m_impl->parkedKeys(queue, limit);
}
std::vector<message::OperationStatus> Engine::operations() const { return m_impl->operations(); }
std::vector<message::SubscriptionDefinition> Engine::subscriptions() const
{
    return m_impl->subscriptions();
}
const QueueRow* Engine::findQueue(std::string_view name) const
{
    const Queue* queue = m_impl->findQueue(name);
    return queue == nullptr ? nullptr : &queue->row;
}
std::uint64_t Engine::count(message::State state) const { return m_impl->count(state); }
std::uint64_t Engine::unstoredCount() const noexcept { return m_impl->unstoredCount(); }

} // namespace millrace::engine
