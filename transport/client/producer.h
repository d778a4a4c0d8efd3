// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transport/client/connection.h"

#include <QFuture>
#include <QObject>
#include <QString>

#include <chrono>
#include <memory>
#include <vector>

namespace millrace::client {

/// A message, and the queue or topic that it goes to.
struct AddressedMessage
{
    QString target;
    message::Message message;
};

/// Submits messages to queues and topics.
///
/// Every call returns a QFuture that finishes within the deadline; await it (`co_await producer.submit(…)`), watch it, or listen
/// to the signals. The batch is the primitive: single submits of one event-loop turn share batches.
/// Thread: the one that owns the object, which needs an event loop for single submits.
class Producer : public QObject
{
    Q_OBJECT

public:
    explicit Producer(std::shared_ptr<Connection> connection, QObject* parent = nullptr);
    ~Producer() override;

    /// 5 s until it is set.
    void setDeadline(std::chrono::milliseconds deadline);
    /// How long a submit may wait for room in a queue that is full and defers; what found none by then is refused with QueueFull.
    /// Until it is set, and at most: as long as the deadline allows. The shortest is 1 ms.
    void setWait(std::chrono::milliseconds wait);

    /// Submits all; splits at 1,024 messages or 1 MiB. Problems are indexed over the whole vector. Errors of the
    /// whole: Closed (nothing was sent), Unknown (nobody can tell; submit again with the same idempotency keys), Limit.
    [[nodiscard]] QFuture<Result<BatchReceipt>> submit(QString target, std::vector<message::Message> messages);
    [[nodiscard]] QFuture<Result<BatchReceipt>> submitEncoded(QString target, std::vector<OutgoingMessage> messages);
    /// One message; a refusal is the Result's error, a duplicate is success.
    [[nodiscard]] QFuture<Result<std::uint64_t>> submit(QString target, message::Message message);
    /// All or nothing, across queues and topics, in one commit; at most 1,024 messages or 1 MiB (Limit). If it is refused the
    /// error is that of the first message at fault, which its text names, and nothing was accepted.
    [[nodiscard]] QFuture<Result<BatchReceipt>> submitAtomic(std::vector<AddressedMessage> messages);

Q_SIGNALS:
    /// Messages accepted, as durable as their queue promises.
    void confirmed(quint64 count);
    /// Messages not accepted, or whose outcome nobody can tell (error name and text in plain text).
    void failed(quint64 count, const QString& error);

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace millrace::client
