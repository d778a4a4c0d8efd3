// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/link/snapshot_reader_p.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace millrace::zeromq {

namespace {

constexpr std::size_t kMaxPolicies = 1024;

client::NodeStatus readNode(const wire::v1::Node& in)
{
    client::NodeStatus node;
    node.name = in.name();
    node.version = in.version();
    node.pid = in.pid();
    node.databaseBytes = in.database_bytes();
    node.walBytes = in.wal_bytes();
    node.residentBytes = in.resident_bytes();
    node.commits = in.commits();
    node.lastCommitUs = in.last_commit_us();
    node.sessions = in.sessions();
    node.framesRefused = in.frames_refused();
    node.trouble = in.trouble();
    return node;
}

} // namespace

base::Result<message::QueuePolicy> SnapshotReader::policy(const std::string& json)
{
    if (const auto found = m_policies.find(json); found != m_policies.end())
        return found->second;
    auto read = message::queuePolicyFromJson(json);
    if (!read) {
        return base::fail(base::ErrorCode::Protocol,
                          "field `policy` of a queue cannot be read: " + read.error().context);
    }
    if (m_policies.size() >= kMaxPolicies)
        m_policies.clear();
    m_policies.emplace(json, *read);
    return read;
}

base::Result<SnapshotReader::Reading> SnapshotReader::read(const wire::v1::Snapshot& in)
{
    if (in.epoch() == m_epoch && in.number() <= m_number)
        return Reading{};
    auto out = std::make_shared<client::Snapshot>();
    out->epoch = in.epoch();
    out->number = in.number();
    out->atUs = in.at_us();
    out->total = wire::read(in.total());
    out->queues.reserve(static_cast<std::size_t>(in.queues_size()));
    for (const wire::v1::Queue& queue : in.queues()) {
        auto readPolicy = policy(queue.policy());
        if (!readPolicy)
            return tl::unexpected(readPolicy.error());
        out->queues.push_back({queue.name(), queue.paused(), *readPolicy, wire::read(queue.sample()),
                               queue.differs_from_file(), queue.halted()});
    }
    std::ranges::sort(out->queues, {}, &client::QueueStatus::name);
    for (const wire::v1::Subscription& subscription : in.subscriptions()) {
        out->subscriptions.push_back(
            {subscription.topic(),
             subscription.queue(),
             subscription.type_pattern(),
             subscription.source_pattern(),
             {subscription.attributes().begin(), subscription.attributes().end()}});
    }
    for (const wire::v1::OperationStatus& operation : in.operations()) {
        auto status = wire::read(operation);
        if (!status)
            return tl::unexpected(status.error());
        out->operations.push_back(std::move(*status));
    }
    out->node = readNode(in.node());

    Reading reading;
    if (in.epoch() == m_epoch && m_number != 0)
        reading.missed = in.number() - m_number - 1;
    m_epoch = in.epoch();
    m_number = in.number();
    reading.snapshot = std::move(out);
    return reading;
}

} // namespace millrace::zeromq
