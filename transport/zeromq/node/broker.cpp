// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/node/broker_p.h"

#include "transport/zeromq/node/node_store_p.h"
#include "transport/zeromq/node/runtime_directory_p.h"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

namespace millrace::zeromq {

namespace {

using namespace std::chrono_literals;

constexpr auto kLongestWait = 1000ms;
/// ROUTER does not tell when a peer reads again.
constexpr auto kOutboxRetry = 10ms;
constexpr auto kReopenEvery = 1s;
constexpr auto kReopenedShown = 60s;
constexpr int kDefinitionTurns = 100;
/// The actor of what the node does by itself at start.
constexpr const char* kDefinitionActor = "pipeline file";

engine::EngineOptions engineOptions(const NodeOptions& options)
{
    engine::EngineOptions result;
    std::random_device device;
    result.randomSeed = options.randomSeed != 0 ? options.randomSeed
                                                : (static_cast<std::uint64_t>(device()) << 32U) | device();
    result.maxResidentBytes = options.maxResidentBytes;
    result.maxUnstoredBytes = options.maxUnstoredBytes;
    result.maxBatchMessages = wire::kMaxBatchMessages;
    result.maxBatchBytes = wire::kMaxBatchBytes;
    return result;
}

std::vector<std::string> endpointsOf(const std::vector<EndpointBase>& bases, Plane plane)
{
    std::vector<std::string> endpoints;
    endpoints.reserve(bases.size());
    for (const EndpointBase& base : bases)
        endpoints.push_back(base.endpoint(plane));
    return endpoints;
}

} // namespace

Broker::Broker(zmq::context_t& context, const NodeOptions& options, Wakeup& stop)
    : m_state(options)
    , m_context(context)
    , m_stop(stop)
    , m_telemetry(m_state)
    , m_data(m_state, [this](const std::string& token) { m_control.sessionEnded(token); })
    , m_control({m_state,
                 m_telemetry,
                 [this] { return m_state.isBroken ? nullptr : &m_runner.engine(); },
                 [this](base::Now now) -> const wire::v1::Snapshot& {
                     return m_telemetry.current(now, m_state.isBroken ? nullptr : &m_runner, m_data.sessionCount());
                 },
                 [this](const std::string& token) { return m_data.hasSession(token); }})
    , m_runner(
          engineOptions(options), [store = options.store] { return NodeStore::open(store); }, &base::systemNow)
{
}

Broker::~Broker() = default;

base::Result<void> Broker::open(const std::vector<EndpointBase>& endpoints)
{
    if (auto started = m_runner.start(); !started)
        return started;
    m_state.epoch = m_runner.engine().epoch();
    if (auto applied = applyDefinition(); !applied)
        return applied;
    if (auto bound = bind(endpoints); !bound)
        return bound;
    m_control.startReader();
    return {};
}

base::Result<void> Broker::bind(const std::vector<EndpointBase>& endpoints)
{
    for (const EndpointBase& base : endpoints) {
        if (base.scheme != Scheme::Ipc)
            continue;
        if (auto removed = removeStaleSockets(base); !removed)
            return removed;
    }
    m_endpoints = endpoints;
    if (auto opened = m_data.open(m_context, endpointsOf(endpoints, Plane::Data)); !opened)
        return opened;
    if (auto opened = m_control.open(m_context, endpointsOf(endpoints, Plane::Control)); !opened)
        return opened;
    if (auto opened = m_telemetry.open(m_context, endpointsOf(endpoints, Plane::Telemetry)); !opened)
        return opened;
    for (const EndpointBase& base : endpoints) {
        if (base.scheme != Scheme::Ipc)
            continue;
        if (auto protectedNow = protectSockets(base); !protectedNow)
            return protectedNow;
    }
    return {};
}

base::Result<void> Broker::applyDefinition()
{
    const message::PipelineDefinition& definition = m_state.options.definition;
    if (auto valid = message::validate(definition); !valid)
        return valid;
    for (const message::QueueDefinition& queue : definition.queues)
        m_commands.push_back(engine::DefineQueue{0, ++m_definitionsPending, kDefinitionActor, queue, true});
    for (const message::SubscriptionDefinition& subscription : definition.subscriptions)
        m_commands.push_back(engine::DefineSubscription{0, ++m_definitionsPending, kDefinitionActor, subscription});
    engine::KeepSchedules keep{0, 0, kDefinitionActor, {}};
    for (const message::ScheduleDefinition& schedule : definition.schedules) {
        m_commands.push_back(engine::DefineSchedule{0, ++m_definitionsPending, kDefinitionActor, schedule, true});
        keep.names.push_back(schedule.name);
    }
    keep.request = ++m_definitionsPending;
    m_commands.push_back(std::move(keep));
    for (int i = 0; i < kDefinitionTurns && m_definitionsPending > 0; ++i) {
        std::optional<base::Error> lost;
        const auto turned = m_runner.turn(
            m_commands,
            [this](engine::Effect& effect) {
                const auto* reply = std::get_if<engine::Reply>(&effect);
                if (reply == nullptr)
                    return;
                --m_definitionsPending;
                if (!reply->outcome)
                    m_definitionErrors.push_back(reply->outcome.error());
            },
            [&lost](const base::Error& error, std::span<const engine::Effect>) { lost = error; });
        m_commands.clear();
        if (!turned)
            return turned;
        if (lost)
            return tl::unexpected(*lost);
    }
    if (!m_definitionErrors.empty())
        return tl::unexpected(m_definitionErrors.front());
    return {};
}

void Broker::run()
{
    m_state.log.info("node \"" + m_state.options.name + "\" serves, epoch " + std::to_string(m_state.epoch));
    while (round()) {
    }
    shutDown();
}

std::chrono::milliseconds Broker::patience() const
{
    if (m_hasMore)
        return 0ms;
    const base::SteadyTime now = base::systemNow().steady;
    base::SteadyTime until = std::min({now + kLongestWait, m_telemetry.nextTick(), m_nextSweep});
    if (m_state.isBroken)
        until = std::min(until, m_nextReopen);
    else if (const auto deadline = m_runner.nextDeadline())
        until = std::min(until, *deadline);
    if (m_isBlocked)
        until = std::min<base::SteadyTime>(until, now + kOutboxRetry);
    return std::max(0ms, std::chrono::ceil<std::chrono::milliseconds>(until - now));
}

bool Broker::round()
{
    std::array items = {m_data.pollItem(), m_control.pollItem(), pollItem(m_control.answersFd()), pollItem(m_stop.fd())};
    if (poll(items, patience()) == PollStatus::Terminated || (items[3].revents & ZMQ_POLLIN) != 0)
        return false;
    const base::Now now = base::systemNow();
    const bool moreData = m_data.receive(now.steady);
    const bool moreControl = m_control.receive(now);
    m_hasMore = moreData || moreControl;
    m_control.takeAnswers();
    if (m_isBlocked)
        m_isBlocked = m_data.flush();
    // Only now is nothing of a living session unread.
    if (!m_hasMore && now.steady >= m_nextSweep)
        sweep(now.steady);
    turn();
    updateTrouble(now.steady);
    m_telemetry.tick(base::systemNow(), m_state.isBroken ? nullptr : &m_runner, m_data.sessionCount());
    return true;
}

void Broker::turn()
{
    for (std::vector<engine::Command>* from : {&m_data.commands(), &m_control.commands()}) {
        std::move(from->begin(), from->end(), std::back_inserter(m_commands));
        from->clear();
    }
    const base::SteadyTime now = base::systemNow().steady;
    if (m_state.isBroken) {
        // Nobody has a session now; what came is from before.
        m_commands.clear();
        if (now < m_nextReopen)
            return;
    } else if (const auto deadline = m_runner.nextDeadline(); m_commands.empty() && (!deadline || *deadline > now)) {
        return;
    }
    m_wasRebuilt = false;
    const auto turned = m_runner.turn(
        m_commands,
        [this](engine::Effect& effect) { release(effect); },
        [this](const base::Error& error, std::span<const engine::Effect>) { lose(error); });
    m_commands.clear();
    noteTurn(turned, now);
    // Sends may have ended sessions: their leases go back without waiting for the next frame.
    m_hasMore = m_hasMore || !m_data.commands().empty();
    m_isBlocked = m_data.flush();
}

void Broker::release(engine::Effect& effect)
{
    struct Sender
    {
        DataPlane& data;
        ControlPlane& control;
        void operator()(const engine::Confirm& confirm) const { data.send(confirm); }
        void operator()(const engine::Attached& attached) const { data.send(attached); }
        void operator()(const engine::Deliver& deliver) const { data.send(deliver); }
        void operator()(const engine::Settled& settled) const { data.send(settled); }
        void operator()(const engine::Reply& reply) const { control.send(reply); }
        void operator()(const engine::StopDeliveries& stop) const { data.send(stop); }
        void operator()(const engine::Fetch&) const {} // the runner serves it
    };
    std::visit(Sender{m_data, m_control}, effect);
}

void Broker::lose(const base::Error& error)
{
    m_wasRebuilt = true;
    m_reopenedWhy = oneLine(error.context, 300);
    m_state.log.error("a commit failed, the store is opened again: " + m_reopenedWhy);
    const base::Error unknown{base::ErrorCode::Unknown,
                              "the store failed while this was committed, nobody can tell whether it took effect: "
                                  + error.context,
                              error.native};
    m_data.loseAll(unknown);
    m_control.loseAll(unknown);
}

void Broker::noteTurn(const base::Result<void>& turned, base::SteadyTime now)
{
    if (!turned) {
        if (!m_state.isBroken)
            m_state.log.error("the store cannot be opened again: " + oneLine(turned.error().context, 500));
        m_state.isBroken = true;
        m_nextReopen = now + kReopenEvery;
        m_state.trouble = "the store cannot be opened, tried again every second: " + oneLine(turned.error().context, 300);
        return;
    }
    if (m_wasRebuilt || m_state.isBroken) {
        m_state.isBroken = false;
        m_state.epoch = m_runner.engine().epoch();
        m_reopenedAt = now;
        m_state.log.info("the store is open again, epoch " + std::to_string(m_state.epoch));
    }
}

void Broker::sweep(base::SteadyTime now)
{
    m_nextSweep = now + m_state.options.heartbeat;
    m_data.sweep(now);
    m_control.sweep(now);
    m_state.log.tick(now);
}

void Broker::updateTrouble(base::SteadyTime now)
{
    if (m_state.isBroken)
        return;
    if (m_runner.store().bytesAvailable() == 0) {
        m_state.trouble = "the disk is nearly full: submits are refused until there is space again";
    } else if (!m_reopenedWhy.empty() && now - m_reopenedAt < kReopenedShown) {
        m_state.trouble = "the store was opened again after an error: " + m_reopenedWhy;
    } else {
        m_state.trouble.clear();
        m_reopenedWhy.clear();
    }
}

void Broker::shutDown()
{
    m_state.log.info("node \"" + m_state.options.name + "\" stops");
    m_control.close();
    m_data.closeAll();
    if (!m_state.isBroken)
        turn();
    m_data.unbind(endpointsOf(m_endpoints, Plane::Data));
    m_control.unbind(endpointsOf(m_endpoints, Plane::Control));
    m_telemetry.unbind(endpointsOf(m_endpoints, Plane::Telemetry));
}

} // namespace millrace::zeromq
