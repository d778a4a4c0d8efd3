// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/simulation/actors.h"
#include "tests/simulation/node.h"

#include <memory>
#include <optional>
#include <string>

namespace millrace::simulation {

/// What all seeds have in common: a data directory whose database is new.
struct Template
{
    std::string directory;
    std::string content; ///< of the database file
};

struct Outcome
{
    std::string violation; ///< empty = all promises were kept
    std::uint64_t steps = 0;
    std::uint64_t messages = 0;
    std::uint64_t traceHash = 0;
    FaultCounts faults;
    EventCounts events;
};

/// One seed: a pipeline, its clients, its bad luck, and the judge.
class World final : public Surroundings
{
public:
    World(CrashVfs& disk, const Template& origin, std::uint64_t seed, bool isVerbose);
    ~World() override;
    /// `steps` steps with faults, then none until everything has ended.
    Outcome run(std::uint64_t steps);

    // Surroundings
    [[nodiscard]] std::int64_t nowUs() const override { return m_now.steady.time_since_epoch().count(); }
    [[nodiscard]] std::int64_t wallUs() const override { return base::toMicros(m_now.wall); }
    [[nodiscard]] bool nodeAnswers() const override { return m_node->isLoaded(); }
    engine::ClientId open() override;
    void leave(engine::ClientId session, std::int64_t noticedAfterUs) override;
    void send(engine::ClientId session, engine::Command command) override;
    [[nodiscard]] const Model& model() const override { return m_judge.model(); }

private:
    /// Which faults this seed has, per thousand steps.
    struct Luck
    {
        std::uint32_t clock = 0, write = 0, sync = 0, space = 0, low = 0, kill = 0, killInside = 0, killLoad = 0;
        std::uint32_t killRelease = 0, powerCut = 0, openFails = 0, slowFetch = 0, slowCommit = 0, stop = 0;
    };
    void chooseLuck();
    void definePipeline();
    void addActors();
    void step();
    void pass();
    void misfortune();
    void jumpClock();
    void runNode(bool withFaults);
    std::vector<engine::Command> arrivals();
    void deliverToClients();
    void end(Node::End end);
    void processDied();
    void endSessions();
    void drain();
    [[nodiscard]] bool hasEnded() const;
    void tidyUp();
    void complain() const;
    void finalCheck();
    void say(const std::string& text) const;

    CrashVfs& m_disk;
    const Template& m_origin;
    bool m_isVerbose;
    Chance m_chance;
    base::Now m_now;
    Pipeline m_pipeline;
    FaultCounts m_counts;
    Luck m_luck;
    std::unique_ptr<Judge> m_judgeHolder;
    Judge& m_judge;
    std::unique_ptr<Node> m_node;
    Network<engine::Command> m_toNode;
    Network<engine::Effect> m_toClients;
    std::vector<std::unique_ptr<Actor>> m_actors;
    std::map<engine::ClientId, Actor*> m_owners;     ///< of all sessions ever
    std::set<engine::ClientId> m_open;               ///< that the node knows
    std::multimap<std::int64_t, engine::ClientId> m_leaving; ///< when the node notices that they are gone
    engine::ClientId m_lastSession = 0;
    Actor* m_opening = nullptr;
    std::int64_t m_startAtUs = 0; ///< while the node is down
    std::int64_t m_lowUntilUs = 0;
    std::int64_t m_latestWallUs = 0;
    bool m_isEnding = false;
};

} // namespace millrace::simulation
