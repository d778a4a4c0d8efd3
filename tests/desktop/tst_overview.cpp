// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/desktop/models/text_format.h"
#include "app/desktop/viewmodels/overview_view_model.h"
#include "app/desktop/views/overview_page.h"
#include "app/desktop/views/theme.h"
#include "app/desktop/views/widgets/empty_state.h"
#include "app/desktop/views/widgets/segmented.h"
#include "app/desktop/views/widgets/stat_card.h"
#include "tests/support/demo_recording.h"

#include <QApplication>
#include <QComboBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTest>

#include <memory>

using namespace millrace;
using namespace millrace::desktop;

namespace {

/// A recording, the model and the page over it.
struct Stage
{
    explicit Stage(client::Recording recording)
        : pipeline(std::move(recording))
        , model(&pipeline)
        , page(&model)
    {
        page.resize(1100, 720);
    }
    Stage()
        : Stage(tests::makeDemoRecording())
    {
    }
    void play(int count)
    {
        for (int i = 0; i < count; ++i)
            QVERIFY(pipeline.advance());
    }
    void show()
    {
        page.show();
        QVERIFY(QTest::qWaitForWindowExposed(&page));
        page.activated();
    }
    client::RecordedPipeline pipeline;
    OverviewViewModel model;
    OverviewPage page;
};

client::Recording hostileRecording()
{
    auto snapshot = std::make_shared<client::Snapshot>();
    snapshot->epoch = 1;
    snapshot->number = 1;
    snapshot->atUs = 1'700'000'000'000'000;
    client::QueueStatus queue;
    queue.name = "<img src=x>\u202Eq";
    queue.sample.ready = 3;
    snapshot->queues.push_back(queue);
    snapshot->total = queue.sample;
    client::Recording recording;
    recording.snapshots.push_back(snapshot);
    return recording;
}

client::Recording emptyRecording()
{
    auto snapshot = std::make_shared<client::Snapshot>();
    snapshot->epoch = 1;
    snapshot->number = 1;
    snapshot->atUs = 1'700'000'000'000'000;
    client::Recording recording;
    recording.snapshots.push_back(snapshot);
    return recording;
}

} // namespace

class TstOverview : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QStandardPaths::setTestModeEnabled(true);
        QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
        Theme::instance().install(*qApp);
    }

    void oneIsNotSeveral()
    {
        client::Recording recording = hostileRecording();
        for (const std::uint64_t retrying : {1U, 2U}) {
            auto snapshot = std::make_shared<client::Snapshot>(*recording.snapshots.front());
            snapshot->number += retrying;
            snapshot->atUs += std::int64_t(retrying) * 200'000;
            snapshot->total.retrying = retrying;
            recording.snapshots.push_back(snapshot);
        }
        Stage stage(std::move(recording));
        stage.play(2);
        QCOMPARE(stage.page.cards()[4]->note(), QStringLiteral("1 waits for a retry"));
        stage.play(1);
        QCOMPARE(stage.page.cards()[4]->note(), QStringLiteral("2 wait for a retry"));
    }

    void figuresEqualTheSnapshot()
    {
        Stage stage;
        stage.play(10);
        const auto total = stage.pipeline.snapshot()->total;
        const auto& cards = stage.page.cards();
        QCOMPARE(cards[0]->figure(), formatCount(total.depth()));
        QCOMPARE(cards[1]->figure(), formatDuration(total.lagUs));
        QCOMPARE(cards[5]->figure(), formatCount(total.dead));
        QVERIFY(cards[2]->note().contains(formatCount(total.submitted)));
        QVERIFY(cards[3]->note().contains(formatCount(total.acknowledged)));
        QVERIFY2(cards[2]->figure().endsWith(QLatin1String("/s")), qPrintable(cards[2]->figure()));
    }

    void oneQueueShowsItsOwnFigures()
    {
        Stage stage;
        stage.play(3);
        auto* combo = stage.page.findChild<QComboBox*>();
        QCOMPARE(combo->count(), 1 + int(stage.pipeline.snapshot()->queues.size()));
        const auto status = stage.pipeline.snapshot()->queues.back();
        stage.model.setQueue(QString::fromStdString(status.name));
        stage.play(1);
        const auto& shown = stage.pipeline.snapshot()->queues.back();
        QCOMPARE(stage.page.cards()[0]->figure(), formatCount(shown.sample.depth()));
        QCOMPARE(stage.page.cards()[5]->figure(), formatCount(shown.sample.dead));
    }

    void aQueueThatVanishedHasNoFigures()
    {
        Stage stage;
        stage.play(1);
        stage.model.setQueue(QStringLiteral("no-such-queue"));
        stage.play(1);
        QCOMPARE(stage.page.cards()[0]->figure(), notAvailable());
    }

    void chartsShowThePastOnceConnected()
    {
        Stage stage;
        stage.pipeline.setFreshness(client::Freshness::Fresh);
        stage.play(2);
        stage.show();
        stage.model.setRange(OverviewViewModel::Range::TenMinutes);
        const auto depth = stage.page.charts().front();
        const auto seen = [&] {
            const auto runs = depth->drawnRuns(0);
            return runs.isEmpty() ? 0.0 : -runs.first().first().x();
        };
        QTRY_VERIFY2(seen() > 500, qPrintable(QString::number(seen())));
    }

    void rangeChangesTheAxisOfEveryChart()
    {
        Stage stage;
        stage.play(2);
        auto* range = stage.page.findChild<Segmented*>();
        range->setCurrent(2);
        QCOMPARE(stage.model.range(), OverviewViewModel::Range::Hour);
        QCOMPARE(stage.model.span(), std::chrono::seconds(3600));
        range->setCurrent(0);
        QCOMPARE(stage.model.span(), std::chrono::seconds(60));
    }

    void everyChartIsPaintedFourTimesASecond()
    {
        Stage stage;
        stage.play(5);
        stage.show();
        QTimer feed;
        connect(&feed, &QTimer::timeout, &feed, [&] { stage.pipeline.advance(); });
        feed.start(100);
        QTest::qWait(300);
        std::vector<quint64> before;
        for (const auto* chart : stage.page.charts())
            before.push_back(chart->paintCount());
        QElapsedTimer clock;
        clock.start();
        QTest::qWait(2000);
        const double seconds = double(clock.elapsed()) / 1000;
        for (std::size_t i = 0; i < before.size(); ++i) {
            const double rate = double(stage.page.charts()[i]->paintCount() - before[i]) / seconds;
            QVERIFY2(rate >= 4.0, qPrintable(QStringLiteral("%1: %2/s").arg(stage.page.charts()[i]->title()).arg(rate)));
            QVERIFY2(rate <= 11.0, qPrintable(QStringLiteral("%1: %2/s").arg(stage.page.charts()[i]->title()).arg(rate)));
        }
    }

    void pauseStopsRefreshAndResumeCatchesUp()
    {
        Stage stage;
        stage.play(5);
        stage.show();
        QTRY_VERIFY(stage.page.charts()[0]->paintCount() > 2);
        stage.model.setPaused(true);
        const QString figure = stage.page.cards()[2]->note();
        const auto last = stage.page.charts()[0]->lastValues();
        QTest::qWait(100); // what was scheduled before is painted
        const auto paints = stage.page.charts()[0]->paintCount();
        const auto end = stage.model.endUs();
        stage.play(30);
        QTest::qWait(600);
        QCOMPARE(stage.page.cards()[2]->note(), figure);
        QCOMPARE(stage.page.charts()[0]->lastValues(), last);
        QCOMPARE(stage.page.charts()[0]->paintCount(), paints);
        QCOMPARE(stage.model.endUs(), end);
        stage.model.setPaused(false);
        QVERIFY(stage.page.cards()[2]->note().contains(formatCount(stage.pipeline.snapshot()->total.submitted)));
        QVERIFY(stage.model.endUs() > end);
        QVERIFY(stage.model.points().size() > 20);
    }

    void aPageThatNobodySeesPaintsNothing()
    {
        Stage stage;
        stage.play(5);
        stage.show();
        QTRY_VERIFY(stage.page.charts()[0]->paintCount() > 2);
        stage.page.deactivated();
        QTest::qWait(100);
        const auto paints = stage.page.charts()[0]->paintCount();
        stage.play(5);
        QTest::qWait(500);
        QCOMPARE(stage.page.charts()[0]->paintCount(), paints);
    }

    void hostileQueueNamesAreShownLiterally()
    {
        Stage stage(hostileRecording());
        stage.play(1);
        auto* combo = stage.page.findChild<QComboBox*>();
        QCOMPARE(combo->itemText(1), QStringLiteral("<img src=x>\\u202Eq"));
        stage.model.setQueue(combo->itemData(1).toString());
        stage.play(0);
        QCOMPARE(stage.page.cards()[0]->figure(), QStringLiteral("3"));
    }

    void nothingHeardIsNotAnEmptyPipeline()
    {
        Stage stage(emptyRecording());
        stage.show();
        auto* empty = stage.page.findChild<EmptyState*>();
        QVERIFY(empty->isVisible());
        QVERIFY(empty->title().contains(QLatin1String("Nothing was heard")));
        QVERIFY(!empty->actionButton()->isVisible());
        stage.play(1);
        QTRY_VERIFY(empty->title().contains(QLatin1String("running and empty")));
    }

    void anEmptyPipelineSaysWhatToPress()
    {
        Stage stage(emptyRecording());
        stage.play(1);
        stage.show();
        auto* empty = stage.page.findChild<EmptyState*>();
        QVERIFY(empty->isVisible());
        QVERIFY(empty->title().contains(QLatin1String("running and empty")));
        QSignalSpy asked(&stage.page, &OverviewPage::demoRequested);
        empty->actionButton()->click();
        QCOMPARE(asked.count(), 1);
        stage.page.setOffersDemo(false);
        QVERIFY(!empty->actionButton()->isVisible());
        QVERIFY(empty->text().contains(QLatin1String("another program")));
    }

    void fewSamplesAreSaid()
    {
        auto recording = emptyRecording();
        auto snapshot = std::make_shared<client::Snapshot>(*recording.snapshots.front());
        snapshot->total.submitted = 9;
        snapshot->total.waiting = {1000, 2000, 3000, 7};
        recording.snapshots = {snapshot};
        Stage stage(std::move(recording));
        stage.play(1);
        QVERIFY2(stage.page.charts()[5]->note().contains(QLatin1Char('7')), qPrintable(stage.page.charts()[5]->note()));
        QVERIFY(stage.page.charts()[6]->note().isEmpty());
    }

    void aFailedLookAtThePastIsSaid()
    {
        Stage stage;
        stage.pipeline.failCalls(base::Error{base::ErrorCode::Timeout, "<b>slow</b>", 0, {}});
        stage.pipeline.setFreshness(client::Freshness::Connecting);
        stage.pipeline.setFreshness(client::Freshness::Fresh);
        QTRY_VERIFY(stage.model.historyProblem().contains(QLatin1String("<b>slow</b>")));
    }
};

QTEST_MAIN(TstOverview)
#include "tst_overview.moc"
