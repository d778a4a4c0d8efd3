// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/node.h"

#include "core/base/hash.h"
#include "core/store/sqlite_store.h"

#include <utility>

namespace millrace::simulation {

using namespace engine;

namespace {

constexpr std::uint64_t kLooksAtRunning = 8; ///< every so many steps what workers hold is compared one by one

} // namespace

/// The real store, and what the judge must know of its calls.
class WatchedStore final : public StorePort
{
public:
    WatchedStore(Node& node, std::unique_ptr<StorePort> store)
        : m_node(node)
        , m_store(std::move(store))
    {
    }
    base::Result<void> load(LoadSink& sink) override
    {
        if (auto loaded = m_store->load(sink); !loaded)
            return loaded;
        if (m_node.m_disk.isDead())
            return base::fail(base::ErrorCode::Closed, "the process was killed");
        const auto disk = readDisk(m_node.m_options.directory + "/millrace.db", m_node.m_disk.name());
        if (!disk)
            throw Violation("the store was opened, and cannot be read: " + disk.error().context);
        m_node.m_judge.reloaded(*disk, m_node.m_now, std::exchange(m_node.powerWasCut, false),
                                {m_node.m_wasClean, m_node.m_hasRun});
        m_node.m_wasReloaded = true;
        m_node.m_hasCommitted = false;
        return {};
    }
    base::Result<void> commit(const Batch& batch) override
    {
        Step& step = m_node.m_step;
        step.take(batch);
        auto done = m_store->commit(batch);
        m_node.m_hasCommitted = m_node.m_hasCommitted || done.has_value();
        m_node.m_commitFailed = !done;
        if (m_node.slowCommitUs > 0) {
            ++m_node.m_counts[Fault::SlowCommit];
            m_node.m_now.steady += base::Micros(m_node.slowCommitUs);
            m_node.m_now.wall += base::Micros(std::exchange(m_node.slowCommitUs, 0));
        }
        return done;
    }
    base::Result<Fetched> fetch(std::span<const Sequence> messages, std::span<const Sequence> deadLetters) override
    {
        if (m_node.slowFetchUs > 0) {
            ++m_node.m_counts[Fault::SlowFetch];
            m_node.m_now.steady += base::Micros(m_node.slowFetchUs);
            m_node.m_now.wall += base::Micros(std::exchange(m_node.slowFetchUs, 0));
        }
        return m_store->fetch(messages, deadLetters);
    }
    base::Result<std::vector<Sequence>> findAged(const AgedQuery& query) override { return m_store->findAged(query); }
    std::uint64_t bytesAvailable() override { return m_node.spaceIsLow ? 0 : UINT64_MAX; }

private:
    Node& m_node;
    std::unique_ptr<StorePort> m_store;
};

Node::Node(NodeOptions options, CrashVfs& disk, Judge& judge, base::Now& now, FaultCounts& counts)
    : m_options(std::move(options))
    , m_disk(disk)
    , m_judge(judge)
    , m_now(now)
    , m_counts(counts)
{
}

Node::~Node() = default;

base::Result<std::unique_ptr<StorePort>> Node::open()
{
    m_isLoaded = false;
    m_isLoading = true;
    if (m_disk.isDead())
        return base::fail(base::ErrorCode::Closed, "the process was killed");
    if (std::exchange(failsToOpen, false)) {
        ++m_counts[Fault::OpenFailed];
        return base::fail(base::ErrorCode::Io, "the store cannot be opened just now");
    }
    m_wasClean = readsClean(m_options.directory + "/millrace.db", m_disk.name());
    if (m_wasClean && m_hasCommitted && !powerWasCut)
        throw Violation("D9: a run that died is said to have stopped cleanly");
    store::StoreOptions options;
    options.directory = m_options.directory;
    options.vfs = m_disk.name();
    options.walLimitBytes = m_options.walLimitBytes;
    auto store = store::SqliteStore::open(std::move(options));
    if (!store) {
        if (store.error().code == base::ErrorCode::Corrupt)
            throw Violation("D1: the store is damaged: " + store.error().context);
        return tl::unexpected(std::move(store).error());
    }
    return std::make_unique<WatchedStore>(*this, std::move(*store));
}

void Node::start()
{
    m_diedBeforeRelease = m_commitFailed = m_hasRun = false;
    m_runner = std::make_unique<Runner>(m_options.engine, [this] { return open(); }, [this] { return m_now; });
    m_isLoaded = m_runner->start().has_value() && !m_disk.isDead();
    m_isLoading = m_disk.isDead();
    if (m_isLoaded)
        m_judge.count(m_runner->engine(), m_now, true);
}

void Node::stop()
{
    m_runner.reset();
    m_hasCommitted = false;
}

void Node::lose(std::span<const Effect> effects)
{
    if (m_isJudged)
        return;
    m_isJudged = true;
    if (m_commitFailed) {
        // If some have left before, which none may, they stand first.
        m_step.effects.insert(m_step.effects.end(), effects.begin(), effects.end());
        m_judge.failed(m_step, m_released > 0);
    } else {
        m_judge.committed(m_step); // a fetch failed, after its step
    }
}

Node::End Node::turn(std::vector<Command> commands, const Send& send)
{
    m_step = Step{};
    m_step.number = ++m_steps;
    m_step.now = m_now;
    m_step.spaceIsLow = spaceIsLow;
    m_step.commands = commands;
    m_isJudged = m_wasReloaded = m_commitFailed = false;
    m_released = 0;
    // The first step after a start records what the start found, and takes no commands.
    const bool wasLoaded = m_isLoaded && m_hasRun;
    if (!wasLoaded)
        m_step.commands.clear();
    mix(static_cast<std::uint64_t>(m_now.steady.time_since_epoch().count()));

    const auto result = m_runner->turn(
        wasLoaded ? std::span<Command>(commands) : std::span<Command>(),
        [&](Effect& effect) {
            m_step.effects.push_back(effect);
            if (m_released == killAfterReleases && !m_disk.isDead()) {
                m_diedBeforeRelease = true;
                m_disk.kill();
            }
            if (m_disk.isDead())
                return;
            ++m_released;
            trace(effect);
            send(effect);
        },
        [&](const base::Error& /*error*/, std::span<const Effect> effects) { lose(effects); });
    killAfterReleases = UINT64_MAX;
    if (!m_isJudged && result)
        m_judge.committed(m_step);
    m_hasRun = m_hasRun || (result && !m_commitFailed);
    if (m_disk.isDead())
        return End::Killed;
    m_isLoading = false;
    if (!result)
        return End::Unopened;
    m_isLoaded = true;
    m_judge.count(m_runner->engine(), m_now, m_steps % kLooksAtRunning == 0);
    return m_wasReloaded ? End::Reloaded : End::Fine;
}

Fault Node::bury()
{
    m_runner.reset();
    const CrashVfs::Place place = m_disk.diedAt();
    const bool wasLoading = std::exchange(m_isLoading, false);
    m_isLoaded = false;
    m_disk.revive();
    if (std::exchange(m_diedBeforeRelease, false))
        return Fault::KilledBeforeRelease;
    if (place == CrashVfs::Place::Nowhere)
        return Fault::KilledIdle;
    if (wasLoading && !m_commitFailed)
        return Fault::KilledInLoad;
    return place == CrashVfs::Place::Log ? Fault::KilledInCommit : Fault::KilledInCheckpoint;
}

void Node::trace(const Effect& effect)
{
    mix(effect.index());
    if (const auto* deliver = std::get_if<Deliver>(&effect)) {
        for (const Delivery& item : deliver->items) {
            mix(item.lease.token);
            mix(base::hash64(item.body.view()));
        }
    } else if (const auto* confirm = std::get_if<Confirm>(&effect)) {
        for (const Sequence sequence : confirm->sequences)
            mix(sequence);
    }
}

} // namespace millrace::simulation
