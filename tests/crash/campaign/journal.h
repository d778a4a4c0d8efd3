// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/crash/campaign/violation.h"
#include "transport/wire/data_codec.h"

#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace millrace::crash {

/// What producer and workers have seen with their own eyes, over all lives of a node; each entry is judged as it is
/// made. Nothing here comes from the node's own figures.
class Journal
{
public:
    /// A new number, that will be submitted to the queue.
    [[nodiscard]] std::uint64_t next(std::size_t queue);
    /// Numbers whose confirm died with the node come again, by queue.
    [[nodiscard]] std::vector<std::uint64_t> takeUnknown(std::size_t queue, std::size_t limit);
    void confirm(std::uint64_t number, message::Sequence sequence);
    void loseConfirm(std::uint64_t number);
    /// Compares by value, and with all that was said of this message before. @returns its number
    std::uint64_t deliver(const wire::Delivery& delivery, const std::string& queue);

    enum class Ending : std::uint8_t { Done, Failed, Rejected };
    /// A worker has sent how a delivery ended.
    void settle(message::Sequence sequence, Ending ending);
    /// The node has answered: that is a fact now.
    void settled(message::Sequence sequence, Ending ending);
    /// The node died before it answered: either may be.
    void loseSettled(message::Sequence sequence, Ending ending);
    /// The node died.
    void endLife() noexcept { ++m_life; }

    /// Dead letters of which no replay is certain.
    [[nodiscard]] const std::set<message::Sequence>& deadLetters() const noexcept { return m_dead; }
    void askReplay(message::Sequence sequence);
    void askReplayOfAll();
    void replayed(message::Sequence sequence) { m_dead.erase(sequence); }

    /// D1: once everything is drained. Throws.
    void checkDrained() const;
    [[nodiscard]] std::uint64_t confirmed() const noexcept { return m_confirmed; }
    /// Confirmed, and no worker has said that it is done or rejected it.
    [[nodiscard]] std::uint64_t unsettled() const noexcept { return m_unsettled; }
    [[nodiscard]] bool hasUnknown() const noexcept { return !m_unknown[0].empty() || !m_unknown[1].empty(); }
    [[nodiscard]] std::uint64_t redeliveries() const noexcept { return m_redeliveries; }
    [[nodiscard]] static std::size_t queueOf(std::uint64_t number) noexcept { return number % 3 == 0 ? 1 : 0; }

private:
    /// A message as a producer knows it.
    struct Submitted
    {
        message::Sequence sequence = 0; ///< 0 = not confirmed
        std::uint32_t sequencesSeen = 0;///< its own and those of its replays
        std::uint32_t replaysAsked = 0; ///< of different dead letters
        std::uint32_t doneFacts = 0;
        bool isEnded = false;           ///< a worker said that it is done or rejected it
        bool isDone = false;            ///< a worker said that it is done
    };
    /// A message as workers know it.
    struct Worked
    {
        std::uint64_t number = 0;
        // of the last delivery, and since it
        std::uint32_t attempt = 0;
        std::uint32_t life = 0;
        std::uint32_t failures = 0;        ///< fact
        std::uint32_t unknownFailures = 0;
        bool isHeld = false;               ///< delivered in this life and not settled
        std::uint32_t asked = 0;           ///< replays of it that were asked for
        bool isOver = false;               ///< fact
    };
    [[nodiscard]] static std::string name(std::uint64_t number, message::Sequence sequence);
    Submitted& submitted(std::uint64_t number);

    std::vector<Submitted> m_submitted; ///< by number
    std::uint64_t m_next[2] = {1, 0};
    std::unordered_map<message::Sequence, Worked> m_worked;
    std::vector<std::uint64_t> m_unknown[2];
    std::set<message::Sequence> m_dead;
    std::uint32_t m_life = 0;
    std::uint64_t m_confirmed = 0;
    std::uint64_t m_unsettled = 0;
    std::uint64_t m_redeliveries = 0;
};

} // namespace millrace::crash
