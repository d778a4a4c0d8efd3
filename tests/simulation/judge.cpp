// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/judge.h"

#include <algorithm>

namespace millrace::simulation {

namespace {

bool allAreSafe(const Model& model)
{
    return std::all_of(model.queues.begin(), model.queues.end(), [](const auto& each) {
        return each.second.definition.policy.durability == message::Durability::Full;
    });
}

} // namespace

void Judge::committed(const Step& step)
{
    const bool keeps = !allAreSafe(m_model);
    if (keeps)
        m_unsafe.push_back(m_model);
    m_model.apply(step, m_seen);
    if (m_model.mustBeSafe() || !keeps)
        m_unsafe.clear();
}

void Judge::failed(const Step& step, bool hasLeft)
{
    m_pending = m_model;
    m_pendingSeen = m_seen;
    m_hasLeft = hasLeft;
    m_pending->apply(step, m_pendingSeen);
}

void Judge::reloaded(const Disk& disk, base::Now now, bool powerWasCut, const LastRun& lastRun)
{
    std::string why;
    const auto fits = [&](const Model& candidate) {
        std::string difference = candidate.differs(disk, now);
        if (why.empty())
            why = difference;
        return difference.empty();
    };
    std::optional<Model> found;
    if (m_pending && fits(*m_pending)) {
        found = std::move(*m_pending);
        m_seen = m_pendingSeen;
    } else if (!m_hasLeft && fits(m_model)) {
        found = m_model;
    }
    for (auto earlier = m_unsafe.rbegin(); !found && powerWasCut && earlier != m_unsafe.rend(); ++earlier) {
        if (fits(*earlier))
            found = *earlier;
    }
    if (!found)
        throw Violation("D1/D3: after a start the store is in no state that it may be in: " + why);
    m_model = std::move(*found);
    m_model.restart(now, lastRun, disk.handedOut);
    // The epoch that each start raises is synced, and with it what came before.
    m_unsafe.clear();
    m_pending.reset();
    m_hasLeft = false;
}

void Judge::count(engine::Engine& engine, base::Now now) const
{
    std::uint64_t live = 0;
    std::size_t known = 0;
    engine.sample(now, [&](const engine::QueueRow& row, const telemetry::QueueSample& sample) {
        const auto found = m_model.queues.find(row.id);
        if (found == m_model.queues.end())
            throw Violation("D5: a queue appeared that nobody defined");
        ++known;
        const Model::Queue& queue = found->second;
        live += queue.depth();
        if (sample.leased != queue.leased
            || sample.ready + sample.scheduled + sample.retrying + sample.parked != queue.waiting)
            throw Violation("D5: queue " + row.definition.name + " counts " + std::to_string(sample.ready) + " ready, "
                            + std::to_string(sample.scheduled) + " scheduled, " + std::to_string(sample.retrying)
                            + " retrying, " + std::to_string(sample.parked) + " parked, "
                            + std::to_string(sample.leased) + " leased; there are " + std::to_string(queue.waiting)
                            + " waiting and " + std::to_string(queue.leased) + " leased");
    });
    if (known != m_model.queues.size())
        throw Violation("D5: a queue is gone");
    std::uint64_t closed = 0;
    for (const auto state : {message::State::Dead, message::State::Archived, message::State::Replayed,
                             message::State::Discarded}) {
        const auto told = static_cast<std::uint64_t>(
            std::count_if(m_model.dead.begin(), m_model.dead.end(),
                          [&](const auto& each) { return each.second.state == state; }));
        if (told != engine.count(state))
            throw Violation("D5: " + std::to_string(engine.count(state)) + " messages are counted as "
                            + std::string(toString(state)) + ", there are " + std::to_string(told));
        closed += told;
    }
    if (engine.count(message::State::Cancelled) != 0)
        throw Violation("D1: the store lost a message that it had confirmed");
    if (live + closed + m_model.done != m_model.accepted)
        throw Violation("D5: states do not add up to what was accepted");
}

} // namespace millrace::simulation
