// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/stepper.h"

#include <algorithm>

namespace millrace::simulation {

using namespace engine;

namespace {

/// One of sixteen hand-outs goes to a lower priority than the first while one waits there, in turn.
constexpr std::uint32_t kLeastBetweenLower = 15;
constexpr std::uint32_t kMostBetweenTurns = 160;

} // namespace

void Model::Stepper::handOut(const Deliver& deliver)
{
    const auto worker = m.workers.find({deliver.client, deliver.queue});
    demand(worker != m.workers.end(), "a delivery to somebody who is not attached");
    Queue& queue = m.queues.at(deliver.queue);
    demand(!queue.isPaused, "a delivery from a paused queue");
    demand(queue.dead < queue.policy().maxDeadLetters,
           "R5: a delivery from a queue with all dead letters that it may have");
    demand(deliver.items.size() <= worker->second.first, "more was delivered than was granted");
    worker->second.first -= deliver.items.size();
    demand(deliver.lease == base::Micros(queue.policy().lease), "a lease has another length");
    touch(queue);
    checkSuspects(deliver);
    for (const Delivery& item : deliver.items)
        handOut(item, deliver, queue);
    const std::uint32_t slots = queue.policy().maxConcurrency;
    demand(slots == 0 || queue.leased <= slots, "more is leased at once than the queue's concurrency");
    if (slots != 0 && queue.leased == slots)
        count(Event::AtConcurrency);
}

/// At most one suspect is out in the whole node, and its worker has nothing else in hand.
void Model::Stepper::checkSuspects(const Deliver& deliver) const
{
    const Sequence first = deliver.items.empty() ? 0 : deliver.items.front().lease.sequence;
    const bool isAlone = m_step.suspects.contains(first);
    demand(!isAlone || deliver.items.size() == 1, "D9: a suspect is delivered together with others");
    for (const auto& [sequence, message] : m.live) {
        if (!message.isLeased())
            continue;
        const bool isSame = message.client == deliver.client && message.queue == deliver.queue;
        demand(!isSame || (!isAlone && message.aloneAtWallUs == 0),
               "D9: the worker of a suspect has something else in hand");
        demand(!isAlone || message.aloneAtWallUs == 0, "D9: two suspects are out at once");
    }
}

void Model::Stepper::handOut(const Delivery& item, const Deliver& deliver, Queue& queue)
{
    const Sequence sequence = item.lease.sequence;
    const auto found = m.live.find(sequence);
    demand(found != m.live.end(), "D8: " + textOf(sequence) + " was delivered after its end");
    Message& message = found->second;
    demand(message.queue == deliver.queue, textOf(sequence) + " was delivered from another queue");
    checkItem(item, message);
    m_seen.lastToken = item.lease.token;
    if (message.failedInStep == m_step.number && message.failedInStep != 0)
        demand(++m_seen.retriedAtOnce < 3, "R1: failed messages are retried without a pause");
    const bool isAlone = m_step.suspects.contains(sequence);
    demand(isAlone ? message.isSuspect || message.maybeSuspect : !message.isSuspect,
           "D9: " + textOf(sequence) + (isAlone ? " is no suspect" : " is a suspect and not handed out as one"));
    if (isAlone)
        message.aloneAtWallUs = std::max<std::int64_t>(m_wall, 1);
    else
        checkPlace(sequence, message, queue);
    checkKey(sequence, message);
    takeTokens(message, queue);
    message.wasHandedOut = true;
    message.mustBeRedelivered = false;
    message.isPlain = false;
    message.isSizeKnown = true;
    message.token = item.lease.token;
    message.client = deliver.client;
    message.worker = m.workers.at({deliver.client, deliver.queue}).second;
    message.startedUs = m_steady;
    message.deadlineUs = m_steady + us(queue.policy().lease);
    --queue.waiting;
    ++queue.leased;
}

void Model::Stepper::checkItem(const Delivery& item, const Message& message) const
{
    const Sequence sequence = item.lease.sequence;
    demand(!message.isLeased(), "D7: " + textOf(sequence) + " has two valid leases");
    demand((item.lease.token >> 20U) > (m_seen.lastToken >> 20U), "D7: the tokens of leases do not grow");
    demand(item.envelope.toString() + item.body.toString() == message.bytes,
           "R6: " + textOf(sequence) + " was delivered with other bytes");
    demand(item.attempt == message.failures + 1, "D9: " + textOf(sequence) + " has attempt "
               + std::to_string(item.attempt) + " after " + std::to_string(message.failures) + " failures");
    demand(item.redelivered ? message.wasHandedOut : !message.mustBeRedelivered && message.failures == 0,
           "D9: " + textOf(sequence) + " is wrongly called " + (item.redelivered ? "redelivered" : "new"));
    demand(!message.isScheduled, "D16: " + textOf(sequence) + " was delivered before its time");
    demand(!message.isRetrying, "R1: " + textOf(sequence) + " was retried before its delay");
}

// ---- order

/// Priority first, then by sequence. What came back takes its place only once its bytes are in memory.
void Model::Stepper::checkPlace(Sequence sequence, const Message& message, Queue& queue)
{
    bool isLower = false;    // than another that could have gone
    bool isHigher = false;   // waits at all
    std::uint32_t waits = 0; // a bit for each priority that has something in memory
    for (const auto& [other, waiting] : m.live) {
        if (waiting.queue != message.queue || waiting.isLeased() || other == sequence)
            continue;
        isHigher = isHigher || waiting.priority > message.priority;
        if (!waiting.isPlain)
            continue;
        demand(waiting.priority <= message.priority || queue.sinceLower >= kLeastBetweenLower,
               textOf(sequence) + " went before " + textOf(other) + ", whose priority is higher, out of turn");
        isLower = isLower || waiting.priority > message.priority;
        demand(!message.isPlain || waiting.priority != message.priority || other > sequence,
               textOf(sequence) + " went before " + textOf(other) + ", which is older");
        waits |= waiting.isInMemory ? 1U << waiting.priority : 0U;
    }
    if (isLower) {
        queue.sinceLower = 0;
        count(Event::LowerTurn);
    } else if (queue.sinceLower < UINT32_MAX) {
        ++queue.sinceLower;
    }
    checkTurns(message, queue, waits, isHigher);
}

/// Nothing starves below others.
void Model::Stepper::checkTurns(const Message& message, Queue& queue, std::uint32_t waitsInMemory, bool isHigher)
{
    const bool isPassing = !isHigher && (waitsInMemory & ((1U << message.priority) - 1)) != 0;
    queue.owed = isPassing ? queue.owed + 1 : 0;
    demand(queue.owed <= kLeastBetweenLower,
           std::to_string(queue.owed) + " hand-outs in a row left out what waits at a lower priority");
    for (std::uint32_t priority = 0; priority < queue.passed.size(); ++priority) {
        std::uint32_t& passed = queue.passed.at(priority);
        const bool waits = priority != message.priority && (waitsInMemory & (1U << priority)) != 0;
        passed = waits ? passed + 1 : 0;
        demand(passed <= kMostBetweenTurns,
               "what waits at priority " + std::to_string(priority) + " was passed over too often");
    }
}

/// What stands before it in its key is settled, or waits for its deliver-at; and no dead letter holds it up.
void Model::Stepper::checkKey(Sequence sequence, const Message& message) const
{
    if (message.partitionKey.empty())
        return;
    demand(!m.queues.at(message.queue).isParked(message),
           "D11: " + textOf(sequence) + " was started while a dead letter of its key holds it up");
    for (const auto& [other, waiting] : m.live) {
        if (other == sequence || waiting.queue != message.queue || waiting.partitionKey != message.partitionKey)
            continue;
        demand(!waiting.isLeased() && (waiting.place > message.place || waiting.isScheduled),
               "D11: " + textOf(sequence) + " was started while " + textOf(other) + " of its key was not settled");
    }
}

// ---- rates

void Model::Stepper::takeTokens(const Message& message, Queue& queue)
{
    takeToken(queue.policy().rate, queue.tokensFullAtNs, Event::OutOfTokens, "a queue's");
    if (!message.partitionKey.empty())
        takeToken(queue.policy().keyRate, queue.keyTokensFullAtNs[message.partitionKey], Event::KeyOutOfTokens,
                  "a key's");
}

/// Each hand-out takes one; what is missing comes back evenly, up to the burst.
void Model::Stepper::takeToken(const message::RateLimit& rate, std::int64_t& fullAtNs, Event event, const char* whose)
{
    if (!rate.isSet())
        return;
    const auto interval = static_cast<std::int64_t>(1e9 / rate.perSecond);
    const std::int64_t now = m_steady * 1000;
    fullAtNs = std::max(fullAtNs, now) + interval;
    const std::int64_t most = interval * rate.burst;
    demand(fullAtNs - now <= most, std::string("more was handed out than ") + whose + " rate allows");
    if (fullAtNs - now > most - interval)
        count(event);
}

} // namespace millrace::simulation
