// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/stepper.h"

#include <algorithm>

namespace millrace::simulation {

using namespace engine;
using base::ErrorCode;
using message::WhenFull;

namespace {

std::uint64_t sizeOf(const Submission& item) { return item.envelope.size() + item.body.size(); }

Model::Verdict refusedWith(ErrorCode code)
{
    Model::Verdict verdict;
    verdict.mayBeAccepted = false;
    verdict.refusals.insert(code);
    return verdict;
}

} // namespace

std::uint64_t Model::Work::bytesLeft() const
{
    std::uint64_t bytes = 0;
    for (std::size_t i = next; i < command.items.size(); ++i)
        bytes += sizeOf(command.items[i]);
    return bytes;
}

void Model::Stepper::take(const Submit& command)
{
    Work work;
    work.command = command;
    work.verdicts.resize(command.items.size());
    proceed(std::move(work));
}

void Model::Stepper::proceed(Work work)
{
    if (work.command.atomic) {
        proceedAtomic(std::move(work));
        return;
    }
    for (; work.next < work.command.items.size(); ++work.next) {
        const Submission& item = work.command.items[work.next];
        Verdict& verdict = work.verdicts[work.next];
        if (!isTarget(work.command.target)) {
            verdict = refusedWith(ErrorCode::NotFound);
            continue;
        }
        const auto targets = targetsOf(work.command.target, item);
        if (const QueueId queue = mustWaitIn(work, targets); queue != 0) {
            if (wait(work, queue))
                return;
            verdict = refusedWith(ErrorCode::QueueFull);
            continue;
        }
        verdict = judge(targets, item, isTaken(work));
    }
    answer(work);
}

/// All or nothing: planned as a whole before anything is written.
void Model::Stepper::proceedAtomic(Work work)
{
    struct Plan
    {
        std::uint64_t messages = 0, bytes = 0;
    };
    std::map<QueueId, Plan> plans;
    std::map<std::size_t, ErrorCode> problems;
    QueueId full = 0;
    bool isToBeStored = false; // all of it, if any
    const auto& items = work.command.items;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Submission& item = items[i];
        if (!isTarget(item.target.empty() ? work.command.target : item.target)) {
            problems[i] = ErrorCode::NotFound;
            continue;
        }
        for (const QueueId target : targetsOf(work.command.target, item)) {
            const Queue& queue = m.queues.at(target);
            if (find(queue, item) != nullptr)
                continue;
            Plan& plan = plans[target];
            const auto why = obstacle(queue, item, plan.messages, plan.bytes);
            const auto& policy = queue.policy();
            const bool canWait = why == ErrorCode::QueueFull && policy.whenFull == WhenFull::Defer
                                 && plan.messages < policy.maxDepth
                                 && plan.bytes + sizeOf(item) <= policy.maxDepthBytes;
            if (why && !canWait) {
                problems[i] = *why;
                break;
            }
            if (full == 0 && (canWait || isBehind(target, work)))
                full = target;
            ++plan.messages;
            plan.bytes += sizeOf(item);
            isToBeStored = isToBeStored || isStored(target);
        }
    }
    if (problems.empty() && isToBeStored && m_step.spaceIsLow)
        problems[0] = ErrorCode::StoreFull;
    if (problems.empty() && full != 0) {
        if (wait(work, full))
            return;
        problems[0] = ErrorCode::QueueFull;
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (const auto problem = problems.find(i); problem != problems.end())
            work.verdicts[i] = refusedWith(problem->second);
        else if (!problems.empty())
            work.verdicts[i] = refusedWith(ErrorCode::Conflict);
        else
            work.verdicts[i] = write(targetsOf(work.command.target, items[i]), items[i], isToBeStored);
    }
    count(problems.empty() ? Event::AtomicAccepted : Event::AtomicRefused);
    answer(work);
}

/// The first queue that makes it wait: one that defers and is full, or has older ones that wait.
QueueId Model::Stepper::mustWaitIn(const Work& work, const std::vector<QueueId>& targets) const
{
    const std::uint64_t bytes = sizeOf(work.command.items[work.next]);
    for (const QueueId target : targets) {
        const Queue& queue = m.queues.at(target);
        if (queue.policy().whenFull == WhenFull::Defer && bytes <= queue.policy().maxDepthBytes
            && (isBehind(target, work) || queue.isFull(bytes)))
            return target;
    }
    return 0;
}

std::uint64_t Model::Stepper::firstWaitingIn(QueueId queue) const
{
    for (const auto& [id, work] : m.deferred) {
        if (work.queue == queue)
            return id;
    }
    return 0;
}

bool Model::Stepper::isBehind(QueueId queue, const Work& work) const
{
    const std::uint64_t first = firstWaitingIn(queue);
    return first != 0 && (work.id == 0 || first < work.id);
}

/// @returns false if too many wait already, and it did not before
bool Model::Stepper::wait(Work& work, QueueId queue)
{
    if (work.id == 0) {
        std::uint64_t messages = work.command.items.size() - work.next;
        std::uint64_t bytes = work.bytesLeft();
        for (const auto& [id, other] : m.deferred) {
            messages += other.command.items.size() - other.next;
            bytes += other.bytesLeft();
        }
        const Limits& limits = m_seen.limits;
        if (messages > limits.deferredMessages || bytes > limits.deferredBytes)
            return false;
        work.id = ++m.lastDeferred;
        const std::int64_t patience = work.command.patience.count();
        work.untilUs = m_steady + (patience > 0 ? patience : limits.deferForUs);
        count(Event::Deferred);
    }
    work.queue = queue;
    const std::uint64_t id = work.id;
    m.deferred.emplace(id, std::move(work));
    return true;
}

/// What the confirm of this step says of the next item. There is one: what cannot be foretold is never deferred.
bool Model::Stepper::isTaken(const Work& work) const
{
    const auto* confirm = m_nextEffect < m_step.effects.size() ? std::get_if<Confirm>(&m_step.effects[m_nextEffect])
                                                               : nullptr;
    return confirm == nullptr
           || std::none_of(confirm->problems.begin(), confirm->problems.end(), [&](const SubmitProblem& each) {
                  return each.index == work.next && !each.isDuplicate;
              });
}

void Model::Stepper::answer(const Work& work)
{
    const auto& confirm = answerTo<Confirm>(work.command, "confirm");
    demand(confirm.sequences.size() == work.command.items.size(), "a confirm has another number of items");
    for (std::size_t i = 0; i < work.verdicts.size(); ++i) {
        const Verdict& verdict = work.verdicts[i];
        const std::string id(work.command.items[i].view.id);
        const auto problem = std::find_if(confirm.problems.begin(), confirm.problems.end(),
                                          [&](const SubmitProblem& each) { return each.index == i; });
        const bool isNamed = problem != confirm.problems.end();
        if (isNamed && !problem->isDuplicate) {
            demand(verdict.refusals.contains(problem->error.code) && confirm.sequences[i] == 0,
                   id + " was refused without need: " + problem->error.context);
            continue;
        }
        demand(verdict.mayBeAccepted,
               id + " is to be refused with "
                   + (verdict.refusals.empty() ? "" : std::string(base::toString(*verdict.refusals.begin())))
                   + " and was not");
        demand(confirm.sequences[i] == verdict.told,
               (verdict.firstId ? "D12: " + id + " was accepted a second time"
                                : "D1: the confirm of " + id + " names another message"));
        demand(isNamed == verdict.firstId.has_value(), "D12: " + id + " is wrongly taken for a duplicate, or is one");
        demand(!isNamed || problem->firstId == *verdict.firstId,
               "D12: the duplicate " + id + " is not told the first one's id");
    }
}

/// Those whose producers wait no longer: what is left of them is refused.
void Model::Stepper::giveUp()
{
    std::map<std::pair<ClientId, RequestId>, std::vector<std::uint64_t>> due;
    std::size_t left = 0;
    for (const auto& [id, work] : m.deferred) {
        if (work.untilUs <= m_steady) {
            due[{work.command.client, work.command.request}].push_back(id);
            ++left;
        }
    }
    for (; left > 0; --left) {
        demand(m_nextEffect < m_step.effects.size(), "a submit waits longer than its producer");
        const auto* confirm = std::get_if<Confirm>(&m_step.effects[m_nextEffect]);
        demand(confirm != nullptr, "a submit waits longer than its producer");
        const auto found = due.find({confirm->client, confirm->request});
        demand(found != due.end() && !found->second.empty(), "a submit was answered before its producer gave up");
        Work work = std::move(m.deferred.extract(found->second.front()).mapped());
        found->second.erase(found->second.begin());
        for (; work.next < work.verdicts.size(); ++work.next)
            work.verdicts[work.next] = refusedWith(ErrorCode::QueueFull);
        count(Event::DeferGivenUp);
        answer(work);
    }
}

/// After what the step has settled: in each queue the oldest first, until one finds no room. Nobody overtakes.
void Model::Stepper::resume()
{
    std::vector<std::uint64_t> ids;
    for (const auto& [id, work] : m.deferred) {
        if (firstWaitingIn(work.queue) == id && !m.queues.at(work.queue).isFull(0))
            ids.push_back(id);
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
        Work work = std::move(m.deferred.extract(ids[i]).mapped());
        const QueueId queue = work.queue;
        proceed(std::move(work));
        const std::uint64_t next = firstWaitingIn(queue);
        if (next != 0 && next != ids[i] && std::find(ids.begin(), ids.end(), next) == ids.end())
            ids.push_back(next);
    }
}

} // namespace millrace::simulation
