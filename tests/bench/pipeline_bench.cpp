// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/pipeline_bench.h"

#include "tests/bench/roles.h"
#include "transport/zeromq/link/link.h"
#include "transport/zeromq/node/node.h"

#include <QCoreApplication>
#include <QCoroFuture>
#include <QEventLoop>
#include <QFile>
#include <QJsonDocument>
#include <QProcess>
#include <QTemporaryDir>
#include <QTextStream>

#include <zmq.hpp>

#include <cmath>
#include <cstdio>
#include <optional>

namespace millrace::bench {

namespace {

constexpr int kStepTimeoutMs = 300'000;

struct Outcome
{
    Report produced, consumed, paced, timed;
};

/// Waits for a coroutine with a running event loop.
template<typename T>
T await(QCoro::Task<T> task)
{
    std::optional<T> result;
    QEventLoop loop;
    task.then([&](T value) {
        result = std::move(value);
        loop.quit();
    });
    if (!result)
        loop.exec();
    return std::move(*result);
}

message::PipelineDefinition definition()
{
    message::PipelineDefinition pipeline;
    for (const std::string_view name : {kThroughputQueue, kLatencyQueue})
        pipeline.queues.push_back({std::string(name), message::QueuePolicy{}});
    return pipeline;
}

zeromq::NodeOptions nodeOptions(const QString& directory)
{
    zeromq::NodeOptions options;
    options.store.directory = directory.toStdString() + "/data";
    options.runtimeDirectory = directory.toStdString() + "/run";
    options.name = "bench";
    options.program = "millrace-bench";
    options.definition = definition();
    options.log = [](char level, const std::string& line) {
        if (level != 'I')
            std::fprintf(stderr, "%c %s\n", level, line.c_str());
    };
    return options;
}

QString utf8(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QJsonObject failure(const QString& workload, const QString& why)
{
    return {{QStringLiteral("workload"), workload}, {QStringLiteral("error"), why}};
}

QJsonValue rounded(double value)
{
    if (!std::isfinite(value))
        return {};
    return std::round(value * 1000) / 1000;
}

double perSecond(std::uint64_t count, std::int64_t fromNs, std::int64_t untilNs)
{
    return static_cast<double>(count) / (static_cast<double>(untilNs - fromNs) * 1e-9);
}

QJsonObject toLine(const QString& workload, const QString& how, const Settings& settings, const Outcome& outcome)
{
    const Report& produced = outcome.produced;
    const Report& consumed = outcome.consumed;
    const bool complete = consumed.messages == settings.count && consumed.mismatches == 0
                          && outcome.timed.messages == settings.latencyCount && outcome.timed.mismatches == 0;
    QJsonObject line{
        {QStringLiteral("workload"), workload},
        {QStringLiteral("how"), how},
        {QStringLiteral("durability"), QStringLiteral("full")},
        {QStringLiteral("count"), static_cast<qint64>(settings.count)},
        {QStringLiteral("size"), static_cast<qint64>(settings.size)},
        {QStringLiteral("submit_per_s"), std::round(perSecond(produced.messages, produced.firstNs, produced.lastNs))},
        {QStringLiteral("end_to_end_per_s"),
         std::round(perSecond(consumed.messages, produced.firstNs, consumed.lastNs))},
        {QStringLiteral("latency_rate_per_s"), settings.latencyRate},
        {QStringLiteral("latency_count"), static_cast<qint64>(outcome.timed.settledNs.size())},
        {QStringLiteral("checked"), static_cast<qint64>(consumed.messages + outcome.timed.messages)},
        {QStringLiteral("mismatches"), static_cast<qint64>(consumed.mismatches + outcome.timed.mismatches)},
        {QStringLiteral("duplicates"), static_cast<qint64>(consumed.duplicates + outcome.timed.duplicates)},
        {QStringLiteral("problems"), static_cast<qint64>(produced.problems + outcome.paced.problems)},
        {QStringLiteral("complete"), complete},
    };
    const auto addQuantiles = [&line](const QString& prefix, const std::vector<std::int64_t>& latencies) {
        line.insert(prefix + QLatin1String("_p50_ms"), rounded(quantileMs(latencies, 0.50)));
        line.insert(prefix + QLatin1String("_p99_ms"), rounded(quantileMs(latencies, 0.99)));
        line.insert(prefix + QLatin1String("_max_ms"), rounded(quantileMs(latencies, 1.0)));
    };
    addQuantiles(QStringLiteral("delivered"), outcome.timed.deliveredNs);
    addQuantiles(QStringLiteral("settled"), outcome.timed.settledNs);
    return line;
}

QCoro::Task<base::Result<Outcome>>
measure(std::shared_ptr<client::Connection> producer, std::shared_ptr<client::Connection> worker, Settings settings)
{
    Outcome outcome;
    // Attached from the start, so that the latency phase does not measure how long attaching takes.
    auto timing = consume(worker, utf8(kLatencyQueue), settings.latencyCount, settings.size);
    auto consuming = consume(worker, utf8(kThroughputQueue), settings.count, settings.size);
    auto producing = produce(producer, settings);
    const base::Result<Report> produced = co_await producing;
    if (!produced)
        co_return tl::unexpected(produced.error());
    const base::Result<Report> consumed = co_await consuming;
    if (!consumed)
        co_return tl::unexpected(consumed.error());
    outcome.produced = *produced;
    outcome.consumed = *consumed;
    if (settings.latencyCount > 0) {
        auto pacing = producePaced(producer, settings);
        const base::Result<Report> paced = co_await pacing;
        if (!paced)
            co_return tl::unexpected(paced.error());
        const base::Result<Report> timed = co_await timing;
        if (!timed)
            co_return tl::unexpected(timed.error());
        outcome.paced = *paced;
        outcome.timed = *timed;
    }
    co_return outcome;
}

/// A role in a process of its own: it prints one line of JSON for each phase.
class RoleProcess
{
public:
    RoleProcess(const QString& role, const QString& where, const Settings& settings)
    {
        m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        m_process.start(QCoreApplication::applicationFilePath(),
                        {QStringLiteral("role"),
                         role,
                         where,
                         QStringLiteral("--count=%1").arg(settings.count),
                         QStringLiteral("--size=%1").arg(settings.size),
                         QStringLiteral("--latency-rate=%1").arg(settings.latencyRate),
                         QStringLiteral("--latency-count=%1").arg(settings.latencyCount)});
    }
    ~RoleProcess()
    {
        m_process.closeWriteChannel();
        if (!m_process.waitForFinished(10'000))
            m_process.kill();
        m_process.waitForFinished(1000);
    }
    std::optional<QByteArray> line()
    {
        while (!m_process.canReadLine()) {
            if (!m_process.waitForReadyRead(kStepTimeoutMs))
                return std::nullopt;
        }
        return m_process.readLine().trimmed();
    }
    /// Lets a producer begin its latency phase.
    void go()
    {
        m_process.write("go\n");
        m_process.waitForBytesWritten(1000);
    }
    std::optional<Report> report()
    {
        const auto text = line();
        if (!text)
            return std::nullopt;
        return Report::fromJson(QJsonDocument::fromJson(*text).object());
    }

private:
    QProcess m_process;
};

void print(const QByteArray& line)
{
    QFile out;
    if (out.open(stdout, QIODevice::WriteOnly))
        out.write(line + '\n');
}

int printReport(const base::Result<Report>& report)
{
    if (!report) {
        std::fprintf(stderr, "%s\n", report.error().context.c_str());
        return 1;
    }
    print(QJsonDocument(report->toJson()).toJson(QJsonDocument::Compact));
    return 0;
}

int runNode(const QString& directory)
{
    auto node = zeromq::Node::start(std::make_shared<zmq::context_t>(1), nodeOptions(directory));
    if (!node) {
        std::fprintf(stderr, "%s\n", node.error().context.c_str());
        return 1;
    }
    print(QByteArray::fromStdString((*node)->endpoints().ipc));
    QFile in;
    if (in.open(stdin, QIODevice::ReadOnly))
        in.readAll(); // until whoever started this process closes the pipe, or is gone
    return 0;
}

} // namespace

QJsonObject runEmbedded(const Settings& settings)
{
    const QString name = QStringLiteral("embedded");
    const QTemporaryDir directory;
    const auto context = std::make_shared<zmq::context_t>(1);
    auto node = zeromq::Node::start(context, nodeOptions(directory.path()));
    if (!node)
        return failure(name, utf8(node.error().context));
    auto link = zeromq::openLink(context, {(*node)->endpoints().inproc, "bench", {}, {}});
    if (!link)
        return failure(name, utf8(link.error().context));
    const auto outcome = await(measure(link->connection, link->connection, settings));
    if (!outcome)
        return failure(name, utf8(outcome.error().context));
    return toLine(name,
                  QStringLiteral("producer, node and worker in one process over inproc; full envelopes; default options; "
                                 "latency from when a message was due to be submitted until its handler has it "
                                 "(delivered) and until its acknowledgement is confirmed (settled); every message "
                                 "compared by value"),
                  settings,
                  *outcome);
}

QJsonObject runProcesses(const Settings& settings)
{
    const QString name = QStringLiteral("processes");
    const QTemporaryDir directory;
    RoleProcess node(QStringLiteral("node"), directory.path(), settings);
    const auto endpoint = node.line();
    if (!endpoint || endpoint->isEmpty())
        return failure(name, QStringLiteral("the node did not start"));
    RoleProcess worker(QStringLiteral("worker"), QString::fromUtf8(*endpoint), settings);
    RoleProcess producer(QStringLiteral("producer"), QString::fromUtf8(*endpoint), settings);
    Outcome outcome;
    const auto read = [](RoleProcess& process, Report& into) {
        const auto report = process.report();
        if (report)
            into = *report;
        return report.has_value();
    };
    if (!read(producer, outcome.produced) || !read(worker, outcome.consumed))
        return failure(name, QStringLiteral("a producer or worker ended early"));
    producer.go();
    if (settings.latencyCount > 0 && (!read(producer, outcome.paced) || !read(worker, outcome.timed)))
        return failure(name, QStringLiteral("a producer or worker ended early in the latency phase"));
    return toLine(name,
                  QStringLiteral("producer, node and worker as three processes over ipc; full envelopes; default options; "
                                 "latency from when a message was due to be submitted until its handler has it "
                                 "(delivered) and until its acknowledgement is confirmed (settled); every message "
                                 "compared by value"),
                  settings,
                  outcome);
}

int runRole(const QString& role, const QString& endpointOrDirectory, const Settings& settings)
{
    if (role == QLatin1String("node"))
        return runNode(endpointOrDirectory);
    const auto context = std::make_shared<zmq::context_t>(1);
    auto link = zeromq::openLink(context, {endpointOrDirectory.toStdString(), "bench " + role.toStdString(), {}, {}});
    if (!link) {
        std::fprintf(stderr, "%s\n", link.error().context.c_str());
        return 1;
    }
    if (role == QLatin1String("producer")) {
        const int code = printReport(await(produce(link->connection, settings)));
        if (code != 0 || settings.latencyCount == 0)
            return code;
        // The other phase must be over for the worker too.
        QFile in;
        if (in.open(stdin, QIODevice::ReadOnly))
            in.readLine();
        return printReport(await(producePaced(link->connection, settings)));
    }
    auto timing = consume(link->connection, utf8(kLatencyQueue), settings.latencyCount, settings.size);
    const int code
        = printReport(await(consume(link->connection, utf8(kThroughputQueue), settings.count, settings.size)));
    if (code != 0 || settings.latencyCount == 0)
        return code;
    return printReport(await(std::move(timing)));
}

} // namespace millrace::bench
