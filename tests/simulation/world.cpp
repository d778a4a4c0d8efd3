// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/world.h"

#include <iostream>

namespace millrace::simulation {

using namespace engine;

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::size_t kProducers = 3;
constexpr std::size_t kWorkers = 4;
constexpr std::size_t kOperators = 2;

Model::Limits limitsOf(const Features& features)
{
    Model::Limits limits;
    limits.keysAreScarce = features.scarceKeys;
    limits.memoryIsAmple = features.largeMemory;
    limits.deferForUs = 10 * kSecond;
    if (features.fewMayWait) {
        limits.deferredMessages = 6;
        limits.deferredBytes = 3'000;
    }
    return limits;
}

} // namespace

World::World(CrashVfs& disk, const Template& origin, std::uint64_t seed, bool isVerbose)
    : m_disk(disk)
    , m_origin(origin)
    , m_isVerbose(isVerbose)
    , m_chance(seed * 0x9E3779B97F4A7C15ULL + 1)
    , m_now{base::SteadyTime(base::Micros(1'000 * kSecond)),
            base::wallFromMicros(1'800'000'000 * kSecond - m_chance.between(0, 30 * kSecond))}
    , m_pipeline(m_chance)
    , m_judgeHolder(std::make_unique<Judge>(limitsOf(m_pipeline.features)))
    , m_judge(*m_judgeHolder)
    , m_toNode(m_chance, m_counts)
    , m_toClients(m_chance, m_counts)
{
    m_disk.reset(origin.directory + "/millrace.db", origin.content, seed);
    m_disk.countInto(&m_counts);
    NodeOptions options;
    options.directory = origin.directory;
    options.walLimitBytes = (m_chance.hits(700) ? 256 : 64 * 1024) * 1024ULL;
    options.engine.randomSeed = m_chance.next();
    options.engine.maxResidentBytes = m_pipeline.features.largeMemory ? 32 * 1024 * 1024 : 4 * 1024;
    options.engine.maxDeliveriesPerStep = m_chance.hits(300) ? 3 : 8192;
    options.engine.maxBatchMessages = m_chance.hits(300) ? 2 : 1024;
    const Model::Limits& limits = m_judge.seen().limits;
    if (limits.keysAreScarce)
        options.engine.maxDeduplicationBytes = 4'000;
    options.engine.maxDeferredMessages = limits.deferredMessages;
    options.engine.maxDeferredBytes = limits.deferredBytes;
    options.engine.deferFor = base::Micros(limits.deferForUs);
    m_node = std::make_unique<Node>(options, m_disk, m_judge, m_now, m_counts);
    chooseLuck();
}

World::~World() = default;

/// Each seed has some kinds of faults and not others, so that none hides another.
void World::chooseLuck()
{
    const auto maybe = [&](std::uint32_t most) {
        return m_chance.hits(500) ? static_cast<std::uint32_t>(1 + m_chance.below(most)) : 0U;
    };
    m_luck = {maybe(15), maybe(12), maybe(12), maybe(12), maybe(8), maybe(12), maybe(25), maybe(600),
              maybe(12), maybe(800), maybe(300), maybe(20), maybe(20), maybe(6)};
    m_toNode.faults = {maybe(60), maybe(40), maybe(60), maybe(80)};
    m_toClients.faults = {maybe(60), maybe(40), maybe(60), maybe(80)};
}

void World::definePipeline()
{
    m_node->start();
    std::vector<Command> commands;
    for (const auto& queue : m_pipeline.queues)
        commands.emplace_back(DefineQueue{1, commands.size(), "setup", queue, true});
    for (const auto& subscription : m_pipeline.subscriptions)
        commands.emplace_back(DefineSubscription{1, commands.size(), "setup", subscription});
    for (const auto& schedule : m_pipeline.schedules)
        commands.emplace_back(DefineSchedule{1, commands.size(), "setup", schedule, true});
    m_node->turn({}, [](Effect&) {});
    m_node->turn(std::move(commands), [](Effect&) {});
    addActors();
}

void World::addActors()
{
    for (std::size_t i = 0; i < kProducers + kWorkers + kOperators; ++i) {
        const Chance chance(m_chance.next());
        if (i < kProducers) {
            m_actors.push_back(
                std::make_unique<Producer>("p" + std::to_string(i), *this, chance, m_counts, m_pipeline));
        } else if (i < kProducers + kWorkers) {
            auto worker = std::make_unique<Worker>("w" + std::to_string(i), *this, chance, m_counts);
            for (const auto& queue : m_pipeline.queues) {
                if (m_chance.hits(700) || i == kProducers)
                    worker->queues.push_back(queue.name);
            }
            worker->credit = static_cast<std::uint32_t>(1 + m_chance.below(6));
            m_actors.push_back(std::move(worker));
        } else {
            m_actors.push_back(
                std::make_unique<Operator>("o" + std::to_string(i), *this, chance, m_counts, m_pipeline));
        }
        const auto maybe = [&](std::uint32_t most) {
            return m_chance.hits(500) ? static_cast<std::uint32_t>(1 + m_chance.below(most)) : 0U;
        };
        m_actors.back()->manners = {maybe(12), maybe(12), maybe(100), maybe(60), maybe(10)};
    }
}

Outcome World::run(std::uint64_t steps)
{
    Outcome outcome;
    try {
        definePipeline();
        for (std::uint64_t i = 0; i < steps; ++i)
            step();
        drain();
        finalCheck();
    } catch (const std::exception& error) {
        outcome.violation = "at step " + std::to_string(m_node->steps()) + ": " + error.what();
    }
    outcome.steps = m_node->steps();
    outcome.messages = m_judge.seen().messages;
    outcome.traceHash = m_node->traceHash;
    outcome.faults = m_counts;
    outcome.events = m_judge.seen().events;
    m_disk.revive();
    return outcome;
}

// ---- sessions and frames

ClientId World::open()
{
    if (!m_node->isLoaded())
        return 0;
    m_open.insert(++m_lastSession);
    m_owners[m_lastSession] = m_opening;
    return m_lastSession;
}

void World::leave(ClientId session, std::int64_t noticedAfterUs)
{
    m_owners[session] = nullptr;
    m_leaving.emplace(nowUs() + noticedAfterUs, session);
}

void World::send(ClientId session, Command command) { m_toNode.send(nowUs(), session, std::move(command)); }

/// A node that starts anew knows none of the sessions before.
void World::endSessions()
{
    m_open.clear();
    m_leaving.clear();
    m_toNode.clear();
    for (const auto& actor : m_actors) {
        if (actor->session() != 0) {
            m_owners[actor->session()] = nullptr;
            actor->cutOff();
        }
    }
}

std::vector<Command> World::arrivals()
{
    std::vector<Command> commands;
    while (!m_leaving.empty() && m_leaving.begin()->first <= nowUs()) {
        const ClientId session = m_leaving.begin()->second;
        m_leaving.erase(m_leaving.begin());
        if (m_open.erase(session) == 1)
            commands.emplace_back(Disconnect{session});
    }
    while (auto frame = m_toNode.take(nowUs())) {
        if (m_open.contains(frame->session))
            commands.push_back(std::move(frame->content));
    }
    return commands;
}

void World::deliverToClients()
{
    while (auto frame = m_toClients.take(nowUs())) {
        const auto owner = m_owners.find(frame->session);
        if (owner != m_owners.end() && owner->second != nullptr && owner->second->session() == frame->session)
            owner->second->receive(frame->content);
    }
}

// ---- one step

void World::step()
{
    pass();
    misfortune();
    deliverToClients();
    for (const auto& actor : m_actors) {
        m_opening = actor.get();
        if (m_chance.hits(400))
            actor->act();
    }
    pass();
    runNode(true);
}

/// Time goes on: to the next thing that happens, or by some amount.
void World::pass()
{
    std::int64_t by = m_chance.hits(30) ? m_chance.between(0, 3 * kSecond) : m_chance.between(0, 40'000);
    const auto deadline = m_node->isRunning() ? m_node->nextDeadline() : std::nullopt;
    if (m_chance.hits(300) && deadline) {
        const std::int64_t until = deadline->time_since_epoch().count() - nowUs();
        by = std::clamp<std::int64_t>(until, 0, kSecond);
    }
    m_now.steady += base::Micros(by);
    m_now.wall += base::Micros(by);
}

void World::jumpClock()
{
    const std::int64_t most = m_chance.hits(100) ? 30 * 24 * 3600 * kSecond
                              : m_chance.hits(500) ? 3600 * kSecond
                                                   : 10 * kSecond;
    const std::int64_t by = m_chance.between(1, most);
    m_latestWallUs = std::max(m_latestWallUs, wallUs());
    if (m_chance.hits(500)) {
        ++m_counts[Fault::ClockForward];
        m_now.wall += base::Micros(by);
    } else {
        ++m_counts[Fault::ClockBack];
        m_now.wall -= base::Micros(by);
    }
}

void World::misfortune()
{
    if (m_chance.hits(m_luck.clock))
        jumpClock();
    if (m_chance.hits(m_luck.low)) {
        ++m_counts[Fault::SpaceLow];
        m_lowUntilUs = nowUs() + m_chance.between(0, kSecond);
    }
    m_node->spaceIsLow = nowUs() < m_lowUntilUs;
    if (m_chance.hits(m_luck.slowCommit))
        m_node->slowCommitUs = m_chance.between(20'000, 6 * kSecond);
    if (m_chance.hits(m_luck.slowFetch))
        m_node->slowFetchUs = m_chance.between(20'000, 6 * kSecond);
    if (!m_node->isRunning() || m_disk.isArmed())
        return;
    if (m_chance.hits(m_luck.write))
        m_disk.breakAt(1 + m_chance.below(12), CrashVfs::Breaks::Write);
    else if (m_chance.hits(m_luck.sync))
        m_disk.breakAt(1 + m_chance.below(12), CrashVfs::Breaks::Sync);
    else if (m_chance.hits(m_luck.space))
        m_disk.breakAt(1 + m_chance.below(12), CrashVfs::Breaks::Space);
    else if (m_chance.hits(m_luck.killInside))
        m_disk.breakAt(1 + m_chance.below(40), CrashVfs::Breaks::Kill);
    else if (m_chance.hits(m_luck.killRelease))
        m_node->killAfterReleases = m_chance.below(4);
    else if (m_chance.hits(m_luck.kill))
        m_node->kill();
    else if (m_chance.hits(m_luck.stop)) {
        m_node->stop();
        endSessions();
        m_startAtUs = nowUs() + m_chance.between(0, 2 * kSecond);
    }
}

void World::runNode(bool withFaults)
{
    if (m_disk.isDead()) {
        processDied();
        return;
    }
    if (!m_node->isRunning()) {
        m_toNode.clear();
        if (nowUs() < m_startAtUs)
            return;
        if (withFaults && m_chance.hits(m_luck.killLoad))
            m_disk.breakAt(1 + m_chance.below(6), CrashVfs::Breaks::Kill);
        m_node->failsToOpen = withFaults && m_chance.hits(m_luck.openFails);
        m_node->start();
        if (m_disk.isDead())
            processDied();
        return;
    }
    if (!m_node->isLoaded()) // also before its first step
        m_toNode.clear();
    else if (withFaults)
        m_node->failsToOpen = m_chance.hits(m_luck.openFails) && m_disk.isArmed();
    end(m_node->turn(arrivals(), [this](Effect& effect) {
        std::visit(
            [&](const auto& each) {
                if constexpr (requires { each.client; })
                    m_toClients.send(nowUs(), each.client, effect);
            },
            effect);
    }));
}

void World::end(Node::End end)
{
    if (end == Node::End::Fine)
        return;
    if (end == Node::End::Killed)
        processDied();
    else
        endSessions(); // who waited is told that nobody knows
}

void World::processDied()
{
    const Fault kind = m_node->bury();
    ++m_counts[kind];
    say("killed: " + std::string(kFaultNames.at(static_cast<std::size_t>(kind))));
    if (m_chance.hits(m_luck.powerCut)) {
        ++m_counts[Fault::PowerCut];
        m_node->powerWasCut = true;
        m_disk.cutPower(m_chance);
    }
    endSessions();
    m_startAtUs = nowUs() + m_chance.between(0, 3 * kSecond);
}

void World::say(const std::string& text) const
{
    if (m_isVerbose)
        std::cerr << "step " << m_node->steps() << ": " << text << '\n';
}

} // namespace millrace::simulation
