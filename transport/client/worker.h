// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transport/client/connection.h"

#include <QCoroTask>
#include <QFuture>
#include <QObject>
#include <QString>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::client {

class HandlerLoop;

/// One attempt at one message, as a handler gets it. Cheap to copy.
class Delivery
{
public:
    Delivery(IncomingDelivery incoming, std::stop_token stop, std::weak_ptr<HandlerLoop> loop = {})
        : m_incoming(std::move(incoming))
        , m_stop(std::move(stop))
        , m_loop(std::move(loop))
    {
    }
    /// Decoded on each call. The node checked it at submit.
    [[nodiscard]] message::Envelope envelope() const;
    /// Valid as long as this Delivery or a copy of it.
    [[nodiscard]] std::string_view body() const { return m_incoming.body.view(); }
    [[nodiscard]] std::string_view encodedEnvelope() const { return m_incoming.envelope.view(); }
    [[nodiscard]] std::uint32_t attempt() const { return m_incoming.attempt; }
    [[nodiscard]] bool isRedelivered() const { return m_incoming.redelivered; }
    [[nodiscard]] message::LeaseRef lease() const { return m_incoming.lease; }
    /// Requested when the queue's longest run time is over, the lease was lost or the worker stops hard:
    /// the outcome no longer counts, end soon. A callback on it runs on a thread of the worker, not the handler's.
    [[nodiscard]] std::stop_token stopToken() const { return m_stop; }
    /// Says how far the handler is, for people to see: goes to the node with the next extension of the lease, about every
    /// third of it. @param percent  0–100  @param note  at most message::kMaxProgressNoteBytes are kept. Thread: any.
    void reportProgress(int percent, std::string_view note = {}) const;

private:
    IncomingDelivery m_incoming;
    std::stop_token m_stop;
    std::weak_ptr<HandlerLoop> m_loop; ///< where it runs; empty in tests of handlers
};

/// Consumes one queue with handlers that are coroutines: one handler thread runs hundreds that wait.
///
/// The worker grants credit, extends leases while handlers run (up to the queue's longest run time; then it requests
/// the handler's stop and lets the lease lapse), settles in batches, and attaches again after a lost connection. A handler that
/// throws ends in a retry with class `exception`. Deliveries not begun are released when it stops.
/// Thread: the one that owns the object; handlers run on threads of the worker, each with an event loop.
class Worker : public QObject
{
    Q_OBJECT

public:
    using Handler = std::function<QCoro::Task<message::Outcome>(Delivery)>;
    /// Called once on each handler thread, so that a handler may own objects of that thread; the handler is destroyed there.
    using HandlerFactory = std::function<Handler()>;
    /// For handlers that compute on many at once; runs on a handler thread, outcomes by index.
    using BatchHandler = std::function<std::vector<message::Outcome>(const std::vector<Delivery>&)>;

    struct Options
    {
        QString name;                   ///< shown to people; empty = program name and pid
        std::uint32_t concurrency = 64; ///< handlers at once over all threads (deliveries in a batch, for a BatchHandler: credit)
        /// Deliveries granted beyond those that run. Empty: as many as the handlers end in 100 ms, 64 to 8,192, so that
        /// quick handlers do not wait for the node and slow ones keep little from other workers.
        std::optional<std::uint32_t> prefetch;
        int threads = 1;
        std::chrono::milliseconds drainTimeout{5000};
    };

    Worker(std::shared_ptr<Connection> connection, QString queue, HandlerFactory factory, Options options, QObject* parent = nullptr);
    Worker(std::shared_ptr<Connection> connection, QString queue, BatchHandler handler, Options options, QObject* parent = nullptr);
    /// Stops hard if it still runs: running handlers are asked to stop and awaited for at most a second.
    ~Worker() override;

    /// Attaches. Errors: NotFound, Timeout, Closed, Busy (runs already).
    [[nodiscard]] QFuture<Result<void>> start();
    /// Takes nothing new, lets running handlers end (at most drainTimeout), releases the rest. Tolerates a second
    /// call and a call without start.
    [[nodiscard]] QFuture<Result<void>> stop();

    struct Totals
    {
        std::uint64_t received = 0, acknowledged = 0, retried = 0, rejected = 0, released = 0;
        std::uint64_t leasesLost = 0; ///< settled too late: the node changed nothing
    };
    [[nodiscard]] Totals totals() const; ///< Thread: any.

Q_SIGNALS:
    void started();
    void stopped();
    /// After each settled batch.
    void settled(quint64 acknowledged, quint64 retried, quint64 rejected);
    void failed(const QString& error);

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace millrace::client
