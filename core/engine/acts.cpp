// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/impl_p.h"
#include "core/engine/text_p.h"

#include <algorithm>

/// What a person does to live messages: cancel them, try them now, give them up.
namespace millrace::engine {

using message::LiveAct;
using message::State;

namespace {

std::vector<Sequence> sortedWithoutRepeats(std::vector<Sequence> messages)
{
    std::sort(messages.begin(), messages.end());
    messages.erase(std::unique(messages.begin(), messages.end()), messages.end());
    return messages;
}

base::Error nothingDone(LiveAct act, const std::string& queue, bool isAnyThere)
{
    if (!isAnyThere) {
        return {base::ErrorCode::NotFound,
                "queue \"" + queue + "\" holds no such message: it is done, cancelled or a dead letter"};
    }
    if (act == LiveAct::RetryNow) {
        return {base::ErrorCode::Conflict,
                "no such message of queue \"" + queue
                    + "\" waits for its next attempt: it is ready, runs, or was scheduled by its producer"};
    }
    return {base::ErrorCode::Conflict, "nothing could be done to these messages of queue \"" + queue + "\""};
}

} // namespace

void Engine::Impl::handle(ActOnMessages& command)
{
    Queue* queue = findQueue(command.queue);
    if (queue == nullptr) {
        reply(command.client,
              command.request,
              base::fail(base::ErrorCode::NotFound,
                         "no queue is named \"" + std::string(message::truncateUtf8(command.queue, 128))
                             + "\": `millrace-node status` lists the names"));
        return;
    }
    const std::vector<Sequence> messages = sortedWithoutRepeats(std::move(command.messages));
    if (messages.empty() || messages.size() > message::kMaxActedOn) {
        reply(command.client,
              command.request,
              base::fail(base::ErrorCode::Limit,
                         "an act names 1 to " + std::to_string(message::kMaxActedOn) + " messages, not "
                             + std::to_string(messages.size())));
        return;
    }
    message::OperationStatus status;
    status.total = messages.size();
    std::string members;
    std::vector<StopDeliveries> stops;
    bool isAnyThere = false;
    const LeasesBySequence leases = leasesOf(*queue, messages);
    for (const Sequence sequence : messages) {
        const std::string_view outcome = act(command, *queue, sequence, leases, stops);
        isAnyThere = isAnyThere || outcome != "missing";
        ++(outcome == "missing" || outcome == "unfit" ? status.skipped : status.moved);
        members += std::to_string(sequence) + ":" + std::string(outcome) + "\n";
    }
    if (status.moved == 0) {
        reply(command.client, command.request, tl::unexpected(nothingDone(command.act, queue->name(), isAnyThere)));
        return;
    }
    audit(std::move(command.actor),
          std::string(message::toString(command.act)),
          queue->name(),
          status.moved,
          "{\"reason\":" + quoteJson(command.reason) + ",\"asked\":" + std::to_string(status.total) + "}",
          std::move(members));
    for (StopDeliveries& stop : stops)
        send(std::move(stop));
    reply(command.client, command.request, status);
}

/// Those of `sorted` that are leased. Valid until a lease is opened.
Engine::Impl::LeasesBySequence Engine::Impl::leasesOf(const Queue& queue, const std::vector<Sequence>& sorted)
{
    LeasesBySequence found;
    if (queue.figures.leased == 0)
        return found;
    for (const auto& [client, attachments] : m_clients) {
        for (const auto& attachment : attachments) {
            if (attachment->queue != &queue)
                continue;
            m_leases.forEachOf(*attachment, [&](Lease& lease) {
                if (std::binary_search(sorted.begin(), sorted.end(), lease.sequence))
                    found.emplace(lease.sequence, &lease);
            });
        }
    }
    return found;
}

Engine::Impl::Found Engine::Impl::find(Queue& queue, Sequence sequence, const LeasesBySequence& leases)
{
    Found found;
    if (const auto lease = leases.find(sequence); lease != leases.end())
        found.lease = lease->second;
    if (const auto trouble = m_troubles.find(sequence); trouble != m_troubles.end()) {
        if (trouble->second.queue == &queue)
            found.trouble = &trouble->second;
        return found;
    }
    if (found.lease != nullptr)
        return found;
    found.trouble = findInLines(queue, sequence);
    if (found.trouble != nullptr)
        return found;
    for (Lane& lane : queue.lanes) {
        if (lane.holdsPlain(sequence)) {
            found.lane = &lane;
            found.isWaiting = true;
            return found;
        }
    }
    return found;
}

/// @returns the outcome's name for the audit log; `missing` and `unfit` changed nothing
const char* Engine::Impl::act(const ActOnMessages& command,
                              Queue& queue,
                              Sequence sequence,
                              const LeasesBySequence& leases,
                              std::vector<StopDeliveries>& stops)
{
    const Found found = find(queue, sequence, leases);
    if (found.trouble == nullptr && found.lease == nullptr && !found.isWaiting)
        return "missing";
    if (command.act == LiveAct::RetryNow)
        return retryNow(sequence, found) ? "ready" : "unfit";

    Removal removal;
    takeOut(queue, sequence, found, stops, removal);
    if (command.act == LiveAct::Cancel) {
        removeRows(sequence, removal.failures > 0);
        ++queue.figures.cancelled;
        return "cancelled";
    }
    message::Failure failure{"given-up", command.reason.empty() ? "an operator gave it up" : command.reason};
    failure.errorText.resize(message::truncateUtf8(failure.errorText, message::kMaxErrorTextBytes).size());
    bury(sequence, queue, message::Reason::GivenUp, std::move(failure), std::move(removal.worker), removal.failures);
    return "dead";
}

bool Engine::Impl::retryNow(Sequence sequence, const Found& found)
{
    if (found.trouble == nullptr || found.trouble->state != State::Retrying)
        return false;
    if (!m_unstored.contains(sequence))
        batch().retryChanges.push_back({sequence, wallUs()});
    --found.trouble->queue->figures.retrying;
    becomeReady(sequence, *found.trouble);
    return true;
}

/// Out of its state, its lane and its lease: what is left is to record where it went.
void Engine::Impl::takeOut(Queue& queue,
                           Sequence sequence,
                           const Found& found,
                           std::vector<StopDeliveries>& stops,
                           Removal& removal)
{
    touch(queue);
    if (found.trouble != nullptr)
        removal.failures = found.trouble->failures;
    if (found.lease != nullptr) {
        const LeaseRef ref{sequence, found.lease->token};
        const Lease ended = closeLease(*found.lease, false);
        removal.worker = ended.owner->worker;
        if (!ended.inTrouble)
            queue.dropBytes(ended.bytes);
        const auto same = std::find_if(stops.begin(), stops.end(), [&](const StopDeliveries& each) {
            return each.client == ended.owner->client;
        });
        StopDeliveries& stop = same != stops.end() ? *same : stops.emplace_back();
        stop.client = ended.owner->client;
        stop.queue = queue.row.id;
        stop.leases.push_back(ref);
        if (ended.owner->isDetached)
            reap(*ended.owner);
    } else if (found.trouble != nullptr) {
        leaveState(sequence, *found.trouble);
    } else {
        const std::uint64_t resident = found.lane->extractPlain(sequence);
        m_residentBytes -= resident;
        queue.dropBytes(resident > 0 ? resident - sizeof(Resident) : queue.averageBytes);
        --queue.figures.ready;
    }
    if (found.trouble != nullptr)
        forget(sequence);
}

} // namespace millrace::engine
