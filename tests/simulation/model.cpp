// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/model.h"

#include "tests/simulation/stepper.h"

#include <algorithm>

namespace millrace::simulation {

using namespace engine;
using message::Reason;
using message::State;

void Step::take(const Batch& batch)
{
    messages = batch.messages;
    changes = batch.deadLetterChanges;
    operations = batch.operations;
    for (const SuspectRow& row : batch.suspects) {
        if (row.handedOutAtUs != 0)
            suspects.insert(row.sequence);
    }
    for (const NewDeadLetter& row : batch.deadLetters)
        dead.insert(row.sequence);
    for (const FailedAttempt& row : batch.failures)
        retries[row.sequence] = row.dueAtUs;
    reservedThrough = batch.sequencesReservedThrough;
}

// ---- a step

void Model::Stepper::run()
{
    for (const auto& [sequence, message] : m.live) {
        if (message.isUnstored)
            m_evidence.insert(sequence);
    }
    chargeCrash();
    move();
    for (const Command& command : m_step.commands)
        std::visit([this](const auto& each) { take(each); }, command);
    fireTimers();
    fireSchedules();
    resume();
    passEvidence();
    demand(m_nextMessage == m_step.messages.size(), "D5: a message appeared that nobody submitted or replayed");
    while (m_nextEffect < m_step.effects.size()) {
        const Effect& effect = m_step.effects[m_nextEffect++];
        if (const auto* deliver = std::get_if<Deliver>(&effect))
            handOut(*deliver);
        else
            demand(std::holds_alternative<Fetch>(effect), "an answer that nobody asked for");
    }
    m.lastWallUs = m_wall;
}

/// What the node was doing when it died.
void Model::Stepper::chargeCrash()
{
    std::vector<Sequence> alone;
    for (const auto& [sequence, message] : m.live) {
        if (message.aloneAtWallUs != 0 && !message.isLeased())
            alone.push_back(sequence);
    }
    for (const Sequence sequence : alone) {
        Message& message = m.live.at(sequence);
        const std::int64_t since = std::exchange(message.aloneAtWallUs, 0);
        if (!m.m_nodeDied)
            continue;
        const auto& policy = m.queues.at(message.queue).policy();
        touch(m.queues.at(message.queue));
        message.history.push_back({message.worker, "crashed-in-flight"});
        ++message.crashes;
        if (++message.failures == 1) {
            message.firstAttemptUs = m_steady - std::max<std::int64_t>(m_wall - since, 0);
            message.firstAttemptWallUs = m_wall - (m_steady - message.firstAttemptUs);
        }
        message.dueWallUs = m_wall;
        if (message.crashes >= policy.maxCrashes || message.failures >= policy.retry.maxAttempts)
            bury(sequence, Reason::CrashedInFlight);
    }
    m.m_nodeDied = false;
}

void Model::Stepper::fireTimers()
{
    lapse();
    giveUp();
    std::vector<Sequence> expired;
    for (auto& [sequence, message] : m.live) {
        message.isScheduled = message.isScheduled && message.deliverAtUs > m_wall;
        message.isRetrying = message.isRetrying && message.dueUs > m_steady;
        if (!message.isLeased() && hasExpired(message))
            expired.push_back(sequence);
    }
    for (const Sequence sequence : expired)
        bury(sequence, Reason::Expired);
}

void Model::apply(const Step& step, Seen& seen)
{
    m_mustBeSafe = false;
    Stepper(*this, step, seen).run();
}

// ---- what follows from the state

bool Model::Queue::isParked(const Message& message) const
{
    if (message.partitionKey.empty())
        return false;
    const auto found = blocks.find(message.partitionKey);
    return found != blocks.end()
           && std::any_of(found->second.begin(), found->second.end(),
                          [&](const auto& block) { return block.second < message.place; });
}

State Model::stateOf(const Message& message) const
{
    if (message.isLeased())
        return State::Leased;
    if (message.isScheduled)
        return State::Scheduled;
    if (message.isRetrying)
        return State::Retrying;
    return queues.at(message.queue).isParked(message) ? State::Parked : State::Ready;
}

QueueId Model::find(std::string_view name) const
{
    for (const auto& [id, queue] : queues) {
        if (queue.definition.name == name)
            return id;
    }
    return 0;
}

// ---- a start

void Model::restart(base::Now now, const LastRun& lastRun, const Found& found)
{
    const std::int64_t steady = now.steady.time_since_epoch().count();
    const std::int64_t wall = base::toMicros(now.wall);
    workers.clear();
    deferred.clear();
    cancelledNow = 0;
    lastWallUs = wall;
    lastSequence = 0;
    dropUnstored();
    m_nodeDied = !lastRun.stoppedCleanly && !lastRun.isRebuild;
    for (auto& [sequence, message] : live) {
        if (m_nodeDied && message.isLeased())
            message.isSuspect = true;
        else if (found.handedOut.contains(sequence))
            message.maybeSuspect = true;
        if (message.failures > 0)
            message.firstAttemptUs = steady - std::max<std::int64_t>(wall - message.firstAttemptWallUs, 0);
        Queue& queue = queues.at(message.queue);
        if (message.isLeased()) {
            message.token = 0;
            message.progress.reset();
            message.mustBeRedelivered = true;
            message.isPlain = false;
            --queue.leased;
            ++queue.waiting;
        }
        message.failedInStep = 0;
        message.isInMemory = false;
        message.isSizeKnown = message.deliverAtUs != 0 || message.expiresAtUs != 0;
        // What is left of a delay is known by the wall clock alone, and never longer than the policy's longest.
        const std::int64_t longest = queue.policy().retry.longestDelay().count();
        const std::int64_t left = message.failures == 0 ? 0 : std::max<std::int64_t>(message.dueWallUs - wall, 0);
        message.isRetrying = left > 0;
        message.dueUs = steady + std::min(left, longest);
        const bool wasOut = found.handedOut.contains(sequence) || message.aloneAtWallUs != 0 || message.isSuspect;
        message.isScheduled = message.deliverAtUs > wall && message.failures == 0 && !wasOut && !message.crashes;
    }
    for (auto& [id, queue] : queues) {
        queue.bytesMayDiffer = false;
        queue.tokensFullAtNs = 0;
        queue.keyTokensFullAtNs.clear();
        queue.owed = 0;
        queue.passed = {};
    }
    rememberKeys(found.keys, steady, wall);
    for (auto& [name, schedule] : schedules) {
        const std::int64_t fresh = nextRun(schedule.definition.cron, schedule.lastDueUs, wall);
        const bool isPassed = schedule.storedNextUs <= wall && schedule.definition.missed == message::Missed::Skip;
        schedule.nextUs = isPassed ? fresh : std::min(schedule.storedNextUs, fresh);
        schedule.blockedUntilUs = 0;
    }
}

/// What was never written ends with the node.
void Model::dropUnstored()
{
    for (auto each = live.begin(); each != live.end();) {
        const Message& message = each->second;
        if (!message.isUnstored) {
            ++each;
            continue;
        }
        Queue& queue = queues.at(message.queue);
        --(message.isLeased() ? queue.leased : queue.waiting);
        queue.bytes -= message.bytes.size();
        ++ended;
        each = live.erase(each);
    }
    for (auto& [id, queue] : queues)
        std::erase_if(queue.unique, [](const auto& each) { return each.second.isUnstored; });
}

/// A clock that jumped mixes up the ends of their windows; they keep their order, since remembering longer is safe.
void Model::rememberKeys(const std::vector<Disk::Key>& rows, std::int64_t steady, std::int64_t wall)
{
    std::map<QueueId, std::int64_t> latest;
    std::map<QueueId, std::map<std::string, Key, std::less<>>> kept;
    for (const Disk::Key& row : rows) {
        Queue& queue = queues.at(row.queue);
        const auto known = queue.keys.find(row.key);
        if (known == queue.keys.end() || known->second.first.sequence != row.sequence)
            continue; // its window has closed, and another took the key
        const std::int64_t left = std::clamp<std::int64_t>(known->second.expiresWallUs - wall, 0,
                                                           us(queue.policy().deduplicationWindow));
        Key key = known->second;
        key.untilUs = latest[row.queue] = std::max(latest[row.queue], steady + left);
        kept[row.queue][row.key] = std::move(key);
    }
    for (auto& [id, queue] : queues)
        queue.keys = std::move(kept[id]);
}

} // namespace millrace::simulation
