// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/impl_p.h"
#include "core/engine/text_p.h"

#include <algorithm>

namespace millrace::engine {

namespace {

/// What a row costs in the store beyond its bytes.
constexpr std::uint64_t kRowOverheadBytes = 128;
constexpr std::size_t kShownNameBytes = 128;

std::uint64_t costOf(const Submission& item)
{
    return item.envelope.size() + item.body.size() + kRowOverheadBytes;
}

base::Error unknownTarget(const std::string& target)
{
    return {base::ErrorCode::NotFound,
            "no queue or topic is named \""
                + std::string(message::truncateUtf8(target, kShownNameBytes))
                + "\": queues come from the pipeline file or are created by an operator"};
}

bool hasAttributes(const message::Envelope& envelope, const std::map<std::string, std::string>& wanted)
{
    return std::all_of(wanted.begin(), wanted.end(), [&](const auto& each) {
        if (each.first == "subject")
            return envelope.subject == each.second;
        const auto found = envelope.attributes.find(each.first);
        return found != envelope.attributes.end() && found->second == each.second;
    });
}

base::Error diskIsFull()
{
    return {base::ErrorCode::StoreFull,
            "the disk is at its reserve, so that no message is accepted: free space on the "
            "disk of the data directory, then submit again"};
}

base::Error tooManyWait(const Queue& queue)
{
    return {base::ErrorCode::QueueFull,
            "queue \"" + queue.name() + "\" is full, and too many submits wait for room: submit again later"};
}

void refuse(Confirm& confirm, std::uint32_t index, base::Error error)
{
    confirm.problems.push_back({index, false, {}, std::move(error)});
}

} // namespace

void Engine::Impl::handle(Submit& command)
{
    Deferred work;
    work.confirm = {command.client, command.request, {}, {}};
    work.confirm.sequences.resize(command.items.size(), 0);
    work.command = std::move(command);
    proceed(work);
}

/// Takes the items of a submit from the first that is left on; stops at one whose queue makes producers wait.
void Engine::Impl::proceed(Deferred& work)
{
    if (work.command.atomic) {
        proceedAtomic(work);
        return;
    }
    Submit& command = work.command;
    const bool isQueue = selectQueues(command.target);
    const bool isTopic = !isQueue && m_topics.contains(command.target);
    for (; work.next < command.items.size(); ++work.next) {
        Submission& item = command.items[work.next];
        const auto index = static_cast<std::uint32_t>(work.next);
        if (isTopic)
            selectSubscribers(command.target, item);
        if (!isQueue && !isTopic) {
            refuse(work.confirm, index, unknownTarget(command.target));
            continue;
        }
        if (Queue* queue = queueToWaitFor(work); queue != nullptr) {
            if (defer(work, *queue))
                return;
            ++queue->figures.refused;
            refuse(work.confirm, index, tooManyWait(*queue));
            continue;
        }
        submitOne(item, index, work.confirm);
    }
    send(std::move(work.confirm));
}

/// All or nothing: first what each queue would take, then all of it.
void Engine::Impl::proceedAtomic(Deferred& work)
{
    Submit& command = work.command;
    Queue* full = planAtomic(work);
    std::vector<SubmitProblem>& problems = work.confirm.problems;
    if (problems.empty() && full != nullptr) {
        if (defer(work, *full))
            return;
        refuse(work.confirm, 0, tooManyWait(*full));
    }
    if (problems.empty()) {
        m_isPlanned = true;
        for (std::uint32_t i = 0; i < command.items.size(); ++i) {
            (void)selectTargets(command.target, command.items[i]);
            submitOne(command.items[i], i, work.confirm);
        }
        m_isPlanned = false;
    } else {
        const std::size_t own = problems.size(); // in order of the items
        for (std::uint32_t i = 0, at = 0; i < command.items.size(); ++i) {
            if (at < own && problems[at].index == i)
                ++at;
            else
                refuse(work.confirm,
                       i,
                       {base::ErrorCode::Conflict,
                        "it belongs to an atomic batch of which another message was refused: none was accepted"});
        }
    }
    send(std::move(work.confirm));
}

/// Notes why items cannot be accepted; all of them are looked at, so that all reasons are told.
/// @returns a queue that makes producers wait and has no room yet; null if none does
Queue* Engine::Impl::planAtomic(Deferred& work)
{
    std::unordered_map<const Queue*, Planned> plans;
    Queue* full = nullptr;
    std::uint64_t cost = 0;
    for (work.next = 0; work.next < work.command.items.size(); ++work.next) {
        Submission& item = work.command.items[work.next];
        const auto index = static_cast<std::uint32_t>(work.next);
        if (!selectTargets(work.command.target, item)) {
            refuse(work.confirm, index, unknownTarget(item.target.empty() ? work.command.target : item.target));
            continue;
        }
        for (Queue* queue : m_targets) {
            if (acceptedBefore(*queue, item) != nullptr)
                continue;
            Planned& planned = plans[queue];
            if (auto error = refusal(*queue, item, planned)) {
                const bool isWaitedFor = error->code == base::ErrorCode::QueueFull && isWaitedForIn(*queue, item, planned);
                if (!isWaitedFor) {
                    ++queue->figures.refused;
                    refuse(work.confirm, index, std::move(*error));
                    break;
                }
                full = full == nullptr ? queue : full;
            } else if (isBehindOthers(*queue, work)) {
                full = full == nullptr ? queue : full;
            }
            ++planned.messages;
            planned.bytes += bytesOf(item);
            cost += costOf(item);
        }
    }
    work.next = 0;
    m_isPlanStored = std::any_of(plans.begin(), plans.end(), [](const auto& each) { return !each.first->isUnstored(); });
    if (m_isPlanStored && cost > m_submitBudget && work.confirm.problems.empty())
        refuse(work.confirm, 0, diskIsFull());
    return full;
}

/// Sets m_targets. @returns false if there is no queue and no topic of that name
bool Engine::Impl::selectTargets(const std::string& target, const Submission& item)
{
    const std::string& name = item.target.empty() ? target : item.target;
    if (selectQueues(name))
        return true;
    if (!m_topics.contains(name))
        return false;
    selectSubscribers(name, item);
    return true;
}

bool Engine::Impl::selectQueues(const std::string& target)
{
    m_targets.clear();
    if (Queue* queue = findQueue(target); queue != nullptr)
        m_targets.push_back(queue);
    return !m_targets.empty();
}

void Engine::Impl::selectSubscribers(std::string_view topic, const Submission& item)
{
    m_targets.clear();
    std::optional<message::Envelope> decoded; // only for a filter on attributes
    for (const Subscription& subscription : m_topics.find(topic)->second) {
        const message::SubscriptionDefinition& filter = subscription.row.definition;
        if (!matchesPattern(filter.typePattern, item.view.type)
            || !matchesPattern(filter.sourcePattern, item.view.source))
            continue;
        if (!filter.attributes.empty()) {
            if (!decoded)
                decoded = message::decodeEnvelope(item.envelope.view()).value_or(message::Envelope());
            if (!hasAttributes(*decoded, filter.attributes))
                continue;
        }
        m_targets.push_back(subscription.queue);
    }
}

/// All queues that the message goes to take it, or none does. It is stored for all of them if it is for one. A queue that has seen its idempotency
/// key needs no second copy.
void Engine::Impl::submitOne(Submission& item, std::uint32_t index, Confirm& confirm)
{
    m_copies.clear();
    const Deduplication::Entry* first = nullptr;
    for (Queue* queue : m_targets) {
        if (const auto* entry = acceptedBefore(*queue, item); entry != nullptr) {
            ++queue->figures.duplicates;
            first = first == nullptr ? entry : first;
            continue;
        }
        if (auto error = m_isPlanned ? std::nullopt : refusal(*queue, item, {})) {
            ++queue->figures.refused;
            refuse(confirm, index, std::move(*error));
            return;
        }
        m_copies.push_back(queue);
    }
    if (m_copies.empty()) {
        if (first != nullptr) {
            confirm.sequences[index] = first->sequence;
            confirm.problems.push_back({index, true, first->messageId, {}});
        }
        return;
    }
    const bool isUnstored = !(m_isPlanned && m_isPlanStored)
                            && std::all_of(m_copies.begin(), m_copies.end(), [](const Queue* queue) {
                                   return queue->isUnstored();
                               });
    const std::uint64_t cost = isUnstored ? 0 : costOf(item) * m_copies.size();
    if (cost > m_submitBudget && !m_isPlanned) {
        for (Queue* queue : m_copies)
            ++queue->figures.refused;
        refuse(confirm, index, diskIsFull());
        return;
    }
    m_submitBudget -= std::min(cost, m_submitBudget);
    for (std::size_t i = 0; i < m_copies.size(); ++i) {
        const Sequence sequence = takeSequence();
        confirm.sequences[index] = i == 0 ? sequence : confirm.sequences[index];
        accept(*m_copies[i], item, sequence, isUnstored);
    }
}

/// Under its idempotency key, or its unique key; null if it was not.
const Deduplication::Entry* Engine::Impl::acceptedBefore(const Queue& queue, const Submission& item) const
{
    if (!item.view.idempotencyKey.empty()) {
        const auto* entry = queue.deduplication.find(item.view.idempotencyKey, nowUs());
        if (entry != nullptr)
            return entry;
    }
    if (!item.view.uniqueKey.empty()) {
        if (const auto found = queue.unique.find(item.view.uniqueKey); found != queue.unique.end())
            return &found->second;
    }
    return nullptr;
}

std::optional<base::Error>
Engine::Impl::refusal(const Queue& queue, const Submission& item, const Planned& planned) const
{
    const message::QueuePolicy& policy = queue.policy();
    if (item.body.size() > policy.maxBodyBytes) {
        return base::Error{base::ErrorCode::Limit,
                           "queue \"" + queue.name() + "\" takes bodies of at most "
                               + std::to_string(policy.maxBodyBytes) + " bytes; this one has "
                               + std::to_string(item.body.size())
                               + ": raise its `max-body-bytes` (to at most "
                               + std::to_string(message::kMaxBodyBytes) + "), or send a reference to the data"};
    }
    if (queue.isFull(bytesOf(item) + planned.bytes, planned.messages)) {
        return base::Error{base::ErrorCode::QueueFull,
                           "queue \"" + queue.name() + "\" is at its limit of "
                               + std::to_string(policy.maxDepth) + " messages and "
                               + std::to_string(policy.maxDepthBytes)
                               + " bytes: submit again when workers have settled some"};
    }
    if (queue.isUnstored() && m_unstored.bytes() + planned.bytes + bytesOf(item) > m_options.maxUnstoredBytes) {
        return base::Error{base::ErrorCode::QueueFull,
                           "queue \"" + queue.name()
                               + "\" keeps its messages in memory, and those of all such queues take the "
                               + std::to_string(m_options.maxUnstoredBytes / (1024 * 1024))
                               + " MiB that they may: submit again when workers have settled some"};
    }
    if (!item.view.idempotencyKey.empty() && m_deduplicationBytes >= m_options.maxDeduplicationBytes) {
        return base::Error{base::ErrorCode::QueueFull,
                           "queue \"" + queue.name()
                               + "\": the idempotency keys that are remembered take "
                               + std::to_string(m_options.maxDeduplicationBytes / (1024 * 1024))
                               + " MiB; submit again later, or shorten the deduplication window"};
    }
    return std::nullopt;
}

void Engine::Impl::accept(Queue& queue, const Submission& item, Sequence sequence, bool isUnstored)
{
    touch(queue);
    ++queue.figures.submitted;
    if (!item.view.idempotencyKey.empty() && queue.policy().deduplicationWindow.count() > 0)
        remember(queue, item, sequence, isUnstored);

    NewMessage own;
    NewMessage& row = isUnstored ? own : batch().messages.emplace_back();
    row.sequence = sequence;
    row.queue = queue.row.id;
    row.priority = std::min(item.view.priority, message::kHighestPriority);
    row.deliverAtUs = item.view.deliverAtUs;
    row.expiresAtUs = item.view.expiresAtUs;
    row.submittedAtUs = wallUs();
    row.partitionKey = item.view.partitionKey;
    row.envelope = item.envelope;
    row.body = item.body;
    row.isUnique = !item.view.uniqueKey.empty();
    row.isUnstored = isUnstored;
    if (isUnstored)
        m_unstored.keep(row);
    if (row.isUnique)
        holdUnique(queue, item, row);
    enqueue(queue, row);
}

void Engine::Impl::remember(Queue& queue, const Submission& item, Sequence sequence, bool isUnstored)
{
    const base::Micros window = queue.policy().deduplicationWindow;
    DeduplicationRow row{isUnstored ? ++m_lastUnstoredKey : ++m_lastDeduplication,
                         queue.row.id,
                         std::string(item.view.idempotencyKey),
                         sequence,
                         std::string(item.view.id),
                         wallUs() + window.count()};
    Deduplication& keys = queue.deduplication;
    std::int64_t untilUs = nowUs() + window.count();
    // The window may have become shorter: keys leave in the order in which they came, and later is safe.
    if (!keys.empty() && keys.lastUntilUs() > untilUs) {
        untilUs = keys.lastUntilUs();
        row.expiresAtUs = wallUs() + (untilUs - nowUs());
    }
    m_deduplicationBytes -= keys.bytes();
    const std::uint64_t replaced
        = keys.add(row.key, {row.id, sequence, row.messageId, untilUs});
    m_deduplicationBytes += keys.bytes();
    if (replaced != 0 && replaced < kUnstoredKeys)
        batch().expiredDeduplications.push_back(replaced);
    if (!keys.isTimed) {
        keys.isTimed = true;
        m_timers.atSteady(untilUs, Timers::Kind::Deduplication, queue.row.id);
    }
    if (!isUnstored)
        batch().deduplications.push_back(std::move(row));
}

/// Puts a message that was just given its sequence where it waits. Replays come without bytes.
void Engine::Impl::enqueue(Queue& queue, const NewMessage& row)
{
    queue.storedBytes += bytesOf(row);
    if (!row.partitionKey.empty()) {
        if (!row.envelope.isNull())
            queue.learnSize(sizeof(Resident) + row.envelope.size() + row.body.size());
        enqueueInLine(queue, row);
        return;
    }
    const bool isScheduled = row.deliverAtUs > wallUs();
    const bool hasBytes = !row.envelope.isNull();
    const std::uint64_t bytes = sizeof(Resident) + row.envelope.size() + row.body.size();
    const bool staysResident
        = hasBytes && m_residentBytes + bytes <= m_options.maxResidentBytes;
    if (hasBytes)
        queue.learnSize(bytes);

    if (isScheduled || row.expiresAtUs != 0 || row.isUnique) {
        Trouble& trouble = m_troubles[row.sequence];
        trouble.queue = &queue;
        trouble.priority = row.priority;
        trouble.deliverAtUs = isScheduled ? row.deliverAtUs : 0;
        trouble.expiresAtUs = row.expiresAtUs;
        trouble.storedBytes = static_cast<std::uint32_t>(bytesOf(row));
        trouble.isUnique = row.isUnique;
        if (isScheduled) {
            trouble.state = message::State::Scheduled;
            ++queue.figures.scheduled;
            m_timers.atWall(row.deliverAtUs, row.sequence, false);
            timeExpiry(row.sequence, trouble);
            return;
        }
        if (staysResident) {
            trouble.isResident = true;
            trouble.envelope = base::Slice::own(row.envelope.toString());
            trouble.body = base::Slice::own(row.body.toString());
            m_residentBytes += bytes;
        }
        becomeReady(row.sequence, trouble);
        return;
    }

    Lane& lane = queue.lanes[row.priority];
    if (staysResident && lane.takesHot()) {
        lane.pushHot({row.sequence, nowUs(), row.envelope, row.body});
        ownLater(lane);
        m_residentBytes += bytes;
    } else {
        lane.pushCold(row.sequence);
        if (m_times.note(row.sequence, nowUs()) && m_times.isLarge())
            m_times.prune(oldestCold());
    }
    queue.laneMask |= 1U << row.priority;
    ++queue.figures.ready;
    activate(queue);
}

/// At the end of the step, so that what is handed out in it is never copied.
void Engine::Impl::ownLater(Lane& lane)
{
    if (m_freshLanes.empty() || m_freshLanes.back() != &lane)
        m_freshLanes.push_back(&lane);
}

void Engine::Impl::ownFresh()
{
    for (Lane* lane : m_freshLanes)
        lane->ownFresh();
    m_freshLanes.clear();
}

Sequence Engine::Impl::oldestCold() const
{
    Sequence oldest = m_lastSequence;
    for (const auto& queue : m_queues) {
        for (const Lane& lane : queue->lanes) {
            if (const Sequence first = lane.coldFront(); first != 0)
                oldest = std::min(oldest, first);
        }
    }
    return oldest;
}

} // namespace millrace::engine
