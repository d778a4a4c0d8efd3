// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/model.h"

#include <algorithm>

namespace millrace::simulation {

namespace {

using message::State;

std::string about(Sequence sequence, const char* what) { return "message " + std::to_string(sequence) + " " + what; }

bool fits(const std::vector<Model::Tried>& told, const std::vector<message::Attempt>& stored)
{
    return std::equal(told.begin(), told.end(), stored.begin(), stored.end(), [](const auto& a, const auto& b) {
        return a.worker == b.worker && a.errorClass == b.failure.errorClass;
    });
}

std::string compareLive(Sequence sequence, const Model::Message& message, const Disk& disk)
{
    const auto row = disk.live.find(sequence);
    if (row == disk.live.end())
        return about(sequence, disk.dead.contains(sequence) ? "is dead on disk, and lives" : "is lost");
    const Disk::Live& live = row->second;
    if (live.queue != message.queue || live.priority != message.priority || live.deliverAtUs != message.deliverAtUs
        || live.expiresAtUs != message.expiresAtUs || live.partitionKey != message.partitionKey
        || live.replayOf != message.replayOf || live.replayCount != message.replayCount
        || (live.place != message.place && !message.partitionKey.empty()))
        return about(sequence, "has other columns on disk");
    if (live.bytes != message.bytes)
        return about(sequence, "has other bytes on disk");
    const auto failure = disk.failures.find(sequence);
    const std::uint32_t failures = failure == disk.failures.end() ? 0 : failure->second.failures;
    if (failures != message.failures)
        return about(sequence, "has ") + std::to_string(failures) + " failures on disk, not "
               + std::to_string(message.failures);
    if (failures > 0 && !fits(message.history, failure->second.history))
        return about(sequence, "has another history on disk");
    if (failures > 0 && failure->second.dueAtUs != message.dueWallUs)
        return "R1: " + about(sequence, "is due at another time on disk");
    if (message.isLeased() && !disk.handedOut.contains(sequence))
        return about(sequence, "is in flight, and no hand-out on disk says so");
    if ((message.aloneAtWallUs != 0) != disk.alone.contains(sequence))
        return "D9: " + about(sequence, message.aloneAtWallUs != 0 ? "is out alone, and nothing on disk says so"
                                                                   : "is said to be out alone");
    return {};
}

std::string compareDead(Sequence sequence, const Model::Dead& dead, const Disk& disk)
{
    const auto row = disk.dead.find(sequence);
    if (row == disk.dead.end())
        return about(sequence,
                     disk.live.contains(sequence) ? "lives on disk, and is dead" : "is a dead letter that is lost");
    const Disk::Dead& stored = row->second;
    if (stored.state != dead.state)
        return about(sequence, "is ") + std::string(toString(stored.state)) + " on disk, not "
               + std::string(toString(dead.state));
    if (stored.reason != dead.reason || stored.queue != dead.message.queue || stored.attempts != dead.message.failures
        || stored.replayCount != dead.message.replayCount || stored.replayOf != dead.message.replayOf)
        return about(sequence, "has other evidence on disk");
    if (dead.state == State::Replayed && stored.replayedAs != dead.replayedAs)
        return about(sequence, "was replayed as another on disk");
    if (stored.bytes != dead.message.bytes)
        return "R6: " + about(sequence, "has other bytes in the dead letters");
    if (!fits(dead.message.history, stored.history))
        return "R6: " + about(sequence, "has another history in the dead letters");
    return {};
}

std::string compareOperations(const std::map<std::uint64_t, Model::Operation>& told, const Disk& disk)
{
    if (told.size() != disk.operations.size())
        return "other operations are on disk";
    for (const auto& [id, operation] : told) {
        const auto row = disk.operations.find(id);
        if (row == disk.operations.end() || row->second.state != static_cast<int>(operation.state)
            || row->second.total != operation.total || row->second.moved != operation.moved)
            return "operation " + std::to_string(id) + " is otherwise on disk";
    }
    return {};
}

std::string compareQueue(QueueId id, const Model::Queue& queue, const Disk& disk, std::int64_t steady)
{
    const auto row = disk.queues.find(id);
    if (row == disk.queues.end() || row->second.name != queue.definition.name || row->second.isPaused != queue.isPaused
        || row->second.policy != queue.policy() || row->second.isSetByOperator != queue.isSetByOperator
        || row->second.filePolicy != queue.filePolicy)
        return "queue " + std::to_string(id) + " is otherwise on disk";
    for (const auto& [text, key] : queue.keys) {
        if (key.first.isUnstored)
            continue;
        const bool isStored = std::any_of(disk.keys.begin(), disk.keys.end(), [&](const Disk::Key& each) {
            return each.queue == id && each.key == text && each.sequence == key.first.sequence
                   && each.expiresAtUs == key.expiresWallUs;
        });
        if (!isStored && steady < key.untilUs)
            return "D12: key " + text + " is lost before the end of its window, or has another";
    }
    return {};
}

/// Keys that live messages hold, and those that dead letters hold up.
std::string compareKeys(const std::map<QueueId, Model::Queue>& queues, const Disk& disk)
{
    std::map<Sequence, Disk::Held> unique;
    std::map<Sequence, Disk::Held> blocks;
    for (const auto& [id, queue] : queues) {
        for (const auto& [key, first] : queue.unique) {
            if (!first.isUnstored)
                unique[first.sequence] = {id, key, 0};
        }
        for (const auto& [key, letters] : queue.blocks) {
            for (const auto& [sequence, place] : letters)
                blocks[sequence] = {id, key, place};
        }
    }
    if (unique != disk.unique)
        return "other unique keys are held on disk";
    return blocks == disk.blocks ? "" : "D11: other dead letters hold up their keys on disk";
}

std::string compareSchedules(const std::map<std::string, Model::Schedule>& told, const Disk& disk)
{
    std::map<std::string, Disk::Schedule> wanted;
    for (const auto& [name, each] : told) {
        wanted[name] = {each.isPaused,  each.isByOperator, each.isRemoved,        each.lastDueUs,
                        each.storedNextUs, each.definition.cron, each.definition.target};
    }
    return wanted == disk.schedules ? "" : "other schedules are on disk";
}

} // namespace

std::string Model::differs(const Disk& disk, base::Now now) const
{
    std::size_t stored = 0;
    for (const auto& [sequence, message] : live) {
        if (message.isUnstored)
            continue;
        ++stored;
        if (auto what = compareLive(sequence, message, disk); !what.empty())
            return what;
    }
    for (const auto& [sequence, each] : dead) {
        if (auto what = compareDead(sequence, each, disk); !what.empty())
            return what;
    }
    if (stored != disk.live.size() || dead.size() != disk.dead.size())
        return "the disk holds " + std::to_string(disk.live.size()) + " live messages and "
               + std::to_string(disk.dead.size()) + " dead letters, not " + std::to_string(stored) + " and "
               + std::to_string(dead.size());
    for (const auto& [sequence, failure] : disk.failures) {
        if (!live.contains(sequence))
            return about(sequence, "has left a failure behind");
    }
    if (queues.size() != disk.queues.size() || subscriptions.size() != disk.subscriptions)
        return "other queues or subscriptions are on disk";
    for (const auto& [id, queue] : queues) {
        if (auto what = compareQueue(id, queue, disk, now.steady.time_since_epoch().count()); !what.empty())
            return what;
    }
    if (auto what = compareKeys(queues, disk); !what.empty())
        return what;
    if (auto what = compareSchedules(schedules, disk); !what.empty())
        return what;
    if (auto what = compareOperations(operations, disk); !what.empty())
        return what;
    if (audits != disk.audits)
        return "P8: the audit log has " + std::to_string(disk.audits) + " records, not " + std::to_string(audits);
    return {};
}

} // namespace millrace::simulation
