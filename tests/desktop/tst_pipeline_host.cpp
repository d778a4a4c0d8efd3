// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/desktop/host/pipeline_host.h"
#include "app/desktop/viewmodels/loop_watchdog.h"
#include "app/desktop/viewmodels/workloads_view_model.h"
#include "app/desktop/views/safe_text.h"
#include "app/desktop/views/theme.h"
#include "app/desktop/views/widgets/empty_state.h"
#include "app/desktop/views/workloads_page.h"
#include "core/store/sqlite_store.h"
#include "transport/zeromq/node/node.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <zmq.hpp>

#include <QApplication>
#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <map>
#include <mutex>
#include <thread>

using namespace millrace;
using namespace millrace::desktop;

namespace {

constexpr int kPatienceMs = 30'000;

/// A host with what its window would do: the workloads are prepared as soon as the pipeline is there.
struct Window
{
    explicit Window(const QString& directory)
        : host(HostOptions{.directory = directory.toStdString(), .pipelineFile = {}, .attachEndpoint = {}})
        , ready(&host, &PipelineHost::ready)
        , failed(&host, &PipelineHost::failed)
        , stopped(&host, &PipelineHost::stopped)
    {
        QObject::connect(&host, &PipelineHost::ready, &host, [this] {
            workloads = std::make_unique<WorkloadsViewModel>(host.pipeline(), host.workloads());
        });
    }
    [[nodiscard]] bool hasStarted()
    {
        return QTest::qWaitFor([this] { return ready.count() > 0 && host.pipeline() && host.pipeline()->snapshot(); }, kPatienceMs);
    }
    [[nodiscard]] bool hasIdleWorkloads() const
    {
        return std::ranges::all_of(workloads->cards(), [](const auto* card) {
            return card->phase() == WorkloadCardModel::Phase::Idle;
        });
    }
    [[nodiscard]] bool seesSnapshots(std::uint64_t more) const
    {
        const std::uint64_t wanted = host.pipeline()->snapshot()->number + more;
        return QTest::qWaitFor([&] { return host.pipeline()->snapshot()->number >= wanted; }, kPatienceMs);
    }
    /// Workers by queue.
    [[nodiscard]] std::map<std::string, std::uint32_t> queues() const
    {
        std::map<std::string, std::uint32_t> found;
        for (const auto& queue : host.pipeline()->snapshot()->queues)
            found[queue.name] = queue.sample.workers;
        return found;
    }
    [[nodiscard]] bool stop()
    {
        const auto before = stopped.count();
        workloads.reset();
        host.stop();
        return QTest::qWaitFor([&] { return stopped.count() > before; }, kPatienceMs);
    }

    PipelineHost host;
    std::unique_ptr<WorkloadsViewModel> workloads;
    QSignalSpy ready;
    QSignalSpy failed;
    QSignalSpy stopped;
};

/// Each line of the log takes its time, as on a slow disk: a thread that joined the node's threads would wait for it.
class SlowSink final : public spdlog::sinks::base_sink<std::mutex>
{
    void sink_it_(const spdlog::details::log_msg& message) override
    {
        if (std::string_view(message.payload.data(), message.payload.size()).ends_with("stops"))
            std::this_thread::sleep_for(std::chrono::milliseconds(400));
    }
    void flush_() override {}
};

QStringList textsOf(const QWidget& widget)
{
    QStringList texts;
    for (const auto* label : widget.findChildren<PlainLabel*>())
        texts.append(label->fullText());
    return texts;
}

} // namespace

class TstPipelineHost : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_runtime.isValid());
        qputenv("XDG_RUNTIME_DIR", QFile::encodeName(m_runtime.path()));
        QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
        Theme::instance().install(*qApp);
    }
    void aSecondWindowLeavesTheWorkloadsToTheFirst();
    void aWindowOnANodeThatServesAddsNothing();
    void windowsOnTwoDirectoriesDoNotMeet();
    void theWorkloadsPageSaysWhyThereAreNone();
    void stopWhileItStartsWins();
    void stopsOnce();
    void startsAgainAfterItStopped();
    void theEventLoopGoesOnWhileItStops();

private:
    QTemporaryDir m_runtime;
};

void TstPipelineHost::aSecondWindowLeavesTheWorkloadsToTheFirst()
{
    const QTemporaryDir data;
    Window first(data.path());
    first.host.start();
    QVERIFY(first.hasStarted());
    QCOMPARE(first.host.workloads().size(), std::size_t(3));
    QTRY_VERIFY_WITH_TIMEOUT(first.hasIdleWorkloads(), kPatienceMs);
    QVERIFY(first.seesSnapshots(2));
    const auto before = first.queues();
    QCOMPARE(before.size(), std::size_t(4));
    const QString thumbnails = data.filePath(QStringLiteral("workloads/images/thumbnails/run"));
    QVERIFY(QDir().mkpath(thumbnails));

    Window second(data.path());
    second.host.start();
    QVERIFY(second.hasStarted());
    QVERIFY(!second.ready.constFirst().constFirst().toString().isEmpty());
    QVERIFY(second.host.workloads().empty());
    QVERIFY(second.workloads->cards().empty());
    QVERIFY(second.seesSnapshots(10));
    QVERIFY(second.queues() == before);
    QVERIFY(QDir(thumbnails).exists());

    QVERIFY(second.stop());
    QVERIFY(first.seesSnapshots(2));
    QVERIFY(first.queues() == before);
    QVERIFY(first.stop());
}

void TstPipelineHost::aWindowOnANodeThatServesAddsNothing()
{
    const QTemporaryDir data;
    zeromq::NodeOptions options;
    options.name = "serves";
    options.store.directory = data.path().toStdString();
    options.runtimeDirectory = m_runtime.path().toStdString();
    const auto node = zeromq::Node::start(std::make_shared<zmq::context_t>(), std::move(options));
    QVERIFY2(node, node ? "" : node.error().context.c_str());

    Window window(data.path());
    window.host.start();
    QVERIFY(window.hasStarted());
    QVERIFY(window.host.workloads().empty());
    QVERIFY(window.seesSnapshots(5));
    QVERIFY(window.queues().empty());
    QVERIFY(!QDir(data.path()).exists(QStringLiteral("workloads")));
    QVERIFY(window.stop());
}

void TstPipelineHost::windowsOnTwoDirectoriesDoNotMeet()
{
    const QTemporaryDir one, two;
    Window first(one.path()), second(two.path());
    first.host.start();
    QVERIFY(first.hasStarted());
    second.host.start();
    QTRY_VERIFY_WITH_TIMEOUT(second.ready.count() + second.failed.count() > 0, kPatienceMs);
    QVERIFY2(second.failed.isEmpty(), qPrintable(second.failed.value(0).value(1).toString()));
    QCOMPARE(second.host.workloads().size(), std::size_t(3));
    QVERIFY(second.hasStarted());
    QVERIFY(second.stop());
    QVERIFY(first.stop());
}

void TstPipelineHost::theWorkloadsPageSaysWhyThereAreNone()
{
    const QTemporaryDir data;
    Window first(data.path());
    first.host.start();
    QVERIFY(first.hasStarted());
    Window second(data.path());
    second.host.start();
    QVERIFY(second.hasStarted());
    {
        WorkloadsPage page(second.workloads.get());
        QVERIFY(page.cards().empty());
        QVERIFY(page.findChild<EmptyState*>() != nullptr);
        const QString text = textsOf(page).join(QLatin1Char(' '));
        QVERIFY2(text.contains(QLatin1String("a pipeline that runs elsewhere, and has no workloads of its own")),
                 qPrintable(text));
    }
    QVERIFY(second.stop());
    QVERIFY(first.stop());
}

void TstPipelineHost::stopWhileItStartsWins()
{
    const QTemporaryDir data;
    Window window(data.path());
    window.host.start();
    QVERIFY(window.stop());
    QCOMPARE(window.ready.count(), 0);
    QCOMPARE(window.failed.count(), 0);
    QCOMPARE(window.stopped.count(), 1);
    QVERIFY(window.host.pipeline() == nullptr);
    QVERIFY2(!store::DirectoryLock::holder(data.path().toStdString()), "the node still runs");
    QTest::qWait(50);
    QCOMPARE(window.ready.count(), 0);
    QCOMPARE(window.stopped.count(), 1);
}

void TstPipelineHost::stopsOnce()
{
    const QTemporaryDir data;
    Window window(data.path());
    window.host.start();
    QVERIFY(window.hasStarted());
    window.workloads.reset();
    window.host.stop();
    window.host.stop();
    window.host.start();
    QTRY_VERIFY_WITH_TIMEOUT(window.stopped.count() > 0, kPatienceMs);
    QTest::qWait(50);
    QCOMPARE(window.stopped.count(), 1);
    QCOMPARE(window.ready.count(), 1);
}

void TstPipelineHost::startsAgainAfterItStopped()
{
    const QTemporaryDir data;
    Window window(data.path());
    window.host.start();
    QVERIFY(window.stop());
    window.host.start();
    QVERIFY(window.hasStarted());
    QVERIFY(window.stop());
    QCOMPARE(window.stopped.count(), 2);
}

void TstPipelineHost::theEventLoopGoesOnWhileItStops()
{
    const QTemporaryDir data;
    Window window(data.path());
    window.host.start();
    QVERIFY(window.hasStarted());
    QTRY_VERIFY_WITH_TIMEOUT(window.hasIdleWorkloads(), kPatienceMs);
    auto* quakes = window.workloads->card(QStringLiteral("earthquakes"));
    quakes->setProfile({.count = 5000, .ratePerSecond = 0, .burst = 1});
    quakes->start();
    QTRY_VERIFY_WITH_TIMEOUT(quakes->counts().acknowledged > 1000, kPatienceMs);
    spdlog::default_logger()->sinks().push_back(std::make_shared<SlowSink>());
    LoopWatchdog watchdog;
    watchdog.start();
    QVERIFY(window.stop());
    // The probe of a block at the very end is handled after it.
    QTest::qWait(50);
    const auto figures = watchdog.sinceReset();
    spdlog::default_logger()->sinks().pop_back();
    QVERIFY2(figures.maxUs < 200'000, qPrintable(QString::number(figures.maxUs)));
    QVERIFY(figures.probes > 0);
}

QTEST_MAIN(TstPipelineHost)
#include "tst_pipeline_host.moc"
