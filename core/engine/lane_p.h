// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/slice.h"
#include "core/engine/batch.h"
#include "core/engine/ring_p.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

namespace millrace::engine {

/// A ready message whose bytes are in memory.
struct Resident
{
    Sequence sequence = 0;
    std::int64_t dueUs = 0; ///< steady: since when it may be delivered
    base::Slice envelope;
    base::Slice body;

    [[nodiscard]] std::uint64_t bytes() const noexcept
    {
        return sizeof(Resident) + envelope.size() + body.size();
    }
};

/// The ready messages of one queue and one priority, in order of their sequences.
///
/// Plain ones lie, oldest first, in `hot` (bytes in memory), then in flight from the store, then in
/// `cold` (bytes in the store only; consecutive sequences cost one run). Messages in trouble are kept
/// apart, because they come back to the middle and may leave from there.
class Lane
{
public:
    // ---- plain messages
    [[nodiscard]] bool takesHot() const noexcept { return m_fetching.empty() && m_cold.empty(); }
    void pushHot(Resident message)
    {
        m_hot.push(std::move(message));
        ++m_fresh;
    }
    /// Copies the bytes of what was pushed hot since the last call, and is still here, into buffers of this lane's own. They
    /// leave in order, so that what waits keeps alive little more than itself; a received frame, of which others wait
    /// elsewhere or nobody waits any more, may be a thousand times as large.
    void ownFresh();
    /// What was pushed since then stays where it is.
    void keepFresh() noexcept { m_fresh = 0; }
    void pushCold(Sequence sequence);
    [[nodiscard]] std::size_t hotCount() const noexcept { return m_hot.size(); }
    [[nodiscard]] bool hasCold() const noexcept { return !m_cold.empty(); }
    /// Moves up to `limit` of the oldest cold sequences in flight, and appends them to `into`.
    void beginFetch(std::size_t limit, std::vector<Sequence>& into);
    [[nodiscard]] bool isFetching() const noexcept { return !m_fetching.empty(); }
    void endFetch() noexcept { m_fetching.clear(); }
    /// Whether it waits here, hot or cold. Not while a fetch is under way.
    [[nodiscard]] bool holdsPlain(Sequence sequence) const;
    /// Takes one that is here out of the middle. Cost: proportional to what waits here.
    /// @returns what it took in memory
    std::uint64_t extractPlain(Sequence sequence);
    /// Takes the sequences of `sorted` out of the cold ones; calls `taken` for each that was there.
    template<typename Taken>
    void extractCold(const std::vector<Sequence>& sorted, Taken&& taken);

    // ---- messages in trouble
    void addSpecial(Sequence sequence, bool isResident)
    {
        (isResident ? m_special : m_awaiting).insert(sequence);
    }
    void removeSpecial(Sequence sequence, bool isResident)
    {
        (isResident ? m_special : m_awaiting).erase(sequence);
    }
    [[nodiscard]] const std::set<Sequence>& awaiting() const noexcept { return m_awaiting; }

    // ---- both
    /// What may be delivered next from here.
    enum class Next { Nothing, Blocked, Hot, Special };
    [[nodiscard]] Next next() const noexcept;
    [[nodiscard]] const Resident& hotFront() const { return m_hot.front(); }
    [[nodiscard]] Resident popHot() { return m_hot.pop(); }
    [[nodiscard]] Sequence specialFront() const { return *m_special.begin(); }
    [[nodiscard]] bool empty() const noexcept
    {
        return m_hot.empty() && takesHot() && m_special.empty() && m_awaiting.empty();
    }
    /// The oldest plain message that is not in `hot`; 0 = none.
    [[nodiscard]] Sequence coldFront() const noexcept;
    /// The oldest message in trouble; 0 = none.
    [[nodiscard]] Sequence oldestSpecial() const noexcept;

private:
    struct Run
    {
        Sequence first = 0;
        Sequence last = 0;
    };
    Ring<Resident> m_hot;
    std::size_t m_fresh = 0; ///< pushed since ownFresh(); some may have left
    std::vector<Sequence> m_fetching;
    Ring<Run> m_cold;
    std::set<Sequence> m_special;  ///< bytes in memory
    std::set<Sequence> m_awaiting; ///< bytes in the store only
};

inline void Lane::pushCold(Sequence sequence)
{
    if (!m_cold.empty() && m_cold.back().last + 1 == sequence)
        ++m_cold.back().last;
    else
        m_cold.push({sequence, sequence});
}

inline void Lane::beginFetch(std::size_t limit, std::vector<Sequence>& into)
{
    while (m_fetching.size() < limit && !m_cold.empty()) {
        Run& run = m_cold.front();
        m_fetching.push_back(run.first);
        if (run.first++ == run.last)
            m_cold.pop();
    }
    into.insert(into.end(), m_fetching.begin(), m_fetching.end());
}

inline Sequence Lane::coldFront() const noexcept
{
    if (!m_fetching.empty())
        return m_fetching.front();
    return m_cold.empty() ? 0 : m_cold.front().first;
}

inline Sequence Lane::oldestSpecial() const noexcept
{
    Sequence oldest = m_special.empty() ? 0 : *m_special.begin();
    if (!m_awaiting.empty() && (oldest == 0 || *m_awaiting.begin() < oldest))
        oldest = *m_awaiting.begin();
    return oldest;
}

inline Lane::Next Lane::next() const noexcept
{
    const Sequence special = m_special.empty() ? 0 : *m_special.begin();
    const Sequence plain = m_hot.empty() ? coldFront() : m_hot.front().sequence;
    if (special != 0 && (plain == 0 || special < plain))
        return Next::Special;
    if (!m_hot.empty())
        return Next::Hot;
    // A message in trouble whose bytes are on their way holds nobody up: in a stream of retries
    // there would always be one. A cold front does: it is next, and its bytes come with the next step.
    return plain != 0 ? Next::Blocked : Next::Nothing;
}

template<typename Taken>
void Lane::extractCold(const std::vector<Sequence>& sorted, Taken&& taken)
{
    Ring<Run> left;
    while (!m_cold.empty()) {
        Run run = m_cold.pop();
        auto found = std::lower_bound(sorted.begin(), sorted.end(), run.first);
        for (; found != sorted.end() && *found <= run.last; ++found) {
            taken(*found);
            if (run.first < *found)
                left.push({run.first, *found - 1});
            run.first = *found + 1;
        }
        if (run.first <= run.last)
            left.push(run);
    }
    m_cold = std::move(left);
}

} // namespace millrace::engine
