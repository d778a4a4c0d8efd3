// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transport/client/async.h"
#include "transport/client/handler_loop_p.h"
#include "transport/client/owner_post_p.h"
#include "transport/client/worker.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace millrace::client {

class HandlerThread;

/// Figures of a worker over all its runs.
struct WorkerTotals
{
    std::atomic<std::uint64_t> received{0}, acknowledged{0}, retried{0}, rejected{0}, released{0};
    std::atomic<std::uint64_t> leasesLost{0};
};

/// One run of a worker, from start to stop. It has a supervisor thread, which extends leases whatever the handlers do,
/// attaches again, and ends the handler threads; nobody else ever waits for them.
///
/// Thread: any. Handlers and the connection's callbacks share ownership, so that none of them outlives it.
/// Of a prefetch that adapts itself.
inline constexpr std::uint32_t kLeastPrefetch = 64;
inline constexpr std::uint32_t kMostPrefetch = 8192;

class WorkerCore final : public DeliverySink, public std::enable_shared_from_this<WorkerCore>
{
public:
    struct Config
    {
        std::shared_ptr<Connection> connection;
        std::string queue;
        std::string worker;
        HandlerLoop::AnyHandler handler;
        Worker::Options options;
    };
    WorkerCore(Config config, std::shared_ptr<WorkerTotals> totals, Worker* owner);
    ~WorkerCore() override;

    [[nodiscard]] QFuture<Result<void>> start();
    [[nodiscard]] QFuture<Result<void>> stop();
    /// Stops with a short patience; returns when the threads are gone or given up.
    void stopNow();
    [[nodiscard]] bool isOver() const;

    void onDeliveries(IncomingBatch batch) override;
    void onStopped(std::vector<message::LeaseRef> leases) override;
    void onDisconnected(const base::Error& why) override;
    void onConnected() override;

private:
    using SteadyClock = HandlerLoop::SteadyClock;
    using TimePoint = SteadyClock::time_point;
    enum class Phase : std::uint8_t { Starting, Running, Stopping, Over };
    struct Signalled
    {
        std::uint64_t acknowledged = 0, retried = 0, rejected = 0;
    };

    /// What was sent in one settlement.
    struct Settled
    {
        std::uint64_t acknowledged = 0;
        std::vector<std::pair<message::LeaseRef, message::Ending>> failed;
    };

    void createThreads();
    void supervise();
    /// Until there is something to do. @returns false when the worker shall stop
    [[nodiscard]] bool waitForWork(std::unique_lock<std::mutex>& lock);
    void attach();
    void onAttached(Result<Attachment> result);
    void extendLeases();
    void onExtended(std::uint64_t session, Result<std::vector<message::LeaseRef>> lost);
    void lose(std::uint64_t session, const std::vector<message::LeaseRef>& leases);
    void stopLost();
    void detach();
    void drain();
    void stopHandlers();
    /// Waits until the loops are idle and all is settled, extending leases meanwhile. @returns false if it took longer
    [[nodiscard]] bool waitForIdle(TimePoint until, bool endsWhenHard);
    void endThreads();
    void finishStop();
    void notify();
    void settle(Outcomes outcomes);
    void onSettled(const Settled& settled, const Result<std::vector<message::LeaseRef>>& lost);
    void returnCredit(std::uint64_t session, std::uint32_t count);
    void announce(const Signalled& counts);
    void report(const base::Error& error);
    [[nodiscard]] bool isIdle() const;
    [[nodiscard]] std::uint32_t window() const;
    void adaptPrefetch(std::uint32_t ended);
    [[nodiscard]] std::chrono::milliseconds tick() const;

    const Config m_config;
    const std::shared_ptr<WorkerTotals> m_totals;
    OwnerPost<Worker> m_owner;
    std::vector<std::shared_ptr<HandlerLoop>> m_loops;      ///< fixed once started
    std::vector<std::unique_ptr<HandlerThread>> m_threads;  ///< supervisor only, once started
    std::thread m_supervisor;
    std::atomic<std::uint64_t> m_session{0}; ///< grows with each attachment and each loss; even = none
    std::atomic<std::uint64_t> m_epoch{0};   ///< of the session
    std::atomic<std::int64_t> m_leaseMs{0};  ///< of the last deliveries; the policy may change while they come
    std::atomic<std::uint32_t> m_settling{0};

    mutable std::mutex m_mutex; ///< guards what follows, and changes of the session
    AttachmentId m_attachment = 0;
    std::uint32_t m_credit = 0;              ///< that was used up and not granted again
    std::uint32_t m_prefetch = 0;
    std::uint32_t m_withheld = 0;            ///< of what is used up next, not to be granted again
    std::uint64_t m_endedLately = 0;         ///< since m_adaptedAt
    TimePoint m_adaptedAt{};
    std::condition_variable m_changed;
    Phase m_phase = Phase::Starting;
    bool m_isAttaching = false;
    bool m_stopsHard = false;
    std::optional<TimePoint> m_attachAt;
    TimePoint m_extendAt{};
    std::chrono::milliseconds m_attachDelay{0};
    message::QueuePolicy m_policy;
    std::vector<std::stop_source> m_lostStops;
    std::optional<Resolver<void>> m_started;
    std::vector<Resolver<void>> m_stopped;
    std::optional<base::Error> m_startFailure;
    Signalled m_signalled;
    bool m_isAnnouncing = false;
};

} // namespace millrace::client
