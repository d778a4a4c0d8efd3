// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/store/sqlite_store.h"
#include "tests/simulation/world.h"

#include <algorithm>

/// The end of a seed: no more faults, and everything has to end.
namespace millrace::simulation {

using namespace engine;

namespace {

constexpr std::int64_t kSecond = 1'000'000;
/// D6: messages end within this time once faults stop; longer than all attempts with all delays of any policy.
constexpr std::int64_t kDrainUs = 300 * kSecond;
constexpr int kDrainTurns = 20'000;

bool operates(const Model& model)
{
    return std::any_of(model.operations.begin(), model.operations.end(), [](const auto& each) {
        return each.second.state == message::OperationState::Running;
    });
}

std::int64_t us(std::chrono::milliseconds duration) { return base::Micros(duration).count(); }

} // namespace

void World::drain()
{
    m_disk.heal();
    m_node->failsToOpen = false;
    m_node->slowCommitUs = m_node->slowFetchUs = 0;
    m_node->killAfterReleases = UINT64_MAX;
    m_node->spaceIsLow = false;
    m_toNode.faults = m_toClients.faults = {};
    // Whoever set the clock back sets it right: what is to be delivered at a time waits for that time.
    m_now.wall = std::max(m_now.wall, base::wallFromMicros(m_latestWallUs));
    for (const auto& actor : m_actors) {
        if (actor->session() != 0)
            leave(actor->session(), 0);
        actor->cutOff();
        actor->settleDown();
    }
    const std::int64_t until = nowUs() + kDrainUs;
    for (int turn = 0; turn < kDrainTurns && nowUs() < until; ++turn) {
        if (hasEnded())
            return;
        deliverToClients();
        if (m_node->isLoaded())
            tidyUp();
        for (const auto& actor : m_actors) {
            m_opening = actor.get();
            if (dynamic_cast<Worker*>(actor.get()) != nullptr)
                actor->act();
        }
        runNode(false);
        std::int64_t by = 100'000;
        for (const auto at : {m_toNode.next(), m_toClients.next()}) {
            if (at)
                by = std::min(by, *at - nowUs());
        }
        m_now.steady += base::Micros(std::max<std::int64_t>(by, 0));
        m_now.wall += base::Micros(std::max<std::int64_t>(by, 0));
    }
    complain();
}

bool World::hasEnded() const
{
    const Model& model = m_judge.model();
    const bool isOverdue = std::any_of(model.dead.begin(), model.dead.end(), [&](const auto& each) {
        const std::int64_t age = us(model.queues.at(each.second.message.queue).policy().deadLetterMaxAge);
        return age > 0 && each.second.state == message::State::Dead && each.second.diedWallUs < wallUs() - age;
    });
    return m_node->isLoaded() && model.live.empty() && model.deferred.empty() && !operates(model) && !isOverdue;
}

/// Somebody undoes what keeps messages from ending by themselves.
void World::tidyUp()
{
    const Model& model = m_judge.model();
    std::vector<Command> commands;
    for (const auto& [name, schedule] : model.schedules) {
        if (!schedule.isRemoved)
            commands.emplace_back(RemoveSchedule{1, 1, "setup", name});
    }
    StartOperation discard{1, 1, "setup", message::Verb::Discard, "", {}};
    for (const auto& [id, queue] : model.queues) {
        if (queue.isPaused)
            commands.emplace_back(SetPaused{1, 1, "setup", queue.definition.name, false});
        for (const auto& [key, letters] : queue.blocks)
            commands.emplace_back(ResumeKey{1, 1, "setup", queue.definition.name, key});
        if (queue.dead < queue.policy().maxDeadLetters)
            continue;
        for (const auto& [sequence, dead] : model.dead) {
            if (dead.message.queue == id && dead.state == message::State::Dead)
                discard.members.push_back(sequence);
        }
    }
    if (!discard.members.empty() && !operates(model))
        commands.emplace_back(std::move(discard));
    if (!commands.empty())
        end(m_node->turn(std::move(commands), [](Effect&) {}));
}

void World::complain() const
{
    const Model& model = m_judge.model();
    if (model.live.empty())
        throw Violation("P2/R5: an operation, a submit that waits or what is too old does not end");
    std::uint64_t leased = 0;
    std::uint64_t suspects = 0;
    for (const auto& [each, one] : model.live) {
        leased += one.isLeased() ? 1U : 0U;
        suspects += one.isSuspect || one.maybeSuspect ? 1U : 0U;
    }
    const auto& [sequence, message] = *model.live.begin();
    throw Violation("D6: " + std::to_string(model.live.size()) + " messages do not end, of them "
                    + std::to_string(leased) + " leased and " + std::to_string(suspects) + " suspects, the first is "
                    + std::to_string(sequence) + " of queue " + std::to_string(message.queue) + " with "
                    + std::to_string(message.failures) + " failures, "
                    + std::string(toString(model.stateOf(message))));
}

void World::finalCheck()
{
    m_node->stop();
    const std::string file = m_origin.directory + "/millrace.db";
    const auto disk = readDisk(file, m_disk.name());
    if (!disk)
        throw Violation("the store cannot be read at the end: " + disk.error().context);
    if (const auto what = m_judge.model().differs(*disk, m_now); !what.empty())
        throw Violation("D1: at the end, " + what);
    if (!disk->handedOut.empty())
        throw Violation("a hand-out is left behind");
    if (const auto found = checkIntegrity(file, m_disk.name()); found != "ok")
        throw Violation("D1: the database is damaged: " + found);
    store::StoreOptions options;
    options.directory = m_origin.directory;
    options.vfs = m_disk.name();
    const auto records = store::verifyAudit(options);
    if (!records)
        throw Violation("P8: " + records.error().context);
    if (*records != m_judge.model().audits)
        throw Violation("P8: the audit chain is shorter than what was done");
}

} // namespace millrace::simulation
