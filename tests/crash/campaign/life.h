// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/crash/campaign/journal.h"
#include "tests/crash/campaign/node_child.h"
#include "tests/crash/campaign/session.h"
#include "tests/simulation/chance.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>

namespace millrace::crash {

/// What the harness does while a node serves.
struct Load
{
    bool submitsNew = true;            ///< not only what an earlier life left unknown
    std::uint32_t failPerMille = 10;   ///< of what workers settle
    std::uint32_t rejectPerMille = 25;
    /// Confirmed messages that are left unsettled. 0: everything is settled.
    std::uint64_t backlog = 0;
    bool replays = false;              ///< asks at once for a replay of all that is dead
};

/// One life of a node: a producer, two workers and an operator that talk to it until it dies, or until they are done.
/// What they see goes into the journal. Thread: one.
class Life
{
public:
    Life(zmq::context_t& context, NodeChild& node, Journal& journal, simulation::Chance& chance, Load load);
    /// Whatever the node did not answer is unknown from now on.
    ~Life();
    Life(const Life&) = delete;
    Life& operator=(const Life&) = delete;

    /// Goes on until `isOver` or the node's death. @returns false if it died. Throws Violation if nothing moves any more.
    [[nodiscard]] bool runUntil(const std::function<bool()>& isOver);
    /// Everything that was sent has been answered.
    [[nodiscard]] bool isIdle() const;
    void startReplayOfAll();
    struct Left
    {
        std::uint64_t live = 0;
        std::uint64_t dead = 0;
    };
    /// Asks the node how much is left.
    void askLeft();
    [[nodiscard]] const std::optional<Left>& left() const noexcept { return m_left; }
    [[nodiscard]] std::uint64_t confirmed() const noexcept { return m_confirmed; }
    /// From the start of the node's process.
    [[nodiscard]] std::optional<Clock::duration> firstDeliveryAfter() const noexcept { return m_firstAfter; }

private:
    struct Held
    {
        message::LeaseRef lease;
        message::QueueId queue = 0;
    };
    struct Settling
    {
        std::vector<std::pair<message::Sequence, Journal::Ending>> endings;
        std::map<message::QueueId, std::uint32_t> credit; ///< to be granted again
    };
    struct Party
    {
        Party(zmq::context_t& context, const std::string& endpoint, std::string token)
            : session(context, endpoint, std::move(token))
        {
        }
        Session session;
        std::map<std::uint64_t, std::string> attaching; ///< by request
        std::map<message::QueueId, std::string> queues;
        std::map<std::uint64_t, std::vector<std::uint64_t>> submits;
        std::map<std::uint64_t, Settling> settles;
        std::deque<Held> held;
        bool isWelcome = false;
    };
    bool poll();
    void read(Party& party);
    void handle(Party& party, wire::NodeFrame& frame);
    void welcome(Party& party);
    void confirm(Party& party, const wire::Confirm& frame);
    void deliver(Party& party, const wire::Deliver& frame);
    void settled(Party& party, const wire::Settled& frame);
    void readControl();
    void submit();
    void settle(Party& party);
    [[nodiscard]] Journal::Ending chooseEnding();

    NodeChild& m_node;
    Journal& m_journal;
    simulation::Chance& m_chance;
    Load m_load;
    std::vector<std::unique_ptr<Party>> m_parties;
    Control m_control;
    std::vector<message::Sequence> m_replaying;
    std::optional<Left> m_left;
    std::optional<Clock::duration> m_firstAfter;
    std::uint64_t m_confirmed = 0;
    Clock::time_point m_movedAt;
    Clock::time_point m_beatAt;
};

} // namespace millrace::crash
