// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/window_bench.h"

#include "app/desktop/charts/live_chart.h"
#include "app/desktop/viewmodels/loop_watchdog.h"
#include "app/desktop/views/main_window.h"
#include "app/desktop/views/overview_page.h"
#include "tests/bench/in_process.h"
#include "transport/zeromq/link/link.h"
#include "transport/zeromq/node/node.h"

#include <zmq.hpp>

#include <QElapsedTimer>
#include <QEventLoop>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QThread>
#include <QTimer>

namespace millrace::bench {

namespace {

constexpr double kP99LimitMs = 16;
constexpr double kMaxLimitMs = 100;
constexpr double kChartHz = 4;

/// Producer and worker on threads of their own, so that the window's thread does what it does in the desktop and
/// nothing else.
class Load : public QThread
{
public:
    Load(std::shared_ptr<client::Connection> connection, Pace pace)
        : m_connection(std::move(connection))
        , m_pace(pace)
    {}
    ~Load() override { wait(); }

    [[nodiscard]] QString error() const { return m_error; }         // after it finished
    [[nodiscard]] std::uint64_t passed() const { return m_passed; } // after it finished

protected:
    void run() override
    {
        const auto passed = passPaced(m_connection, {}, m_pace);
        if (!passed)
            m_error = toQString(passed.error().context);
        else if (passed->consumed.tally.mismatches == 0)
            m_passed = passed->consumed.tally.distinct;
    }

private:
    std::shared_ptr<client::Connection> m_connection;
    Pace m_pace;
    QString m_error;
    std::uint64_t m_passed = 0;
};

QJsonObject failure(const QString& why)
{
    return {{QStringLiteral("system"), QStringLiteral("millrace")},
            {QStringLiteral("command"), QStringLiteral("window")},
            {QStringLiteral("error"), why}};
}

double toMs(std::int64_t us)
{
    return static_cast<double>(us) / 1000.0;
}

void runFor(std::chrono::milliseconds time)
{
    QEventLoop loop;
    QTimer::singleShot(time, &loop, &QEventLoop::quit);
    loop.exec();
}

} // namespace

QJsonObject runWindow(const WindowSettings& settings)
{
    const QTemporaryDir directory;
    const auto context = std::make_shared<zmq::context_t>(1);
    zeromq::NodeOptions options;
    options.store.directory = directory.path().toStdString() + "/data";
    options.definition.queues.push_back({queueName(0), message::QueuePolicy{}});
    auto node = zeromq::Node::start(context, options);
    if (!node)
        return failure(QString::fromStdString(node.error().context));
    auto windowLink = zeromq::openLink(context, {(*node)->endpoints().inproc, "window", {}, {}});
    auto loadLink = zeromq::openLink(context, {(*node)->endpoints().inproc, "load", {}, {}});
    if (!windowLink || !loadLink)
        return failure(QStringLiteral("no link to the node"));

    desktop::LoopWatchdog watchdog;
    desktop::MainWindow window(&watchdog);
    window.resize(1280, 800);
    window.show();
    window.openPipeline(windowLink->pipeline.get(), {});
    window.goTo(desktop::MainWindow::PageId::Overview);

    // Together within a millisecond, as a program that is busy would submit them.
    const Pace load{settings.ratePerSecond,
                    static_cast<std::uint64_t>(settings.ratePerSecond * settings.seconds),
                    0,
                    std::chrono::milliseconds(1)};
    Load passing(loadLink->connection, load);
    passing.start();
    runFor(std::chrono::seconds(1)); // opening is not what is measured
    watchdog.start();
    const auto& charts = window.overview()->charts();
    std::vector<quint64> before;
    for (const desktop::LiveChart* chart : charts)
        before.push_back(chart->paintCount());
    QElapsedTimer clock;
    clock.start();
    while (passing.isRunning() && clock.elapsed() < settings.seconds * 3000LL)
        runFor(std::chrono::milliseconds(100));
    const double seconds = static_cast<double>(clock.elapsed()) / 1000;
    const auto late = watchdog.sinceReset();
    QJsonArray paints;
    bool painted = !charts.empty();
    for (std::size_t i = 0; i < charts.size(); ++i) {
        const double rate = static_cast<double>(charts[i]->paintCount() - before[i]) / seconds;
        painted = painted && rate >= kChartHz;
        paints.append(QJsonObject{{QStringLiteral("chart"), charts[i]->title()},
                                  {QStringLiteral("paints_per_s"), std::round(rate * 100) / 100}});
    }
    passing.wait();
    window.closePipeline();
    if (!passing.error().isEmpty())
        return failure(passing.error());
    const bool within = toMs(late.p99Us) <= kP99LimitMs && toMs(late.maxUs) <= kMaxLimitMs && painted;
    return {{QStringLiteral("system"), QStringLiteral("millrace")},
            {QStringLiteral("command"), QStringLiteral("window")},
            {QStringLiteral("how"),
             QStringLiteral("main window with Overview open, offscreen; embedded node, producer and worker in the same "
                            "process; lateness of a probe posted every 10 ms")},
            {QStringLiteral("rate_per_s"), settings.ratePerSecond},
            {QStringLiteral("seconds"), std::round(seconds * 10) / 10},
            {QStringLiteral("messages_passed"), static_cast<qint64>(passing.passed())},
            {QStringLiteral("complete"), passing.passed() == load.count},
            {QStringLiteral("lateness_p50_ms"), toMs(late.p50Us)},
            {QStringLiteral("lateness_p99_ms"), toMs(late.p99Us)},
            {QStringLiteral("lateness_max_ms"), toMs(late.maxUs)},
            {QStringLiteral("probes"), static_cast<qint64>(late.probes)},
            {QStringLiteral("charts"), paints},
            {QStringLiteral("within_limits"), within}};
}

} // namespace millrace::bench
