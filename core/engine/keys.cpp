// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/impl_p.h"
#include "core/engine/text_p.h"

#include <algorithm>
#include <iterator>

namespace millrace::engine {

using message::State;

namespace {

/// Of each key, so that a long line behind one message does not take the memory of what can be delivered.
constexpr std::uint64_t kResidentOfKey = 16;
constexpr std::size_t kShownKeyBytes = 128;

/// Carries what a change of a line does to the gauges over to its queue.
class Recount
{
public:
    Recount(Queue& queue, const KeyLine& line)
        : m_queue(queue)
        , m_line(line)
        , m_before(line.counts())
    {
    }
    ~Recount()
    {
        const KeyLine::Counts after = m_line.counts();
        m_queue.held += after.held - m_before.held;
        m_queue.figures.ready += after.held + after.inLane - m_before.held - m_before.inLane;
        m_queue.figures.parked += after.parked - m_before.parked;
    }
    Recount(const Recount&) = delete;
    Recount& operator=(const Recount&) = delete;

private:
    Queue& m_queue;
    const KeyLine& m_line;
    KeyLine::Counts m_before;
};

} // namespace

KeyLine& Engine::Impl::lineOf(Queue& queue, std::string_view key)
{
    const auto found = queue.keys.find(key);
    if (found != queue.keys.end())
        return found->second;
    return queue.keys.try_emplace(std::string(key), key).first->second;
}

void Engine::Impl::lookAt(Queue& queue, KeyLine& line)
{
    if (line.isDirty)
        return;
    line.isDirty = true;
    m_dirtyLines.push_back({&queue, &line});
}

/// Gives a submitted or replayed message its place behind the others of its key.
void Engine::Impl::enqueueInLine(Queue& queue, const NewMessage& row)
{
    KeyLine& line = lineOf(queue, row.partitionKey);
    const Sequence place = row.place != 0 ? row.place : row.sequence;
    const bool isScheduled = row.deliverAtUs > wallUs();
    const std::uint64_t bytes = sizeof(Resident) + row.envelope.size() + row.body.size();
    const bool staysResident = !row.envelope.isNull() && !isScheduled && line.size() < kResidentOfKey
                               && m_residentBytes + bytes <= m_options.maxResidentBytes;
    if (isScheduled || staysResident || row.expiresAtUs != 0 || row.isUnique) {
        Trouble& trouble = m_troubles[row.sequence];
        trouble.queue = &queue;
        trouble.line = &line;
        trouble.place = place;
        trouble.priority = row.priority;
        trouble.deliverAtUs = isScheduled ? row.deliverAtUs : 0;
        trouble.expiresAtUs = row.expiresAtUs;
        trouble.state = isScheduled ? State::Scheduled : State::Ready;
        trouble.dueUs = nowUs();
        trouble.isUnique = row.isUnique;
        trouble.storedBytes = static_cast<std::uint32_t>(bytesOf(row));
        if (staysResident) {
            trouble.isResident = true;
            trouble.envelope = base::Slice::own(row.envelope.toString());
            trouble.body = base::Slice::own(row.body.toString());
            m_residentBytes += bytes;
        }
        if (isScheduled) {
            ++line.scheduled;
            ++queue.figures.scheduled;
            m_timers.atWall(row.deliverAtUs, row.sequence, false);
        } else if (hasExpired(trouble)) {
            joinLine(queue, line, {place, row.sequence, row.priority, false});
            expire(row.sequence, trouble);
            return;
        }
        timeExpiry(row.sequence, trouble);
    }
    if (!isScheduled)
        joinLine(queue, line, {place, row.sequence, row.priority, false});
}

void Engine::Impl::joinLine(Queue& queue, KeyLine& line, KeyLine::Entry entry)
{
    const Recount recount(queue, line);
    line.insert(entry);
    lookAt(queue, line);
}

/// Its lease or its wait has ended, or its deliver-at has come.
void Engine::Impl::becomeReadyInLine(Sequence sequence, Trouble& trouble)
{
    Queue& queue = *trouble.queue;
    KeyLine& line = *trouble.line;
    if (line.contains(trouble.place)) {
        const Recount recount(queue, line);
        line.setBusy(trouble.place, false);
        lookAt(queue, line);
    } else {
        --line.scheduled;
        joinLine(queue, line, {trouble.place, sequence, trouble.priority, false});
    }
    if (hasExpired(trouble))
        expire(sequence, trouble);
    else
        timeExpiry(sequence, trouble);
}

void Engine::Impl::startInLine(Trouble& trouble)
{
    KeyLine& line = *trouble.line;
    const Recount recount(*trouble.queue, line);
    line.setBusy(trouble.place, true);
    if (const auto& rate = trouble.queue->policy().keyRate; rate.isSet())
        line.bucket.take(rate, nowUs(), 1);
    line.isInLane = false;
    line.isLeased = true;
}

void Engine::Impl::leaveLane(Sequence sequence, const Trouble& trouble)
{
    KeyLine& line = *trouble.line;
    if (line.current != sequence || !line.isInLane)
        return;
    const Recount recount(*trouble.queue, line);
    if (trouble.isSuspect)
        trouble.queue->suspects.erase(sequence);
    else
        trouble.queue->lanes[trouble.priority].removeSpecial(sequence, trouble.isResident);
    line.isInLane = false;
}

/// It is settled, or a dead letter: bury() finds in `m_left` where it stood.
void Engine::Impl::leaveLine(Sequence sequence, const Trouble& trouble)
{
    KeyLine& line = *trouble.line;
    const Recount recount(*trouble.queue, line);
    if (line.contains(trouble.place))
        line.remove(trouble.place);
    else
        --line.scheduled;
    if (line.current == sequence)
        line.current = 0;
    m_left = {sequence, &line, trouble.place};
    lookAt(*trouble.queue, line);
}

/// Parks what stands behind a message that has just become a dead letter.
void Engine::Impl::parkBehind(Queue& queue, const Left& left)
{
    const Recount recount(queue, *left.line);
    left.line->block(left.place, left.sequence);
    batch().keyBlocks.push_back({left.sequence, queue.row.id, left.place, left.line->key()});
    lookAt(queue, *left.line);
}

/// The dead letter no longer holds up its key, if it did.
void Engine::Impl::unpark(Queue& queue, std::string_view key, Sequence deadLetter)
{
    const auto found = queue.keys.find(key);
    if (found == queue.keys.end())
        return;
    KeyLine& line = found->second;
    const Recount recount(queue, line);
    if (!line.unblock(deadLetter))
        return;
    batch().removedKeyBlocks.push_back(deadLetter);
    lookAt(queue, line);
}

void Engine::Impl::advanceLines()
{
    for (const DirtyLine& dirty : m_dirtyLines) {
        dirty.line->isDirty = false;
        advanceLine(*dirty.queue, *dirty.line);
        if (mayForget(*dirty.queue, *dirty.line))
            dirty.queue->keys.erase(dirty.queue->keys.find(dirty.line->key()));
        activate(*dirty.queue);
    }
    m_dirtyLines.clear();
}

/// Lets the first of the line into its lane, if it may start; takes one out that is no longer first, because a
/// replay or a scheduled message came before it.
void Engine::Impl::advanceLine(Queue& queue, KeyLine& line)
{
    if (line.isLeased)
        return;
    const KeyLine::Entry* first = line.first();
    const Sequence next = first == nullptr || line.isParked(first->place) ? 0 : first->sequence;
    if (line.current != next) {
        if (line.isInLane)
            leaveLane(line.current, m_troubles.at(line.current));
        line.current = next;
    }
    if (next == 0 || line.isInLane || first->isBusy || !mayStart(queue, line))
        return;
    auto [entry, isNew] = m_troubles.try_emplace(next);
    Trouble& trouble = entry->second;
    if (isNew) {
        trouble.queue = &queue;
        trouble.line = &line;
        trouble.place = first->place;
        trouble.priority = first->priority;
    }
    trouble.state = State::Ready;
    trouble.dueUs = m_isLoading ? m_times.find(next, nowUs()) : nowUs();
    const Recount recount(queue, line);
    makeReady(next, trouble);
    line.isInLane = true;
}

/// The entry of a message that waits in line, made now; null if none does.
Trouble* Engine::Impl::findInLines(Queue& queue, Sequence sequence)
{
    for (auto& [key, line] : queue.keys) {
        const KeyLine::Entry* entry = line.entryOf(sequence);
        if (entry == nullptr)
            continue;
        Trouble& trouble = troubleInLine({sequence, entry->place, &queue, &line, entry->priority});
        trouble.state = State::Ready;
        return &trouble;
    }
    return nullptr;
}

void Engine::Impl::handle(ResumeKey& command)
{
    Queue* queue = findQueue(command.queue);
    const auto shown = [](std::string_view text) {
        return "\"" + std::string(message::truncateUtf8(text, kShownKeyBytes)) + "\"";
    };
    if (queue == nullptr) {
        reply(command.client,
              command.request,
              base::fail(base::ErrorCode::NotFound,
                         "no queue is named " + shown(command.queue)
                             + ": `millrace-node status` lists the names"));
        return;
    }
    const auto found = queue->keys.find(command.key);
    if (found == queue->keys.end() || found->second.blocks().empty()) {
        reply(command.client,
              command.request,
              base::fail(base::ErrorCode::NotFound,
                         "no dead letter holds up key " + shown(command.key) + " of queue "
                             + shown(command.queue)));
        return;
    }
    const std::uint64_t parked = found->second.counts().parked;
    std::string members;
    const std::vector<KeyLine::Block> blocks = found->second.blocks();
    for (const KeyLine::Block& block : blocks) {
        members += std::to_string(block.sequence) + "\n";
        unpark(*queue, command.key, block.sequence);
    }
    audit(std::move(command.actor),
          "resume-key",
          queue->name(),
          parked,
          "{\"key\":" + quoteJson(command.key) + "}",
          std::move(members));
    reply(command.client, command.request, message::OperationStatus{});
}

// ---- load

void Engine::Impl::onKeyBlock(const KeyBlockRow& row)
{
    const auto found = m_queuesById.find(row.queue);
    if (found == m_queuesById.end())
        return;
    KeyLine& line = lineOf(*found->second, row.key);
    line.block(row.place, row.sequence); // nobody is in line yet
}

void Engine::Impl::loadInLine(Queue& queue, const LoadedMessage& row, std::uint8_t priority)
{
    KeyLine& line = lineOf(queue, row.partitionKey);
    const Sequence place = row.place != 0 ? row.place : row.sequence;
    m_loading.keyed.push_back({row.sequence, place, &queue, &line, priority});
    if (row.deliverAtUs == 0 && row.expiresAtUs == 0)
        return;
    Trouble& trouble = troubleInLine(m_loading.keyed.back());
    trouble.deliverAtUs = row.deliverAtUs;
    trouble.expiresAtUs = row.expiresAtUs;
    trouble.storedBytes = static_cast<std::uint32_t>(row.bytes);
}

Trouble& Engine::Impl::troubleInLine(const LoadedInLine& loaded)
{
    Trouble& trouble = m_troubles[loaded.sequence];
    trouble.queue = loaded.queue;
    trouble.line = loaded.line;
    trouble.place = loaded.place;
    trouble.priority = loaded.priority;
    return trouble;
}

/// Makes entries for those with a key that failed or were handed out; `wanted` is sorted.
void Engine::Impl::findTroublesInLine(const std::vector<Sequence>& wanted)
{
    for (const LoadedInLine& each : m_loading.keyed) {
        if (std::binary_search(wanted.begin(), wanted.end(), each.sequence))
            troubleInLine(each);
    }
}

/// After the troubled ones know their states.
void Engine::Impl::resumeLines()
{
    for (const LoadedInLine& each : m_loading.keyed) {
        const auto trouble = m_troubles.find(each.sequence);
        const State state = trouble == m_troubles.end() ? State::Ready : trouble->second.state;
        if (state == State::Scheduled)
            ++each.line->scheduled;
        else
            joinLine(*each.queue,
                     *each.line,
                     {each.place, each.sequence, each.priority, state == State::Retrying});
    }
    m_isLoading = true;
    advanceLines();
    m_isLoading = false;
}

} // namespace millrace::engine
