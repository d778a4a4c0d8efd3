// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include <sys/prctl.h>

#include "tests/bench/roles.h"
#include "transport/client/producer.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <ctime>
#include <deque>
#include <span>

namespace millrace::bench {

namespace {

using Receipt = base::Result<client::BatchReceipt>;

constexpr std::size_t kBatch = 1024;        // the largest batch that travels in one frame
constexpr std::size_t kBatchesInFlight = 8; // enough that the next commit's batch gathers while one runs
constexpr std::chrono::seconds kDeadline{60};

base::Result<void> add(Report& report, const Receipt& receipt)
{
    if (!receipt)
        return base::fail(receipt.error().code, receipt.error().context);
    report.messages += receipt->accepted();
    report.problems += receipt->problems.size();
    return {};
}

void sleepUntil(std::int64_t monotonic)
{
    constexpr std::int64_t kSecond = 1'000'000'000;
    const timespec due{monotonic / kSecond, monotonic % kSecond};
    while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, nullptr) == EINTR) {
    }
}

/// Wakes this thread as exactly as the kernel can: by default it may be 50 µs late, to save power.
class ExactTimers
{
public:
    ExactTimers()
        : m_before(::prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0))
    {
        ::prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0);
    }
    ~ExactTimers() { ::prctl(PR_SET_TIMERSLACK, static_cast<unsigned long>(m_before), 0, 0, 0); }
    ExactTimers(const ExactTimers&) = delete;
    ExactTimers& operator=(const ExactTimers&) = delete;

private:
    int m_before;
};

} // namespace

base::Result<Report> produce(const std::shared_ptr<client::Connection>& connection,
                             const MessageMaker& maker,
                             Span span,
                             const CpuClock& node)
{
    client::Producer producer(connection);
    producer.setDeadline(kDeadline);
    Report report;
    std::deque<QFuture<Receipt>> inFlight;
    const auto awaitOldest = [&report, &inFlight] {
        QFuture<Receipt> oldest = std::move(inFlight.front());
        inFlight.pop_front();
        oldest.waitForFinished();
        return add(report, oldest.result());
    };
    report.first = Moment::now(node);
    for (std::uint64_t queue = 0; queue < span.queues; ++queue) {
        const QString target = toQString(queueName(queue));
        std::uint64_t left = span.countOf(queue);
        std::uint64_t next = span.first + queue;
        while (left > 0) {
            if (inFlight.size() == kBatchesInFlight) {
                if (const auto done = awaitOldest(); !done)
                    return tl::unexpected(done.error());
            }
            const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(kBatch, left));
            inFlight.push_back(producer.submitEncoded(target, maker.batch(next, span.queues, length, monotonicNs())));
            next += length * span.queues;
            left -= length;
        }
    }
    while (!inFlight.empty()) {
        if (const auto done = awaitOldest(); !done)
            return tl::unexpected(done.error());
    }
    report.last = Moment::now(node);
    return report;
}

base::Result<Report> pace(const std::shared_ptr<client::Connection>& connection, const MessageMaker& maker, Pace pace)
{
    // Batches may be submitted from a thread without an event loop, so the one that sleeps is the one that submits:
    // nothing is handed from thread to thread after the message was due.
    const ExactTimers exact;
    client::Producer producer(connection);
    producer.setDeadline(kDeadline);
    Report report;
    const QString target = toQString(queueName(0));
    const std::uint64_t total = pace.warmUp + pace.count;
    report.confirmedNs.resize(pace.count, 0);
    report.lateNs.reserve(pace.count);
    std::vector<QFuture<Receipt>> confirms;
    confirms.reserve(total);
    const std::int64_t startNs = monotonicNs();
    report.first.ns = startNs;
    const auto dueNs = [&pace, startNs](std::uint64_t number) {
        return startNs + std::llround(static_cast<double>(number) / pace.perSecond * 1e9);
    };
    std::int64_t wokeNs = startNs - pace.gap.count();
    for (std::uint64_t next = 0; next < total;) {
        sleepUntil(std::max<std::int64_t>(dueNs(next), wokeNs + pace.gap.count()));
        wokeNs = monotonicNs();
        // What is due by now goes together, at 1,000 a second as a rule one message. The stamp is when the first of
        // them was due: what a late wake-up holds back has waited, too.
        while (next < total && dueNs(next) <= wokeNs) {
            const bool isTimed = next >= pace.warmUp;
            const std::uint64_t most = std::min<std::uint64_t>((isTimed ? total : pace.warmUp) - next, kBatch);
            std::size_t length = 1;
            while (length < most && dueNs(next + length) <= wokeNs)
                ++length;
            const std::int64_t due = dueNs(next);
            auto confirm = producer.submitEncoded(target, maker.batch(next, 1, length, isTimed ? due : 0));
            if (isTimed) {
                const std::span slots(&report.confirmedNs[next - pace.warmUp], length);
                report.lateNs.push_back(monotonicNs() - due);
                confirm = confirm.then(QtFuture::Launch::Sync, [slots, due](const Receipt& receipt) {
                    std::ranges::fill(slots, monotonicNs() - due);
                    return receipt;
                });
            }
            confirms.push_back(std::move(confirm));
            next += length;
        }
    }
    // All, before one is judged: a confirm that is still out writes into the report.
    for (QFuture<Receipt>& confirm : confirms)
        confirm.waitForFinished();
    for (const QFuture<Receipt>& confirm : confirms) {
        if (const auto done = add(report, confirm.result()); !done)
            return tl::unexpected(done.error());
    }
    report.last.ns = monotonicNs();
    return report;
}

} // namespace millrace::bench
