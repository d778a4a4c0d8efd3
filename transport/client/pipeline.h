// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/message/dead_letter.h"
#include "core/message/policy.h"
#include "core/message/schedule.h"
#include "core/telemetry/sample.h"
#include "core/telemetry/time_series.h"

#include <QFuture>
#include <QMetaType>
#include <QObject>
#include <QString>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace millrace::client {

using base::Result;

inline constexpr std::chrono::milliseconds kDefaultDeadline{5000};

/// What a backend may be unable to do.
enum class Capability : std::uint8_t {
    PauseQueue,
    DefineQueue,
    BrowseDeadLetters,
    SearchText,
    Replay,
    Discard,
    Restore,
    Archive,
    UpdateQueue,   ///< change the policy of a queue that exists, and go back to the pipeline file's
    ActOnMessages, ///< cancel, try now, give up
    ShowRunning,   ///< running(), retrying(), parkedKeys()
    ResumeKey,     ///< resumeKey()
    Schedule,      ///< schedules and what changes them
    History, ///< series() reaches back before the connection
};

/// What the backend can do; for the rest a sentence that says why not, which the window shows.
class Capabilities
{
public:
    /// Everything is possible.
    Capabilities() = default;
    void exclude(Capability capability, std::string why) { m_excluded[capability] = std::move(why); }
    [[nodiscard]] bool can(Capability capability) const { return !m_excluded.contains(capability); }
    /// Empty if it can.
    [[nodiscard]] std::string why(Capability capability) const
    {
        const auto found = m_excluded.find(capability);
        return found == m_excluded.end() ? std::string() : found->second;
    }

private:
    std::map<Capability, std::string> m_excluded;
};

/// How old what is shown may be.
enum class Freshness : std::uint8_t {
    Connecting, ///< never reached yet
    Fresh,      ///< telemetry came within the last 2 s
    Stale,      ///< none for 2 s
    Lost,       ///< the session ended; reconnects by itself
};

struct QueueStatus
{
    std::string name;
    bool paused = false;
    message::QueuePolicy policy;
    telemetry::QueueSample sample;
    bool differsFromFile = false; ///< an operator changed the policy, and the pipeline file says otherwise
    std::string halted;           ///< a sentence that says why nothing is delivered; empty = it is, or the queue is paused
};

/// What became of an act on live messages.
struct ActResult
{
    std::uint64_t moved = 0;
    std::uint64_t skipped = 0; ///< not there any more, or not in a state for it
    friend bool operator==(const ActResult&, const ActResult&) = default;
};

/// The node as a process.
struct NodeStatus
{
    std::string name;           ///< for people, for example `embedded`
    std::string version;
    std::int64_t pid = 0;
    std::uint64_t databaseBytes = 0, walBytes = 0, residentBytes = 0;
    std::uint64_t commits = 0;
    std::int64_t lastCommitUs = 0;
    std::uint32_t sessions = 0;
    std::uint64_t framesRefused = 0; ///< garbage, oversized, wrong version
    std::string trouble;             ///< a sentence while something is wrong (disk full, store reopened); empty = all is well
};

/// The pipeline at one moment. Immutable once published.
struct Snapshot
{
    std::uint64_t epoch = 0;  ///< grows at each start of the node
    std::uint64_t number = 0; ///< grows by one; a gap means that frames were lost
    std::int64_t atUs = 0;    ///< UTC, the node's clock
    telemetry::QueueSample total;
    std::vector<QueueStatus> queues; ///< by name
    std::vector<message::SubscriptionDefinition> subscriptions;
    std::vector<message::OperationStatus> operations; ///< newest first; running ones and the last that ended
    NodeStatus node;
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

struct DeadLetterView
{
    message::ViewId id = 0;
    std::uint64_t total = 0; ///< rows, frozen
};

/// One running pipeline, as a monitor sees it: what the window and `millrace-node` use, whatever is behind it.
///
/// Every call returns a QFuture that always finishes with one result, within its deadline, also when the node dies
/// in the middle or this object is destroyed (Cancelled): await it in a coroutine (`co_await pipeline->pause(…)`), or watch
/// it; the signals tell the same. Reads end in Timeout, changes in Unknown, when the deadline passes after the request
/// was sent.
/// Thread: the one that owns the object (in the window: gui). Names no transport type.
class Pipeline : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    [[nodiscard]] virtual Capabilities capabilities() const = 0;
    [[nodiscard]] virtual Freshness freshness() const = 0;
    /// The newest snapshot; null before the first.
    [[nodiscard]] virtual SnapshotPtr snapshot() const = 0;
    /// Where it is, for people: `embedded`, an endpoint, …
    [[nodiscard]] virtual QString displayName() const = 0;

    // ---- reads; errors: NotFound, Timeout, Closed, Unsupported, Protocol

    /// Points with from ≤ atUs < until, oldest first; an empty queue name means all together.
    [[nodiscard]] virtual QFuture<Result<std::vector<telemetry::Point>>>
    series(std::string queue, std::int64_t fromUs, std::int64_t untilUs) = 0;
    /// Freezes the result list of a filter. Close it when it is no longer shown; the node closes the
    /// views of a session that ends.
    [[nodiscard]] virtual QFuture<Result<DeadLetterView>> openDeadLetters(message::DeadLetterFilter filter) = 0;
    virtual void closeDeadLetters(message::ViewId view) = 0;
    /// Rows first … first+count-1 of a view, in its order; count ≤ 1,000.
    [[nodiscard]] virtual QFuture<Result<std::vector<message::DeadLetterRow>>>
    deadLetterRows(message::ViewId view, std::uint64_t first, std::uint32_t count) = 0;
    [[nodiscard]] virtual QFuture<Result<message::DeadLetterDetail>> deadLetter(message::MessageRef ref) = 0;
    [[nodiscard]] virtual QFuture<Result<std::vector<message::DeadLetterGroup>>>
    deadLetterGroups(message::DeadLetterFilter filter) = 0;

    /// All schedules by name, without their bodies, with their last and their next five runs. A backend without schedules
    /// answers Unsupported, here and below.
    [[nodiscard]] virtual QFuture<Result<std::vector<message::ScheduleStatus>>> schedules()
    {
        return withoutSchedules<std::vector<message::ScheduleStatus>>();
    }
    /// One schedule, with its body. Errors: also NotFound.
    [[nodiscard]] virtual QFuture<Result<message::ScheduleStatus>> schedule(std::string)
    {
        return withoutSchedules<message::ScheduleStatus>();
    }
    /// What the workers of a queue hold, longest first; limit ≤ message::kMaxRunningShown.
    [[nodiscard]] virtual QFuture<Result<std::vector<message::RunningMessage>>>
    running(std::string queue, std::uint32_t limit) = 0;

    /// What failed and waits for its next attempt, the soonest first; limit ≤ message::kMaxRunningShown.
    [[nodiscard]] virtual QFuture<Result<std::vector<message::RetryingMessage>>>
    retrying(std::string queue, std::uint32_t limit) = 0;
    /// Partition keys of which messages are parked, those with the most first; limit ≤ message::kMaxRunningShown. A backend
    /// without order by key has none.
    [[nodiscard]] virtual QFuture<Result<std::vector<message::ParkedKey>>> parkedKeys(std::string, std::uint32_t)
    {
        return QtFuture::makeReadyFuture(Result<std::vector<message::ParkedKey>>(std::vector<message::ParkedKey>()));
    }

    // ---- changes; errors: those of reads, Conflict, Unknown

    [[nodiscard]] virtual QFuture<Result<void>> setPaused(std::string queue, bool paused) = 0;
    /// Lets go on what is parked behind dead letters of partition key `key`; these stay dead. Errors: also NotFound, if
    /// none holds the key up. A backend without order by key answers Unsupported.
    [[nodiscard]] virtual QFuture<Result<void>> resumeKey(std::string queue, std::string key)
    {
        return QtFuture::makeReadyFuture(
            Result<void>(base::fail(base::ErrorCode::Unsupported,
                                    "this pipeline does not keep the order of keys: nothing holds up key \"" + key
                                        + "\" of queue \"" + queue + "\"")));
    }
    [[nodiscard]] virtual QFuture<Result<void>> defineQueue(message::QueueDefinition definition) = 0;
    /// Replaces the policy of a queue that exists, while it runs; wins over the pipeline file. Errors: also Invalid.
    [[nodiscard]] virtual QFuture<Result<void>> updateQueue(message::QueueDefinition definition) = 0;
    /// Back to what the pipeline file declares. Errors: also Conflict (it declares no such queue).
    [[nodiscard]] virtual QFuture<Result<void>> resetQueue(std::string queue) = 0;
    /// Cancels live messages of one queue, tries them now, or gives them up; at most message::kMaxActedOn, at once. The
    /// worker of one that runs is told. Errors: also Limit; NotFound and Conflict if nothing could be done to any.
    [[nodiscard]] virtual QFuture<Result<ActResult>> actOnMessages(std::string queue,
                                                                   message::LiveAct act,
                                                                   std::vector<message::MessageRef> messages,
                                                                   std::string reason) = 0;
    [[nodiscard]] virtual QFuture<Result<void>> defineSubscription(message::SubscriptionDefinition definition) = 0;
    /// Creates a schedule or changes it; from then on the pipeline file no longer decides about it. Errors: also Invalid.
    [[nodiscard]] virtual QFuture<Result<void>> defineSchedule(message::ScheduleDefinition)
    {
        return withoutSchedules<void>();
    }
    [[nodiscard]] virtual QFuture<Result<void>> removeSchedule(std::string) { return withoutSchedules<void>(); }
    /// What falls due while it is paused is not made up for.
    [[nodiscard]] virtual QFuture<Result<void>> pauseSchedule(std::string, bool) { return withoutSchedules<void>(); }
    /// Submits one message of it now, beside the runs that are due. Errors: also those of a submit.
    [[nodiscard]] virtual QFuture<Result<void>> runSchedule(std::string) { return withoutSchedules<void>(); }
    /// Freezes the selection and starts; progress comes with the snapshots and from operation().
    /// @param reason  what the person wrote; kept with the operation and in the audit log
    [[nodiscard]] virtual QFuture<Result<message::OperationStatus>>
    startOperation(message::Verb verb, message::Selection selection, std::string reason) = 0;
    [[nodiscard]] virtual QFuture<Result<message::OperationStatus>> operation(message::OperationId id) = 0;
    [[nodiscard]] virtual QFuture<Result<message::OperationStatus>> cancelOperation(message::OperationId id) = 0;

Q_SIGNALS:
    /// At most ten times a second.
    void snapshotReady(millrace::client::SnapshotPtr snapshot);
    void freshnessChanged(millrace::client::Freshness freshness);
    /// Telemetry frames were lost; the next snapshot is whole again.
    void snapshotsMissed(quint64 count);
    /// An operation advanced or ended.
    void operationChanged(millrace::message::OperationStatus status);

private:
    template<typename T>
    [[nodiscard]] static QFuture<Result<T>> withoutSchedules()
    {
        return QtFuture::makeReadyFuture(Result<T>(
            base::fail(base::ErrorCode::Unsupported, "this pipeline has no schedules: it submits nothing by itself")));
    }
};

} // namespace millrace::client

Q_DECLARE_METATYPE(millrace::client::SnapshotPtr)
Q_DECLARE_METATYPE(millrace::client::Freshness)
Q_DECLARE_METATYPE(millrace::message::OperationStatus)
