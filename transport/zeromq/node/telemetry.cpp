// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/node/telemetry_p.h"

#include "transport/zeromq/node/node_store_p.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

namespace millrace::zeromq {

namespace {

using namespace std::chrono_literals;

/// A monitor that falls behind loses snapshots early: it wants the newest one, not a backlog. What it may send are
/// subscriptions, which are short.
constexpr SocketLimits kLimits{
    .sendHighWater = 8, .receiveHighWater = 64, .maxMessageBytes = 512};
constexpr std::string_view kTopic = "snapshot";
constexpr auto kSeriesPeriod = 1s;
constexpr std::uint32_t kRankEvery = 60;

std::uint64_t residentBytes()
{
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/statm", "re"), &std::fclose);
    unsigned long long size = 0, resident = 0;
    if (!file || std::fscanf(file.get(), "%llu %llu", &size, &resident) != 2)
        return 0;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// Quantiles do not add up; of all queues together the ones of the queue with the most samples are shown.
void takeLarger(telemetry::Quantiles& into, const telemetry::Quantiles& quantiles)
{
    if (quantiles.count > into.count)
        into = quantiles;
}

} // namespace

Telemetry::Telemetry(NodeState& state)
    : m_state(state)
{
}

base::Result<void> Telemetry::open(zmq::context_t& context, const std::vector<std::string>& endpoints)
{
    auto socket = Socket::open(context, zmq::socket_type::pub, kLimits);
    if (!socket)
        return tl::unexpected(socket.error());
    m_socket = std::move(*socket);
    return m_socket->bind(endpoints);
}

void Telemetry::tick(base::Now now, engine::Runner* runner, std::size_t sessions)
{
    if (now.steady < m_nextTick)
        return;
    m_nextTick = now.steady + m_state.options.telemetryPeriod;
    refresh(now, runner, sessions);
    m_snapshot.set_number(m_snapshot.number() + 1);
    (void)m_socket->send({base::Slice::own(std::string(kTopic)), base::Slice::own(m_snapshot.SerializeAsString())});
}

const wire::v1::Snapshot& Telemetry::current(base::Now now, engine::Runner* runner, std::size_t sessions)
{
    refresh(now, runner, sessions);
    return m_snapshot;
}

void Telemetry::refresh(base::Now now, engine::Runner* runner, std::size_t sessions)
{
    if (runner != nullptr)
        sample(now, *runner);
    m_snapshot.set_epoch(m_state.epoch);
    m_snapshot.set_at_us(base::toMicros(now.wall));
    fillNode(runner, sessions);
}

void Telemetry::sample(base::Now now, engine::Runner& runner)
{
    const bool forSeries = now.steady >= m_nextSeries;
    if (forSeries)
        m_nextSeries = std::max(m_nextSeries + kSeriesPeriod, now.steady);
    const std::int64_t atUs = base::toMicros(now.wall);
    telemetry::QueueSample total;
    m_snapshot.clear_queues();
    runner.engine().sample(now, [&](const engine::QueueRow& row, const telemetry::QueueSample& sample) {
        telemetry::accumulate(total, sample);
        takeLarger(total.waiting, sample.waiting);
        takeLarger(total.running, sample.running);
        if (forSeries)
            m_series.addQueue(row.definition.name, sample, atUs);
        wire::v1::Queue* queue = m_snapshot.add_queues();
        queue->set_name(row.definition.name);
        queue->set_paused(row.paused);
        queue->set_policy(policyJson(row));
        queue->set_differs_from_file(row.differsFromFile());
        if (sample.dead >= row.definition.policy.maxDeadLetters)
            queue->set_halted("the queue has as many dead letters as it may have, "
                              + std::to_string(row.definition.policy.maxDeadLetters)
                              + ": nothing is delivered until some are replayed, discarded or archived");
        wire::write(sample, queue->mutable_sample());
    });
    std::sort(m_snapshot.mutable_queues()->pointer_begin(),
              m_snapshot.mutable_queues()->pointer_end(),
              [](const wire::v1::Queue* left, const wire::v1::Queue* right) { return left->name() < right->name(); });
    wire::write(total, m_snapshot.mutable_total());
    if (forSeries) {
        m_series.addTotal(total, atUs);
        if (++m_seriesCount % kRankEvery == 0)
            m_series.rank();
    }
    m_snapshot.clear_operations();
    for (const message::OperationStatus& status : runner.engine().operations())
        wire::write(status, m_snapshot.add_operations());
    std::sort(m_snapshot.mutable_operations()->pointer_begin(),
              m_snapshot.mutable_operations()->pointer_end(),
              [](const wire::v1::OperationStatus* left, const wire::v1::OperationStatus* right) {
                  return left->id() > right->id();
              });
    m_snapshot.clear_subscriptions();
    for (const message::SubscriptionDefinition& definition : runner.engine().subscriptions()) {
        wire::v1::Subscription* subscription = m_snapshot.add_subscriptions();
        subscription->set_topic(definition.topic);
        subscription->set_queue(definition.queue);
        subscription->set_type_pattern(definition.typePattern);
        subscription->set_source_pattern(definition.sourcePattern);
        subscription->mutable_attributes()->insert(definition.attributes.begin(), definition.attributes.end());
    }
}

void Telemetry::fillNode(engine::Runner* runner, std::size_t sessions)
{
    wire::v1::Node* node = m_snapshot.mutable_node();
    node->set_name(m_state.options.name);
    node->set_version(m_state.options.program);
    node->set_pid(::getpid());
    node->set_resident_bytes(residentBytes());
    node->set_sessions(static_cast<std::uint32_t>(sessions));
    node->set_frames_refused(m_state.framesRefused);
    node->set_trouble(m_state.trouble);
    if (runner == nullptr)
        return;
    // The broker opens no other kind of store.
    const auto sizes = static_cast<const NodeStore&>(runner->store()).sizes();
    node->set_database_bytes(sizes.databaseBytes);
    node->set_wal_bytes(sizes.walBytes);
    node->set_commits(runner->commits().commits);
    node->set_last_commit_us(runner->commits().lastCommit.count());
}

const std::string& Telemetry::policyJson(const engine::QueueRow& row)
{
    CachedPolicy& cached = m_policies[row.id];
    if (cached.json.empty() || cached.policy != row.definition.policy)
        cached = {row.definition.policy, message::toJson(row.definition.policy)};
    return cached.json;
}

} // namespace millrace::zeromq
