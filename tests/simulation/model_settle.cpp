// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/stepper.h"

#include <algorithm>

namespace millrace::simulation {

using namespace engine;
using message::Ending;
using message::Reason;

namespace {

const message::RetryRule* ruleOf(const message::RetryPolicy& retry, const std::string& errorClass)
{
    for (const message::RetryRule& rule : retry.rules) {
        if (rule.errorClass == errorClass)
            return &rule;
    }
    return nullptr;
}

std::uint32_t attemptsOf(const message::RetryPolicy& retry, const std::string& errorClass)
{
    const auto* rule = ruleOf(retry, errorClass);
    return rule != nullptr && rule->maxAttempts != 0 ? rule->maxAttempts : retry.maxAttempts;
}

/// The shortest and the longest delay that the policy allows.
std::pair<std::int64_t, std::int64_t> delaysOf(const message::RetryPolicy& retry, std::uint32_t failures,
                                               const std::string& errorClass)
{
    const auto* rule = ruleOf(retry, errorClass);
    const auto& list = rule != nullptr && !rule->delays.empty() ? rule->delays : retry.delays;
    const bool isList = retry.backoff == message::Backoff::List || (rule != nullptr && !rule->delays.empty());
    if (isList && !list.empty()) {
        const std::int64_t exact = us(list[std::min<std::size_t>(failures, list.size()) - 1]);
        return {exact, exact};
    }
    if (retry.backoff == message::Backoff::Fixed)
        return {us(retry.initialDelay), us(retry.initialDelay)};
    double longest = static_cast<double>(us(retry.initialDelay));
    for (std::uint32_t i = 1; i < failures && longest < static_cast<double>(us(retry.maxDelay)); ++i)
        longest *= retry.multiplier;
    return {0, std::min(static_cast<std::int64_t>(longest), us(retry.maxDelay))};
}

} // namespace

// ---- who works

void Model::Stepper::take(const Attach& command)
{
    const auto& attached = answerTo<Attached>(command, "attached");
    const QueueId queue = m.find(command.queue);
    demand(attached.queue.has_value() == (queue != 0), "attaching went otherwise than the queue's existence says");
    if (queue == 0)
        return;
    demand(*attached.queue == queue, "attached to another queue");
    m.workers[{command.client, queue}].second = command.worker;
}

void Model::Stepper::take(const DetachQueue& command) { m.workers.erase({command.client, command.queue}); }

void Model::Stepper::take(const Credit& command)
{
    if (const auto found = m.workers.find({command.client, command.queue}); found != m.workers.end())
        found->second.first += command.more;
}

/// Its submits that wait are dropped, its leases go back.
void Model::Stepper::take(const Disconnect& command)
{
    std::erase_if(m.deferred, [&](const auto& each) { return each.second.command.client == command.client; });
    std::erase_if(m.workers, [&](const auto& each) { return each.first.first == command.client; });
    std::vector<Sequence> held;
    for (const auto& [sequence, message] : m.live) {
        if (message.isLeased() && message.client == command.client)
            held.push_back(sequence);
    }
    for (const Sequence sequence : held)
        giveBack(sequence);
}

// ---- how leases end

Model::Message* Model::Stepper::leased(const LeaseRef& ref, ClientId client)
{
    const auto found = m.live.find(ref.sequence);
    const bool holds = found != m.live.end() && ref.token != 0 && found->second.token == ref.token
                       && found->second.client == client;
    return holds ? &found->second : nullptr;
}

void Model::Stepper::take(const Settle& command)
{
    const auto& settled = answerTo<Settled>(command, "settled");
    std::vector<LeaseRef> lost;
    for (const LeaseRef& ref : command.acknowledged) {
        if (Message* message = leased(ref, command.client); message != nullptr) {
            end(*message);
            remove(ref.sequence);
            ++m.done;
        } else {
            lost.push_back(ref);
        }
    }
    for (const FailedDelivery& failed : command.failed) {
        const Message* message = leased(failed.lease, command.client);
        if (message == nullptr)
            lost.push_back(failed.lease);
        else if (failed.ending == Ending::Release)
            giveBack(failed.lease.sequence);
        else
            fail(failed.lease.sequence, failed.ending, failed.reason, failed.failure.errorClass, failed.delay);
    }
    demand(lost == settled.lost, "D8: a settlement with a stale token counted, or one with a valid token did not");
}

void Model::Stepper::take(const Extend& command)
{
    const auto& settled = answerTo<Settled>(command, "settled");
    std::vector<LeaseRef> lost;
    for (const LeaseRef& ref : command.leases) {
        Message* message = leased(ref, command.client);
        if (message == nullptr) {
            lost.push_back(ref);
            continue;
        }
        const auto& policy = m.queues.at(message->queue).policy();
        // Once at its longest run time, a lease is not extended any more.
        const std::int64_t last = message->startedUs + us(policy.maxRunTime);
        message->deadlineUs = std::max(message->deadlineUs, std::min(m_steady + us(policy.lease), last));
    }
    for (const message::LeaseProgress& each : command.progress) {
        if (Message* message = leased(each.lease, command.client); message != nullptr) {
            message->progress = each.progress;
            count(Event::Progress);
        }
    }
    demand(lost == settled.lost, "D8: a stale lease was extended, or a valid one was not");
}

void Model::Stepper::end(Message& message)
{
    Queue& queue = m.queues.at(message.queue);
    touch(queue);
    --queue.leased;
    ++queue.waiting;
    message.token = 0;
    message.progress.reset();
    message.isPlain = false;
    message.aloneAtWallUs = 0;
}

void Model::Stepper::giveBack(Sequence sequence)
{
    Message& message = m.live.at(sequence);
    end(message);
    if (hasExpired(message))
        bury(sequence, Reason::Expired);
}

void Model::Stepper::lapse()
{
    std::vector<Sequence> due;
    for (const auto& [sequence, message] : m.live) {
        if (message.isLeased() && message.deadlineUs <= m_steady)
            due.push_back(sequence);
    }
    for (const Sequence sequence : due)
        fail(sequence, Ending::Retry, Reason::Rejected, "lease-lapsed", std::nullopt);
}

// ---- failures

void Model::Stepper::fail(Sequence sequence, Ending ending, Reason reason, const std::string& errorClass,
                          std::optional<base::Micros> delayed)
{
    Message& message = m.live.at(sequence);
    const auto& retry = m.queues.at(message.queue).policy().retry;
    message.history.push_back({message.worker, errorClass});
    const std::int64_t started = message.startedUs;
    end(message);
    message.isSuspect = message.maybeSuspect = false; // it ran to an end, which ends its account of crashes, too
    message.crashes = 0;
    if (++message.failures == 1) {
        message.firstAttemptUs = started;
        message.firstAttemptWallUs = m_wall - (m_steady - started);
    }
    if (ending == Ending::Reject) {
        bury(sequence, reason == Reason::SchemaInvalid ? reason : Reason::Rejected);
    } else if (const auto* rule = ruleOf(retry, errorClass); rule != nullptr && rule->reject) {
        bury(sequence, Reason::Rejected);
    } else if (hasExpired(message)) {
        bury(sequence, Reason::Expired);
    } else if (message.failures >= attemptsOf(retry, errorClass)) {
        bury(sequence, Reason::AttemptsExhausted);
    } else if (isTooLate(sequence, message, retry, errorClass, delayed)) {
        bury(sequence, Reason::DeadlineExceeded);
    } else if (delayed) {
        delay(sequence, message, delayed->count(), delayed->count());
    } else {
        message.failedInStep = m_step.number;
        const auto [shortest, longest] = delaysOf(retry, message.failures, errorClass);
        delay(sequence, message, shortest, longest);
    }
}

/// What was drawn nobody can foretell; the store says it, and it must be within its bounds.
void Model::Stepper::delay(Sequence sequence, Message& message, std::int64_t shortest, std::int64_t longest)
{
    if (message.isUnstored) {
        demand(shortest == longest, "the simulation draws no delays of what is not stored");
        message.isRetrying = true;
        message.dueUs = m_steady + shortest;
        return;
    }
    const auto drawn = m_step.retries.find(sequence);
    demand(drawn != m_step.retries.end(), "R1: " + textOf(sequence) + " failed, and nothing says when it is due");
    const std::int64_t wait = drawn->second - m_wall;
    demand(wait >= shortest && wait <= longest,
           "R1: " + textOf(sequence) + " is due after " + std::to_string(wait) + " us, not between "
               + std::to_string(shortest) + " and " + std::to_string(longest));
    message.isRetrying = true;
    message.dueUs = m_steady + wait;
    message.dueWallUs = drawn->second;
}

/// Whether a random delay leads beyond the deadline nobody can foretell; the store shows what was decided.
bool Model::Stepper::isTooLate(Sequence sequence, const Message& message, const message::RetryPolicy& retry,
                               const std::string& errorClass, std::optional<base::Micros> asked)
{
    auto [shortest, longest] = delaysOf(retry, message.failures, errorClass);
    if (asked)
        shortest = longest = asked->count();
    const std::int64_t left = us(retry.deadline) - (m_steady - message.firstAttemptUs);
    if (retry.deadline.count() == 0 || longest <= left)
        return false;
    return shortest > left || m_step.dead.contains(sequence);
}

} // namespace millrace::simulation
