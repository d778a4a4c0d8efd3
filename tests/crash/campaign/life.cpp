// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/campaign/life.h"

#include <algorithm>
#include <array>
#include <utility>

namespace millrace::crash {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kParties = 2; ///< while one has a suspect alone, the other gets everything else
constexpr std::uint32_t kCredit = 16;
constexpr std::size_t kMessagesPerSubmit = 48;
constexpr std::size_t kOpenSubmits = 3;
constexpr std::uint64_t kMostUnsettled = 2000; ///< then nothing new is submitted, so that starts stay short
constexpr std::size_t kSettledAtOnce = 24;
constexpr std::size_t kReplayedAtOnce = 200;
constexpr auto kPatience = 20s;
constexpr auto kPollAtMost = 2ms;
constexpr auto kHeartbeat = 1s;

std::string tokenOf(simulation::Chance& chance)
{
    std::string token;
    while (token.size() < wire::kSessionBytes)
        token += static_cast<char>(chance.next());
    return token;
}

} // namespace

Life::Life(zmq::context_t& context, NodeChild& node, Journal& journal, simulation::Chance& chance, Load load)
    : m_node(node)
    , m_journal(journal)
    , m_chance(chance)
    , m_load(load)
    , m_control(context, node.endpoint(), tokenOf(chance))
    , m_movedAt(Clock::now())
{
    for (std::size_t i = 0; i < kParties; ++i)
        m_parties.push_back(std::make_unique<Party>(context, node.endpoint(), tokenOf(chance)));
    if (!load.replays)
        return;
    for (const message::Sequence sequence : journal.deadLetters()) {
        if (m_replaying.size() < kReplayedAtOnce)
            m_replaying.push_back(sequence);
    }
    for (const message::Sequence sequence : m_replaying)
        journal.askReplay(sequence);
    if (!m_replaying.empty())
        m_control.startReplay(m_replaying);
}

Life::~Life()
{
    for (const auto& party : m_parties) {
        for (const auto& [request, numbers] : party->submits) {
            for (const std::uint64_t number : numbers)
                m_journal.loseConfirm(number);
        }
        for (const auto& [request, settling] : party->settles) {
            for (const auto& [sequence, ending] : settling.endings)
                m_journal.loseSettled(sequence, ending);
        }
    }
    m_journal.endLife();
}

bool Life::runUntil(const std::function<bool()>& isOver)
{
    while (!isOver()) {
        if (!poll()) {
            // What it sent before it died has arrived, or never will.
            for (const auto& party : m_parties)
                read(*party);
            readControl();
            return false;
        }
        if (Clock::now() - m_movedAt > kPatience)
            throw Violation("D6: nothing moves for 20 s, " + std::to_string(m_journal.unsettled()) + " are not settled");
    }
    return true;
}

bool Life::poll()
{
    std::vector<zmq::pollitem_t> items{{nullptr, m_node.deathFd(), ZMQ_POLLIN, 0},
                                       {m_control.socket().handle(), 0, ZMQ_POLLIN, 0}};
    for (const auto& party : m_parties)
        items.push_back({party->session.socket().handle(), 0, ZMQ_POLLIN, 0});
    zmq::poll(items, kPollAtMost);
    if (items[0].revents != 0 && m_node.hasDied())
        return false;
    for (const auto& party : m_parties)
        read(*party);
    readControl();
    submit();
    for (const auto& party : m_parties)
        settle(*party);
    if (Clock::now() >= m_beatAt) {
        m_beatAt = Clock::now() + kHeartbeat;
        for (const auto& party : m_parties)
            party->session.send(wire::encode(wire::Heartbeat{1}, false));
    }
    return true;
}

void Life::read(Party& party)
{
    while (auto frame = party.session.receive()) {
        if (!std::holds_alternative<wire::Heartbeat>(*frame))
            m_movedAt = Clock::now();
        handle(party, *frame);
    }
}

void Life::handle(Party& party, wire::NodeFrame& frame)
{
    if (std::holds_alternative<wire::Welcome>(frame))
        welcome(party);
    else if (const auto* attached = std::get_if<wire::Attached>(&frame)) {
        if (!attached->ok)
            throw Violation("a worker is refused: " + attached->error.context);
        party.queues[attached->queue] = party.attaching.at(attached->request);
        party.session.send(wire::encode(wire::Credit{attached->queue, kCredit}));
    } else if (const auto* confirmed = std::get_if<wire::Confirm>(&frame))
        confirm(party, *confirmed);
    else if (const auto* delivered = std::get_if<wire::Deliver>(&frame))
        deliver(party, *delivered);
    else if (const auto* ended = std::get_if<wire::Settled>(&frame))
        settled(party, *ended);
    else if (const auto* refused = std::get_if<wire::Refused>(&frame))
        throw Violation("the node refuses: " + refused->error.context);
}

void Life::welcome(Party& party)
{
    party.isWelcome = true;
    for (const char* queue : {kFullQueue, kNormalQueue})
        party.attaching[party.session.attach(queue)] = queue;
}

void Life::confirm(Party& party, const wire::Confirm& frame)
{
    const std::vector<std::uint64_t> numbers = std::move(party.submits.at(frame.request));
    party.submits.erase(frame.request);
    for (const wire::SubmitProblem& problem : frame.problems) {
        if (!problem.isDuplicate)
            throw Violation("a submit is refused: " + problem.error.context);
    }
    for (std::size_t i = 0; i < numbers.size(); ++i)
        m_journal.confirm(numbers[i], frame.sequences.at(i));
    m_confirmed += numbers.size();
}

void Life::deliver(Party& party, const wire::Deliver& frame)
{
    if (!m_firstAfter)
        m_firstAfter = Clock::now() - m_node.startedAt();
    for (const wire::Delivery& delivery : frame.deliveries) {
        m_journal.deliver(delivery, party.queues.at(frame.queue));
        party.held.push_back({delivery.lease, frame.queue});
    }
}

void Life::settled(Party& party, const wire::Settled& frame)
{
    if (!frame.lost.empty())
        throw Violation("D7: a lease was lost that nobody else can have had");
    const Settling settling = std::move(party.settles.at(frame.request));
    party.settles.erase(frame.request);
    for (const auto& [sequence, ending] : settling.endings)
        m_journal.settled(sequence, ending);
    for (const auto& [queue, count] : settling.credit)
        party.session.send(wire::encode(wire::Credit{queue, count}));
}

void Life::readControl()
{
    while (const auto response = m_control.receive()) {
        m_movedAt = Clock::now();
        if (response->has_error())
            throw Violation("the node refuses: " + response->error().text());
        if (response->has_operation()) {
            for (const message::Sequence sequence : std::exchange(m_replaying, {}))
                m_journal.replayed(sequence);
        }
        if (response->has_snapshot()) {
            const auto& total = response->snapshot().total();
            m_left = Left{total.ready() + total.scheduled() + total.retrying() + total.leased() + total.parked(),
                          total.dead()};
        }
    }
}

bool Life::isIdle() const
{
    return std::all_of(m_parties.begin(), m_parties.end(), [](const auto& party) {
        return party->submits.empty() && party->settles.empty() && party->held.empty();
    });
}

void Life::startReplayOfAll()
{
    m_journal.askReplayOfAll();
    m_control.startReplayOfAll();
}

void Life::askLeft()
{
    m_left.reset();
    m_control.askSnapshot();
}

/// By the first party; what an earlier life left unknown comes first.
void Life::submit()
{
    Party& party = *m_parties.front();
    while (party.isWelcome && party.submits.size() < kOpenSubmits) {
        // Before their idempotency keys are forgotten.
        std::size_t queue = 0;
        std::vector<std::uint64_t> numbers;
        while (numbers.empty() && queue < 2)
            numbers = m_journal.takeUnknown(queue++, kMessagesPerSubmit);
        if (!numbers.empty()) {
            --queue;
        } else if (m_load.submitsNew && m_journal.unsettled() < kMostUnsettled) {
            queue = m_chance.hits(333) ? 1 : 0;
            const std::uint64_t count = 1 + m_chance.below(kMessagesPerSubmit);
            for (std::uint64_t i = 0; i < count; ++i)
                numbers.push_back(m_journal.next(queue));
        } else {
            return;
        }
        const std::uint64_t request = party.session.submit(queue == 0 ? kFullQueue : kNormalQueue, numbers);
        party.submits[request] = std::move(numbers);
    }
}

Journal::Ending Life::chooseEnding()
{
    if (m_chance.hits(m_load.failPerMille))
        return Journal::Ending::Failed;
    return m_chance.hits(m_load.rejectPerMille) ? Journal::Ending::Rejected : Journal::Ending::Done;
}

/// Settles what the party holds, as long as enough is left.
void Life::settle(Party& party)
{
    Settling settling;
    std::vector<message::LeaseRef> acknowledged;
    std::vector<message::FailedDelivery> failed;
    while (!party.held.empty() && settling.endings.size() < kSettledAtOnce
           && (m_load.backlog == 0 || m_journal.unsettled() > m_load.backlog)) {
        const Held held = party.held.front();
        party.held.pop_front();
        const Journal::Ending ending = chooseEnding();
        const bool isRetry = ending == Journal::Ending::Failed;
        if (ending == Journal::Ending::Done)
            acknowledged.push_back(held.lease);
        else
            failed.push_back({held.lease,
                              isRetry ? message::Ending::Retry : message::Ending::Reject,
                              message::Reason::Rejected,
                              {isRetry ? "Again" : "Never", "as the campaign wants it"},
                              std::nullopt});
        m_journal.settle(held.lease.sequence, ending);
        settling.endings.emplace_back(held.lease.sequence, ending);
        ++settling.credit[held.queue];
    }
    if (settling.endings.empty())
        return;
    const std::uint64_t request = party.session.settle(std::move(acknowledged), std::move(failed));
    party.settles[request] = std::move(settling);
}

} // namespace millrace::crash
