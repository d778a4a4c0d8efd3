// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/roles.h"
#include "tests/bench/wait.h"

#include <QTimer>

#include <algorithm>
#include <deque>

namespace millrace::bench {

namespace {

constexpr std::uint64_t kQueuesAtOnce = 16;
constexpr std::chrono::seconds kPatience{60};

} // namespace

/// What the handler thread and the owner share.
struct Consumer::Shared
{
    std::mutex lock;
    std::int64_t firstDeliveryNs = 0;    // guarded by lock
    std::vector<std::int64_t> delivered; // guarded by lock; latencies
    std::deque<std::int64_t> stamps;     // guarded by lock; handled and not known to be settled, in order
    std::vector<std::int64_t> settled;   // the owner's; latencies
};

Consumer::Consumer(std::shared_ptr<client::Connection> connection,
                   std::shared_ptr<Ledger> ledger,
                   Options options,
                   const CpuClock& node)
    : m_options(std::move(options))
    , m_node(node)
    , m_ledger(std::move(ledger))
    , m_shared(std::make_shared<Shared>())
{
    client::Worker::Options worker;
    worker.name = QStringLiteral("bench");
    if (m_options.oneByOne) {
        worker.concurrency = 1;
        worker.prefetch = 0;
    }
    const message::Outcome outcome =
        m_options.ends == Ends::Reject
            ? message::Outcome::reject({"BenchRejected", "the bench rejects what it is asked to reject"})
            : message::Outcome::acknowledge();
    const client::Worker::BatchHandler handler =
        [shared = m_shared, books = m_ledger, queue = m_options.queue, outcome, isTimed = m_options.isTimed](
            const std::vector<client::Delivery>& deliveries) {
            const std::int64_t now = monotonicNs();
            const std::scoped_lock guard(shared->lock);
            if (shared->firstDeliveryNs == 0)
                shared->firstDeliveryNs = now;
            for (const client::Delivery& delivery : deliveries) {
                const std::int64_t stamp = books->check(queue, delivery.encodedEnvelope(), delivery.body());
                if (!isTimed)
                    continue;
                shared->stamps.push_back(stamp);
                if (stamp != 0)
                    shared->delivered.push_back(now - stamp);
            }
            return std::vector<message::Outcome>(deliveries.size(), outcome);
        };
    m_worker =
        std::make_unique<client::Worker>(std::move(connection), toQString(queueName(m_options.queue)), handler, worker);
    QObject::connect(
        m_worker.get(),
        &client::Worker::settled,
        m_worker.get(),
        [this](quint64 acknowledged, quint64 /*retried*/, quint64 rejected) { onSettled(acknowledged + rejected); });
}

Consumer::~Consumer() = default;

void Consumer::onSettled(std::uint64_t count)
{
    const std::int64_t now = monotonicNs();
    if (m_options.isTimed) {
        // One handler thread, so they are settled in the order in which they were handled.
        const std::scoped_lock guard(m_shared->lock);
        for (; count > 0 && !m_shared->stamps.empty(); --count) {
            if (m_shared->stamps.front() != 0)
                m_shared->settled.push_back(now - m_shared->stamps.front());
            m_shared->stamps.pop_front();
        }
    }
    if (m_isDone)
        return;
    const client::Worker::Totals totals = m_worker->totals();
    m_report.messages = totals.acknowledged + totals.rejected;
    m_report.last.ns = now;
    if (m_report.messages >= m_options.wanted) {
        m_report.last = Moment::now(m_node);
        m_isDone = true;
        m_loop.quit();
    }
}

base::Result<void> Consumer::attach()
{
    m_report.first = m_report.last = Moment::now(m_node);
    return await(m_worker->start());
}

base::Result<void> Consumer::finish()
{
    QTimer stall;
    QObject::connect(&stall, &QTimer::timeout, &m_loop, [this] {
        if (monotonicNs() - m_report.last.ns > std::chrono::nanoseconds(kPatience).count())
            m_loop.quit();
    });
    stall.start(std::chrono::seconds(1));
    if (!m_isDone && m_options.wanted > 0)
        m_loop.exec();
    if (m_isDone || m_options.wanted == 0)
        return {};
    return base::fail(base::ErrorCode::Timeout,
                      "the worker settled " + std::to_string(m_report.messages) + " of "
                          + std::to_string(m_options.wanted) + " messages, and then none for a minute");
}

base::Result<Report> Consumer::stop()
{
    const base::Result<void> stopped = await(m_worker->stop());
    if (!stopped)
        return tl::unexpected(stopped.error());
    const client::Worker::Totals totals = m_worker->totals();
    Report report = m_report;
    report.settled = totals.acknowledged + totals.rejected;
    report.problems = totals.leasesLost;
    report.tally = m_ledger->tally();
    const std::scoped_lock guard(m_shared->lock);
    report.firstDeliveryNs = m_shared->firstDeliveryNs;
    report.deliveredNs = m_shared->delivered;
    report.settledNs = m_shared->settled;
    return report;
}

base::Result<Report> takeFromEach(const std::shared_ptr<client::Connection>& connection,
                                  const std::shared_ptr<Ledger>& ledger,
                                  std::uint64_t firstQueue,
                                  Span span,
                                  const CpuClock& node)
{

    Report sum;
    sum.first = Moment::now(node);
    for (std::uint64_t first = firstQueue; first < span.queues; first += kQueuesAtOnce) {
        std::vector<std::unique_ptr<Consumer>> consumers;
        for (std::uint64_t queue = first; queue < std::min(first + kQueuesAtOnce, span.queues); ++queue) {
            Consumer::Options options;
            options.queue = queue;
            options.wanted = span.countOf(queue);
            consumers.push_back(std::make_unique<Consumer>(connection, ledger, options, node));
            if (const auto attached = consumers.back()->attach(); !attached)
                return tl::unexpected(attached.error());
        }
        for (const auto& consumer : consumers) {
            if (const auto finished = consumer->finish(); !finished)
                return tl::unexpected(finished.error());
            const auto report = consumer->stop();
            if (!report)
                return tl::unexpected(report.error());
            sum.messages += report->messages;
            sum.settled += report->settled;
            sum.problems += report->problems;
        }
    }
    sum.last = Moment::now(node);
    sum.tally = ledger->tally();
    return sum;
}

} // namespace millrace::bench
