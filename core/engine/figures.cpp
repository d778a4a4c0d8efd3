// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/impl_p.h"

#include <algorithm>

namespace millrace::engine {

namespace {

/// Since when the oldest message of a lane that could be delivered has waited; nullopt = none does.
/// Messages in trouble are asked by sequence: their times of falling due are not kept in order.
template<typename TimeOfCold, typename TimeOfSpecial>
std::optional<std::int64_t>
oldestDue(const Lane& lane, TimeOfCold&& timeOfCold, TimeOfSpecial&& timeOfSpecial)
{
    std::optional<std::int64_t> oldest;
    const auto consider = [&](std::int64_t us) { oldest = std::min(oldest.value_or(us), us); };
    if (lane.hotCount() > 0)
        consider(lane.hotFront().dueUs);
    else if (const Sequence cold = lane.coldFront(); cold != 0)
        consider(timeOfCold(cold));
    if (const Sequence special = lane.oldestSpecial(); special != 0)
        consider(timeOfSpecial(special));
    return oldest;
}

} // namespace

void Engine::Impl::sample(
    base::Now now,
    const std::function<void(const QueueRow&, const telemetry::QueueSample&)>& visit)
{
    const std::int64_t us = now.steady.time_since_epoch().count();
    for (const auto& queue : m_queues) {
        telemetry::QueueSample figures = queue->figures;
        figures.dead = queue->closed[static_cast<std::size_t>(message::State::Dead)];
        if (queue->canDeliver()) {
            std::int64_t oldest = us;
            for (const Lane& lane : queue->lanes) {
                const auto due = oldestDue(
                    lane,
                    [&](Sequence sequence) { return m_times.find(sequence, us); },
                    [&](Sequence sequence) { return m_troubles.at(sequence).dueUs; });
                oldest = std::min(oldest, due.value_or(us));
            }
            if (!queue->suspects.empty())
                oldest = std::min(oldest, m_troubles.at(*queue->suspects.begin()).dueUs);
            figures.lagUs = std::max<std::int64_t>(us - oldest, 1); // 0 means that none waits
        }
        figures.waiting = queue->waiting.quantiles(now.steady);
        figures.running = queue->running.quantiles(now.steady);
        visit(queue->row, figures);
    }
}

} // namespace millrace::engine
