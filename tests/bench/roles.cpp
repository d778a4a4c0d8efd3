// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/roles.h"

#include "transport/client/producer.h"
#include "transport/client/worker.h"

#include <QCoroFuture>
#include <QCoroTimer>
#include <QJsonArray>
#include <QPromise>
#include <QTimer>

#include <algorithm>
#include <cmath>
#include <deque>
#include <mutex>

namespace millrace::bench {

using client::BatchReceipt;

namespace {

constexpr std::size_t kBatch = 1024;        // the largest batch that travels in one frame
constexpr std::size_t kMaxLatencies = 100'000;
constexpr std::size_t kBatchesInFlight = 8; // enough that the next commit's batch gathers while one runs

QString named(std::string_view name)
{
    return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
}

/// What the handler thread and the owner share.
struct Consumption
{
    Consumption(std::uint64_t count, std::size_t size)
        : checker(count, size)
    {
    }
    std::mutex lock;
    Checker checker;                 // guarded by lock; only the handler thread writes
    std::int64_t firstNs = 0;        // guarded by lock
    std::vector<std::int64_t> delivered; // guarded by lock; latencies
    std::deque<std::int64_t> stamps;     // guarded by lock; handled and not known to be settled, in order
    std::vector<std::int64_t> settled;   // the owner's; latencies
};

} // namespace

QJsonObject Report::toJson() const
{
    const auto listOf = [](const std::vector<std::int64_t>& values) {
        QJsonArray list;
        for (const std::int64_t value : values)
            list.append(static_cast<qint64>(value));
        return list;
    };
    return {{QStringLiteral("first_ns"), static_cast<qint64>(firstNs)},
            {QStringLiteral("last_ns"), static_cast<qint64>(lastNs)},
            {QStringLiteral("messages"), static_cast<qint64>(messages)},
            {QStringLiteral("problems"), static_cast<qint64>(problems)},
            {QStringLiteral("duplicates"), static_cast<qint64>(duplicates)},
            {QStringLiteral("mismatches"), static_cast<qint64>(mismatches)},
            {QStringLiteral("delivered_ns"), listOf(deliveredNs)},
            {QStringLiteral("settled_ns"), listOf(settledNs)}};
}

Report Report::fromJson(const QJsonObject& object)
{
    Report report;
    const auto number = [&object](QLatin1String key) { return object.value(key).toInteger(); };
    report.firstNs = number(QLatin1String("first_ns"));
    report.lastNs = number(QLatin1String("last_ns"));
    report.messages = static_cast<std::uint64_t>(number(QLatin1String("messages")));
    report.problems = static_cast<std::uint64_t>(number(QLatin1String("problems")));
    report.duplicates = static_cast<std::uint64_t>(number(QLatin1String("duplicates")));
    report.mismatches = static_cast<std::uint64_t>(number(QLatin1String("mismatches")));
    const auto read = [&object](QLatin1String key, std::vector<std::int64_t>& into) {
        const QJsonArray list = object.value(key).toArray();
        for (const QJsonValue& value : list)
            into.push_back(value.toInteger());
    };
    read(QLatin1String("delivered_ns"), report.deliveredNs);
    read(QLatin1String("settled_ns"), report.settledNs);
    return report;
}

QCoro::Task<base::Result<Report>> produce(std::shared_ptr<client::Connection> connection, Settings settings)
{
    client::Producer producer(connection);
    producer.setDeadline(std::chrono::seconds(60));
    Report report;
    report.firstNs = monotonicNs();
    std::deque<QFuture<base::Result<BatchReceipt>>> inFlight;
    std::uint64_t next = 0;
    const QString target = named(kThroughputQueue);
    while (next < settings.count || !inFlight.empty()) {
        while (next < settings.count && inFlight.size() < kBatchesInFlight) {
            const std::uint64_t end = std::min<std::uint64_t>(next + kBatch, settings.count);
            std::vector<client::OutgoingMessage> batch;
            batch.reserve(end - next);
            const std::int64_t stamp = monotonicNs();
            for (; next < end; ++next)
                batch.push_back(makeMessage(next, settings.size, stamp));
            inFlight.push_back(producer.submitEncoded(target, std::move(batch)));
        }
        QFuture<base::Result<BatchReceipt>> oldest = inFlight.front();
        inFlight.pop_front();
        const base::Result<BatchReceipt> receipt = co_await oldest;
        if (!receipt)
            co_return base::fail(receipt.error().code, receipt.error().context);
        report.messages += receipt->accepted();
        report.problems += receipt->problems.size();
        report.lastNs = monotonicNs();
    }
    co_return report;
}

QCoro::Task<base::Result<Report>> producePaced(std::shared_ptr<client::Connection> connection, Settings settings)
{
    client::Producer producer(connection);
    Report report;
    const QString target = named(kLatencyQueue);
    const std::int64_t startNs = monotonicNs();
    report.firstNs = startNs;
    std::uint64_t next = 0;
    std::vector<QFuture<base::Result<BatchReceipt>>> confirms;
    QTimer tick;
    tick.setTimerType(Qt::PreciseTimer);
    tick.start(std::chrono::milliseconds(1));
    while (next < settings.latencyCount) {
        const double due = static_cast<double>(monotonicNs() - startNs) * 1e-9 * settings.latencyRate;
        // What became due since the last tick goes together; at 1,000 a second that is one message. The stamp is when
        // it was due: a message that a late tick holds back has waited, too.
        std::vector<client::OutgoingMessage> batch;
        for (; next < settings.latencyCount && static_cast<double>(next) <= due; ++next) {
            const double afterNs = static_cast<double>(next) / settings.latencyRate * 1e9;
            batch.push_back(makeMessage(next, settings.size, startNs + std::llround(afterNs)));
        }
        if (!batch.empty())
            confirms.push_back(producer.submitEncoded(target, std::move(batch)));
        co_await tick; // void
    }
    for (auto& confirm : confirms) {
        const base::Result<BatchReceipt> receipt = co_await confirm;
        if (!receipt)
            co_return base::fail(receipt.error().code, receipt.error().context);
        report.messages += receipt->accepted();
        report.problems += receipt->problems.size();
    }
    report.lastNs = monotonicNs();
    co_return report;
}

QCoro::Task<base::Result<Report>> consume(std::shared_ptr<client::Connection> connection,
                                          QString queue,
                                          std::uint64_t count,
                                          std::size_t size)
{
    if (count == 0)
        co_return Report{};
    const auto shared = std::make_shared<Consumption>(count, size);
    client::Worker::Options options;
    options.name = QStringLiteral("bench");
    const client::Worker::BatchHandler handler = [shared](const std::vector<client::Delivery>& deliveries) {
        const std::scoped_lock guard(shared->lock);
        const std::int64_t now = monotonicNs();
        if (shared->firstNs == 0)
            shared->firstNs = now;
        for (const client::Delivery& delivery : deliveries) {
            const std::int64_t stamp = shared->checker.check(delivery.encodedEnvelope(), delivery.body());
            shared->stamps.push_back(stamp);
            if (stamp != 0 && shared->delivered.size() < kMaxLatencies)
                shared->delivered.push_back(now - stamp);
        }
        return std::vector<message::Outcome>(deliveries.size());
    };
    client::Worker worker(connection, queue, handler, options);
    auto starting = worker.start();
    const base::Result<void> started = co_await starting;
    if (!started)
        co_return base::fail(started.error().code, started.error().context);

    // Done when the node has confirmed the settlement of all of them, not when the last one was seen.
    QPromise<void> promise;
    promise.start();
    const auto settled = [&worker, &promise, count, shared](quint64 acknowledged) {
        const std::int64_t now = monotonicNs();
        {
            // One handler thread, so they are settled in the order in which they were handled.
            const std::scoped_lock guard(shared->lock);
            for (; acknowledged > 0 && !shared->stamps.empty(); --acknowledged) {
                if (shared->stamps.front() != 0 && shared->settled.size() < kMaxLatencies)
                    shared->settled.push_back(now - shared->stamps.front());
                shared->stamps.pop_front();
            }
        }
        const client::Worker::Totals totals = worker.totals();
        if (totals.acknowledged + totals.leasesLost >= count && !promise.future().isFinished())
            promise.finish();
    };
    QObject::connect(&worker, &client::Worker::settled, &worker, settled);
    QFuture<void> done = promise.future();
    co_await done; // void
    Report report;
    report.lastNs = monotonicNs();
    auto stopping = worker.stop();
    const base::Result<void> stopped = co_await stopping;
    if (!stopped)
        co_return base::fail(stopped.error().code, stopped.error().context);
    const std::scoped_lock guard(shared->lock);
    report.firstNs = shared->firstNs;
    report.messages = shared->checker.distinct();
    report.duplicates = shared->checker.duplicates();
    report.mismatches = shared->checker.mismatches();
    report.deliveredNs = shared->delivered;
    report.settledNs = shared->settled;
    co_return report;
}

double quantileMs(std::vector<std::int64_t> values, double quantile)
{
    if (values.empty())
        return std::nan("");
    const auto at = static_cast<std::ptrdiff_t>(quantile * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + at, values.end());
    return static_cast<double>(values[static_cast<std::size_t>(at)]) * 1e-6;
}

} // namespace millrace::bench
