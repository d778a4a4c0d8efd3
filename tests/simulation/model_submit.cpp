// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/stepper.h"

#include <algorithm>

namespace millrace::simulation {

using namespace engine;
using base::ErrorCode;

namespace {

/// `*` stands for any run of characters; an empty pattern takes everything.
bool fits(std::string_view pattern, std::string_view text)
{
    if (pattern.empty())
        return true;
    const auto star = pattern.find('*');
    if (star == std::string_view::npos)
        return pattern == text;
    if (text.substr(0, star) != pattern.substr(0, star))
        return false;
    for (std::size_t at = star; at <= text.size(); ++at) {
        const auto rest = pattern.substr(star + 1);
        if (rest.empty() || fits(rest, text.substr(at)))
            return true;
    }
    return false;
}

bool fits(const message::SubscriptionDefinition& filter, const Submission& item)
{
    if (!fits(filter.typePattern, item.view.type))
        return false;
    if (filter.sourcePattern.empty() && filter.attributes.empty())
        return true;
    const message::Envelope envelope = *message::decodeEnvelope(item.envelope.view());
    return fits(filter.sourcePattern, envelope.source)
           && std::all_of(filter.attributes.begin(), filter.attributes.end(), [&](const auto& wanted) {
                  if (wanted.first == "subject")
                      return envelope.subject == wanted.second;
                  const auto found = envelope.attributes.find(wanted.first);
                  return found != envelope.attributes.end() && found->second == wanted.second;
              });
}

std::uint64_t sizeOf(const Submission& item) { return item.envelope.size() + item.body.size(); }

} // namespace

// ---- what becomes live

/// What was not stored is written when it dies, among those that are new.
void Model::Stepper::passEvidence()
{
    while (m_nextMessage < m_step.messages.size() && m_evidence.contains(m_step.messages[m_nextMessage].sequence))
        ++m_nextMessage;
}

const NewMessage& Model::Stepper::nextMessage()
{
    passEvidence();
    demand(m_nextMessage < m_step.messages.size(), "D1: a message was accepted and is not written");
    return m_step.messages[m_nextMessage++];
}

/// The store is asked to write this one next.
bool Model::Stepper::isNext(const Submission& item)
{
    passEvidence();
    return m_nextMessage < m_step.messages.size()
           && m_step.messages[m_nextMessage].envelope.view().data() == item.envelope.view().data();
}

/// The one after the last; the first of a run of the node stands at the beginning of the block that it reserves.
Sequence Model::Stepper::nextSequence() const
{
    constexpr Sequence kBlock = 100'000;
    demand(m.lastSequence != 0 || m_step.reservedThrough != 0, "a sequence was given that was not reserved");
    return m.lastSequence != 0 ? m.lastSequence + 1 : m_step.reservedThrough + 1 - kBlock;
}

void Model::Stepper::checkRow(const NewMessage& row, const Message& fresh) const
{
    demand(row.queue == fresh.queue && row.priority == fresh.priority && row.deliverAtUs == fresh.deliverAtUs
               && row.expiresAtUs == fresh.expiresAtUs && row.partitionKey == fresh.partitionKey,
           textOf(row.sequence) + " is written otherwise than it was submitted");
    const Sequence place = fresh.place == 0 ? row.sequence : fresh.place;
    demand(row.partitionKey.empty() || (row.place == 0 ? row.sequence : row.place) == place,
           "D11: " + textOf(row.sequence) + " has another place in its key");
}

void Model::Stepper::accept(Sequence sequence, Message fresh)
{
    demand(sequence > m_seen.highest, "a sequence was used twice: " + std::to_string(sequence));
    m_seen.highest = m.lastSequence = sequence;
    if (fresh.isUnstored)
        m_evidence.insert(sequence);
    Queue& queue = m.queues.at(fresh.queue);
    const bool isSpecial = fresh.deliverAtUs != 0 || fresh.expiresAtUs != 0 || !fresh.uniqueKey.empty();
    fresh.isScheduled = fresh.deliverAtUs > m_wall;
    fresh.isPlain = !isSpecial && fresh.partitionKey.empty();
    fresh.isSizeKnown = fresh.isScheduled || fresh.expiresAtUs != 0 || !fresh.uniqueKey.empty();
    // Bytes come in order: not before those of what waits already and has been left on the disk.
    fresh.isInMemory = fresh.isPlain && fresh.replayOf == 0 && m_seen.limits.memoryIsAmple
                       && std::none_of(m.live.begin(), m.live.end(), [&](const auto& each) {
                              return each.second.queue == fresh.queue && each.second.isPlain
                                     && !each.second.isInMemory && !each.second.isLeased();
                          });
    fresh.place = fresh.place == 0 ? sequence : fresh.place;
    touch(queue);
    ++queue.waiting;
    queue.bytes += fresh.bytes.size();
    ++m.accepted;
    ++m_seen.messages;
    const bool isOver = !fresh.isScheduled && hasExpired(fresh);
    m.live.emplace(sequence, std::move(fresh));
    if (isOver)
        bury(sequence, message::Reason::Expired);
}

// ---- where it goes

bool Model::Stepper::isTarget(const std::string& target) const
{
    return m.find(target) != 0 || std::any_of(m.subscriptions.begin(), m.subscriptions.end(), [&](const auto& each) {
               return each.topic == target;
           });
}

std::vector<QueueId> Model::Stepper::targetsOf(const std::string& target, const Submission& item) const
{
    const std::string& name = item.target.empty() ? target : item.target;
    if (const QueueId queue = m.find(name); queue != 0)
        return {queue};
    std::vector<QueueId> targets;
    for (const auto& each : m.subscriptions) {
        if (each.topic == name && fits(each, item))
            targets.push_back(m.find(each.queue));
    }
    return targets;
}

/// Who was accepted first under its idempotency key, or its unique key; null if nobody was.
const Model::First* Model::Stepper::find(const Queue& queue, const Submission& item) const
{
    const auto key = queue.keys.find(item.view.idempotencyKey);
    if (key != queue.keys.end() && !item.view.idempotencyKey.empty() && m_steady < key->second.untilUs)
        return &key->second.first;
    const auto held = queue.unique.find(item.view.uniqueKey);
    return held != queue.unique.end() && !item.view.uniqueKey.empty() ? &held->second : nullptr;
}

/// Why the queue cannot take it now, while `planned` others of so many bytes are to come with it.
std::optional<ErrorCode>
Model::Stepper::obstacle(const Queue& queue, const Submission& item, std::uint64_t planned, std::uint64_t bytes) const
{
    if (item.body.size() > queue.policy().maxBodyBytes)
        return ErrorCode::Limit;
    if (queue.isFull(bytes + sizeOf(item), planned))
        return ErrorCode::QueueFull;
    return std::nullopt;
}

/// What the queue says to it hangs on what nobody can foretell: the size of what left unseen, the room for keys.
bool Model::Stepper::isUncertain(const Queue& queue, const Submission& item) const
{
    constexpr std::uint64_t kAmple = 100'000'000;
    return (queue.bytesMayDiffer && queue.policy().maxDepthBytes < kAmple)
           || (m_seen.limits.keysAreScarce && !item.view.idempotencyKey.empty());
}

/// All queues that the message goes to take it, or none does.
/// @param isTaken  whether they did, where that cannot be foretold
Model::Verdict Model::Stepper::judge(const std::vector<QueueId>& targets, const Submission& item, bool isTaken)
{
    Verdict refused;
    refused.mayBeAccepted = false;
    bool isToBeStored = false;
    for (const QueueId target : targets) {
        const Queue& queue = m.queues.at(target);
        if (find(queue, item) != nullptr)
            continue;
        isToBeStored = isToBeStored || isStored(target);
        const auto why = obstacle(queue, item);
        const bool isSure = why && (*why == ErrorCode::Limit || queue.depth() >= queue.policy().maxDepth);
        if (!isSure && isUncertain(queue, item)) {
            if (!isTaken)
                refused.refusals.insert(ErrorCode::QueueFull);
        } else if (why) {
            if (!isSure)
                count(Event::BytesFull);
            refused.refusals.insert(*why);
            return refused;
        }
    }
    if (isToBeStored && m_step.spaceIsLow)
        refused.refusals.insert(ErrorCode::StoreFull);
    return refused.refusals.empty() ? write(targets, item, isToBeStored) : refused;
}

/// @param isToBeStored  one of its copies, or what is submitted with it, goes to a queue that the store keeps
Model::Verdict
Model::Stepper::write(const std::vector<QueueId>& targets, const Submission& item, bool isToBeStored)
{
    Verdict verdict;
    const First* first = nullptr;
    for (const QueueId target : targets) {
        const Queue& queue = m.queues.at(target);
        if (const First* known = find(queue, item); known != nullptr) {
            const auto held = queue.unique.find(item.view.uniqueKey);
            if (held != queue.unique.end() && known == &held->second)
                count(Event::UniqueDuplicate);
            first = first == nullptr ? known : first;
            continue;
        }
        const Sequence sequence = write(target, item, isToBeStored);
        verdict.told = verdict.told == 0 ? sequence : verdict.told;
    }
    if (verdict.told == 0 && first != nullptr) {
        verdict.told = first->sequence;
        verdict.firstId = first->id;
    }
    return verdict;
}

Sequence Model::Stepper::write(QueueId target, const Submission& item, bool isToBeStored)
{
    Message fresh;
    fresh.queue = target;
    fresh.id = item.view.id;
    fresh.bytes = item.envelope.toString() + item.body.toString();
    fresh.partitionKey = item.view.partitionKey;
    fresh.uniqueKey = item.view.uniqueKey;
    fresh.priority = item.view.priority;
    fresh.deliverAtUs = item.view.deliverAtUs;
    fresh.expiresAtUs = item.view.expiresAtUs;
    fresh.isUnstored = !isToBeStored;
    const Sequence sequence = isToBeStored ? writeRow(fresh, item) : nextSequence();
    Queue& queue = m.queues.at(target);
    const First first{sequence, std::string(item.view.id), fresh.isUnstored};
    if (!item.view.uniqueKey.empty())
        queue.unique.emplace(item.view.uniqueKey, first);
    accept(sequence, std::move(fresh));
    const std::int64_t window = us(queue.policy().deduplicationWindow);
    if (!item.view.idempotencyKey.empty() && window > 0) {
        // Keys leave in the order in which they came, also those whose window was longer.
        std::int64_t until = m_steady + window;
        for (const auto& [text, key] : queue.keys)
            until = std::max(until, key.untilUs);
        queue.keys.insert_or_assign(std::string(item.view.idempotencyKey),
                                    Key{first, until, m_wall + (until - m_steady)});
    }
    return sequence;
}

/// What the store is asked to write is what was submitted, next after what came before.
Sequence Model::Stepper::writeRow(const Message& fresh, const Submission& item)
{
    demand(isNext(item), "D1: " + fresh.id + " is to be accepted, and the store is not asked to write it next");
    const NewMessage& row = nextMessage();
    demand(row.envelope == item.envelope && row.body == item.body && row.queue == fresh.queue,
           "D1: " + fresh.id + " is written with other bytes, or not into queue " + std::to_string(fresh.queue)
               + ", but as " + textOf(row.sequence) + " into queue " + std::to_string(row.queue));
    checkRow(row, fresh);
    return row.sequence;
}

} // namespace millrace::simulation
