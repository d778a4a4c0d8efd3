// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/desktop/viewmodels/workloads_view_model.h"
#include "app/desktop/views/theme.h"
#include "app/desktop/views/workloads_card.h"
#include "app/desktop/views/workloads_page.h"
#include "tests/desktop/fake_workload.h"
#include "transport/client/recorded_pipeline.h"

#include <QApplication>
#include <QDoubleSpinBox>
#include <QPushButton>
#include <QSlider>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTest>

using namespace millrace;
using namespace millrace::desktop;
using Phase = WorkloadCardModel::Phase;

namespace {

client::SnapshotPtr snapshotWith(std::uint64_t number, std::uint64_t ready, std::uint64_t dead)
{
    auto snapshot = std::make_shared<client::Snapshot>();
    snapshot->epoch = 1;
    snapshot->number = number;
    snapshot->atUs = 1'700'000'000'000'000 + std::int64_t(number) * 200'000;
    client::QueueStatus queue;
    queue.name = "checkout";
    queue.sample.ready = ready;
    queue.sample.dead = dead;
    snapshot->queues.push_back(queue);
    snapshot->total = queue.sample;
    return snapshot;
}

struct Stage
{
    explicit Stage(base::Result<void> attachResult = {})
        : pipeline(recording())
    {
        workload.attachResult = std::move(attachResult);
        model = std::make_unique<WorkloadsViewModel>(&pipeline, std::vector<handlers::Workload*>{&workload});
        page = std::make_unique<WorkloadsPage>(model.get());
        page->activated();
    }
    static client::Recording recording()
    {
        client::Recording recording;
        recording.snapshots = {snapshotWith(1, 0, 0), snapshotWith(2, 12, 3), snapshotWith(3, 0, 5)};
        return recording;
    }
    [[nodiscard]] WorkloadCard* card() const { return page->cards().front(); }
    [[nodiscard]] WorkloadCardModel* cardModel() const { return model->cards().front(); }
    void connectPipeline()
    {
        pipeline.setFreshness(client::Freshness::Connecting);
        pipeline.setFreshness(client::Freshness::Fresh);
    }

    client::RecordedPipeline pipeline;
    tests::FakeWorkload workload;
    std::unique_ptr<WorkloadsViewModel> model;
    std::unique_ptr<WorkloadsPage> page;
};

} // namespace

class TstWorkloadsPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QStandardPaths::setTestModeEnabled(true);
        QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
        Theme::instance().install(*qApp);
    }

    void workersAreStartedOnceThePipelineIsThere()
    {
        Stage stage;
        stage.connectPipeline();
        QTRY_COMPARE(stage.cardModel()->phase(), Phase::Idle);
        stage.connectPipeline();
        QCOMPARE(stage.workload.attachCount, 1);
        QTRY_COMPARE(stage.card()->statusText(), QStringLiteral("Ready to start"));
    }

    void startSubmitsWhatTheControlsSay()
    {
        Stage stage;
        stage.connectPipeline();
        QTRY_COMPARE(stage.cardModel()->phase(), Phase::Idle);
        const auto boxes = stage.card()->findChildren<QSpinBox*>();
        QCOMPARE(boxes.size(), 2);
        QCOMPARE(boxes[0]->value(), 500);
        boxes[0]->setValue(77);
        boxes[1]->setValue(5);
        stage.card()->findChild<QDoubleSpinBox*>()->setValue(42);
        QTRY_VERIFY(stage.card()->startButton()->isEnabled());
        stage.card()->startButton()->click();
        QTRY_COMPARE(stage.workload.profiles.size(), std::size_t(1));
        QCOMPARE(stage.workload.profiles[0].count, std::uint64_t(77));
        QCOMPARE(stage.workload.profiles[0].ratePerSecond, 42.0);
        QCOMPARE(stage.workload.profiles[0].burst, 5U);
        QTRY_COMPARE(stage.card()->startButton()->text(), QStringLiteral("Stop"));
        stage.card()->startButton()->click();
        QTRY_COMPARE(stage.card()->startButton()->text(), QStringLiteral("Start"));
        QCOMPARE(stage.cardModel()->phase(), Phase::Idle);
    }

    void progressIsShownAsItComes()
    {
        Stage stage;
        stage.connectPipeline();
        QTRY_COMPARE(stage.cardModel()->phase(), Phase::Idle);
        stage.pipeline.advance();
        stage.cardModel()->start();
        handlers::WorkloadProgress progress;
        progress.planned = 20;
        progress.submitted = 15;
        progress.copies = 15;
        progress.acknowledged = 9;
        progress.retried = 2;
        stage.workload.tell(progress);
        stage.pipeline.advance();
        QTRY_COMPARE(stage.card()->figureText(0), QStringLiteral("15"));
        QCOMPARE(stage.card()->figureText(1), QStringLiteral("9"));
        QCOMPARE(stage.card()->figureText(2), QStringLiteral("2"));
        QTRY_COMPARE(stage.card()->figureText(3), QStringLiteral("3"));
        QCOMPARE(stage.card()->statusText(), QStringLiteral("Submits 15 of 20"));
        QCOMPARE(stage.cardModel()->progress(), 3.0 / 20); // 12 of 15 still wait
        stage.workload.finish();
        QTRY_COMPARE(stage.cardModel()->phase(), Phase::Working);
        QTRY_COMPARE(stage.card()->statusText(), QStringLiteral("12 still in its queues"));
        stage.pipeline.advance();
        QTRY_COMPARE(stage.cardModel()->phase(), Phase::Idle);
        QTRY_COMPARE(stage.card()->statusText(), QStringLiteral("All settled"));
    }

    void eachSubmissionHasItsOwnProgress()
    {
        Stage stage;
        stage.connectPipeline();
        QTRY_VERIFY(stage.cardModel()->phase() == Phase::Idle);
        stage.cardModel()->start();
        handlers::WorkloadProgress progress;
        progress.planned = 20;
        progress.submitted = 10;
        progress.copies = 20; // two subscriptions
        stage.workload.tell(progress);
        QCOMPARE(stage.cardModel()->progress(), 0.5);
        progress.submitted = 20;
        progress.copies = 40;
        stage.workload.tell(progress);
        QCOMPARE(stage.cardModel()->progress(), 1.0);
        stage.workload.finish();
        QTRY_VERIFY(stage.cardModel()->phase() == Phase::Idle);
        stage.cardModel()->start();
        progress.planned = 10;
        progress.submitted = 21;
        progress.copies = 42;
        stage.workload.tell(progress);
        QCOMPARE(stage.cardModel()->progress(), 0.1);
        QTRY_COMPARE(stage.card()->statusText(), QStringLiteral("Submits 1 of 10"));
        stage.workload.finish();
    }

    void countsAddUp()
    {
        client::Recording recording;
        // Seven dead letters are of an earlier session; later four of all are replayed.
        recording.snapshots = {snapshotWith(1, 0, 7),
                               snapshotWith(2, 4, 9),
                               snapshotWith(3, 0, 10),
                               snapshotWith(4, 0, 6),
                               snapshotWith(5, 0, 8)};
        client::RecordedPipeline pipeline(recording);
        tests::FakeWorkload workload;
        WorkloadsViewModel model(&pipeline, {&workload});
        const auto* card = model.cards().front();
        pipeline.advance();
        QCOMPARE(card->counts().dead, std::uint64_t(0));
        handlers::WorkloadProgress progress;
        progress.planned = progress.submitted = 10;
        progress.copies = 20; // two subscriptions
        const auto addsUp = [&](std::uint64_t acknowledged) {
            progress.acknowledged = acknowledged;
            workload.tell(progress);
            const auto counts = card->counts();
            return counts.submitted == 20
                   && counts.acknowledged + counts.dead + counts.waiting == counts.submitted;
        };
        pipeline.advance();
        QVERIFY(addsUp(14));
        QCOMPARE(card->counts().dead, std::uint64_t(2));
        QCOMPARE(card->counts().begun, std::uint64_t(10));
        pipeline.advance();
        QVERIFY(addsUp(17));
        pipeline.advance();
        QVERIFY(addsUp(20));
        pipeline.advance();
        QCOMPARE(card->counts().dead, std::uint64_t(2));
    }

    void theWordsOfAWorkloadComeBeforeTheError()
    {
        Stage stage(base::fail(base::ErrorCode::NotFound, "there are no pictures"));
        stage.workload.problemWords = QStringLiteral("In dem Ordner sind keine Bilder.");
        stage.connectPipeline();
        QTRY_COMPARE(stage.cardModel()->phase(), Phase::Failed);
        QCOMPARE(stage.cardModel()->error(), QStringLiteral("In dem Ordner sind keine Bilder."));
    }

    void whatFailedIsDetailUnlessTheWorkloadSaysIt()
    {
        Stage stage;
        Q_EMIT stage.workload.failed(QStringLiteral("raw"));
        QCOMPARE(stage.cardModel()->error(), QStringLiteral("This workload met a problem. Details: raw"));
        stage.workload.problemWords = QStringLiteral("In dem Ordner sind keine Bilder.");
        Q_EMIT stage.workload.failed(stage.workload.problemWords);
        QCOMPARE(stage.cardModel()->error(), stage.workload.problemWords);
    }

    void whatCouldNotBeSubmittedIsDetail()
    {
        Stage stage;
        stage.connectPipeline();
        QTRY_COMPARE(stage.cardModel()->phase(), Phase::Idle);
        handlers::WorkloadProgress progress;
        progress.lastError = QStringLiteral("queue is full");
        stage.workload.tell(progress);
        QCOMPARE(stage.cardModel()->error(),
                 QStringLiteral("Not everything could be submitted. Details: queue is full"));
    }

    void knobsTakeEffectAtOnce()
    {
        Stage stage;
        const auto sliders = stage.card()->findChildren<QSlider*>();
        QCOMPARE(sliders.size(), 2);
        QCOMPARE(sliders[0]->value(), 12);
        sliders[0]->setValue(30);
        QCOMPARE(stage.workload.knobValues.value(QStringLiteral("latency-ms")), 300.0);
        sliders[1]->setValue(sliders[1]->maximum());
        QCOMPARE(stage.workload.knobValues.value(QStringLiteral("refused")), 1.0);
    }

    void aFailedPreparationIsSaidLiterallyAndTriedAgain()
    {
        Stage stage(base::fail(base::ErrorCode::Io, "<a href=x>no\x07 disk</a>"));
        stage.connectPipeline();
        QTRY_COMPARE(stage.cardModel()->phase(), Phase::Failed);
        QTRY_VERIFY2(stage.card()->errorText().contains(QLatin1String("<a href=x>no\\u0007 disk</a>")),
                     qPrintable(stage.card()->errorText()));
        stage.workload.attachResult = {};
        stage.card()->startButton()->click();
        QTRY_COMPARE(stage.workload.profiles.size(), std::size_t(1));
        QTRY_VERIFY(stage.card()->errorText().isEmpty());
        stage.workload.finish();
    }

    void troubleThatIsOverIsNotShown_data()
    {
        QTest::addColumn<bool>("isWork");
        QTest::newRow("something is acknowledged again") << true;
        QTest::newRow("the connection is back") << false;
    }
    void troubleThatIsOverIsNotShown()
    {
        QFETCH(bool, isWork);
        Stage stage;
        stage.connectPipeline();
        QTRY_COMPARE(stage.cardModel()->phase(), Phase::Idle);
        handlers::WorkloadProgress progress;
        progress.submitted = 20;
        progress.acknowledged = 7;
        stage.workload.tell(progress);
        const QString shown = QStringLiteral("This workload met a problem. Details: the connection is lost");
        Q_EMIT stage.workload.failed(QStringLiteral("the connection is lost"));
        QTRY_COMPARE(stage.card()->errorText(), shown);
        progress.retried = 1;
        stage.workload.tell(progress);
        QTest::qWait(150);
        QCOMPARE(stage.card()->errorText(), shown);
        if (isWork) {
            progress.acknowledged = 8;
            stage.workload.tell(progress);
        } else {
            stage.pipeline.setFreshness(client::Freshness::Lost);
            stage.pipeline.setFreshness(client::Freshness::Fresh);
        }
        QTRY_VERIFY(stage.card()->errorText().isEmpty());
    }

    void howASubmissionEndedStays()
    {
        Stage stage;
        stage.connectPipeline();
        QTRY_COMPARE(stage.cardModel()->phase(), Phase::Idle);
        stage.workload.submitResult = base::fail(base::ErrorCode::Io, "the folder is gone");
        stage.cardModel()->start();
        stage.workload.finish();
        QTRY_VERIFY(stage.card()->errorText().contains(QLatin1String("the folder is gone")));
        handlers::WorkloadProgress progress;
        progress.acknowledged = 1;
        stage.workload.tell(progress);
        QTest::qWait(150);
        QVERIFY(stage.card()->errorText().contains(QLatin1String("the folder is gone")));
    }

    void aRateMayBeBelowOne()
    {
        Stage stage;
        auto* rate = stage.card()->findChild<QDoubleSpinBox*>();
        QCOMPARE(rate->text(), QStringLiteral("20"));
        rate->setValue(0.5);
        QCOMPARE(rate->text(), QStringLiteral("0.5"));
        QCOMPARE(stage.cardModel()->profile().ratePerSecond, 0.5);
        rate->setValue(1500);
        QCOMPARE(rate->text(), QStringLiteral("1,500"));
        rate->setValue(0);
        QCOMPARE(rate->text(), QStringLiteral("unlimited"));
    }

    void startWhileItPreparesIsNotLost()
    {
        Stage stage;
        stage.cardModel()->start();
        QTRY_COMPARE(stage.workload.profiles.size(), std::size_t(1));
        QCOMPARE(stage.workload.attachCount, 1);
        stage.workload.finish();
    }

    void theDemoIs200OrdersOfCheckout()
    {
        Stage stage;
        stage.connectPipeline();
        stage.model->startDemo();
        QTRY_COMPARE(stage.workload.profiles.size(), std::size_t(1));
        QCOMPARE(stage.workload.profiles[0].count, WorkloadsViewModel::kDemoOrders);
        QCOMPARE(stage.card()->findChildren<QSpinBox*>().first()->value(), int(WorkloadsViewModel::kDemoOrders));
        stage.workload.finish();
    }

    void aPageThatNobodySeesDoesNotRefresh()
    {
        Stage stage;
        stage.connectPipeline();
        QTRY_COMPARE(stage.card()->statusText(), QStringLiteral("Ready to start"));
        stage.page->deactivated();
        handlers::WorkloadProgress progress;
        progress.submitted = 99;
        progress.copies = 99;
        stage.workload.tell(progress);
        QTest::qWait(250);
        QCOMPARE(stage.card()->figureText(0), QStringLiteral("0"));
        stage.page->activated();
        QCOMPARE(stage.card()->figureText(0), QStringLiteral("99"));
    }
};

QTEST_MAIN(TstWorkloadsPage)
#include "tst_workloads_page.moc"
