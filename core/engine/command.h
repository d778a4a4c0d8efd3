// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/slice.h"
#include "core/engine/store_port.h"
#include "core/message/delivery.h"
#include "core/message/envelope.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What goes into the engine, and what comes out and may leave the process once the step's batch is durable.
namespace millrace::engine {

using ClientId = std::uint64_t;  ///< a session, given by the transport; never reused within a process
using RequestId = std::uint64_t; ///< the client's own number, echoed in the answer

// ---- commands of the data plane

struct Submission
{
    base::Slice envelope;
    base::Slice body;
    message::EnvelopeView view; ///< of `envelope`, already checked
    std::string target;         ///< instead of that of an atomic submit; empty = that
};
struct Submit
{
    ClientId client = 0;
    RequestId request = 0;
    std::string target; ///< a queue, or a topic
    std::vector<Submission> items;
    /// How long it may be withheld while a queue is full and defers; 0 = EngineOptions::deferFor.
    base::Micros patience{};
    /// Every item is accepted, or none: an item that is refused refuses the others with Conflict.
    bool atomic = false;
};
/// Registers a worker on a queue; answered by Attached.
struct Attach
{
    ClientId client = 0;
    RequestId request = 0;
    std::string queue;
    std::string worker; ///< name shown to people
};
struct DetachQueue
{
    ClientId client = 0;
    QueueId queue = 0;
};
/// Grants `more` deliveries beyond those already granted.
struct Credit
{
    ClientId client = 0;
    QueueId queue = 0;
    std::uint32_t more = 0;
};
using message::Ending;
using message::FailedDelivery;
using message::LeaseRef;

/// Ends deliveries; answered by Settled.
struct Settle
{
    ClientId client = 0;
    RequestId request = 0;
    std::vector<LeaseRef> acknowledged;
    std::vector<FailedDelivery> failed;
};
/// Renews leases; answered by Settled.
struct Extend
{
    ClientId client = 0;
    RequestId request = 0;
    std::vector<LeaseRef> leases;
    std::vector<message::LeaseProgress> progress{}; ///< how far the handlers of some of them say that they are
};
/// The session ended or vanished: its leases go back at once and cost no attempt, its credit is void.
struct Disconnect
{
    ClientId client = 0;
};

// ---- commands of the control plane; each is answered by one Reply

struct DefineQueue
{
    ClientId client = 0;
    RequestId request = 0;
    std::string actor;
    message::QueueDefinition definition; ///< that the queue exists already is not an error
    /// The pipeline file declares it: its policy replaces the one that the queue has, unless an operator set that.
    bool isFromFile = false;
};
/// An operator's change of a queue's policy: wins over the pipeline file until it is reset, or the file says the same.
struct UpdateQueue
{
    ClientId client = 0;
    RequestId request = 0;
    std::string actor;
    std::string queue;
    message::QueuePolicy policy;
    bool resetsToFile = false; ///< to what the file declares; `policy` does not count
};
struct DefineSubscription
{
    ClientId client = 0;
    RequestId request = 0;
    std::string actor;
    message::SubscriptionDefinition definition;
};
struct SetPaused
{
    ClientId client = 0;
    RequestId request = 0;
    std::string actor;
    std::string queue;
    bool paused = false;
};
/// Lets the messages go on that are parked behind dead letters of `key`; these stay dead.
struct ResumeKey
{
    ClientId client = 0;
    RequestId request = 0;
    std::string actor;
    std::string queue;
    std::string key;
};
/// What a person does to live messages; carried out at once and as one, at most kMaxActedOn of them.
struct ActOnMessages
{
    ClientId client = 0;
    RequestId request = 0;
    std::string actor;
    std::string queue;
    message::LiveAct act = message::LiveAct::Cancel;
    std::vector<Sequence> messages; ///< duplicates are handled once
    std::string reason;             ///< what the person wrote; kept in the audit log
};
struct StartOperation
{
    ClientId client = 0;
    RequestId request = 0;
    std::string actor;
    message::Verb verb = message::Verb::Replay;
    std::string reason;
    std::vector<Sequence> members; ///< frozen by the caller; handled once each, in order of their sequences
};
struct CancelOperation
{
    ClientId client = 0;
    RequestId request = 0;
    std::string actor;
    OperationId operation = 0;
};

/// Creates a schedule or changes it.
struct DefineSchedule
{
    ClientId client = 0;
    RequestId request = 0;
    std::string actor;
    message::ScheduleDefinition definition;
    bool isFromFile = false; ///< then it changes nothing that a person has decided
};
struct RemoveSchedule
{
    ClientId client = 0;
    RequestId request = 0;
    std::string actor;
    std::string name;
};
/// Removes the schedules that came from the pipeline file and are not among `names`.
struct KeepSchedules
{
    ClientId client = 0;
    RequestId request = 0;
    std::string actor;
    std::vector<std::string> names;
};
struct PauseSchedule
{
    ClientId client = 0;
    RequestId request = 0;
    std::string actor;
    std::string name;
    bool isPaused = false;
};
/// Submits one message now, beside the runs that are due; also while it is paused.
struct RunSchedule
{
    ClientId client = 0;
    RequestId request = 0;
    std::string actor;
    std::string name;
};

using Command = std::variant<Submit, Attach, DetachQueue, Credit, Settle, Extend, Disconnect, DefineQueue,
                             DefineSubscription, SetPaused, ResumeKey, StartOperation, CancelOperation, DefineSchedule,
                             RemoveSchedule, KeepSchedules, PauseSchedule, RunSchedule, Fetched, UpdateQueue, ActOnMessages>;

// ---- effects

/// The outcome of one submitted message.
struct SubmitProblem
{
    std::uint32_t index = 0;           ///< in Submit::items
    bool isDuplicate = false;          ///< accepted before under the same idempotency key: not an error
    std::string firstId;               ///< of the message that was accepted then
    base::Error error;                 ///< otherwise: why it was refused
};
struct Confirm
{
    ClientId client = 0;
    RequestId request = 0;
    std::vector<Sequence> sequences;   ///< by item; a topic's first copy; the earlier one for a duplicate; 0 = refused or no subscription matched
    std::vector<SubmitProblem> problems;
};
struct Attached
{
    ClientId client = 0;
    RequestId request = 0;
    base::Result<QueueId> queue;
    message::QueuePolicy policy;
};
struct Delivery
{
    LeaseRef lease;
    std::uint32_t attempt = 1;
    bool redelivered = false; ///< was handed out before and not settled
    base::Slice envelope;
    base::Slice body;
};
struct Deliver
{
    ClientId client = 0;
    QueueId queue = 0;
    base::Micros lease{};
    std::vector<Delivery> items;
};
struct Settled
{
    ClientId client = 0;
    RequestId request = 0;
    std::vector<LeaseRef> lost; ///< stale: nothing was changed for these
};
/// These deliveries are over: an operator cancelled or gave up the messages. Their handlers should stop; the leases are
/// void already.
struct StopDeliveries
{
    ClientId client = 0;
    QueueId queue = 0;
    std::vector<LeaseRef> leases;
};
struct Reply
{
    ClientId client = 0;
    RequestId request = 0;
    /// status.id is 0 where the command has no operation; ActOnMessages sets total, moved and skipped.
    base::Result<message::OperationStatus> outcome;
};
/// To be fetched from the store after the commit; the result is the first command of the next step.
struct Fetch
{
    std::vector<Sequence> messages;
    std::vector<Sequence> deadLetters;
    std::vector<AgedQuery> aged;
};

using Effect = std::variant<Confirm, Attached, Deliver, Settled, Reply, Fetch, StopDeliveries>;

} // namespace millrace::engine
