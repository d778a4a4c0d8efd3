// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/leases_p.h"

#include <utility>

namespace millrace::engine {

Lease& LeaseTable::open(Attachment& owner, LeaseList& list, Sequence sequence)
{
    if (m_free.empty()) {
        m_free.push_back(static_cast<std::uint32_t>(m_slots.size()));
        m_slots.emplace_back();
    }
    const std::uint32_t slot = m_free.back();
    m_free.pop_back();
    Lease& lease = m_slots[slot];
    lease.sequence = sequence;
    m_counter = m_counter % kCounterMask + 1; // never 0, so that no token is
    lease.token = (m_epoch << 48U) | (m_counter << 20U) | slot;
    lease.owner = &owner;
    lease.nextOfOwner = owner.firstLease;
    if (owner.firstLease != kNoLease)
        m_slots[owner.firstLease].previousOfOwner = slot;
    owner.firstLease = slot;
    ++owner.leases;
    append(lease, list);
    return lease;
}

Lease* LeaseTable::findToken(std::uint64_t token) noexcept
{
    const std::uint64_t slot = token & kSlotMask;
    if (token == 0 || slot >= m_slots.size() || m_slots[slot].token != token)
        return nullptr;
    return &m_slots[slot];
}

Lease* LeaseTable::find(const LeaseRef& ref, ClientId client) noexcept
{
    Lease* lease = findToken(ref.token);
    const bool fits = lease != nullptr && lease->sequence == ref.sequence
                      && lease->owner->client == client;
    return fits ? lease : nullptr;
}

Lease LeaseTable::close(Lease& lease, LeaseList& list)
{
    const std::uint32_t slot = slotOf(lease);
    if (!lease.isCapped)
        unlink(lease, list);
    if (lease.previousOfOwner != kNoLease)
        m_slots[lease.previousOfOwner].nextOfOwner = lease.nextOfOwner;
    else
        lease.owner->firstLease = lease.nextOfOwner;
    if (lease.nextOfOwner != kNoLease)
        m_slots[lease.nextOfOwner].previousOfOwner = lease.previousOfOwner;
    --lease.owner->leases;
    m_free.push_back(slot);
    return std::exchange(lease, Lease{});
}

void LeaseTable::moveToEnd(Lease& lease, LeaseList& list)
{
    if (!std::exchange(lease.isCapped, false))
        unlink(lease, list);
    append(lease, list);
}

void LeaseTable::cap(Lease& lease, LeaseList& list)
{
    if (!std::exchange(lease.isCapped, true))
        unlink(lease, list);
}

void LeaseTable::append(Lease& lease, LeaseList& list)
{
    const std::uint32_t slot = slotOf(lease);
    lease.previousByDeadline = list.last;
    lease.nextByDeadline = kNoLease;
    if (list.last != kNoLease)
        m_slots[list.last].nextByDeadline = slot;
    else
        list.first = slot;
    list.last = slot;
}

void LeaseTable::unlink(Lease& lease, LeaseList& list)
{
    if (lease.previousByDeadline != kNoLease)
        m_slots[lease.previousByDeadline].nextByDeadline = lease.nextByDeadline;
    else
        list.first = lease.nextByDeadline;
    if (lease.nextByDeadline != kNoLease)
        m_slots[lease.nextByDeadline].previousByDeadline = lease.previousByDeadline;
    else
        list.last = lease.previousByDeadline;
}

} // namespace millrace::engine
