// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "tests/bench/report.h"
#include "transport/client/connection.h"
#include "transport/client/pipeline.h"
#include "transport/client/worker.h"

#include <QEventLoop>

#include <chrono>
#include <memory>
#include <string>

/// The parts of every measurement, each written once and usable in a process of its own. They block the thread that
/// calls them; Consumer, takeFromEach and replayAll need its event loop, which they run.
namespace millrace::bench {

/// Which numbers go to which queue: first, first + 1, … to queue 0, 1, … in turn.
struct Span
{
    std::uint64_t first = 0;
    std::uint64_t count = 0;
    std::uint64_t queues = 1;
    [[nodiscard]] std::uint64_t countOf(std::uint64_t queue) const noexcept
    {
        return queue < count ? (count - queue + queues - 1) / queues : 0;
    }
};

/// Submits as fast as it is confirmed, a bounded number of messages in flight, queue after queue.
[[nodiscard]] base::Result<Report> produce(const std::shared_ptr<client::Connection>& connection,
                                           const MessageMaker& maker,
                                           Span span,
                                           const CpuClock& node);

struct Pace
{
    double perSecond = 1000;
    std::uint64_t count = 0;
    std::uint64_t warmUp = 0;       ///< messages before these that are passed and not timed
    std::chrono::nanoseconds gap{}; ///< shortest time between two submits; 0 = each message is submitted when it is due
};
/// Submits to queue 0 at a fixed rate; neither a late confirm nor a late wake-up slows the schedule. The calling thread
/// does nothing else: it sleeps until the absolute time at which the next message is due.
[[nodiscard]] base::Result<Report>
pace(const std::shared_ptr<client::Connection>& connection, const MessageMaker& maker, Pace pace);

/// Takes messages from one queue, checks each by value and ends its delivery.
class Consumer
{
public:
    enum class Ends
    {
        Acknowledge,
        Reject
    };
    struct Options
    {
        std::uint64_t queue = 0;
        std::uint64_t wanted = 0; ///< settled messages at which it is done
        Ends ends = Ends::Acknowledge;
        bool isTimed = false;  ///< notes latencies
        bool oneByOne = false; ///< has one message at a time instead of what workers get by default
    };
    Consumer(std::shared_ptr<client::Connection> connection,
             std::shared_ptr<Ledger> ledger,
             Options options,
             const CpuClock& node);
    ~Consumer();
    Consumer(const Consumer&) = delete;
    Consumer& operator=(const Consumer&) = delete;

    [[nodiscard]] base::Result<void> attach();
    /// Until the node has confirmed the settlement of all that are wanted. Errors: Timeout (nothing happened for a
    /// minute).
    [[nodiscard]] base::Result<void> finish();
    /// What was handed out beyond that is settled too, or given back. @returns what there is to report
    [[nodiscard]] base::Result<Report> stop();

private:
    struct Shared;
    void onSettled(std::uint64_t count);

    Options m_options;
    const CpuClock& m_node;
    std::shared_ptr<Ledger> m_ledger;
    std::shared_ptr<Shared> m_shared;
    std::unique_ptr<client::Worker> m_worker;
    QEventLoop m_loop; ///< runs in finish()
    Report m_report;
    bool m_isDone = false;
};

/// Takes what was produced as `span` from the queues from `firstQueue` on, some of them at a time.
[[nodiscard]] base::Result<Report> takeFromEach(const std::shared_ptr<client::Connection>& connection,
                                                const std::shared_ptr<Ledger>& ledger,
                                                std::uint64_t firstQueue,
                                                Span span,
                                                const CpuClock& node);

/// Replays all dead letters of queue 0, from before the request is sent until the operation is seen to have ended, and
/// counts before and after. Errors: also Conflict, if not `count` were dead before and are replayed after.
[[nodiscard]] base::Result<Report> replayAll(client::Pipeline& pipeline, std::uint64_t count, const CpuClock& node);

} // namespace millrace::bench
