// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/runner.h"

#include <cassert>
#include <iterator>
#include <utility>

namespace millrace::engine {

namespace {

/// How long to wait before a store that could not be opened is tried again.
constexpr auto kReopenPause = std::chrono::seconds(1);

} // namespace

Runner::Runner(EngineOptions options, OpenStore openStore, Clock clock)
    : m_options(std::move(options))
    , m_openStore(std::move(openStore))
    , m_clock(std::move(clock))
{
}

base::Result<void> Runner::start()
{
    // The old ones go first: the store must be closed before it is opened again.
    m_engine.reset();
    m_store.reset();
    m_pending.clear();
    m_result.clear();
    auto store = m_openStore();
    if (!store)
        return tl::unexpected(std::move(store).error());
    auto engine = std::make_unique<Engine>(m_options);
    if (auto loaded = (*store)->load(*engine); !loaded)
        return loaded;
    engine->finishLoad(m_clock(), m_hasRun);
    m_store = std::move(*store);
    m_engine = std::move(engine);
    return {};
}

base::Result<void>
Runner::turn(std::span<Command> commands, const Release& release, const Lost& lost)
{
    if (!m_engine) {
        if (auto started = start(); !started)
            return started;
    }
    // What was in flight when the node died is recorded before anything new may be handed out: if that commit fails,
    // with whatever outcome, the next start finds what this one found, or what it has made of it.
    if (!m_hasRun && !commands.empty()) {
        bool isLost = false;
        auto recorded = step({}, release, [&](const base::Error& error, std::span<const Effect> effects) {
            isLost = true;
            lost(error, effects);
        });
        if (!recorded || isLost)
            return recorded;
    }
    return step(commands, release, lost);
}

base::Result<void> Runner::step(std::span<Command> commands, const Release& release, const Lost& lost)
{
    // What was fetched for the engine comes first.
    std::vector<Command> all = std::exchange(m_pending, {});
    if (!all.empty()) {
        all.insert(all.end(),
                   std::make_move_iterator(commands.begin()),
                   std::make_move_iterator(commands.end()));
        commands = all;
    }
    m_engine->step(m_clock(), commands, m_store->bytesAvailable(), m_result);

    if (!m_result.batch.empty()) {
        const base::SteadyTime began = m_clock().steady;
        const auto committed = m_store->commit(m_result.batch);
        m_commits.lastCommit = m_clock().steady - began;
        if (!committed) {
            ++m_commits.failed;
            lost(committed.error(), m_result.effects);
            return start();
        }
        ++m_commits.commits;
    }
    m_hasRun = true;
    for (Effect& effect : m_result.effects) {
        auto* fetch = std::get_if<Fetch>(&effect);
        if (fetch == nullptr) {
            release(effect);
            continue;
        }
        auto fetched = m_store->fetch(fetch->messages, fetch->deadLetters);
        if (!fetched) {
            // A fetch is the last effect of its step: everybody else has been answered.
            lost(fetched.error(), {});
            return start();
        }
        for (const AgedQuery& query : fetch->aged) {
            auto found = m_store->findAged(query);
            if (!found) {
                lost(found.error(), {});
                return start();
            }
            const bool isWhole = found->size() < query.limit;
            fetched->aged.push_back({query.queue, std::move(*found), isWhole});
        }
        m_pending.emplace_back(std::move(*fetched));
    }
    m_result.effects.clear();
    return {};
}

std::optional<base::SteadyTime> Runner::nextDeadline() const
{
    if (!m_engine)
        return m_clock().steady + kReopenPause;
    if (!m_pending.empty())
        return m_clock().steady;
    return m_engine->nextDeadline();
}

Engine& Runner::engine()
{
    assert(m_engine);
    return *m_engine;
}

StorePort& Runner::store()
{
    assert(m_store);
    return *m_store;
}

} // namespace millrace::engine
