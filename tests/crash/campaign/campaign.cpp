// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/campaign/campaign.h"

#include "tests/crash/campaign/database.h"
#include "tests/crash/campaign/old_database.h"

#include <stdlib.h>

#include <array>
#include <thread>
#include <utility>

namespace millrace::crash {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kKillsPerRound = 500; ///< then everything is drained and compared, and a new directory begins
constexpr std::uint64_t kUnsettledAtKill = 1000;
/// So many are left, so that every kill finds enough.
constexpr std::uint64_t kBacklog = 1100;
constexpr std::uint64_t kConfirmedPerLife = 60;
/// A life that should end at a failure point and has not is killed then, so that the database stays small.
constexpr std::uint64_t kConfirmedInPointLife = 4000;
constexpr auto kPointPatience = 3s;

struct Point
{
    const char* name;
    std::uint32_t passes; ///< it kills at one of the first so many
    bool isInStart = false;
    bool wantsRejects = false;
    bool wantsReplay = false;
};
constexpr std::array kPoints{
    Point{"before-commit", 40},
    Point{"after-commit", 40},
    Point{"in-batch", 400},
    Point{"after-removal", 15},
    Point{"before-checkpoint", 3},
    Point{"after-checkpoint", 3},
    Point{"after-reply", 60},
    Point{"in-dead-letter", 4, false, true},
    Point{"in-replay-chunk", 2, false, true, true},
    Point{"in-load", 1000, true},
};

const Point* pointOf(const std::string& kind)
{
    const auto found = std::find_if(kPoints.begin(), kPoints.end(), [&](const Point& each) { return each.name == kind; });
    return found == kPoints.end() ? nullptr : found;
}

} // namespace

Directory::Directory(const std::filesystem::path& where)
{
    std::string name = (where / "millrace-crash-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
        throw std::runtime_error("cannot create " + name);
    m_path = name;
}

Directory::~Directory()
{
    std::error_code ignored;
    if (!m_isKept)
        std::filesystem::remove_all(m_path, ignored);
}

Campaign::Campaign(const Arguments& arguments)
    : m_arguments(arguments)
    , m_chance(arguments.seed)
{
}

void Campaign::run()
{
    while (m_figures.allKills() < m_arguments.kills)
        runRound(std::min(m_arguments.kills, m_figures.allKills() + kKillsPerRound));
}

void Campaign::runRound(std::uint64_t until)
{
    Directory directory(m_arguments.directory);
    try {
        NodeChild node(directory.path());
        Journal journal;
        // The first life only has to gather enough.
        startServing(node, {});
        liveAndDie(node, journal, {"random", {}});
        while (m_figures.allKills() < until) {
            const Kill kill = choose(journal);
            if (kill.kind == "migration") {
                killInMigration(m_context, directory.path(), m_chance, m_figures);
                continue;
            }
            if (kill.kind == "while-starting") {
                killWhileStarting(node);
                noteKill(kill.kind, journal);
                continue;
            }
            startServing(node, kill);
            if (node.hasDied()) {
                noteKill(kill.kind, journal);
                continue;
            }
            liveAndDie(node, journal, kill);
        }
        drain(node, journal);
        checkDatabase(node.data());
        m_figures.confirmed += journal.confirmed();
        m_figures.redeliveries += journal.redeliveries();
    } catch (const std::exception&) {
        directory.keep();
        throw;
    }
}

/// Of ten: five at random, one while the node starts, and, if points are wanted, three at one of them and one in a
/// migration.
Campaign::Kill Campaign::choose(const Journal& journal)
{
    const std::uint64_t die = m_chance.below(10);
    if (die == 0)
        return {"while-starting", {}};
    if (!m_arguments.usesPoints || die <= 5)
        return {"random", {}};
    if (die == 6)
        return {"migration", {}};
    const Point& point = kPoints.at(m_chance.below(kPoints.size()));
    std::uint64_t passes = point.passes;
    if (point.wantsReplay) // no more than there are
        passes = std::clamp<std::uint64_t>(journal.deadLetters().size(), 1, passes);
    return {point.name, std::string(point.name) + ':' + std::to_string(1 + m_chance.below(passes))};
}

/// Before it is ready, and perhaps just after.
void Campaign::killWhileStarting(NodeChild& node)
{
    node.start({});
    std::this_thread::sleep_for(std::chrono::microseconds(m_chance.below(40'000)));
    node.kill();
}

/// Returns once the node serves, or has died at its failure point.
void Campaign::startServing(NodeChild& node, const Kill& kill)
{
    node.start(kill.failpoint);
    if (node.awaitReady())
        return;
    if (kill.failpoint.empty() || !node.awaitDeath(1s))
        throw Violation("a node does not start: " + node.data().string());
}

void Campaign::liveAndDie(NodeChild& node, Journal& journal, const Kill& kill)
{
    const Point* point = pointOf(kill.kind);
    Load load;
    load.backlog = kBacklog;
    load.replays = point == nullptr ? m_chance.hits(50) : point->wantsReplay;
    if (point != nullptr && point->wantsRejects)
        load.rejectPerMille = 200;
    const auto pointUntil = Clock::now() + kPointPatience;
    Life life(m_context, node, journal, m_chance, load);
    bool isAlive = life.runUntil([&] {
        return point != nullptr ? Clock::now() > pointUntil || life.confirmed() > kConfirmedInPointLife
                                : life.confirmed() >= kConfirmedPerLife && life.firstDeliveryAfter()
                                      && journal.unsettled() >= kBacklog;
    });
    std::string kind = kill.kind;
    if (isAlive && point != nullptr) {
        ++m_figures.missed[kind];
        kind = "random";
    } else if (isAlive) {
        const auto until = Clock::now() + std::chrono::microseconds(m_chance.below(15'000));
        isAlive = life.runUntil([until] { return Clock::now() >= until; });
    }
    if (isAlive)
        node.kill();
    else if (point == nullptr)
        throw Violation("a node died by itself");
    if (const auto after = life.firstDeliveryAfter()) {
        m_figures.resumed.push_back(*after);
        if (*after > m_arguments.resumeWithin)
            throw Violation("D10: the first delivery came "
                            + std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(*after).count())
                            + " ms after the start");
    }
    m_figures.replays += load.replays ? 1 : 0;
    noteKill(kind, journal);
}

void Campaign::noteKill(const std::string& kind, const Journal& journal)
{
    ++m_figures.kills[kind];
    m_figures.leastUnsettled = std::min(m_figures.leastUnsettled, journal.unsettled());
    if (journal.unsettled() < kUnsettledAtKill)
        throw std::logic_error("a kill found only " + std::to_string(journal.unsettled()) + " messages unsettled");
}

/// Faults are over: everything is confirmed, worked off and replayed, and nothing is left.
void Campaign::drain(NodeChild& node, Journal& journal)
{
    startServing(node, {});
    Load load;
    load.submitsNew = false;
    load.failPerMille = load.rejectPerMille = 0;
    {
        Life life(m_context, node, journal, m_chance, load);
        life.askLeft();
        for (bool isDrained = false; !isDrained;) {
            if (!life.runUntil([&] { return life.left() && life.isIdle() && !journal.hasUnknown(); }))
                throw Violation("a node died by itself");
            isDrained = life.left()->live == 0 && life.left()->dead == 0;
            if (life.left()->dead > 0)
                life.startReplayOfAll();
            life.askLeft();
        }
    }
    node.stop();
    if (journal.hasUnknown())
        throw Violation("a confirm never came");
    journal.checkDrained();
}

} // namespace millrace::crash
