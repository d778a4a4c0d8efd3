// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/command.h"

#include <cstdint>
#include <string>
#include <vector>

namespace millrace::engine {

struct Queue;
class KeyLine;

inline constexpr std::uint32_t kNoLease = UINT32_MAX;

/// A client that works on one queue. Lives as long as it is attached or has leases.
struct Attachment
{
    ClientId client = 0;
    Queue* queue = nullptr;
    std::string worker;
    std::uint32_t credit = 0;
    std::uint32_t leases = 0;
    std::uint32_t firstLease = kNoLease;
    bool isDetached = false;
    bool isReserved = false;        ///< for a suspect: gets nothing else, its credit is held back
    std::uint32_t heldCredit = 0;   ///< while reserved
};

struct Lease
{
    Sequence sequence = 0;
    std::uint64_t token = 0; ///< epoch << 48 | counter << 20 | slot; 0 = the slot is free
    Attachment* owner = nullptr;
    std::int64_t startedUs = 0;
    std::int64_t deadlineUs = 0;
    std::uint64_t handout = 0;
    KeyLine* line = nullptr; ///< of its partition key, if it has one
    std::uint32_t previousByDeadline = kNoLease, nextByDeadline = kNoLease;
    std::uint32_t previousOfOwner = kNoLease, nextOfOwner = kNoLease;
    std::uint32_t bytes = 0; ///< of envelope and body
    std::uint8_t priority = message::kDefaultPriority;
    bool inTrouble = false; ///< has an entry among the troubled
    bool hasProgress = false; ///< its worker has said how far it is
    bool isCapped = false;  ///< has a timer of its own and is not in the queue's list: at its longest run time, or of a longer lease
};

struct LeaseList
{
    std::uint32_t first = kNoLease;
    std::uint32_t last = kNoLease;
};

/// All leases. Opening, finding, extending and closing one take constant time and hash nothing: the
/// token says where the lease lies.
///
/// All leases of a queue last equally long (when they become shorter, those that are out leave the list), and time does not go back: a list to which new and
/// extended ones are appended is in order of the deadlines.
class LeaseTable
{
public:
    static constexpr std::uint64_t kMaxLeases = 1ULL << 20U;

    /// Before the first lease: tokens of another run of the node never fit.
    void setEpoch(std::uint64_t epoch) noexcept { m_epoch = epoch & 0xFFFFU; }
    [[nodiscard]] std::uint64_t openCount() const noexcept { return m_slots.size() - m_free.size(); }
    [[nodiscard]] bool isFull() const noexcept { return openCount() >= kMaxLeases; }
    /// Valid until the next call of open().
    Lease& open(Attachment& owner, LeaseList& list, Sequence sequence);
    /// Null if the token is stale or belongs to somebody else.
    [[nodiscard]] Lease* find(const LeaseRef& ref, ClientId client) noexcept;
    [[nodiscard]] Lease* findToken(std::uint64_t token) noexcept;
    [[nodiscard]] Lease& at(std::uint32_t slot) { return m_slots[slot]; }
    /// Frees the slot and returns what it held.
    Lease close(Lease& lease, LeaseList& list);
    /// Puts it at the end of the list.
    void moveToEnd(Lease& lease, LeaseList& list);
    /// Takes it out of the list; a timer of its own watches it from then on.
    void cap(Lease& lease, LeaseList& list);
    /// Calls `visit(lease)` for each lease of `owner`; the visitor must not close any.
    template<typename Visit>
    void forEachOf(const Attachment& owner, Visit&& visit)
    {
        for (std::uint32_t slot = owner.firstLease; slot != kNoLease; slot = m_slots[slot].nextOfOwner)
            visit(m_slots[slot]);
    }

private:
    static constexpr std::uint64_t kSlotMask = kMaxLeases - 1;
    static constexpr std::uint64_t kCounterMask = (1ULL << 28U) - 1;
    [[nodiscard]] static std::uint32_t slotOf(const Lease& lease) noexcept
    {
        return static_cast<std::uint32_t>(lease.token & kSlotMask);
    }
    void append(Lease& lease, LeaseList& list);
    void unlink(Lease& lease, LeaseList& list);

    std::vector<Lease> m_slots;
    std::vector<std::uint32_t> m_free;
    std::uint64_t m_epoch = 0;   ///< its last 16 bits
    std::uint64_t m_counter = 0; ///< 28 bits of it are used
};

} // namespace millrace::engine
