// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transport/client/connection.h"
#include "transport/client/worker.h"

#include <QCoroTask>
#include <QObject>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <variant>
#include <vector>

namespace millrace::client {

/// How a batch of deliveries ended on one handler thread.
struct Outcomes
{
    std::uint64_t session = 0; ///< of the worker's attachment
    Settlement settlement;
    std::uint32_t ended = 0;   ///< deliveries that no longer use credit, the lost ones included
    std::uint32_t lost = 0;    ///< whose lease was lost before they ended
    [[nodiscard]] bool isEmpty() const { return ended == 0; }
};

/// What one handler thread does: it holds the deliveries that wait or run there, runs handlers, and gathers outcomes.
/// Leases are held under a mutex, so that they are extended and given up while a handler computes.
///
/// Thread: any, unless a function says otherwise. Runners share ownership: a handler that outlives its worker finds
/// the loop still there.
class HandlerLoop : public std::enable_shared_from_this<HandlerLoop>
{
public:
    using SteadyClock = std::chrono::steady_clock;
    using AnyHandler = std::variant<Worker::HandlerFactory, Worker::BatchHandler>;
    struct Hooks
    {
        std::function<void(Outcomes)> settle; ///< called on the handler thread, without a lock
        std::function<void(base::Error)> report;
        std::function<void()> idle;           ///< drained: nothing waits, runs or is unsettled
    };

    HandlerLoop(AnyHandler handler, std::size_t limit, Hooks hooks);
    ~HandlerLoop();
    HandlerLoop(const HandlerLoop&) = delete;
    HandlerLoop& operator=(const HandlerLoop&) = delete;

    /// Begins and ends the life of the loop on the current thread; `context` lives there.
    void begin(QObject* context);
    void end();

    /// One delivery that waits or runs.
    struct Held
    {
        IncomingDelivery incoming;
        std::uint64_t epoch = 0;
        std::uint64_t session = 0;
        bool isLost = false;
        bool isOverdue = false;
        SteadyClock::time_point startedAt{};
        std::stop_source stop{std::nostopstate};
        std::optional<message::Progress> progress{}; ///< said since the last extension
    };
    void add(std::list<Held> deliveries);
    /// How many wait or run.
    [[nodiscard]] std::size_t load() const { return m_load.load(std::memory_order_relaxed); }

    /// Collects the leases to extend, and the handlers that ran for too long and so are not among them.
    void collectLeases(SteadyClock::time_point startedBefore,
                       std::vector<message::LeaseRef>& leases,
                       std::vector<message::LeaseProgress>& progress,
                       std::vector<std::stop_source>& overdue);
    /// Of one that runs here; else nothing happens.
    void noteProgress(message::LeaseRef lease, message::Progress progress);
    /// These leases are void: forgets those that wait; those that run no longer count, the caller asks them to stop.
    /// @returns how many were forgotten
    [[nodiscard]] std::size_t loseLeases(const std::vector<message::LeaseRef>& leases,
                                         std::vector<std::stop_source>& stops);
    [[nodiscard]] std::size_t loseAll(std::vector<std::stop_source>& stops);
    /// From now on nothing is begun; what waits is released.
    void drain();
    [[nodiscard]] bool isIdle() const;
    [[nodiscard]] std::vector<std::stop_source> runningStops() const;

private:
    using Runner = std::list<Held>::iterator;
    static QCoro::Task<> run(std::shared_ptr<HandlerLoop> loop, Runner runner, Delivery delivery);

    void wake();
    void turn();
    void runWaiting();
    [[nodiscard]] bool runNext();
    [[nodiscard]] bool runBatch();
    void finish(Runner runner, message::Outcome outcome);
    void record(const Held& held, message::Outcome outcome);
    void releaseWaiting();
    void flush();
    [[nodiscard]] bool mustFlush() const;

    const std::size_t m_limit;
    const Hooks m_hooks;
    AnyHandler m_source;
    Worker::Handler m_handler; ///< handler thread only
    std::string m_brokenFactory; ///< why there is no handler

    mutable std::mutex m_mutex; ///< guards what follows
    QObject* m_context = nullptr;
    bool m_isWoken = false;
    bool m_isDraining = false;
    std::list<Held> m_waiting;
    std::list<Held> m_running; ///< in order of their start

    std::atomic<std::size_t> m_load{0};
    std::atomic<bool> m_hasOutcomes{false};
    Outcomes m_outcomes;      ///< handler thread only
    SteadyClock::time_point m_flushedAt{}; ///< handler thread only
    bool m_isRunningWaiting = false;       ///< handler thread only
};

} // namespace millrace::client
