// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/simulation/model.h"
#include "tests/simulation/network.h"
#include "tests/simulation/pipeline.h"

#include <string>
#include <vector>

namespace millrace::simulation {

/// What a client can see and do.
class Surroundings
{
public:
    virtual ~Surroundings() = default;
    [[nodiscard]] virtual std::int64_t nowUs() const = 0; ///< steady
    [[nodiscard]] virtual std::int64_t wallUs() const = 0;
    [[nodiscard]] virtual bool nodeAnswers() const = 0;
    /// A new session; 0 = the node is not there.
    virtual engine::ClientId open() = 0;
    virtual void leave(engine::ClientId session, std::int64_t noticedAfterUs) = 0;
    virtual void send(engine::ClientId session, engine::Command command) = 0;
    [[nodiscard]] virtual const Model& model() const = 0; ///< what a person finds when browsing
};

/// How a client misbehaves, per thousand of its acts.
struct Manners
{
    std::uint32_t dies = 0, hangs = 0, answersTwice = 0, answersLate = 0, returns = 0;
};

/// A client of the node.
class Actor
{
public:
    Actor(std::string name, Surroundings& around, Chance chance, FaultCounts& counts)
        : m_name(std::move(name))
        , m_around(around)
        , m_chance(chance)
        , m_counts(counts)
    {
    }
    virtual ~Actor() = default;
    /// Does what it wants to do now.
    virtual void act() = 0;
    virtual void receive(const engine::Effect& effect) = 0;
    /// Its session ended without its doing: the node went away.
    virtual void cutOff() { m_session = 0; }
    /// From here on it behaves.
    virtual void settleDown() { manners = {}; }
    [[nodiscard]] engine::ClientId session() const { return m_session; }
    Manners manners;

protected:
    bool connect();
    [[nodiscard]] std::int64_t now() const { return m_around.nowUs(); }
    template<typename C>
    void send(C command)
    {
        command.client = m_session;
        m_around.send(m_session, engine::Command(std::move(command)));
    }

    std::string m_name;
    Surroundings& m_around;
    Chance m_chance;
    FaultCounts& m_counts;
    engine::ClientId m_session = 0;
    engine::RequestId m_request = 0;
};

/// Submits messages, and submits again what was not confirmed in time.
class Producer final : public Actor
{
public:
    Producer(std::string name, Surroundings& around, Chance chance, FaultCounts& counts, const Pipeline& pipeline)
        : Actor(std::move(name), around, chance, counts)
        , m_pipeline(pipeline)
    {
    }
    bool isDone = false;
    void act() override;
    void receive(const engine::Effect& effect) override;
    void settleDown() override;

private:
    struct Open
    {
        engine::Submit command;
        std::int64_t sentAtUs = 0;
    };
    engine::Submission item();
    engine::Submit submit();
    [[nodiscard]] const std::string& target() { return m_pipeline.targets[m_chance.below(m_pipeline.targets.size())]; }
    const Pipeline& m_pipeline;
    std::map<engine::RequestId, Open> m_unconfirmed;
    std::uint64_t m_made = 0;
};

/// Works on queues, well or badly.
class Worker final : public Actor
{
public:
    using Actor::Actor;
    std::vector<std::string> queues;
    std::uint32_t credit = 4;
    void act() override;
    void receive(const engine::Effect& effect) override;
    void cutOff() override;
    void settleDown() override;

private:
    enum class Plan : std::uint8_t { Acknowledge, Retry, RetryLater, Reject, RejectSchema, Release, Nothing };
    struct Job
    {
        engine::LeaseRef lease;
        QueueId queue = 0;
        Plan plan = Plan::Acknowledge;
        std::int64_t doneAtUs = 0, extendAtUs = 0, deadlineUs = 0, leaseUs = 0;
    };
    void take(const engine::Deliver& deliver);
    void answer();
    void misbehave();
    static void add(engine::Settle& settle, const Job& job, Chance& chance);

    std::vector<Job> m_jobs;
    std::map<QueueId, std::int64_t> m_attached; ///< queue, when credit was last granted
    std::int64_t m_attachAtUs = 0;
    std::int64_t m_deadUntilUs = 0, m_hungUntilUs = 0;
    std::vector<engine::Settle> m_again;
    bool m_isHonest = false;
};

/// What people do: pause, change policies and schedules, replay, discard, restore, cancel.
class Operator final : public Actor
{
public:
    Operator(std::string name, Surroundings& around, Chance chance, FaultCounts& counts, const Pipeline& pipeline)
        : Actor(std::move(name), around, chance, counts)
        , m_pipeline(pipeline)
    {
    }
    void act() override;
    void receive(const engine::Effect& effect) override;

private:
    const message::QueueDefinition& queue();
    void treatDeadLetters();
    void readFile();
    void actOnMessages();
    void resumeKey();
    void changePolicy();
    void changeSchedule();
    const Pipeline& m_pipeline;
};

} // namespace millrace::simulation
