// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/simulation/model.h"

#include <string>

namespace millrace::simulation {

inline std::string textOf(Sequence sequence) { return "message " + std::to_string(sequence); }

inline void demand(bool holds, const std::string& what)
{
    if (!holds)
        throw Violation(what);
}

inline std::int64_t us(std::chrono::milliseconds duration) { return base::Micros(duration).count(); }

/// One step in its order: what was fetched, commands, what is due, submits that waited, hand-outs. One file for each
/// subject.
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
    void run();

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
    /// The answer to a person. @returns false if it is the error `expected`; another one is a violation
    template<typename C>
    bool isDone(const C& command, std::optional<base::ErrorCode> expected, const char* what)
    {
        const auto& reply = answerTo<engine::Reply>(command, "reply");
        if (expected)
            demand(!reply.outcome && reply.outcome.error().code == *expected, std::string(what) + " was not refused");
        else
            demand(reply.outcome.has_value(), std::string(what) + " was refused");
        return !expected;
    }
    void touch(const Queue& queue)
    {
        if (queue.policy().durability == message::Durability::Full)
            m.m_mustBeSafe = true;
    }
    void audit()
    {
        ++m.audits;
        m.m_mustBeSafe = true;
    }
    void count(Event event) { ++m_seen.events[event]; }
    [[nodiscard]] bool hasExpired(const Message& message) const
    {
        return message.expiresAtUs != 0 && message.expiresAtUs <= m_wall;
    }

    // ---- model.cpp
    void chargeCrash();
    void fireTimers();

    // ---- model_dead.cpp: dead letters and what people do to them
    void bury(Sequence sequence, message::Reason reason);
    Message remove(Sequence sequence);
    void unblock(Sequence deadLetter);
    void move();
    void age(const engine::DeadLetterChange& change);
    void advance(const engine::OperationRow& row);
    void replay(const engine::DeadLetterChange& change, Dead& dead);
    void take(const engine::StartOperation& command);
    void take(const engine::CancelOperation& command);
    void take(const engine::ResumeKey& command);

    // ---- model_submit.cpp
    const engine::NewMessage& nextMessage();
    void passEvidence();
    [[nodiscard]] bool isNext(const engine::Submission& item);
    [[nodiscard]] Sequence nextSequence() const;
    void accept(Sequence sequence, Message fresh);
    void checkRow(const engine::NewMessage& row, const Message& fresh) const;
    [[nodiscard]] bool isStored(QueueId queue) const
    {
        return m.queues.at(queue).policy().durability != message::Durability::Memory;
    }
    [[nodiscard]] bool isTarget(const std::string& target) const;
    [[nodiscard]] std::vector<QueueId> targetsOf(const std::string& target, const engine::Submission& item) const;
    [[nodiscard]] const First* find(const Queue& queue, const engine::Submission& item) const;
    [[nodiscard]] std::optional<base::ErrorCode> obstacle(const Queue& queue, const engine::Submission& item,
                                                          std::uint64_t planned = 0, std::uint64_t bytes = 0) const;
    [[nodiscard]] bool isUncertain(const Queue& queue, const engine::Submission& item) const;
    Verdict judge(const std::vector<QueueId>& targets, const engine::Submission& item, bool isTaken);
    Verdict write(const std::vector<QueueId>& targets, const engine::Submission& item, bool isToBeStored);
    Sequence write(QueueId target, const engine::Submission& item, bool isToBeStored);
    Sequence writeRow(const Message& fresh, const engine::Submission& item);

    // ---- model_defer.cpp: how far a submit comes, and those that wait
    void take(const engine::Submit& command);
    void proceed(Work work);
    void proceedAtomic(Work work);
    [[nodiscard]] QueueId mustWaitIn(const Work& work, const std::vector<QueueId>& targets) const;
    [[nodiscard]] bool isBehind(QueueId queue, const Work& work) const;
    bool wait(Work& work, QueueId queue);
    void answer(const Work& work);
    [[nodiscard]] bool isTaken(const Work& work) const;
    void giveUp();
    void resume();
    [[nodiscard]] std::uint64_t firstWaitingIn(QueueId queue) const;

    // ---- model_schedules.cpp
    void fireSchedules();
    void fire(const std::string& name, Schedule& schedule);
    [[nodiscard]] Verdict submitRun(const message::ScheduleDefinition& definition, std::int64_t dueUs);
    void take(const engine::DefineSchedule& command);
    void take(const engine::RemoveSchedule& command);
    void take(const engine::KeepSchedules& command);
    void take(const engine::PauseSchedule& command);
    void take(const engine::RunSchedule& command);

    // ---- model_settle.cpp
    void take(const engine::Attach& command);
    void take(const engine::DetachQueue& command);
    void take(const engine::Credit& command);
    void take(const engine::Disconnect& command);
    Message* leased(const engine::LeaseRef& ref, engine::ClientId client);
    void take(const engine::Settle& command);
    void take(const engine::Extend& command);
    void end(Message& message);
    void giveBack(Sequence sequence);
    void fail(Sequence sequence, message::Ending ending, message::Reason reason, const std::string& errorClass,
              std::optional<base::Micros> delay);
    void delay(Sequence sequence, Message& message, std::int64_t shortest, std::int64_t longest);
    bool isTooLate(Sequence sequence, const Message& message, const message::RetryPolicy& retry,
                   const std::string& errorClass, std::optional<base::Micros> asked);
    void lapse();

    // ---- model_deliver.cpp
    void handOut(const engine::Deliver& deliver);
    void checkSuspects(const engine::Deliver& deliver) const;
    void handOut(const engine::Delivery& item, const engine::Deliver& deliver, Queue& queue);
    void checkItem(const engine::Delivery& item, const Message& message) const;
    void checkPlace(Sequence sequence, const Message& message, Queue& queue);
    void checkTurns(const Message& message, Queue& queue, std::uint32_t waitsInMemory, bool isHigher);
    void checkKey(Sequence sequence, const Message& message) const;
    void takeTokens(const Message& message, Queue& queue);
    void takeToken(const message::RateLimit& rate, std::int64_t& fullAtNs, Event event, const char* whose);

    // ---- model_control.cpp: what operators and the pipeline file want of queues and live messages
    void take(const engine::DefineQueue& command);
    void take(const engine::UpdateQueue& command);
    void change(Queue& queue, const message::QueuePolicy& policy);
    void take(const engine::DefineSubscription& command);
    void take(const engine::SetPaused& command);
    void take(const engine::ActOnMessages& command);
    bool act(const engine::ActOnMessages& command, Sequence sequence,
             std::map<engine::ClientId, std::vector<engine::LeaseRef>>& stops);
    void take(const engine::Fetched& /*command*/) {} ///< the store's own

    Model& m;
    const Step& m_step;
    Seen& m_seen;
    std::int64_t m_steady;
    std::int64_t m_wall;
    std::size_t m_nextEffect = 0;
    std::size_t m_nextMessage = 0;
    std::set<Sequence> m_evidence; ///< of what was not stored before: written because it is dead
};

} // namespace millrace::simulation
