// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/impl_p.h"

#include <algorithm>

/// What workers hold now, and how far they say that they are; what waits for its next attempt or is parked.
namespace millrace::engine {

namespace {

base::Error unknownQueue(std::string_view name)
{
    return {base::ErrorCode::NotFound,
            "no queue is named \"" + std::string(message::truncateUtf8(name, 128))
                + "\": `millrace-node status` lists the names"};
}

/// Moves the first `limit` to the front, in order, and drops the rest.
template<typename Each, typename Before>
void keepFirst(std::vector<Each>& all, std::size_t limit, Before before)
{
    const std::size_t count = std::min(limit, all.size());
    std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count), all.end(), before);
    all.resize(count);
}

/// Leases and retries run on the steady clock; what people see is the wall clock of this moment.
std::int64_t wallOffset(base::Now now)
{
    return base::toMicros(now.wall) - now.steady.time_since_epoch().count();
}

} // namespace

/// Kept in memory alone, until the lease ends: it is said again with the next extension.
void Engine::Impl::note(Lease& lease, const message::Progress& progress)
{
    lease.hasProgress = true;
    NotedProgress& noted = m_progress[lease.token];
    noted.progress.percent = std::min<std::uint8_t>(progress.percent, 100);
    noted.progress.note = message::truncateUtf8(progress.note, message::kMaxProgressNoteBytes);
    noted.atUs = wallUs();
}

base::Result<std::vector<message::RunningMessage>>
Engine::Impl::running(std::string_view name, std::size_t limit, base::Now now)
{
    const Queue* queue = findQueue(name);
    if (queue == nullptr)
        return tl::unexpected(unknownQueue(name));
    std::vector<const Lease*> leases;
    for (const auto& [client, attachments] : m_clients) {
        for (const auto& attachment : attachments) {
            if (attachment->queue == queue)
                m_leases.forEachOf(*attachment, [&](const Lease& lease) { leases.push_back(&lease); });
        }
    }
    keepFirst(leases, limit, [](const Lease* a, const Lease* b) {
        return std::pair(a->startedUs, a->sequence) < std::pair(b->startedUs, b->sequence);
    });
    const std::int64_t offset = wallOffset(now);
    std::vector<message::RunningMessage> all;
    all.reserve(leases.size());
    for (const Lease* held : leases) {
        const Lease& lease = *held;
        message::RunningMessage& each = all.emplace_back();
        each.ref.value = std::to_string(lease.sequence);
        each.worker = lease.owner->worker;
        each.attempt = lease.inTrouble ? m_troubles.at(lease.sequence).failures + 1 : 1;
        each.startedAtUs = lease.startedUs + offset;
        each.leasedUntilUs = lease.deadlineUs + offset;
        if (!lease.hasProgress)
            continue;
        const NotedProgress& noted = m_progress.at(lease.token);
        each.progress = noted.progress;
        each.progressAtUs = noted.atUs;
    }
    return all;
}

base::Result<std::vector<message::RetryingMessage>>
Engine::Impl::retrying(std::string_view name, std::size_t limit, base::Now now) const
{
    const Queue* queue = findQueue(name);
    if (queue == nullptr)
        return tl::unexpected(unknownQueue(name));
    std::vector<const Troubles::value_type*> found;
    for (auto each = m_troubles.begin(); each != m_troubles.end() && found.size() < queue->figures.retrying; ++each) {
        if (each->second.queue == queue && each->second.state == message::State::Retrying)
            found.push_back(&*each);
    }
    keepFirst(found, limit, [](const auto* a, const auto* b) {
        return std::pair(a->second.dueUs, a->first) < std::pair(b->second.dueUs, b->first);
    });
    std::vector<message::RetryingMessage> all;
    all.reserve(found.size());
    for (const auto* each : found) {
        const Trouble& trouble = each->second;
        all.push_back({{std::to_string(each->first)},
                       trouble.failures,
                       trouble.dueUs + wallOffset(now),
                       trouble.line == nullptr ? std::string() : trouble.line->key()});
    }
    return all;
}

base::Result<std::vector<message::ParkedKey>> Engine::Impl::parkedKeys(std::string_view name, std::size_t limit) const
{
    const Queue* queue = findQueue(name);
    if (queue == nullptr)
        return tl::unexpected(unknownQueue(name));
    std::vector<message::ParkedKey> all;
    for (const auto& [key, line] : queue->keys) {
        if (const std::uint64_t parked = line.counts().parked; parked > 0)
            all.push_back({key, parked, {std::to_string(line.blocks().front().sequence)}});
    }
    keepFirst(all, limit, [](const message::ParkedKey& a, const message::ParkedKey& b) {
        return a.parked != b.parked ? a.parked > b.parked : a.key < b.key;
    });
    return all;
}

} // namespace millrace::engine
