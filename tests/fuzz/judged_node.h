// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/runner.h"
#include "core/store/memory_store.h"
#include "tests/simulation/judge.h"

#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace millrace::fuzz {

/// Hands on what a start finds, and notes what the model must know of it.
class NotingSink final : public engine::LoadSink
{
public:
    NotingSink(engine::LoadSink& sink, simulation::Found& found, bool& stoppedCleanly)
        : m_sink(sink)
        , m_found(found)
        , m_stoppedCleanly(stoppedCleanly)
    {
    }
    void onMeta(std::uint64_t epoch, engine::Sequence reserved) override { m_sink.onMeta(epoch, reserved); }
    /// What the store says of its last user is not asked: here a crash is what the input calls one.
    void onLastRun(bool /*stoppedCleanly*/, std::uint64_t crashed) override
    {
        m_sink.onLastRun(m_stoppedCleanly, crashed);
    }
    void onQueue(const engine::QueueRow& row) override { m_sink.onQueue(row); }
    void onSubscription(const engine::SubscriptionRow& row) override { m_sink.onSubscription(row); }
    void onSchedule(const engine::ScheduleRow& row) override { m_sink.onSchedule(row); }
    void onMessage(const engine::LoadedMessage& row) override { m_sink.onMessage(row); }
    void onFailure(const engine::LoadedFailure& row) override { m_sink.onFailure(row); }
    void onDeduplication(const engine::DeduplicationRow& row) override
    {
        m_found.keys.push_back({row.queue, row.key, row.sequence, row.expiresAtUs});
        m_sink.onDeduplication(row);
    }
    void onHandout(const engine::HandoutRow& row) override
    {
        m_found.handedOut.insert(row.sequences.begin(), row.sequences.end());
        m_sink.onHandout(row);
    }
    void onSuspect(const engine::SuspectRow& row) override
    {
        m_found.handedOut.insert(row.sequence);
        m_sink.onSuspect(row);
    }
    void onKeyBlock(const engine::KeyBlockRow& row) override { m_sink.onKeyBlock(row); }
    void onUniqueKey(const engine::UniqueKeyRow& row) override { m_sink.onUniqueKey(row); }
    void onDeadLetterCount(engine::QueueId queue, message::State state, std::uint64_t count) override
    {
        m_sink.onDeadLetterCount(queue, state, count);
    }
    void onOperation(const engine::OperationRow& row) override { m_sink.onOperation(row); }

private:
    engine::LoadSink& m_sink;
    simulation::Found& m_found;
    bool& m_stoppedCleanly;
};

/// Runner, engine and memory store, of which the simulation's judge sees each turn. Throws simulation::Violation.
class JudgedNode
{
public:
    JudgedNode(engine::EngineOptions options, const simulation::Model::Limits& limits)
        : m_options(std::move(options))
        , m_judge(limits)
    {
        start(true);
    }
    /// The process ends, by itself or not, and the next one finds what the store holds.
    void start(bool stoppedCleanly)
    {
        m_stoppedCleanly = stoppedCleanly;
        m_hasRun = false;
        m_runner = std::make_unique<engine::Runner>(
            m_options, [this] { return std::make_unique<Store>(*this); }, [this] { return now; });
        if (const auto started = m_runner->start(); !started)
            throw simulation::Violation("the store does not load: " + started.error().context);
        m_judge.count(m_runner->engine(), now, true);
    }
    /// @returns what left the node; nothing if the commit failed
    std::vector<engine::Effect> turn(std::vector<engine::Command> commands)
    {
        while (!m_hasRun && !commands.empty())
            (void)turn({}); // the first step that is committed records what the start found
        m_step = {};
        m_step.number = ++m_steps;
        m_step.now = now;
        m_step.spaceIsLow = spaceIsLow;
        m_step.commands = commands;
        bool isLost = false;
        const auto done = m_runner->turn(
            commands, [&](engine::Effect& effect) { m_step.effects.push_back(effect); },
            [&](const base::Error& /*error*/, std::span<const engine::Effect> /*effects*/) { isLost = true; });
        if (!done)
            throw simulation::Violation("the store does not load: " + done.error().context);
        if (isLost)
            m_step.effects.clear();
        else
            m_judge.committed(m_step);
        m_hasRun = m_hasRun || !isLost;
        m_judge.count(m_runner->engine(), now, m_steps % 4 == 0);
        return std::move(m_step.effects);
    }
    [[nodiscard]] const simulation::Model& model() const { return m_judge.model(); }

    base::Now now{base::SteadyTime(base::Micros(1'000'000'000)), base::wallFromMicros(1'800'000'000'000'000)};
    bool spaceIsLow = false;
    bool failsToCommit = false; ///< once

private:
    class Store final : public engine::StorePort
    {
    public:
        explicit Store(JudgedNode& node)
            : m_node(node)
            , m_store(node.m_content)
        {
        }
        base::Result<void> load(engine::LoadSink& sink) override
        {
            simulation::Found found;
            NotingSink noting(sink, found, m_node.m_stoppedCleanly);
            auto loaded = m_store.load(noting);
            m_node.m_judge.restarted(m_node.now, {m_node.m_stoppedCleanly, m_node.m_hasRun}, found);
            return loaded;
        }
        base::Result<void> commit(const engine::Batch& batch) override
        {
            if (std::exchange(m_node.failsToCommit, false))
                m_store.failNextCommit({base::ErrorCode::Io, "it failed"});
            m_node.m_step.take(batch);
            return m_store.commit(batch);
        }
        base::Result<engine::Fetched> fetch(std::span<const engine::Sequence> messages,
                                            std::span<const engine::Sequence> deadLetters) override
        {
            return m_store.fetch(messages, deadLetters);
        }
        base::Result<std::vector<engine::Sequence>> findAged(const engine::AgedQuery& query) override
        {
            return m_store.findAged(query);
        }
        std::uint64_t bytesAvailable() override { return m_node.spaceIsLow ? 0 : UINT64_MAX; }

    private:
        JudgedNode& m_node;
        store::MemoryStore m_store;
    };

    engine::EngineOptions m_options;
    simulation::Judge m_judge;
    std::shared_ptr<store::MemoryStore::Content> m_content = store::MemoryStore::newContent();
    simulation::Step m_step;
    bool m_stoppedCleanly = true;
    bool m_hasRun = false;
    std::uint64_t m_steps = 0;
    std::unique_ptr<engine::Runner> m_runner;
};

} // namespace millrace::fuzz
