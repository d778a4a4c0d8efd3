// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/impl_p.h"

#include <algorithm>

/// What workers hold now, and how far they say that they are.
namespace millrace::engine {

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
    if (queue == nullptr) {
        return base::fail(base::ErrorCode::NotFound,
                          "no queue is named \"" + std::string(message::truncateUtf8(name, 128))
                              + "\": `millrace-node status` lists the names");
    }
    std::vector<const Lease*> leases;
    for (const auto& [client, attachments] : m_clients) {
        for (const auto& attachment : attachments) {
            if (attachment->queue == queue)
                m_leases.forEachOf(*attachment, [&](const Lease& lease) { leases.push_back(&lease); });
        }
    }
    const std::size_t count = std::min(limit, leases.size());
    std::partial_sort(leases.begin(),
                      leases.begin() + static_cast<std::ptrdiff_t>(count),
                      leases.end(),
                      [](const Lease* a, const Lease* b) {
                          return std::pair(a->startedUs, a->sequence) < std::pair(b->startedUs, b->sequence);
                      });
    // Leases run on the steady clock; what people see is the wall clock of this moment.
    const std::int64_t offset = base::toMicros(now.wall) - now.steady.time_since_epoch().count();
    std::vector<message::RunningMessage> all;
    all.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const Lease& lease = *leases[i];
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

} // namespace millrace::engine
