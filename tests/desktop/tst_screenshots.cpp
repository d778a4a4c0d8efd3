// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/desktop/viewmodels/loop_watchdog.h"
#include "app/desktop/views/main_window.h"
#include "app/desktop/views/screenshots.h"
#include "app/desktop/views/theme.h"
#include "tests/desktop/fake_workload.h"
#include "tests/support/demo_recording.h"
#include "transport/client/async.h"

#include <QApplication>
#include <QFile>
#include <QImage>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include <optional>
#include <set>

using namespace millrace;
using namespace millrace::desktop;

namespace {

QCoro::Task<base::Result<void>>
run(MainWindow* window, QString directory, std::shared_ptr<std::optional<base::Result<void>>> outcome)
{
    auto tour = takeScreenshots(window, std::move(directory));
    const auto taken = co_await tour;
    *outcome = taken;
    co_return base::Result<void>();
}

/// Colours that occur in a picture, sampled.
std::size_t colorsIn(const QImage& image)
{
    std::set<QRgb> colors;
    for (int y = 0; y < image.height(); y += 3) {
        for (int x = 0; x < image.width(); x += 3)
            colors.insert(image.pixel(x, y));
    }
    return colors.size();
}

} // namespace

class TstScreenshots : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_scratch.isValid());
        QSettings::setDefaultFormat(QSettings::IniFormat);
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_scratch.path());
        Theme::instance().install(*qApp);
    }

    void writesEachPageInLightAndDark()
    {
        const QString directory = m_scratch.filePath(QStringLiteral("pictures"));
        const auto outcome = play(directory);
        QVERIFY(outcome.has_value());
        QVERIFY2(*outcome, outcome->error().context.c_str());
        QVERIFY2(m_latestUs < kBlockedMs * 1000, "the pictures show what happened before them");
        for (const char* page : {"overview", "queues", "dead-letters", "workloads"}) {
            QImage pictures[2];
            for (const int dark : {0, 1}) {
                const auto name = QStringLiteral("%1-%2.png").arg(QLatin1String(page), QLatin1String(dark ? "dark" : "light"));
                QVERIFY2(pictures[dark].load(directory + QLatin1Char('/') + name), qPrintable(name));
                QCOMPARE(pictures[dark].size(), QSize(1280, 800));
                QVERIFY2(colorsIn(pictures[dark]) > 40, qPrintable(name));
            }
            QVERIFY(pictures[0].pixelColor(5, 400).lightness() > 200);
            QVERIFY(pictures[1].pixelColor(5, 400).lightness() < 80);
        }
    }

    void aDirectoryThatCannotBeIsAnError()
    {
        const QString path = m_scratch.filePath(QStringLiteral("file"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        const auto outcome = play(path + QStringLiteral("/below"));
        QVERIFY(outcome.has_value());
        QVERIFY(!*outcome);
        QVERIFY(outcome->error().code == base::ErrorCode::Io);
    }

private:
    std::optional<base::Result<void>> play(const QString& directory)
    {
        client::RecordedPipeline pipeline(tests::makeDemoRecording());
        tests::FakeWorkload workload;
        workload.state.acknowledged = 5;
        LoopWatchdog watchdog;
        watchdog.start();
        MainWindow window(&watchdog);
        window.resize(1280, 800);
        window.show();
        pipeline.setFreshness(client::Freshness::Fresh);
        window.openPipeline(&pipeline, {&workload});
        QTimer feed;
        connect(&feed, &QTimer::timeout, &feed, [&] { pipeline.advance(); });
        feed.start(100);
        QTimer::singleShot(0, &window, [] { QTest::qSleep(kBlockedMs); });
        const auto outcome = std::make_shared<std::optional<base::Result<void>>>();
        client::spawn(&window, "pictures", run(&window, directory, outcome));
        [&] { QTRY_VERIFY_WITH_TIMEOUT(outcome->has_value(), 60'000); }();
        m_latestUs = watchdog.sinceReset().maxUs;
        workload.finish();
        window.closePipeline();
        return *outcome;
    }

    static constexpr int kBlockedMs = 400;
    std::int64_t m_latestUs = 0; ///< as the last picture would show it
    QTemporaryDir m_scratch;
};

QTEST_MAIN(TstScreenshots)
#include "tst_screenshots.moc"
