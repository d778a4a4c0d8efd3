// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/engine.h"
#include "core/engine/handouts_p.h"
#include "core/engine/leases_p.h"
#include "core/engine/queue_p.h"
#include "core/engine/random_p.h"
#include "core/engine/schedules_p.h"
#include "core/engine/submit_times_p.h"
#include "core/engine/suspects_p.h"
#include "core/engine/timers_p.h"
#include "core/engine/unstored_p.h"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace millrace::engine {

/// The state machine. One file for each concern; all of them write to the batch and effects of the
/// step that runs.
class Engine::Impl
{
public:
    explicit Impl(EngineOptions options);

    // load.cpp
    void onMeta(std::uint64_t epoch, Sequence reservedThrough);
    void onLastRun(bool stoppedCleanly, std::uint64_t crashedHandoutsThrough);
    void onQueue(const QueueRow& row);
    void onSubscription(const SubscriptionRow& row);
    void onSchedule(const ScheduleRow& row);
    void onMessage(const LoadedMessage& row);
    void onFailure(const LoadedFailure& row);
    void onDeduplication(const DeduplicationRow& row);
    void onHandout(const HandoutRow& row);
    void onSuspect(const SuspectRow& row);
    void onKeyBlock(const KeyBlockRow& row);
    void onUniqueKey(const UniqueKeyRow& row);
    void onDeadLetterCount(QueueId queue, message::State state, std::uint64_t count);
    void onOperation(const OperationRow& row);
    void finishLoad(base::Now now, bool isRebuild);

    // engine.cpp
    void step(base::Now now, std::span<Command> commands, std::uint64_t submitBudget, StepResult& result);
    [[nodiscard]] std::optional<base::SteadyTime> nextDeadline() const;
    [[nodiscard]] std::uint64_t epoch() const noexcept { return m_epoch; }
    [[nodiscard]] std::size_t queueCount() const noexcept { return m_queues.size(); }
    [[nodiscard]] std::uint64_t count(message::State state) const;
    [[nodiscard]] std::uint64_t unstoredCount() const noexcept { return m_unstored.size(); }

    // figures.cpp
    void sample(base::Now now,
                const std::function<void(const QueueRow&, const telemetry::QueueSample&)>& visit);

    // running.cpp
    [[nodiscard]] base::Result<std::vector<message::RunningMessage>>
    running(std::string_view queue, std::size_t limit, base::Now now);
    [[nodiscard]] base::Result<std::vector<message::RetryingMessage>>
    retrying(std::string_view queue, std::size_t limit, base::Now now) const;
    [[nodiscard]] base::Result<std::vector<message::ParkedKey>> parkedKeys(std::string_view queue, std::size_t limit) const;

    // operations.cpp
    [[nodiscard]] std::vector<message::OperationStatus> operations() const;

    // define.cpp
    [[nodiscard]] std::vector<message::SubscriptionDefinition> subscriptions() const;
    [[nodiscard]] Queue* findQueue(std::string_view name) const;

    // schedules.cpp
    [[nodiscard]] std::vector<message::ScheduleStatus> schedules() const;

private:
    using Troubles = std::unordered_map<Sequence, Trouble>;
    struct Subscription
    {
        SubscriptionRow row;
        Queue* queue = nullptr;
    };
    struct Operation
    {
        OperationRow row;          ///< members only while it runs
        std::size_t requested = 0; ///< members from the cursor on that are being fetched
    };
    /// A plain message whose bytes are being fetched.
    struct Request
    {
        Sequence sequence = 0;
        Queue* queue = nullptr;
        std::uint8_t priority = 0;
    };
    /// Where what is handed out came from.
    struct Origin
    {
        std::int64_t dueUs = 0;
        std::uint8_t priority = 0;
        bool isTrouble = false;
        KeyLine* line = nullptr; ///< of its partition key
    };
    /// A submit, and how far it has come. While its confirm is withheld it is among m_deferred.
    struct Deferred
    {
        Submit command;
        Confirm confirm;
        std::size_t next = 0;    ///< the first item that is neither accepted nor refused
        std::uint64_t id = 0;    ///< in the order of the submits; 0 = was never deferred
        std::uint64_t bytes = 0; ///< of what is left
        Queue* queue = nullptr;  ///< waited for
    };
    /// What an atomic submit would put into a queue so far.
    struct Planned
    {
        std::uint64_t messages = 0;
        std::uint64_t bytes = 0;
    };
    /// A message with a partition key, as loaded.
    struct LoadedInLine
    {
        Sequence sequence = 0;
        Sequence place = 0;
        Queue* queue = nullptr;
        KeyLine* line = nullptr;
        std::uint8_t priority = 0;
    };
    struct DirtyLine
    {
        Queue* queue = nullptr;
        KeyLine* line = nullptr;
    };
    /// Where a message stood that has just left its line.
    struct Left
    {
        Sequence sequence = 0;
        KeyLine* line = nullptr;
        Sequence place = 0;
    };
    /// What load() reads and finishLoad() turns into troubles and times.
    struct Loading
    {
        std::vector<LoadedFailure> failures;
        std::vector<HandoutRow> handouts;
        std::vector<DeduplicationRow> deduplications;
        std::vector<SuspectRow> suspects;
        bool stoppedCleanly = true;
        std::uint64_t crashedHandoutsThrough = 0;
        std::vector<UniqueKeyRow> uniqueKeys;
        std::vector<LoadedInLine> keyed; ///< by sequence
    };

    // ---- shared by all files
    [[nodiscard]] Batch& batch() noexcept { return m_result->batch; }
    [[nodiscard]] std::int64_t nowUs() const noexcept { return m_now.steady.time_since_epoch().count(); }
    [[nodiscard]] std::int64_t wallUs() const noexcept { return base::toMicros(m_now.wall); }
    void touch(const Queue& queue)
    {
        if (queue.policy().durability == message::Durability::Full)
            batch().sync = true;
    }
    void activate(Queue& queue);
    Sequence takeSequence();
    template<typename T>
    void send(T effect)
    {
        m_result->effects.emplace_back(std::in_place_type<T>, std::move(effect));
    }
    void reply(ClientId client, RequestId request, base::Result<message::OperationStatus> outcome);

    // ---- load.cpp
    void findLoadedTroubles();
    void resumeTroubles();
    void loadDeduplications();

    // ---- engine.cpp
    void fireTimers();
    void fireSteady(const Timers::Steady& timer);
    void fireWall(const Timers::Wall& timer);
    void expireDeduplications(Queue& queue);

    // ---- submit.cpp
    void handle(Submit& command);
    void proceed(Deferred& work);
    void proceedAtomic(Deferred& work);
    [[nodiscard]] Queue* planAtomic(Deferred& work);
    [[nodiscard]] bool selectTargets(const std::string& target, const Submission& item);
    [[nodiscard]] const Deduplication::Entry* acceptedBefore(const Queue& queue, const Submission& item) const;
    void submitOne(Submission& item, std::uint32_t index, Confirm& confirm);
    bool selectQueues(const std::string& target);
    void selectSubscribers(std::string_view topic, const Submission& item);
    [[nodiscard]] std::optional<base::Error>
    refusal(const Queue& queue, const Submission& item, const Planned& planned) const;
    void accept(Queue& queue, const Submission& item, Sequence sequence, bool isUnstored);
    void remember(Queue& queue, const Submission& item, Sequence sequence, bool isUnstored);
    void enqueue(Queue& queue, const NewMessage& row);
    void ownLater(Lane& lane);
    void ownFresh();
    [[nodiscard]] Sequence oldestCold() const;

    // ---- unstored.cpp
    /// Ids of idempotency keys whose messages are in no store begin here: they have no row either.
    static constexpr std::uint64_t kUnstoredKeys = 1ULL << 63U;
    void removeRows(Sequence sequence, bool hasFailures);
    void addFailure(FailedAttempt row);
    void removeKeys(std::vector<std::uint64_t>& ids);

    // ---- clients.cpp
    void handle(Attach& command);
    void handle(DetachQueue& command);
    void handle(Credit& command);
    void handle(Disconnect& command);
    [[nodiscard]] Attachment* findAttachment(ClientId client, QueueId queue);
    void detach(Attachment& attachment);
    void reap(Attachment& attachment);

    // ---- settle.cpp
    void handle(Settle& command);
    void handle(Extend& command);
    void acknowledge(Lease& lease);
    void failDelivery(Lease& lease,
                      message::Ending ending,
                      message::Reason reason,
                      message::Failure failure,
                      std::optional<base::Micros> delay);
    [[nodiscard]] std::optional<message::Reason> judge(const message::RetryPolicy& retry,
                                                       const Trouble& trouble,
                                                       message::Ending ending,
                                                       message::Reason reason,
                                                       std::string_view errorClass,
                                                       std::optional<base::Micros> asked,
                                                       base::Micros& wait);
    void giveBack(Lease& lease);
    void lapse(Lease& lease);
    void lapseDue(Queue& queue);
    void timeLeases(Queue& queue);
    void timeEachLease(Queue& queue);
    Lease closeLease(Lease& lease, bool wasRun);

    // ---- troubles.cpp
    Trouble& troubleOf(const Lease& ended);
    void becomeReady(Sequence sequence, Trouble& trouble);
    void timeExpiry(Sequence sequence, Trouble& trouble);
    void leaveState(Sequence sequence, Trouble& trouble);
    void expire(Sequence sequence, Trouble& trouble);
    void forget(Sequence sequence);
    void dropBytes(Trouble& trouble);
    [[nodiscard]] bool isLive(const Timers::Wall& timer) const;
    [[nodiscard]] bool hasExpired(const Trouble& trouble) const
    {
        return trouble.expiresAtUs != 0 && trouble.expiresAtUs <= wallUs();
    }
    void bury(Sequence sequence,
              Queue& queue,
              message::Reason reason,
              message::Failure failure,
              std::string worker,
              std::uint32_t attempts);

    // ---- schedules.cpp
    void handle(DefineSchedule& command);
    void handle(RemoveSchedule& command);
    void handle(KeepSchedules& command);
    void handle(PauseSchedule& command);
    void handle(RunSchedule& command);
    [[nodiscard]] base::Result<void> checkSchedule(const message::ScheduleDefinition& definition) const;
    void removeSchedule(Schedules::Entry& entry, std::string actor, bool isByOperator);
    void resumeSchedules();
    [[nodiscard]] std::int64_t nextRun(const Schedules::Entry& entry) const;
    void planSchedules();
    [[nodiscard]] std::optional<std::int64_t> nextScheduleUs() const;
    void fireSchedules();
    void fire(Schedules::Entry& entry);
    [[nodiscard]] base::Result<void> submitRun(const message::ScheduleDefinition& definition, std::int64_t dueUs);
    void block(Schedules::Entry& entry, std::string why);
    void keep(const Schedules::Entry& entry);

    // ---- suspects.cpp
    void findSuspects(bool isCrash);
    void suspect(Sequence sequence, Trouble& trouble);
    void recordCrash();
    void countCrash(const SuspectRow& found);
    void clearSuspect(Sequence sequence);
    void makeReady(Sequence sequence, Trouble& trouble);
    void deliverSuspect();
    void fetchSuspects(const Queue& queue);
    [[nodiscard]] bool reserveWorker();
    void freeWorker();
    void handOutAlone(Queue& queue, Sequence sequence, Trouble& trouble);
    void aloneEnded(const Attachment& worker, bool wasRun);

    // ---- keys.cpp
    [[nodiscard]] static KeyLine& lineOf(Queue& queue, std::string_view key);
    void lookAt(Queue& queue, KeyLine& line);
    void enqueueInLine(Queue& queue, const NewMessage& row);
    void joinLine(Queue& queue, KeyLine& line, KeyLine::Entry entry);
    void becomeReadyInLine(Sequence sequence, Trouble& trouble);
    void startInLine(Trouble& trouble);
    void leaveLane(Sequence sequence, const Trouble& trouble);
    void leaveLine(Sequence sequence, const Trouble& trouble);
    void parkBehind(Queue& queue, const Left& left);
    void unpark(Queue& queue, std::string_view key, Sequence deadLetter);
    void advanceLines();
    void advanceLine(Queue& queue, KeyLine& line);
    void handle(ResumeKey& command);
    void loadInLine(Queue& queue, const LoadedMessage& row, std::uint8_t priority);
    Trouble& troubleInLine(const LoadedInLine& loaded);
    void findTroublesInLine(const std::vector<Sequence>& wanted);
    void resumeLines();
    [[nodiscard]] Trouble* findInLines(Queue& queue, Sequence sequence);

    // ---- unique.cpp
    void holdUnique(Queue& queue, const Submission& item, const NewMessage& row);
    void releaseUnique(Sequence sequence);
    void loadUniqueKeys();

    // ---- defer.cpp
    [[nodiscard]] Queue* queueToWaitFor(const Deferred& work);
    [[nodiscard]] static bool isBehindOthers(const Queue& queue, const Deferred& work);
    [[nodiscard]] static bool isWaitedForIn(const Queue& queue, const Submission& item, const Planned& planned);
    [[nodiscard]] bool defer(Deferred& work, Queue& queue);
    [[nodiscard]] Deferred takeDeferred(std::uint64_t id);
    void resumeDeferred();
    void giveUpDeferred(std::uint64_t id);
    void dropDeferred(ClientId client);

    // ---- rates.cpp
    [[nodiscard]] std::uint64_t allowance(Queue& queue);
    void spend(Queue& queue, std::uint64_t count);
    void unthrottle(Queue& queue);
    [[nodiscard]] bool mayStart(Queue& queue, KeyLine& line);
    [[nodiscard]] bool mayForget(Queue& queue, KeyLine& line);
    void throttle(Queue& queue, KeyLine& line, std::int64_t untilUs);
    void lookAtThrottled(Queue& queue, bool all);

    // ---- deliver.cpp
    void deliver();
    void deliverFrom(Queue& queue, std::uint32_t& budget);
    [[nodiscard]] Lane* nextLane(Queue& queue);
    [[nodiscard]] static Lane* lowerLane(Queue& queue);
    static void noteTurn(Queue& queue, const Lane& lane);
    [[nodiscard]] Attachment& nextAttachment(Queue& queue);
    [[nodiscard]] std::uint64_t sizeOfNext(const Lane& lane) const;
    void handOut(Queue& queue, Lane& lane, Attachment& attachment, Deliver& into);
    void takeTrouble(Sequence sequence, Trouble& trouble, Delivery& delivery);
    void openLease(Queue& queue, Attachment& attachment, Delivery& delivery, const Origin& origin);

    // ---- fetch.cpp
    void planFetch(Queue& queue);
    void planFetch(Queue& queue, Lane& lane, std::uint8_t priority, std::size_t limit);
    void sendFetch();
    void handle(Fetched& command);
    void arrive(const Request& request, FetchedMessage* row, bool isShared);
    void arriveInTrouble(Sequence sequence, FetchedMessage* row);
    void vanish(Queue& queue);

    // ---- define.cpp
    void handle(DefineQueue& command);
    void handle(DefineSubscription& command);
    void handle(SetPaused& command);
    void handle(UpdateQueue& command);
    void declare(Queue& queue, const message::QueuePolicy& wanted, std::string actor);
    void changePolicy(Queue& queue, message::QueuePolicy policy);
    Queue& addQueue(QueueRow row);
    [[nodiscard]] base::Result<void> checkNewQueue(const message::QueueDefinition& definition) const;
    [[nodiscard]] base::Result<Queue*>
    checkNewSubscription(const message::SubscriptionDefinition& definition) const;
    void audit(std::string actor,
               std::string verb,
               std::string target,
               std::uint64_t count,
               std::string parameters,
               std::string members);

    // ---- acts.cpp
    /// One message that an operator wants something of: where it is.
    struct Found
    {
        Trouble* trouble = nullptr; ///< null for a plain one
        Lease* lease = nullptr;     ///< null if it is not leased
        bool isWaiting = false;     ///< a plain one, in `lane`
        Lane* lane = nullptr;
    };
    /// What is left to record of a message that was taken out.
    struct Removal
    {
        std::uint32_t failures = 0;
        std::string worker; ///< whose lease it was
    };
    using LeasesBySequence = std::unordered_map<Sequence, Lease*>;
    void handle(ActOnMessages& command);
    [[nodiscard]] LeasesBySequence leasesOf(const Queue& queue, const std::vector<Sequence>& sorted);
    [[nodiscard]] Found find(Queue& queue, Sequence sequence, const LeasesBySequence& leases);
    [[nodiscard]] const char* act(const ActOnMessages& command,
                                  Queue& queue,
                                  Sequence sequence,
                                  const LeasesBySequence& leases,
                                  std::vector<StopDeliveries>& stops);
    bool retryNow(Sequence sequence, const Found& found);
    void takeOut(Queue& queue, Sequence sequence, const Found& found, std::vector<StopDeliveries>& stops, Removal& removal);

    // ---- retention.cpp
    void timeRetention(Queue& queue);
    void planRetention();
    void archive(const FetchedAged& aged);

    // ---- running.cpp
    void note(Lease& lease, const message::Progress& progress);

    // ---- operations.cpp
    void handle(StartOperation& command);
    void handle(CancelOperation& command);
    void planOperations();
    void forgetOldOperations();
    void advance(Operation& operation, std::span<const FetchedDeadLetter> rows);
    [[nodiscard]] const char* moveOne(Operation& operation,
                                      Sequence sequence,
                                      const FetchedDeadLetter* row,
                                      Sequence& replayedAs);
    [[nodiscard]] Sequence replay(const FetchedDeadLetter& row, Queue& queue);
    void endOperation(Operation& operation, message::OperationState state);
    void record(const Operation& operation);

    // set once
    EngineOptions m_options;
    std::uint64_t m_epoch = 0;

    // of the step that runs
    base::Now m_now;
    StepResult* m_result = nullptr;
    std::uint64_t m_submitBudget = 0;
    bool m_isPlanned = false; ///< what is submitted now was found acceptable as a whole
    bool m_isPlanStored = false; ///< and some of it goes to a queue that the store keeps: so does all of it
    std::vector<Queue*> m_targets;             ///< scratch: queues that the item at hand goes to
    std::vector<Queue*> m_copies;              ///< scratch: those of them that take a copy
    std::unordered_set<Sequence> m_changed;    ///< dead letters that this step has changed

    // what exists
    std::vector<std::unique_ptr<Queue>> m_queues;
    std::unordered_map<std::string, Queue*, TextHash, std::equal_to<>> m_queuesByName;
    std::unordered_map<QueueId, Queue*> m_queuesById;
    std::map<std::string, std::vector<Subscription>, std::less<>> m_topics;
    std::uint32_t m_lastSubscription = 0;
    QueueId m_lastQueue = 0;
    std::unordered_map<ClientId, std::vector<std::unique_ptr<Attachment>>> m_clients;

    // messages
    Troubles m_troubles;
    LeaseTable m_leases;
    struct NotedProgress
    {
        message::Progress progress;
        std::int64_t atUs = 0; ///< UTC
    };
    std::unordered_map<std::uint64_t, NotedProgress> m_progress; ///< by lease token
    Unstored m_unstored;
    Handouts m_handouts;
    Suspects m_suspects;
    Schedules m_schedules;
    Timers m_timers;
    SubmitTimes m_times;
    Random m_random;
    Sequence m_lastSequence = 0;
    Sequence m_reservedThrough = 0;
    std::uint64_t m_lastDeduplication = 0;
    std::uint64_t m_lastUnstoredKey = kUnstoredKeys;
    std::uint64_t m_deduplicationBytes = 0;
    std::uint64_t m_residentBytes = 0;
    std::vector<Lane*> m_freshLanes; ///< have messages whose bytes lie in a buffer shared with others
    std::uint64_t m_vanished = 0; ///< fetched, and not in the store

    // work in hand
    std::vector<Queue*> m_active;
    std::vector<DirtyLine> m_dirtyLines;
    std::unordered_map<Sequence, std::pair<Queue*, std::string>> m_uniqueKeys; ///< of the messages that hold one
    std::map<std::uint64_t, Deferred> m_deferred;
    std::uint64_t m_lastDeferred = 0;
    std::uint64_t m_deferredMessages = 0;
    std::uint64_t m_deferredBytes = 0;
    Left m_left;
    bool m_isLoading = false;
    bool m_isLeftOver = false;
    bool m_isFetching = false;
    Fetch m_fetch;
    std::uint64_t m_fetchBytes = 0;            ///< expected of m_fetch
    std::vector<FetchedMessage> m_fetchedHere; ///< of m_requests, what the store does not have
    std::vector<Request> m_requests;
    std::vector<Sequence> m_requestedTroubles;
    std::vector<Queue*> m_agedQueues; ///< whose dead letters are to be looked through
    std::map<OperationId, Operation> m_operations;
    OperationId m_lastOperation = 0;
    std::vector<std::uint64_t> m_removedHandouts; ///< found at load, for the first step
    Loading m_loading;
};

} // namespace millrace::engine
