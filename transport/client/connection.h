// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/slice.h"
#include "core/message/delivery.h"
#include "core/message/envelope.h"
#include "core/message/policy.h"

#include <QFuture>
#include <QObject>
#include <QString>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace millrace::client {

using base::Result;

/// Why one message of a batch was not accepted as new.
struct SubmitProblem
{
    std::uint32_t index = 0;    ///< in the batch
    bool isDuplicate = false;   ///< accepted before under the same idempotency key: not an error
    std::string firstId;        ///< of the message that was accepted then
    base::Error error;          ///< otherwise: why it was refused
};

/// What became of a batch. Everything not in `problems` is accepted and as durable as its queue promises.
struct BatchReceipt
{
    std::vector<std::uint64_t> sequences; ///< by index; 0 = refused, or no subscription matched
    std::vector<SubmitProblem> problems;
    /// How many are new.
    [[nodiscard]] std::uint64_t accepted() const noexcept;
};

/// A message on its way out: encoded envelope and body.
struct OutgoingMessage
{
    base::Slice envelope;
    base::Slice body;
};

/// What a batch asks for beyond being accepted.
struct SubmitOptions
{
    /// How long the node may withhold the receipt while a queue is full and defers; 0 = as long as the node likes (30 s).
    std::chrono::milliseconds wait{};
    /// Every message is accepted, or none: then all have a problem, their own or Conflict.
    bool atomic = false;
    /// Of an atomic batch: where each message goes, by index; empty = all go to the target of the batch.
    std::vector<std::string> targets;
};

struct IncomingDelivery
{
    message::LeaseRef lease;
    std::uint32_t attempt = 1;
    bool redelivered = false;
    base::Slice envelope;
    base::Slice body;
};

struct IncomingBatch
{
    std::uint64_t epoch = 0; ///< of the session in which they were handed out
    std::chrono::milliseconds lease{};
    std::vector<IncomingDelivery> deliveries;
};

struct Settlement
{
    std::uint64_t epoch = 0; ///< of the deliveries; those of an earlier session are lost already
    std::vector<message::LeaseRef> acknowledged;
    std::vector<message::FailedDelivery> failed;
};

/// Receives what the node hands to one worker. Thread: the connection's own; must return at once.
class DeliverySink
{
public:
    virtual ~DeliverySink() = default;
    virtual void onDeliveries(IncomingBatch batch) = 0;
    /// Somebody ended these deliveries: their leases are void, their handlers should stop. May hold others' leases.
    virtual void onStopped(std::vector<message::LeaseRef> leases) { static_cast<void>(leases); }
    /// The session ended: all leases of this worker are void. Attach again when it is back.
    virtual void onDisconnected(const base::Error& why) = 0;
    /// A session began (again); credit must be granted anew after attach().
    virtual void onConnected() = 0;
};

using AttachmentId = std::uint64_t; ///< a worker's place on a queue within a connection; 0 = none

struct Attachment
{
    AttachmentId id = 0;
    message::QueuePolicy policy;
};

/// A connection to a node or broker that producers and workers share: what a transport implements for the client
/// classes. All functions may be called from any thread and never block. Futures always finish, within their deadline;
/// submit and settle end in Unknown when it passes after the frame was sent, or in Closed if it never was.
class Connection : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    /// At most 1,024 messages or 1 MiB, unless one alone is larger (Limit).
    [[nodiscard]] virtual QFuture<Result<BatchReceipt>> submit(std::string target,
                                                               std::vector<OutgoingMessage> batch,
                                                               SubmitOptions options,
                                                               std::chrono::milliseconds deadline) = 0;
    /// `sink` must outlive detach(). Errors: NotFound, Timeout, Closed.
    [[nodiscard]] virtual QFuture<Result<Attachment>>
    attach(std::string queue, std::string worker, DeliverySink* sink, std::chrono::milliseconds deadline) = 0;
    /// After it returns `sink` is not called again.
    virtual void detach(AttachmentId attachment) = 0;
    virtual void grantCredit(AttachmentId attachment, std::uint32_t more) = 0;
    /// @returns the leases that were lost (nothing was changed for these)
    [[nodiscard]] virtual QFuture<Result<std::vector<message::LeaseRef>>>
    settle(Settlement settlement, std::chrono::milliseconds deadline) = 0;
    [[nodiscard]] virtual QFuture<Result<std::vector<message::LeaseRef>>>
    extend(std::uint64_t epoch, std::vector<message::LeaseRef> leases, std::chrono::milliseconds deadline) = 0;
    /// Renews leases and says how far the handlers of some of them are, in the order of `leases`. A connection that cannot pass that on only renews.
    [[nodiscard]] virtual QFuture<Result<std::vector<message::LeaseRef>>>
    extendWithProgress(std::uint64_t epoch,
                       std::vector<message::LeaseRef> leases,
                       std::vector<message::LeaseProgress> progress,
                       std::chrono::milliseconds deadline)
    {
        static_cast<void>(progress);
        return extend(epoch, std::move(leases), deadline);
    }
    [[nodiscard]] virtual bool isConnected() const = 0;

Q_SIGNALS:
    void connected();
    void disconnected(const QString& why);
};

} // namespace millrace::client
