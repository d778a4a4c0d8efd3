// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/link/attachments_p.h"

#include <algorithm>
#include <utility>

namespace millrace::zeromq {

client::AttachmentId Attachments::add(message::QueueId queue,
                                      const std::string& name,
                                      const message::QueuePolicy& policy,
                                      client::DeliverySink* sink)
{
    const std::scoped_lock lock(m_mutex);
    m_entries.emplace(++m_last, Entry{queue, name, m_session, policy, sink, 0});
    return m_last;
}

void Attachments::silence(client::AttachmentId id)
{
    const std::scoped_lock lock(m_mutex);
    if (const auto found = m_entries.find(id); found != m_entries.end())
        found->second.sink = nullptr;
}

message::QueueId Attachments::remove(client::AttachmentId id)
{
    const std::scoped_lock lock(m_mutex);
    const auto found = m_entries.find(id);
    if (found == m_entries.end())
        return 0;
    const Entry removed = found->second;
    m_entries.erase(found);
    const bool isShared = std::ranges::any_of(m_entries, [&removed](const auto& entry) {
        return entry.second.queue == removed.queue && entry.second.session == removed.session;
    });
    return isShared || removed.session != m_session ? 0 : removed.queue;
}

std::optional<std::pair<message::QueueId, message::QueuePolicy>>
Attachments::find(const std::string& name) const
{
    const std::scoped_lock lock(m_mutex);
    for (const auto& [id, entry] : m_entries) {
        if (entry.name == name && entry.session == m_session)
            return std::pair(entry.queue, entry.policy);
    }
    return std::nullopt;
}

message::QueueId Attachments::addCredit(client::AttachmentId id, std::uint32_t more)
{
    const std::scoped_lock lock(m_mutex);
    const auto found = m_entries.find(id);
    if (found == m_entries.end() || found->second.session != m_session)
        return 0;
    found->second.credit += more;
    return found->second.queue;
}

std::vector<message::LeaseRef> Attachments::deliver(std::uint64_t epoch, wire::Deliver frame)
{
    const std::scoped_lock lock(m_mutex);
    const auto lease = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::microseconds(frame.leaseUs));
    std::size_t next = 0;
    // A sink may detach while it is called, so the walk goes by number.
    for (auto entry = m_entries.begin(); entry != m_entries.end() && next < frame.deliveries.size();) {
        const client::AttachmentId id = entry->first;
        Entry& worker = entry->second;
        if (worker.queue == frame.queue && worker.session == m_session && worker.sink != nullptr
            && worker.credit > 0) {
            const auto count = static_cast<std::size_t>(
                std::min<std::uint64_t>(worker.credit, frame.deliveries.size() - next));
            worker.credit -= count;
            client::IncomingBatch batch{epoch, lease, {}};
            batch.deliveries.reserve(count);
            for (const auto end = next + count; next < end; ++next) {
                wire::Delivery& delivery = frame.deliveries[next];
                batch.deliveries.push_back({delivery.lease, delivery.attempt, delivery.redelivered,
                                            std::move(delivery.envelope), std::move(delivery.body)});
            }
            worker.sink->onDeliveries(std::move(batch));
        }
        entry = m_entries.upper_bound(id);
    }
    std::vector<message::LeaseRef> unwanted;
    for (; next < frame.deliveries.size(); ++next)
        unwanted.push_back(frame.deliveries[next].lease);
    return unwanted;
}

template<typename Function>
void Attachments::forEachSink(Function function)
{
    for (auto entry = m_entries.begin(); entry != m_entries.end();) {
        const client::AttachmentId id = entry->first;
        if (entry->second.sink != nullptr)
            function(*entry->second.sink);
        entry = m_entries.upper_bound(id);
    }
}

void Attachments::stop(const wire::StopDeliveries& frame)
{
    const std::scoped_lock lock(m_mutex);
    for (auto entry = m_entries.begin(); entry != m_entries.end();) {
        const client::AttachmentId id = entry->first;
        const Entry& worker = entry->second;
        if (worker.queue == frame.queue && worker.session == m_session && worker.sink != nullptr)
            worker.sink->onStopped(frame.leases);
        entry = m_entries.upper_bound(id);
    }
}

void Attachments::onSessionBegan()
{
    const std::scoped_lock lock(m_mutex);
    ++m_session;
    forEachSink([](client::DeliverySink& sink) { sink.onConnected(); });
}

void Attachments::onSessionEnded(const base::Error& why)
{
    const std::scoped_lock lock(m_mutex);
    forEachSink([&why](client::DeliverySink& sink) { sink.onDisconnected(why); });
}

} // namespace millrace::zeromq
