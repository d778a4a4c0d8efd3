// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/engine.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace millrace::test {

using namespace millrace::engine;
using message::Sequence;
using message::State;

/// A store in memory that believes nothing: every mutation is checked against what it holds, and what
/// does not fit is noted in `violations`. What the engine's batches mean, read a second time.
class Ledger final : public StorePort
{
public:
    struct Live
    {
        NewMessage row;
        std::uint32_t failures = 0;
        std::int64_t dueAtUs = 0;
        std::int64_t firstAttemptAtUs = 0;
        std::vector<message::Attempt> history;
        bool wasStarted = false;
    };
    struct Dead
    {
        Live live;
        NewDeadLetter row;
        State state = State::Dead;
        message::OperationId closedBy = 0;
        Sequence replayedAs = 0;
    };

    std::map<Sequence, Live> live;
    std::map<Sequence, Dead> dead;
    std::map<QueueId, QueueRow> queues;
    std::map<std::uint32_t, SubscriptionRow> subscriptions;
    std::map<std::uint64_t, DeduplicationRow> deduplications;
    std::map<std::uint64_t, std::vector<Sequence>> handouts;
    std::map<Sequence, SuspectRow> suspects;
    std::map<std::string, ScheduleRow> schedules;
    std::uint64_t crashedHandoutsThrough = 0;
    bool stoppedCleanly = true; ///< as load() will say; every restart is a crash unless a test sets it
    std::map<Sequence, KeyBlockRow> keyBlocks;
    std::map<Sequence, UniqueKeyRow> uniqueKeys;
    std::map<message::OperationId, OperationRow> operations;
    std::vector<AuditRecord> audits;
    Sequence reservedThrough = 0;
    std::uint64_t epoch = 0;
    std::uint64_t done = 0;
    std::uint64_t accepted = 0;
    std::uint64_t commits = 0;
    std::uint64_t bytes = UINT64_MAX;
    std::map<Sequence, std::string> damage;
    std::vector<std::string> violations;
    std::int64_t wallUs = 0;            ///< of the step whose batch is committed
    std::uint64_t keyedStarts = 0;      ///< hand-outs that checkOrder() judged
    std::uint64_t orderViolations = 0;

    base::Result<void> load(LoadSink& sink) override
    {
        sink.onMeta(++epoch, reservedThrough);
        sink.onLastRun(std::exchange(stoppedCleanly, false), crashedHandoutsThrough);
        forgetStarts();
        for (const auto& [id, row] : queues)
            sink.onQueue(row);
        for (const auto& [id, row] : subscriptions)
            sink.onSubscription(row);
        for (const auto& [name, row] : schedules)
            sink.onSchedule(row);
        for (const auto& [sequence, each] : live) {
            const NewMessage& row = each.row;
            sink.onMessage({sequence, row.queue, row.priority, row.deliverAtUs, row.expiresAtUs,
                            row.submittedAtUs, row.partitionKey, row.place, bytesOf(row)});
        }
        for (const auto& [sequence, each] : live) {
            if (each.failures > 0)
                sink.onFailure({sequence, each.failures, each.dueAtUs, each.firstAttemptAtUs});
        }
        for (const auto& [id, row] : deduplications)
            sink.onDeduplication(row);
        for (const auto& [id, sequences] : handouts)
            sink.onHandout({id, sequences});
        for (const auto& [sequence, row] : suspects)
            sink.onSuspect(row);
        for (const auto& [sequence, row] : keyBlocks)
            sink.onKeyBlock(row);
        for (const auto& [sequence, row] : uniqueKeys)
            sink.onUniqueKey(row);
        std::map<std::pair<QueueId, State>, std::uint64_t> counts;
        for (const auto& [sequence, each] : dead)
            ++counts[{each.row.queue, each.state}];
        for (const auto& [key, count] : counts)
            sink.onDeadLetterCount(key.first, key.second, count);
        for (const auto& [id, row] : operations) {
            OperationRow loaded = row;
            if (row.status.state != message::OperationState::Running)
                loaded.members.clear();
            sink.onOperation(loaded);
        }
        return {};
    }

    base::Result<void> commit(const Batch& batch) override
    {
        ++commits;
        if (batch.sequencesReservedThrough != 0) {
            check(batch.sequencesReservedThrough > reservedThrough, "reservation goes back");
            reservedThrough = batch.sequencesReservedThrough;
        }
        for (const QueueRow& row : batch.queues)
            queues[row.id] = row;
        for (const SubscriptionRow& row : batch.subscriptions)
            subscriptions[row.id] = row;
        for (const NewMessage& row : batch.messages) {
            const bool dies = std::any_of(batch.deadLetters.begin(), batch.deadLetters.end(), [&](const auto& each) {
                return each.sequence == row.sequence;
            });
            append(row, dies);
        }
        for (const FailedAttempt& row : batch.failures)
            fail(row);
        for (const RetryChange& row : batch.retryChanges) {
            const auto found = live.find(row.sequence);
            check(found != live.end() && found->second.failures > 0, "retry change of a message that did not fail");
            if (found != live.end())
                found->second.dueAtUs = row.dueAtUs;
        }
        for (const NewDeadLetter& row : batch.deadLetters)
            bury(row);
        for (const DeadLetterChange& row : batch.deadLetterChanges)
            change(row);
        remove(batch);
        for (const DeduplicationRow& row : batch.deduplications)
            check(deduplications.emplace(row.id, row).second, "deduplication exists");
        for (const std::uint64_t id : batch.expiredDeduplications)
            check(deduplications.erase(id) == 1, "deduplication to expire is missing");
        holdUniqueKeys(batch);
        blockKeys(batch); // first: what they say holds for what the same step hands out
        for (const HandoutRow& row : batch.handouts)
            handOut(row);
        for (const std::uint64_t id : batch.removedHandouts)
            check(handouts.erase(id) == 1, "hand-out to remove is missing");
        suspectSome(batch);
        for (const ScheduleRow& row : batch.schedules) {
            ScheduleRow& stored = schedules[row.definition.name];
            check(row.lastDueUs >= stored.lastDueUs, "a schedule's runs go back");
            stored = row;
        }
        for (const OperationRow& row : batch.operations)
            operate(row);
        audits.insert(audits.end(), batch.audits.begin(), batch.audits.end());
        const bool mustSync = !batch.audits.empty() || !batch.schedules.empty() || !batch.deadLetters.empty()
                              || !batch.operations.empty() || touchesFull(batch);
        check(batch.sync || !mustSync, "batch must be synced");
        return {};
    }

    base::Result<Fetched> fetch(std::span<const Sequence> messages,
                                std::span<const Sequence> deadLetters) override
    {
        Fetched fetched;
        for (const Sequence sequence : messages) {
            const auto found = live.find(sequence);
            if (found == live.end())
                continue;
            if (const auto damaged = damage.find(sequence); damaged != damage.end()) {
                fetched.messages.push_back({sequence, {}, {}, damaged->second});
                continue;
            }
            const NewMessage* content = contentOf(found->second.row);
            fetched.messages.push_back({sequence, content->envelope, content->body, {}});
        }
        for (const Sequence sequence : deadLetters) {
            FetchedDeadLetter row;
            row.sequence = sequence;
            if (const auto found = dead.find(sequence); found != dead.end()) {
                row.exists = true;
                row.state = found->second.state;
                row.queue = found->second.row.queue;
                row.priority = found->second.live.row.priority;
                row.partitionKey = found->second.live.row.partitionKey;
                row.replayCount = found->second.live.row.replayCount;
                row.place = found->second.live.row.place;
                row.bytes = bytesOf(found->second.live.row);
                if (const auto damaged = damage.find(sequence); damaged != damage.end())
                    row.damage = damaged->second;
            }
            fetched.deadLetters.push_back(row);
        }
        std::reverse(fetched.messages.begin(), fetched.messages.end()); // any order is allowed
        return fetched;
    }
    base::Result<std::vector<Sequence>> findAged(const AgedQuery& query) override
    {
        std::vector<std::pair<std::int64_t, Sequence>> found;
        for (const auto& [sequence, each] : dead) {
            if (each.state == State::Dead && each.row.queue == query.queue && each.row.diedAtUs < query.diedBeforeUs)
                found.emplace_back(each.row.diedAtUs, sequence);
        }
        std::sort(found.begin(), found.end());
        std::vector<Sequence> oldest;
        for (const auto& [diedAtUs, sequence] : found) {
            if (oldest.size() < query.limit)
                oldest.push_back(sequence);
        }
        return oldest;
    }
    std::uint64_t bytesAvailable() override { return bytes; }

    [[nodiscard]] std::uint64_t deadIn(State state) const
    {
        return static_cast<std::uint64_t>(std::count_if(dead.begin(), dead.end(), [&](const auto& each) {
            return each.second.state == state;
        }));
    }

private:
    void check(bool holds, const char* what)
    {
        if (!holds)
            violations.emplace_back(what);
    }
    [[nodiscard]] std::uint64_t bytesOf(const NewMessage& row) const
    {
        const NewMessage* content = contentOf(row);
        return content->envelope.size() + content->body.size();
    }
    const NewMessage* contentOf(const NewMessage& row) const
    {
        const NewMessage* at = &row;
        while (at->contentOf != 0)
            at = &dead.at(at->contentOf).live.row;
        return at;
    }
    /// @param dies  in the same batch: a message of a memory queue, which comes late
    void append(const NewMessage& row, bool dies)
    {
        check(dies || !row.isUnstored, "message of a memory queue is stored");
        check(row.sequence <= reservedThrough, "sequence was not reserved");
        check(dies || live.empty() || row.sequence > live.rbegin()->first, "sequences do not grow");
        check(queues.contains(row.queue), "message of an unknown queue");
        check((row.contentOf == 0) == !row.envelope.isNull(), "content is neither here nor there");
        check(!dead.contains(row.sequence), "sequence was used before");
        live.emplace(row.sequence, Live{row, 0, 0, 0, {}, false});
        ++accepted;
    }
    void fail(const FailedAttempt& row)
    {
        const auto found = live.find(row.sequence);
        check(found != live.end(), "failure of a message that is not there");
        if (found == live.end())
            return;
        check(row.failures == found->second.failures + 1, "failures do not count up by one");
        check(row.attempt.number == row.failures, "attempt has another number");
        found->second.failures = row.failures;
        found->second.dueAtUs = row.dueAtUs;
        if (found->second.firstAttemptAtUs == 0)
            found->second.firstAttemptAtUs = row.firstAttemptAtUs;
        found->second.history.push_back(row.attempt);
    }
    void bury(const NewDeadLetter& row)
    {
        const auto found = live.find(row.sequence);
        check(found != live.end(), "dead letter of a message that is not there");
        if (found == live.end())
            return;
        check(row.attempts == found->second.failures, "dead letter has another number of attempts");
        dead.emplace(row.sequence, Dead{found->second, row, State::Dead, 0, 0});
        live.erase(found);
    }
    void change(const DeadLetterChange& row)
    {
        const auto found = dead.find(row.sequence);
        check(found != dead.end() && found->second.state == row.from, "dead letter is in another state");
        if (found == dead.end())
            return;
        found->second.state = row.to;
        found->second.closedBy = row.operation;
        found->second.replayedAs = row.replayedAs;
        check((row.to == State::Replayed) == live.contains(row.replayedAs), "replay without message");
    }
    void remove(const Batch& batch)
    {
        const std::set<Sequence> withFailures(batch.removedFailures.begin(), batch.removedFailures.end());
        for (const Sequence sequence : batch.removed) {
            const auto found = live.find(sequence);
            check(found != live.end(), "removed message is not there");
            if (found == live.end())
                continue;
            check((found->second.failures > 0) == withFailures.contains(sequence),
                  "failure row is left behind");
            live.erase(found);
            ++done;
        }
    }
    /// Exactly the live messages hold their keys, and no two of a queue the same.
    void holdUniqueKeys(const Batch& batch)
    {
        for (const UniqueKeyRow& row : batch.uniqueKeys)
            check(uniqueKeys.emplace(row.sequence, row).second, "message holds two unique keys");
        for (const Sequence sequence : batch.removedUniqueKeys)
            check(uniqueKeys.erase(sequence) == 1, "unique key to remove is missing");
        std::set<std::pair<QueueId, std::string>> held;
        for (const auto& [sequence, row] : uniqueKeys) {
            check(live.contains(sequence), "unique key of a message that is not live");
            check(held.emplace(row.queue, row.key).second, "unique key is held twice");
        }
    }
    void blockKeys(const Batch& batch)
    {
        for (const KeyBlockRow& row : batch.keyBlocks) {
            const auto found = dead.find(row.sequence);
            check(found != dead.end() && found->second.live.row.partitionKey == row.key,
                  "key is held up by what is no dead letter of it");
            check(keyBlocks.emplace(row.sequence, row).second, "key is held up twice");
        }
        for (const Sequence sequence : batch.removedKeyBlocks)
            check(keyBlocks.erase(sequence) == 1, "block to remove is missing");
    }
    /// What was given back leaves no trace: after a restart only failures and hand-outs tell that it was started.
    void forgetStarts()
    {
        for (auto& [sequence, each] : live)
            each.wasStarted = each.failures > 0;
        for (const auto& [id, sequences] : handouts) {
            for (const Sequence sequence : sequences) {
                if (const auto found = live.find(sequence); found != live.end())
                    found->second.wasStarted = true;
            }
        }
    }
    static Sequence placeOf(const NewMessage& row) { return row.place != 0 ? row.place : row.sequence; }
    /// D11: nothing that stands before it in its key is unsettled, but for what still waits for its
    /// deliver-at and was never started; and no dead letter parks it.
    void checkOrder(Live& starting)
    {
        starting.wasStarted = true;
        const NewMessage& row = starting.row;
        if (row.partitionKey.empty())
            return;
        ++keyedStarts;
        for (const auto& [sequence, other] : live) {
            const bool isOfKey = other.row.queue == row.queue && other.row.partitionKey == row.partitionKey;
            const bool isAhead = other.row.deliverAtUs > wallUs && !other.wasStarted;
            if (isOfKey && !isAhead && placeOf(other.row) < placeOf(row)) {
                ++orderViolations;
                check(false, "a message was started before an earlier one of its key was settled");
            }
        }
        for (const auto& [sequence, block] : keyBlocks) {
            if (block.queue == row.queue && block.key == row.partitionKey && block.place < placeOf(row)) {
                ++orderViolations;
                check(false, "a message was started that is parked");
            }
        }
    }
    void handOut(const HandoutRow& row)
    {
        check(std::is_sorted(row.sequences.begin(), row.sequences.end()), "hand-out is not in order");
        for (const Sequence sequence : row.sequences)
        {
            check(live.contains(sequence), "hand-out of a message that is not there");
            if (const auto found = live.find(sequence); found != live.end())
                checkOrder(found->second);
        }
        check(handouts.emplace(row.id, row.sequences).second, "hand-out exists");
    }
    void suspectSome(const Batch& batch)
    {
        for (const SuspectRow& row : batch.suspects)
            suspects[row.sequence] = row;
        for (const Sequence sequence : batch.removedSuspects)
            check(suspects.erase(sequence) == 1, "suspect to remove is missing");
        for (const auto& [sequence, row] : suspects)
            check(live.contains(sequence), "suspect that is not there");
        const auto out = std::count_if(suspects.begin(), suspects.end(), [](const auto& each) {
            return each.second.handedOutAtUs != 0;
        });
        check(out <= 1, "two suspects are out");
        if (batch.crashedHandoutsThrough != 0) {
            check(batch.crashedHandoutsThrough >= crashedHandoutsThrough, "crashed hand-outs go back");
            crashedHandoutsThrough = batch.crashedHandoutsThrough;
        }
    }
    void operate(const OperationRow& row)
    {
        check(row.isNew != operations.contains(row.status.id), "operation is new or is not");
        OperationRow& stored = operations[row.status.id];
        stored.status = row.status;
        stored.cursor = row.cursor;
        if (row.isNew)
            stored.members = row.members;
    }
    bool touchesFull(const Batch& batch) const
    {
        return std::any_of(batch.messages.begin(), batch.messages.end(), [&](const NewMessage& row) {
            return queues.at(row.queue).definition.policy.durability == message::Durability::Full;
        });
    }
};

/// An engine, its ledger and a clock that only the test moves.
class Harness
{
public:
    explicit Harness(EngineOptions engineOptions = {})
        : options(engineOptions)
    {
        restart();
    }

    EngineOptions options;
    Ledger ledger;
    std::unique_ptr<Engine> engine;
    base::Now now{base::SteadyTime(base::Micros(1'000'000'000)),
                  base::wallFromMicros(1'800'000'000'000'000)};
    Batch lastBatch;
    std::vector<Effect> effects;      ///< of the last step, without Fetch
    std::vector<Command> pending;     ///< what was fetched for the next step
    ClientId nextRequest = 1;

    void advance(base::Micros by)
    {
        now.steady += by;
        now.wall += by;
    }
    /// A new engine from the ledger, as after a crash; a second passes.
    void restart()
    {
        engine = std::make_unique<Engine>(options);
        pending.clear();
        effects.clear();
        (void)ledger.load(*engine);
        advance(std::chrono::seconds(1));
        engine->finishLoad(now);
    }
    /// One step, its commit and its fetch.
    void step(std::vector<Command> commands = {})
    {
        std::vector<Command> all = std::exchange(pending, {});
        std::move(commands.begin(), commands.end(), std::back_inserter(all));
        StepResult result;
        engine->step(now, all, ledger.bytes, result);
        ledger.wallUs = base::toMicros(now.wall);
        if (!result.batch.empty())
            (void)ledger.commit(result.batch);
        lastBatch = std::move(result.batch);
        effects.clear();
        for (Effect& effect : result.effects) {
            if (auto* fetch = std::get_if<Fetch>(&effect)) {
                Fetched fetched = *ledger.fetch(fetch->messages, fetch->deadLetters);
                for (const AgedQuery& query : fetch->aged) {
                    auto found = *ledger.findAged(query);
                    const bool isWhole = found.size() < query.limit;
                    fetched.aged.push_back({query.queue, std::move(found), isWhole});
                }
                pending.emplace_back(std::move(fetched));
            } else
                effects.push_back(std::move(effect));
        }
    }
    /// Steps until nothing is left to do at this time; keeps the effects of all steps.
    void run(std::vector<Command> commands = {})
    {
        std::vector<Effect> all;
        step(std::move(commands));
        for (int i = 0; i < 10'000; ++i) {
            std::move(effects.begin(), effects.end(), std::back_inserter(all));
            const auto next = engine->nextDeadline();
            if (pending.empty() && (!next || *next > now.steady))
                break;
            step();
        }
        effects = std::move(all);
    }
    template<typename T>
    std::vector<T> take()
    {
        std::vector<T> found;
        for (Effect& effect : effects) {
            if (auto* each = std::get_if<T>(&effect))
                found.push_back(std::move(*each));
        }
        std::erase_if(effects, [](const Effect& each) { return std::holds_alternative<T>(each); });
        return found;
    }
    std::vector<Delivery> takeDeliveries()
    {
        std::vector<Delivery> all;
        for (Deliver& each : take<Deliver>())
            std::move(each.items.begin(), each.items.end(), std::back_inserter(all));
        return all;
    }

    // ---- commands in short
    QueueId define(const std::string& name, message::QueuePolicy policy = {})
    {
        run({DefineQueue{1, nextRequest++, "tester", {name, policy}}});
        const QueueRow* row = engine->findQueue(name);
        return row == nullptr ? 0 : row->id;
    }
    static message::Envelope envelope(const std::string& id)
    {
        message::Envelope envelope;
        envelope.id = id;
        envelope.source = "/test";
        envelope.type = "test.message";
        return envelope;
    }
    static Submission item(const message::Envelope& envelope, std::string body = "body")
    {
        Submission item;
        item.envelope = base::Slice::own(message::encode(envelope));
        item.body = base::Slice::own(std::move(body));
        item.view = *message::viewEnvelope(item.envelope.view());
        return item;
    }
    static Submit submitOf(const std::string& target, std::vector<Submission> items, ClientId client = 7)
    {
        return Submit{client, 1, target, std::move(items)};
    }
    /// Submits messages "first" … and returns the confirm; deliveries stay in `effects`.
    Confirm submit(const std::string& target, std::vector<Submission> items)
    {
        run({submitOf(target, std::move(items))});
        return take<Confirm>().at(0);
    }
    Confirm submitMany(const std::string& target, int count, const std::string& body = "body")
    {
        std::vector<Submission> items;
        for (int i = 0; i < count; ++i)
            items.push_back(item(envelope("m" + std::to_string(i)), body));
        return submit(target, std::move(items));
    }
    void attach(ClientId client, const std::string& queue, std::uint32_t credit)
    {
        const QueueRow* row = engine->findQueue(queue);
        run({Attach{client, nextRequest++, queue, "worker-" + std::to_string(client)},
             Credit{client, row == nullptr ? 0 : row->id, credit}});
    }
    Settled acknowledge(ClientId client, const std::vector<LeaseRef>& leases)
    {
        run({Settle{client, nextRequest++, leases, {}}});
        return take<Settled>().at(0);
    }
    Settled end(ClientId client,
                LeaseRef lease,
                message::Ending ending,
                message::Failure failure = {"Boom", "it broke"},
                std::optional<base::Micros> delay = std::nullopt,
                message::Reason reason = message::Reason::Rejected)
    {
        run({Settle{client, nextRequest++, {}, {{lease, ending, reason, std::move(failure), delay}}}});
        return take<Settled>().at(0);
    }
    telemetry::QueueSample figures(const std::string& queue)
    {
        telemetry::QueueSample found;
        engine->sample(now, [&](const QueueRow& row, const telemetry::QueueSample& sample) {
            if (row.definition.name == queue)
                found = sample;
        });
        return found;
    }
    /// D5: what the engine counts is what the ledger holds, and nothing is missing.
    [[nodiscard]] std::string imbalance() const
    {
        if (!ledger.violations.empty())
            return ledger.violations.front();
        const auto count = [&](State state) { return engine->count(state); };
        const std::uint64_t waiting = count(State::Ready) + count(State::Scheduled)
                                      + count(State::Retrying) + count(State::Leased)
                                      + count(State::Parked);
        if (waiting != ledger.live.size() + engine->unstoredCount())
            return "the engine holds " + std::to_string(waiting) + " live messages, the ledger "
                   + std::to_string(ledger.live.size());
        for (const State state : {State::Dead, State::Archived, State::Replayed, State::Discarded}) {
            if (count(state) != ledger.deadIn(state))
                return "another number of " + std::string(message::toString(state));
        }
        if (ledger.live.size() + ledger.dead.size() + ledger.done != ledger.accepted)
            return "messages are missing";
        return {};
    }
};

} // namespace millrace::test
