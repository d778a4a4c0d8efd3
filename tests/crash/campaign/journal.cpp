// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/campaign/journal.h"

#include "tests/crash/campaign/node_child.h"
#include "tests/support/numbered_message.h"

#include <algorithm>
#include <utility>

namespace millrace::crash {

std::string Journal::name(std::uint64_t number, message::Sequence sequence)
{
    return "message " + std::to_string(number) + " (sequence " + std::to_string(sequence) + ")";
}

Journal::Submitted& Journal::submitted(std::uint64_t number)
{
    if (number >= m_submitted.size())
        throw Violation("a message came that nobody submitted: " + std::to_string(number));
    return m_submitted[number];
}

std::uint64_t Journal::next(std::size_t queue)
{
    const std::uint64_t number = m_next[queue];
    do
        ++m_next[queue];
    while (queueOf(m_next[queue]) != queue);
    if (m_submitted.size() <= number)
        m_submitted.resize(number + 1);
    return number;
}

std::vector<std::uint64_t> Journal::takeUnknown(std::size_t queue, std::size_t limit)
{
    std::vector<std::uint64_t>& all = m_unknown[queue];
    const std::size_t count = std::min(limit, all.size());
    std::vector<std::uint64_t> taken(all.end() - static_cast<std::ptrdiff_t>(count), all.end());
    all.resize(all.size() - count);
    return taken;
}

void Journal::confirm(std::uint64_t number, message::Sequence sequence)
{
    Submitted& message = submitted(number);
    if (sequence == 0 || message.sequence != 0)
        throw Violation(name(number, sequence) + " was confirmed without a sequence, or twice");
    message.sequence = sequence;
    ++m_confirmed;
    m_unsettled += message.isEnded ? 0 : 1;
}

void Journal::loseConfirm(std::uint64_t number) { m_unknown[queueOf(number)].push_back(number); }

std::uint64_t Journal::deliver(const wire::Delivery& delivery, const std::string& queue)
{
    const message::Sequence sequence = delivery.lease.sequence;
    const auto number = test::numberOf(delivery.body.view());
    if (!number)
        throw Violation("sequence " + std::to_string(sequence) + " has a body that nobody submitted");
    Submitted& message = submitted(*number);
    const message::Message wanted = test::numberedMessage(*number);
    if (delivery.body.view() != wanted.body || delivery.envelope.view() != message::encode(wanted.envelope))
        throw Violation("R6: " + name(*number, sequence) + " has another body or envelope");
    if (queue != (queueOf(*number) == 0 ? kFullQueue : kNormalQueue))
        throw Violation(name(*number, sequence) + " is in queue " + queue);

    const auto [entry, isNew] = m_worked.try_emplace(sequence);
    Worked& worked = entry->second;
    if (isNew) {
        worked.number = *number;
        if (++message.sequencesSeen > 1 + message.replaysAsked)
            throw Violation("D3/P1: " + name(*number, sequence) + " is there once more than it was submitted or replayed");
    } else if (worked.number != *number) {
        throw Violation(name(*number, sequence) + " has the sequence of message " + std::to_string(worked.number));
    } else {
        ++m_redeliveries;
        if (!delivery.redelivered)
            throw Violation(name(*number, sequence) + " comes again, as attempt " + std::to_string(delivery.attempt)
                            + ", and is not marked as redelivered");
    }
    if (worked.isOver)
        throw Violation("D8: " + name(*number, sequence) + " comes again after its settlement was confirmed");
    if (worked.isHeld && worked.life == m_life)
        throw Violation("D7: " + name(*number, sequence) + " is leased twice");
    // A death of the node counts as a failed attempt if the message was alone with its worker.
    const std::uint32_t least = isNew ? 1 : worked.attempt + worked.failures;
    const std::uint32_t most = isNew ? 1 + m_life : least + worked.unknownFailures + (m_life - worked.life);
    if (delivery.attempt < least || delivery.attempt > most)
        throw Violation("D9: " + name(*number, sequence) + " comes as attempt " + std::to_string(delivery.attempt)
                        + ", which can only be " + std::to_string(least) + " to " + std::to_string(most));
    worked.attempt = delivery.attempt;
    worked.life = m_life;
    worked.failures = worked.unknownFailures = 0;
    worked.isHeld = true;
    return *number;
}

void Journal::settle(message::Sequence sequence, Ending ending)
{
    Worked& worked = m_worked.at(sequence);
    worked.isHeld = false;
    if (ending == Ending::Failed) {
        worked.unknownFailures = 1;
        return;
    }
    Submitted& message = m_submitted[worked.number];
    message.isDone = message.isDone || ending == Ending::Done;
    if (!message.isEnded && message.sequence != 0)
        --m_unsettled;
    message.isEnded = true;
}

void Journal::settled(message::Sequence sequence, Ending ending)
{
    Worked& worked = m_worked.at(sequence);
    if (ending == Ending::Failed) {
        // It may have come again already, to the other worker.
        worked.failures += std::exchange(worked.unknownFailures, 0);
        return;
    }
    worked.isOver = true;
    if (ending == Ending::Rejected)
        m_dead.insert(sequence);
    else if (++m_submitted[worked.number].doneFacts > 1)
        throw Violation("D1: " + name(worked.number, sequence) + " was done, and that confirmed, twice");
}

void Journal::loseSettled(message::Sequence sequence, Ending ending)
{
    // If it is dead, a replay of everything finds it.
    if (ending == Ending::Rejected)
        m_dead.insert(sequence);
}

void Journal::askReplay(message::Sequence sequence)
{
    Worked& worked = m_worked.at(sequence);
    if (worked.asked++ == 0)
        ++m_submitted[worked.number].replaysAsked;
}

void Journal::askReplayOfAll()
{
    for (const message::Sequence sequence : m_dead)
        askReplay(sequence);
    m_dead.clear();
}

void Journal::checkDrained() const
{
    std::uint64_t lost = 0;
    std::string first;
    for (std::uint64_t number = 0; number < m_submitted.size(); ++number) {
        const Submitted& message = m_submitted[number];
        if (message.sequence == 0 || message.isDone)
            continue;
        if (lost++ == 0)
            first = name(number, message.sequence);
    }
    if (lost > 0)
        throw Violation("D1: " + std::to_string(lost) + " confirmed messages are lost, the first is " + first);
}

} // namespace millrace::crash
