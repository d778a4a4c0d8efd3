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
    const bool fitsBefore = !m_hasLeft && fits(m_model);
    if (m_pending && fits(*m_pending)) {
        found = std::move(*m_pending);
        // If it looks the same without that commit, its sequences may be given anew: none of them was told or stored.
        const Sequence highest = fitsBefore ? m_seen.highest : m_pendingSeen.highest;
        m_seen = m_pendingSeen;
        m_seen.highest = highest;
    } else if (fitsBefore) {
        found = m_model;
    }
    for (auto earlier = m_unsafe.rbegin(); !found && powerWasCut && earlier != m_unsafe.rend(); ++earlier) {
        if (fits(*earlier))
            found = *earlier;
    }
    if (!found)
        throw Violation("D1/D3: after a start the store is in no state that it may be in: " + why);
    m_model = std::move(*found);
    Found rest{disk.handedOut, disk.keys};
    rest.handedOut.insert(disk.suspects.begin(), disk.suspects.end());
    restarted(now, lastRun, rest);
    // The epoch that each start raises is synced, and with it what came before.
    m_unsafe.clear();
    m_pending.reset();
    m_hasLeft = false;
}

void Judge::restarted(base::Now now, const LastRun& lastRun, const Found& found)
{
    const std::uint64_t before = m_model.ended;
    m_model.restart(now, lastRun, found);
    m_seen.events[Event::EndedUnstored] += m_model.ended - before;
}

void Judge::count(engine::Engine& engine, base::Now now, bool withLeases) const
{
    countQueues(engine, now);
    countDead(engine);
    if (withLeases)
        compareLeases(engine, now);
}

void Judge::countQueues(engine::Engine& engine, base::Now now) const
{
    std::map<QueueId, std::array<std::uint64_t, 5>> told; // ready, scheduled, retrying, leased, parked
    for (const auto& [sequence, message] : m_model.live)
        ++told[message.queue].at(static_cast<std::size_t>(m_model.stateOf(message)));
    std::size_t known = 0;
    engine.sample(now, [&](const engine::QueueRow& row, const telemetry::QueueSample& sample) {
        const auto found = m_model.queues.find(row.id);
        if (found == m_model.queues.end())
            throw Violation("D5: a queue appeared that nobody defined");
        ++known;
        const auto& wanted = told[row.id];
        if (sample.ready != wanted[0] || sample.scheduled != wanted[1] || sample.retrying != wanted[2]
            || sample.leased != wanted[3] || sample.parked != wanted[4])
            throw Violation("D5: queue " + row.definition.name + " counts " + std::to_string(sample.ready) + " ready, "
                            + std::to_string(sample.scheduled) + " scheduled, " + std::to_string(sample.retrying)
                            + " retrying, " + std::to_string(sample.leased) + " leased, "
                            + std::to_string(sample.parked) + " parked; there are " + std::to_string(wanted[0]) + ", "
                            + std::to_string(wanted[1]) + ", " + std::to_string(wanted[2]) + ", "
                            + std::to_string(wanted[3]) + " and " + std::to_string(wanted[4]));
        if (sample.dead != found->second.dead)
            throw Violation("D5: queue " + row.definition.name + " counts " + std::to_string(sample.dead)
                            + " dead letters; there are " + std::to_string(found->second.dead));
    });
    if (known != m_model.queues.size())
        throw Violation("D5: a queue is gone");
}

void Judge::countDead(engine::Engine& engine) const
{
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
    if (engine.count(message::State::Cancelled) != m_model.cancelledNow)
        throw Violation("D1: the store lost a message that it had confirmed, or one is wrongly called cancelled");
    if (m_model.live.size() + closed + m_model.done + m_model.cancelled + m_model.ended
        != m_model.accepted)
        throw Violation("D5: states do not add up to what was accepted");
}

/// Who holds what until when, and how far it is.
void Judge::compareLeases(engine::Engine& engine, base::Now now) const
{
    constexpr std::size_t kAll = 100'000;
    const std::int64_t offset = base::toMicros(now.wall) - now.steady.time_since_epoch().count();
    for (const auto& [id, queue] : m_model.queues) {
        const auto running = engine.running(queue.definition.name, kAll, now);
        if (!running || running->size() != queue.leased)
            throw Violation("D5: other messages run than those that are leased");
        for (const message::RunningMessage& each : *running) {
            const auto found = m_model.live.find(std::stoull(each.ref.value));
            if (found == m_model.live.end() || !found->second.isLeased())
                throw Violation("D5: message " + each.ref.value + " is not leased and is said to run");
            const Model::Message& message = found->second;
            if (each.worker != message.worker || each.attempt != message.failures + 1
                || each.startedAtUs != message.startedUs + offset
                || each.leasedUntilUs != message.deadlineUs + offset)
                throw Violation("D8: the lease of message " + each.ref.value + " is another than it has to be");
            if (each.progress != message.progress.value_or(message::Progress()))
                throw Violation("the progress of message " + each.ref.value + " is not what its worker said");
        }
    }
}

} // namespace millrace::simulation
