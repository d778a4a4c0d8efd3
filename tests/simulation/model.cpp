// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/model.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace millrace::simulation {

using namespace engine;
using base::ErrorCode;
using message::Ending;
using message::OperationState;
using message::Reason;
using message::State;
using message::Verb;

namespace {

/// One of sixteen hand-outs may go to a lower priority than the first.
constexpr std::uint32_t kLeastBetweenLower = 15;


std::string textOf(Sequence sequence) { return "message " + std::to_string(sequence); }

void demand(bool holds, const std::string& what)
{
    if (!holds)
        throw Violation(what);
}

/// `*` stands for any run of characters; an empty pattern takes everything.
bool fits(std::string_view pattern, std::string_view text)
{
    if (pattern.empty())
        return true;
    const auto star = pattern.find('*');
    if (star == std::string_view::npos)
        return pattern == text;
    if (text.substr(0, star) != pattern.substr(0, star))
        return false;
    for (std::size_t at = star; at <= text.size(); ++at) {
        const auto rest = pattern.substr(star + 1);
        if (rest.empty() || fits(rest, text.substr(at)))
            return true;
    }
    return false;
}

std::int64_t us(std::chrono::milliseconds duration) { return base::Micros(duration).count(); }

} // namespace

/// One step in its order: what was fetched, commands, what is due, hand-outs.
class Model::Stepper
{
public:
    Stepper(Model& model, const Step& step, Seen& seen)
        : m(model)
        , m_step(step)
        , m_seen(seen)
        , m_steady(step.now.steady.time_since_epoch().count())
        , m_wall(base::toMicros(step.now.wall))
    {
    }

    void run()
    {
        chargeCrash();
        move();
        for (const Command& command : m_step.commands)
            std::visit([this](const auto& each) { take(each); }, command);
        demand(m_nextMessage == m_step.messages.size(), "D5: a message appeared that nobody submitted or replayed");
        lapse();
        fireWallClock();
        while (m_nextEffect < m_step.effects.size()) {
            const Effect& effect = m_step.effects[m_nextEffect++];
            if (const auto* deliver = std::get_if<Deliver>(&effect))
                handOut(*deliver);
            else
                demand(std::holds_alternative<Fetch>(effect), "an answer that nobody asked for");
        }
    }

private:
    // ---- answers
    template<typename T>
    const T& answer(const char* what)
    {
        demand(m_nextEffect < m_step.effects.size(), std::string("no answer: ") + what);
        const T* found = std::get_if<T>(&m_step.effects[m_nextEffect++]);
        demand(found != nullptr, std::string("another answer than ") + what);
        return *found;
    }
    template<typename T, typename C>
    const T& answerTo(const C& command, const char* what)
    {
        const T& found = answer<T>(what);
        demand(found.client == command.client && found.request == command.request,
               std::string("an answer to somebody else: ") + what);
        return found;
    }
    void touch(const Queue& queue)
    {
        if (queue.definition.policy.durability == message::Durability::Full)
            m.m_mustBeSafe = true;
    }

    // ---- what the node was doing when it died
    void chargeCrash()
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
            const auto& policy = m.queues.at(message.queue).definition.policy;
            touch(m.queues.at(message.queue));
            message.history.push_back({message.worker, "crashed-in-flight"});
            ++message.crashes;
            if (++message.failures == 1) {
                message.firstAttemptUs = m_steady - std::max<std::int64_t>(m_wall - since, 0);
                message.firstAttemptWallUs = m_wall - (m_steady - message.firstAttemptUs);
            }
            if (message.crashes >= policy.maxCrashes || message.failures >= policy.retry.maxAttempts)
                bury(sequence, Reason::CrashedInFlight);
        }
        m.m_nodeDied = false;
    }

    // ---- operations: which members a step moves is its own choice, whether it may is not
    void move()
    {
        for (const DeadLetterChange& change : m_step.changes) {
            const auto found = m.dead.find(change.sequence);
            demand(found != m.dead.end(), "P1: " + textOf(change.sequence) + " is no dead letter and was moved");
            Dead& dead = found->second;
            Operation& operation = m.operations.at(change.operation);
            demand(operation.state == OperationState::Running, "P2: an operation that ended moved something");
            demand(operation.left.erase(change.sequence) == 1,
                   "P1/P3: " + textOf(change.sequence) + " was moved twice, or is not selected");
            const State from = operation.verb == Verb::Restore ? State::Discarded : State::Dead;
            demand(dead.state == from, "P1: " + textOf(change.sequence) + " was not in the state that is moved");
            ++operation.moved;
            m.m_mustBeSafe = true;
            dead.state = operation.verb == Verb::Replay    ? State::Replayed
                         : operation.verb == Verb::Discard ? State::Discarded
                                                           : State::Dead;
            demand(change.to == dead.state, "P1: moved to another state than the verb says");
            if (operation.verb == Verb::Replay)
                replay(change, dead);
        }
        for (const OperationRow& row : m_step.operations) {
            if (!row.isNew && row.status.state != OperationState::Cancelled)
                advance(row);
        }
    }
    void advance(const OperationRow& row)
    {
        Operation& operation = m.operations.at(row.status.id);
        demand(row.status.moved == operation.moved, "P2: an operation counts other moves than it made");
        demand(row.status.moved + row.status.skipped == row.cursor, "P2: moved and skipped are not what was handled");
        ++m.audits;
        operation.state = row.status.state;
        m.m_mustBeSafe = true;
        if (operation.state == OperationState::Done)
            demand(row.cursor == operation.total, "P2: an operation is done before its end");
    }
    void replay(const DeadLetterChange& change, Dead& dead)
    {
        const Queue& queue = m.queues.at(dead.message.queue);
        demand(queue.depth() < queue.definition.policy.maxDepth, "a replay goes into a queue that is full");
        const NewMessage& row = nextMessage();
        demand(row.sequence == change.replayedAs && row.replayOf == change.sequence,
               "P1: the replay of " + textOf(change.sequence) + " is not beside it");
        dead.replayedAs = row.sequence;
        Message fresh;
        fresh.queue = dead.message.queue;
        fresh.id = dead.message.id;
        fresh.bytes = dead.message.bytes;
        fresh.partitionKey = dead.message.partitionKey;
        fresh.priority = dead.message.priority;
        fresh.replayOf = change.sequence;
        fresh.replayCount = dead.message.replayCount + 1;
        fresh.place = dead.message.place;
        accept(row, std::move(fresh));
    }

    // ---- submit
    const NewMessage& nextMessage()
    {
        demand(m_nextMessage < m_step.messages.size(), "D1: a message was accepted and is not written");
        return m_step.messages[m_nextMessage++];
    }
    void accept(const NewMessage& row, Message fresh)
    {
        demand(row.sequence > m_seen.highest, "a sequence was used twice: " + std::to_string(row.sequence));
        m_seen.highest = row.sequence;
        demand(row.queue == fresh.queue && row.priority == fresh.priority && row.deliverAtUs == fresh.deliverAtUs
                   && row.expiresAtUs == fresh.expiresAtUs && row.partitionKey == fresh.partitionKey,
               textOf(row.sequence) + " is written otherwise than it was submitted");
        fresh.isDue = fresh.deliverAtUs <= m_wall;
        fresh.isPlain = fresh.deliverAtUs == 0 && fresh.expiresAtUs == 0 && fresh.partitionKey.empty();
        fresh.place = fresh.place == 0 ? row.sequence : fresh.place;
        Queue& queue = m.queues.at(fresh.queue);
        touch(queue);
        ++queue.waiting;
        ++m.accepted;
        ++m_seen.messages;
        const bool isOver = fresh.isDue && hasExpired(fresh);
        m.live.emplace(row.sequence, std::move(fresh));
        if (isOver)
            bury(row.sequence, Reason::Expired);
    }
    [[nodiscard]] bool hasExpired(const Message& message) const
    {
        return message.expiresAtUs != 0 && message.expiresAtUs <= m_wall;
    }
    std::vector<QueueId> targetsOf(const std::string& target, std::string_view type) const
    {
        std::vector<QueueId> targets;
        if (const QueueId queue = m.find(target); queue != 0)
            return {queue};
        for (const auto& each : m.subscriptions) {
            if (each.topic == target && fits(each.typePattern, type))
                targets.push_back(m.find(each.queue));
        }
        return targets;
    }
    bool isTopic(const std::string& target) const
    {
        return std::any_of(m.subscriptions.begin(), m.subscriptions.end(),
                           [&](const auto& each) { return each.topic == target; });
    }
    void take(const Submit& command)
    {
        const auto& confirm = answerTo<Confirm>(command, "confirm");
        demand(confirm.sequences.size() == command.items.size(), "a confirm has another number of items");
        for (std::size_t i = 0; i < command.items.size(); ++i)
            submit(command, i, confirm);
    }
    static const SubmitProblem* problemOf(const Confirm& confirm, std::size_t index)
    {
        for (const SubmitProblem& problem : confirm.problems) {
            if (problem.index == index)
                return &problem;
        }
        return nullptr;
    }
    /// True if `queue` has seen the key. Between the two ends of a window both answers are right, and the
    /// store shows which was given.
    const Key* seenKey(const Queue& queue, QueueId id, const Submission& item, bool isRefused)
    {
        if (item.view.idempotencyKey.empty())
            return nullptr;
        const auto found = queue.keys.find(item.view.idempotencyKey);
        if (found == queue.keys.end() || m_steady >= found->second.openAtUs)
            return nullptr;
        if (m_steady < found->second.untilUs)
            return &found->second;
        const bool isWritten = std::any_of(m_step.messages.begin() + static_cast<std::ptrdiff_t>(m_nextMessage),
                                           m_step.messages.end(), [&](const NewMessage& row) {
                                               return row.queue == id
                                                      && row.envelope.view().data() == item.envelope.view().data();
                                           });
        m_isEitherRight = m_isEitherRight || isRefused;
        return isWritten || isRefused ? nullptr : &found->second;
    }
    void submit(const Submit& command, std::size_t index, const Confirm& confirm)
    {
        const Submission& item = command.items[index];
        const SubmitProblem* problem = problemOf(confirm, index);
        const Sequence told = confirm.sequences[index];
        const auto targets = targetsOf(command.target, item.view.type);
        const std::string id(item.view.id);
        std::vector<QueueId> copies;
        const Key* first = nullptr;
        std::optional<ErrorCode> refusal;
        const bool isRefused = problem != nullptr && !problem->isDuplicate;
        m_isEitherRight = false;
        for (const QueueId target : targets) {
            const Queue& queue = m.queues.at(target);
            const auto& policy = queue.definition.policy;
            if (const Key* key = seenKey(queue, target, item, isRefused); key != nullptr) {
                first = first == nullptr ? key : first;
                continue;
            }
            if (item.body.size() > policy.maxBodyBytes)
                refusal = ErrorCode::Limit;
            else if (queue.depth() >= policy.maxDepth)
                refusal = ErrorCode::QueueFull;
            if (refusal)
                break;
            copies.push_back(target);
        }
        if (m.find(command.target) == 0 && !isTopic(command.target))
            refusal = ErrorCode::NotFound;
        if (isRefused && m_isEitherRight)
            return; // by which queue depends on a key that may be known or not
        // Its right, where it is; no copy was written then, as the count of new messages shows.
        if (isRefused && m_seen.keysAreScarce && !item.view.idempotencyKey.empty()
            && problem->error.code == ErrorCode::QueueFull)
            return;
        if (isRefused && m_step.spaceIsLow && !refusal && !copies.empty()
            && problem->error.code == ErrorCode::StoreFull)
            return;
        if (refusal) {
            demand(isRefused && told == 0 && problem->error.code == *refusal,
                   id + " is to be refused with " + std::string(base::toString(*refusal)) + " and was not");
            return;
        }
        demand(!isRefused, id + " was refused without need: " + (isRefused ? problem->error.context : ""));
        if (copies.empty()) {
            demand(told == (first == nullptr ? 0 : first->sequence), "D12: " + id + " was accepted a second time");
            demand(first == nullptr || (problem != nullptr && problem->firstId == first->id),
                   "D12: the duplicate " + id + " is not told the first one's id");
            return;
        }
        demand(problem == nullptr, "D12: " + id + " was taken for a duplicate after its window, or without key");
        demand(!m_step.spaceIsLow, "D17: " + id + " was accepted although the disk is at its reserve");
        for (std::size_t i = 0; i < copies.size(); ++i) {
            const Sequence sequence = write(copies[i], item);
            demand(i != 0 || told == sequence, "D1: the confirm of " + id + " names another message");
        }
    }
    Sequence write(QueueId target, const Submission& item)
    {
        const NewMessage& row = nextMessage();
        Message fresh;
        fresh.queue = target;
        fresh.id = item.view.id;
        fresh.bytes = item.envelope.toString() + item.body.toString();
        fresh.partitionKey = item.view.partitionKey;
        fresh.priority = item.view.priority;
        fresh.deliverAtUs = item.view.deliverAtUs;
        fresh.expiresAtUs = item.view.expiresAtUs;
        demand(row.envelope == item.envelope && row.body == item.body && row.queue == target,
               "D1: " + fresh.id + " is written with other bytes, or not into queue " + std::to_string(target)
                   + ", but as " + textOf(row.sequence) + " into queue " + std::to_string(row.queue));
        accept(row, std::move(fresh));
        Queue& queue = m.queues.at(target);
        const std::int64_t window = us(queue.definition.policy.deduplicationWindow);
        if (!item.view.idempotencyKey.empty() && window > 0) {
            queue.keys.insert_or_assign(std::string(item.view.idempotencyKey),
                                        Key{row.sequence, std::string(item.view.id), m_steady + window,
                                            m_steady + window, m_wall + window});
        }
        return row.sequence;
    }

    // ---- workers
    void take(const Attach& command)
    {
        const auto& attached = answerTo<Attached>(command, "attached");
        const QueueId queue = m.find(command.queue);
        demand(attached.queue.has_value() == (queue != 0), "attaching went otherwise than the queue's existence says");
        if (queue == 0)
            return;
        demand(*attached.queue == queue, "attached to another queue");
        m.workers[{command.client, queue}].second = command.worker;
    }
    void take(const DetachQueue& command) { m.workers.erase({command.client, command.queue}); }
    void take(const Credit& command)
    {
        if (const auto found = m.workers.find({command.client, command.queue}); found != m.workers.end())
            found->second.first += command.more;
    }
    void take(const Disconnect& command)
    {
        std::erase_if(m.workers, [&](const auto& each) { return each.first.first == command.client; });
        std::vector<Sequence> held;
        for (const auto& [sequence, message] : m.live) {
            if (message.isLeased() && message.client == command.client)
                held.push_back(sequence);
        }
        for (const Sequence sequence : held)
            giveBack(sequence);
    }
    Message* leased(const LeaseRef& ref, ClientId client)
    {
        const auto found = m.live.find(ref.sequence);
        const bool holds = found != m.live.end() && ref.token != 0 && found->second.token == ref.token
                           && found->second.client == client;
        return holds ? &found->second : nullptr;
    }
    void take(const Settle& command)
    {
        const auto& settled = answerTo<Settled>(command, "settled");
        std::vector<LeaseRef> lost;
        for (const LeaseRef& ref : command.acknowledged) {
            if (Message* message = leased(ref, command.client); message != nullptr) {
                Queue& queue = m.queues.at(message->queue);
                touch(queue);
                --queue.leased;
                ++m.done;
                m.live.erase(ref.sequence);
            } else {
                lost.push_back(ref);
            }
        }
        for (const FailedDelivery& failed : command.failed) {
            Message* message = leased(failed.lease, command.client);
            if (message == nullptr)
                lost.push_back(failed.lease);
            else if (failed.ending == Ending::Release)
                giveBack(failed.lease.sequence);
            else
                fail(failed.lease.sequence, failed.ending, failed.reason, failed.failure.errorClass, failed.delay);
        }
        demand(lost == settled.lost, "D8: a settlement with a stale token counted, or one with a valid token did not");
    }
    void take(const Extend& command)
    {
        const auto& settled = answerTo<Settled>(command, "settled");
        std::vector<LeaseRef> lost;
        for (const LeaseRef& ref : command.leases) {
            Message* message = leased(ref, command.client);
            if (message == nullptr) {
                lost.push_back(ref);
                continue;
            }
            const auto& policy = m.queues.at(message->queue).definition.policy;
            // Once at its longest run time, a lease is not extended any more.
            const std::int64_t last = message->startedUs + us(policy.maxRunTime);
            message->deadlineUs = std::max(message->deadlineUs, std::min(m_steady + us(policy.lease), last));
        }
        demand(lost == settled.lost, "D8: a stale lease was extended, or a valid one was not");
    }
    void end(Message& message)
    {
        Queue& queue = m.queues.at(message.queue);
        touch(queue);
        --queue.leased;
        ++queue.waiting;
        message.token = 0;
        message.isPlain = false;
        message.aloneAtWallUs = 0;
    }
    void giveBack(Sequence sequence)
    {
        Message& message = m.live.at(sequence);
        end(message);
        if (hasExpired(message))
            bury(sequence, Reason::Expired);
    }

    // ---- failures
    void fail(Sequence sequence, Ending ending, Reason reason, const std::string& errorClass,
              std::optional<base::Micros> delay)
    {
        Message& message = m.live.at(sequence);
        const auto& policy = m.queues.at(message.queue).definition.policy;
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
        } else if (const auto* rule = ruleOf(policy.retry, errorClass); rule != nullptr && rule->reject) {
            bury(sequence, Reason::Rejected);
        } else if (hasExpired(message)) {
            bury(sequence, Reason::Expired);
        } else if (message.failures >= attemptsOf(policy.retry, errorClass)) {
            bury(sequence, Reason::AttemptsExhausted);
        } else if (isTooLate(sequence, message, policy.retry, errorClass, delay)) {
            bury(sequence, Reason::DeadlineExceeded);
        } else if (delay) {
            message.notBeforeUs = m_steady + delay->count();
            message.notBeforeWallUs = m_wall + delay->count();
        } else {
            message.failedInStep = m_step.number;
            const auto [shortest, longest] = delaysOf(policy.retry, message.failures, errorClass);
            message.notBeforeUs = m_steady + shortest;
            message.notBeforeWallUs = m_wall + shortest;
        }
    }
    static const message::RetryRule* ruleOf(const message::RetryPolicy& retry, const std::string& errorClass)
    {
        for (const message::RetryRule& rule : retry.rules) {
            if (rule.errorClass == errorClass)
                return &rule;
        }
        return nullptr;
    }
    static std::uint32_t attemptsOf(const message::RetryPolicy& retry, const std::string& errorClass)
    {
        const auto* rule = ruleOf(retry, errorClass);
        return rule != nullptr && rule->maxAttempts != 0 ? rule->maxAttempts : retry.maxAttempts;
    }
    /// The shortest and the longest delay that the policy allows.
    static std::pair<std::int64_t, std::int64_t> delaysOf(const message::RetryPolicy& retry, std::uint32_t failures,
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
    /// Whether a random delay leads beyond the deadline nobody can foretell; the store shows what was decided.
    bool isTooLate(Sequence sequence, const Message& message, const message::RetryPolicy& retry,
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
    void bury(Sequence sequence, Reason reason)
    {
        auto node = m.live.extract(sequence);
        --m.queues.at(node.mapped().queue).waiting;
        m.m_mustBeSafe = true; // whatever the queue's durability
        m.dead.emplace(sequence, Dead{std::move(node.mapped()), State::Dead, reason, 0});
    }
    void lapse()
    {
        std::vector<Sequence> due;
        for (const auto& [sequence, message] : m.live) {
            if (message.isLeased() && message.deadlineUs <= m_steady)
                due.push_back(sequence);
        }
        for (const Sequence sequence : due)
            fail(sequence, Ending::Retry, Reason::Rejected, "lease-lapsed", std::nullopt);
    }
    void fireWallClock()
    {
        std::vector<Sequence> expired;
        for (auto& [sequence, message] : m.live) {
            message.isDue = message.isDue || message.deliverAtUs <= m_wall;
            if (!message.isLeased() && hasExpired(message))
                expired.push_back(sequence);
        }
        for (const Sequence sequence : expired)
            bury(sequence, Reason::Expired);
    }

    // ---- hand-outs
    void handOut(const Deliver& deliver)
    {
        const auto worker = m.workers.find({deliver.client, deliver.queue});
        demand(worker != m.workers.end(), "a delivery to somebody who is not attached");
        Queue& queue = m.queues.at(deliver.queue);
        demand(!queue.isPaused, "a delivery from a paused queue");
        demand(deliver.items.size() <= worker->second.first, "more was delivered than was granted");
        worker->second.first -= deliver.items.size();
        demand(deliver.lease == base::Micros(queue.definition.policy.lease), "a lease has another length");
        touch(queue);
        checkSuspects(deliver);
        for (const Delivery& item : deliver.items)
            handOut(item, deliver, queue);
    }
    /// At most one suspect is out in the whole node, and its worker has nothing else in hand.
    void checkSuspects(const Deliver& deliver) const
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
    void handOut(const Delivery& item, const Deliver& deliver, Queue& queue)
    {
        const Sequence sequence = item.lease.sequence;
        const auto found = m.live.find(sequence);
        demand(found != m.live.end(), "D8: " + textOf(sequence) + " was delivered after its end");
        Message& message = found->second;
        demand(message.queue == deliver.queue, textOf(sequence) + " was delivered from another queue");
        demand(!message.isLeased(), "D7: " + textOf(sequence) + " has two valid leases");
        demand((item.lease.token >> 20U) > (m_seen.lastToken >> 20U), "D7: the tokens of leases do not grow");
        m_seen.lastToken = item.lease.token;
        demand(item.envelope.toString() + item.body.toString() == message.bytes,
               "R6: " + textOf(sequence) + " was delivered with other bytes");
        demand(item.attempt == message.failures + 1, "D9: " + textOf(sequence) + " has attempt "
                   + std::to_string(item.attempt) + " after " + std::to_string(message.failures) + " failures");
        demand(item.redelivered ? message.wasHandedOut : !message.mustBeRedelivered,
               "D9: " + textOf(sequence) + " is wrongly called " + (item.redelivered ? "redelivered" : "new"));
        demand(message.isDue, "D16: " + textOf(sequence) + " was delivered before its time");
        demand(message.notBeforeUs <= m_steady, "R1: " + textOf(sequence) + " was retried before its delay");
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
        message.wasHandedOut = true;
        message.mustBeRedelivered = false;
        message.isPlain = false;
        message.notBeforeUs = 0;
        message.token = item.lease.token;
        message.client = deliver.client;
        message.worker = m.workers.at({deliver.client, deliver.queue}).second;
        message.startedUs = m_steady;
        message.deadlineUs = m_steady + us(queue.definition.policy.lease);
        --queue.waiting;
        ++queue.leased;
    }
    /// Priority first, then by sequence. What came back takes its place only once its bytes are in memory.
    void checkPlace(Sequence sequence, const Message& message, Queue& queue) const
    {
        bool isLower = false;
        for (const auto& [other, waiting] : m.live) {
            if (waiting.queue != message.queue || !waiting.isPlain || waiting.isLeased() || other == sequence)
                continue;
            demand(waiting.priority <= message.priority || queue.sinceLower >= kLeastBetweenLower,
                   textOf(sequence) + " went before " + textOf(other) + ", whose priority is higher, out of turn");
            isLower = isLower || waiting.priority > message.priority;
            demand(!message.isPlain || waiting.priority != message.priority || other > sequence,
                   textOf(sequence) + " went before " + textOf(other) + ", which is older");
        }
        if (isLower)
            queue.sinceLower = 0;
        else if (queue.sinceLower < UINT32_MAX)
            ++queue.sinceLower;
    }
    /// What stands before it in its key is settled, or waits for its deliver-at.
    void checkKey(Sequence sequence, const Message& message) const
    {
        if (message.partitionKey.empty())
            return;
        for (const auto& [other, waiting] : m.live) {
            if (other == sequence || waiting.queue != message.queue || waiting.partitionKey != message.partitionKey)
                continue;
            const bool isAhead = !waiting.isDue || waiting.deliverAtUs > m_wall;
            demand(!waiting.isLeased() && (waiting.place > message.place || isAhead),
                   "D11: " + textOf(sequence) + " was started while " + textOf(other) + " of its key was not settled");
        }
    }

    // ---- operators
    void take(const DefineQueue& command)
    {
        const auto& reply = answerTo<Reply>(command, "reply");
        demand(reply.outcome.has_value(), "a queue could not be defined");
        const QueueId found = m.find(command.definition.name);
        if (found == 0) {
            m.queues[static_cast<QueueId>(m.queues.size() + 1)].definition = command.definition;
        } else if (command.isFromFile && m.queues.at(found).definition != command.definition) {
            m.queues.at(found).definition = command.definition;
        } else {
            return;
        }
        ++m.audits;
        m.m_mustBeSafe = true;
    }
    void take(const DefineSubscription& command)
    {
        const auto& reply = answerTo<Reply>(command, "reply");
        demand(reply.outcome.has_value(), "a subscription could not be defined");
        for (const auto& each : m.subscriptions) {
            if (each.topic == command.definition.topic && each.queue == command.definition.queue)
                return;
        }
        m.subscriptions.push_back(command.definition);
        ++m.audits;
        m.m_mustBeSafe = true;
    }
    void take(const SetPaused& command)
    {
        const auto& reply = answerTo<Reply>(command, "reply");
        demand(reply.outcome.has_value(), "a queue could not be paused");
        Queue& queue = m.queues.at(m.find(command.queue));
        if (queue.isPaused == command.paused)
            return;
        queue.isPaused = command.paused;
        ++m.audits;
        m.m_mustBeSafe = true;
    }
    void take(const StartOperation& command)
    {
        const auto& reply = answerTo<Reply>(command, "reply");
        demand(reply.outcome.has_value(), "an operation was not begun");
        demand(!m.operations.contains(reply.outcome->id), "an operation has the number of an earlier one");
        Operation& operation = m.operations[reply.outcome->id];
        operation.verb = command.verb;
        operation.left = {command.members.begin(), command.members.end()};
        operation.total = operation.left.size();
        operation.state = reply.outcome->state;
        demand(reply.outcome->total == operation.total, "P3: an operation has another number of members");
        ++m.audits;
        m.m_mustBeSafe = true;
    }
    void take(const CancelOperation& command)
    {
        const auto& reply = answerTo<Reply>(command, "reply");
        const auto found = m.operations.find(command.operation);
        if (found == m.operations.end() || !reply.outcome)
            return;
        Operation& operation = found->second;
        demand(reply.outcome->moved == operation.moved, "P2: a cancelled operation counts other moves than it made");
        if (operation.state == OperationState::Running) {
            operation.state = OperationState::Cancelled;
            ++m.audits;
            m.m_mustBeSafe = true;
        }
    }
    template<typename C>
    void take(const C& /*command*/)
    {
        // Not foretold: what was fetched, and schedules, which the simulation does not use yet.
    }

    Model& m;
    const Step& m_step;
    Seen& m_seen;
    std::int64_t m_steady;
    std::int64_t m_wall;
    std::size_t m_nextEffect = 0;
    std::size_t m_nextMessage = 0;
    bool m_isEitherRight = false;
};

void Model::apply(const Step& step, Seen& seen)
{
    m_mustBeSafe = false;
    Stepper(*this, step, seen).run();
}

QueueId Model::find(std::string_view name) const
{
    for (const auto& [id, queue] : queues) {
        if (queue.definition.name == name)
            return id;
    }
    return 0;
}

void Model::restart(base::Now now, const LastRun& lastRun, const std::set<Sequence>& handedOut)
{
    const std::int64_t steady = now.steady.time_since_epoch().count();
    const std::int64_t wall = base::toMicros(now.wall);
    workers.clear();
    m_nodeDied = !lastRun.stoppedCleanly && !lastRun.isRebuild;
    for (auto& [sequence, message] : live) {
        if (m_nodeDied && message.isLeased())
            message.isSuspect = true;
        else if (handedOut.contains(sequence))
            message.maybeSuspect = true;
        if (message.failures > 0)
            message.firstAttemptUs = steady - std::max<std::int64_t>(wall - message.firstAttemptWallUs, 0);
        Queue& queue = queues.at(message.queue);
        if (message.isLeased()) {
            message.token = 0;
            message.mustBeRedelivered = true;
            message.isPlain = false;
            --queue.leased;
            ++queue.waiting;
        }
        message.failedInStep = 0;
        message.isDue = message.isDue || message.deliverAtUs <= wall;
        // What is left of a delay is known by the wall clock alone, and never longer than the policy's longest.
        if (message.notBeforeUs != 0) {
            const std::int64_t longest = queue.definition.policy.retry.longestDelay().count();
            message.notBeforeUs = steady + std::clamp<std::int64_t>(message.notBeforeWallUs - wall, 0, longest);
        }
    }
    for (auto& [id, queue] : queues) {
        const std::int64_t window = us(queue.definition.policy.deduplicationWindow);
        std::int64_t latest = steady;
        for (auto& [text, key] : queue.keys) {
            const std::int64_t until = steady + std::clamp<std::int64_t>(key.expiresWallUs - wall, 0, window);
            key.untilUs = std::min(key.untilUs, until);
            latest = std::max(latest, until);
        }
        // A clock that jumped mixes up the ends and their order; remembering longer is safe.
        for (auto& [text, key] : queue.keys)
            key.openAtUs = latest;
    }
}

} // namespace millrace::simulation
