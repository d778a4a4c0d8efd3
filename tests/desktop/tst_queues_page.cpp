// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/desktop/models/text_format.h"
#include "app/desktop/views/queues_page.h"
#include "app/desktop/views/safe_text.h"
#include "app/desktop/views/theme.h"
#include "app/desktop/views/widgets/banner.h"
#include "app/desktop/views/widgets/empty_state.h"
#include "tests/support/demo_recording.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QHeaderView>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <QTranslator>

using namespace millrace;
using namespace millrace::desktop;

namespace {

struct Stage
{
    explicit Stage(client::Recording recording = tests::makeDemoRecording())
        : pipeline(std::move(recording))
        , model(&pipeline)
        , live(&pipeline)
        , page(&model, &live)
    {
        page.resize(1100, 700);
        page.show();
        page.activated();
    }
    int rowOf(const char* queue) { return model.table()->rowOf(queue); }
    void choose(const char* queue) { page.table()->selectRow(rowOf(queue)); }
    bool says(const QString& text)
    {
        for (const auto* label : page.findChildren<PlainLabel*>()) {
            if (label->isVisibleTo(&page) && label->fullText().contains(text))
                return true;
        }
        return false;
    }
    client::RecordedPipeline pipeline;
    QueuesViewModel model;
    LiveViewModel live;
    QueuesPage page;
};

client::Recording oneQueue(const client::QueueStatus& queue)
{
    client::Recording recording;
    for (std::uint64_t number = 1; number <= 60; ++number) {
        auto snapshot = std::make_shared<client::Snapshot>();
        snapshot->epoch = 1;
        snapshot->number = number;
        snapshot->atUs = std::int64_t(number) * 200'000;
        snapshot->queues = {queue};
        snapshot->total = queue.sample;
        recording.snapshots.push_back(snapshot);
    }
    return recording;
}

} // namespace

class TstQueuesPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
        Theme::instance().install(*qApp);
    }

    void saysThatNothingIsThereYet()
    {
        Stage stage;
        QCOMPARE(stage.page.findChild<EmptyState*>()->title(), QStringLiteral("Not connected yet"));
        QVERIFY(stage.page.findChild<EmptyState*>()->isVisible());
        stage.pipeline.setFreshness(client::Freshness::Lost);
        QCOMPARE(stage.page.findChild<EmptyState*>()->title(), QStringLiteral("The connection is lost"));
        QVERIFY(stage.pipeline.advance());
        QVERIFY(stage.page.table()->isVisible());
    }

    void saysThatThereIsNoQueue()
    {
        client::Recording recording;
        recording.snapshots.push_back(std::make_shared<client::Snapshot>());
        Stage stage(std::move(recording));
        QVERIFY(stage.pipeline.advance());
        QCOMPARE(stage.page.findChild<EmptyState*>()->title(), QStringLiteral("This pipeline has no queues"));
    }

    void showsAllQueuesLive()
    {
        Stage stage;
        QAbstractItemModelTester tester(stage.model.table(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        stage.pipeline.advance();
        QCOMPARE(stage.model.table()->rowCount(), 6);
        const auto cell = [&](int column) { return stage.model.table()->index(0, column).data().toString(); };
        QCOMPARE(cell(QueueTableModel::Name), QStringLiteral("checkout"));
        QCOMPARE(cell(QueueTableModel::In), notAvailable()); // one snapshot makes no rate
        for (int i = 0; i < 20; ++i)
            stage.pipeline.advance();
        const auto ready = stage.pipeline.snapshot()->queues.front().sample.ready;
        QTRY_COMPARE(cell(QueueTableModel::Ready), formatCount(ready));
        QVERIFY(cell(QueueTableModel::In).endsWith(QLatin1String("/s")));
        const auto line = stage.model.table()->index(0, QueueTableModel::Depth).data(QueueTableModel::SparklineRole);
        QTRY_COMPARE(line.value<Sparkline>().size() > 3, true);
    }

    void snapshotsInABurstAreShownOnce()
    {
        Stage stage;
        stage.pipeline.advance();
        QTest::qWait(50);
        QSignalSpy changes(stage.model.table(), &QAbstractItemModel::dataChanged);
        for (int i = 0; i < 100; ++i)
            stage.pipeline.advance();
        QCOMPARE(changes.size(), 0); // nothing inside the burst
        QTRY_VERIFY(!changes.isEmpty());
    }

    void hiddenPageDoesNotWork()
    {
        Stage stage;
        stage.pipeline.advance();
        stage.page.deactivated();
        QTest::qWait(50);
        QSignalSpy changes(stage.model.table(), &QAbstractItemModel::dataChanged);
        for (int i = 0; i < 20; ++i)
            stage.pipeline.advance();
        QTest::qWait(80);
        QCOMPARE(changes.size(), 0);
        stage.page.activated();
        QVERIFY(!changes.isEmpty());
    }

    void spacePausesAndResumes()
    {
        Stage stage;
        stage.pipeline.advance();
        stage.choose("checkout");
        QTest::keyClick(stage.page.table(), Qt::Key_Space);
        const int row = stage.rowOf("checkout");
        QCOMPARE(stage.model.table()->index(row, QueueTableModel::State).data().toString(), QStringLiteral("changing…"));
        QVERIFY(!stage.page.pauseButton()->isEnabled());
        QTest::keyClick(stage.page.table(), Qt::Key_Space); // an impatient hand
        QTRY_COMPARE(stage.model.table()->index(row, QueueTableModel::State).data().toString(), QStringLiteral("paused"));
        QTRY_COMPARE(stage.page.pauseButton()->text(), QStringLiteral("Resume"));
        QVERIFY(stage.says(QStringLiteral("wait until somebody resumes it")));
        QTRY_VERIFY(stage.page.pauseButton()->isEnabled());
        QTest::mouseClick(stage.page.pauseButton(), Qt::LeftButton);
        QTRY_COMPARE(stage.model.table()->index(row, QueueTableModel::State).data().toString(), QStringLiteral("running"));
    }

    void failedPauseSaysWhy()
    {
        Stage stage;
        stage.pipeline.advance();
        stage.choose("checkout");
        stage.pipeline.failCalls(base::Error{base::ErrorCode::Unknown, "the node died <b>here</b>"});
        QTest::mouseClick(stage.page.pauseButton(), Qt::LeftButton);
        auto* banner = stage.page.findChild<Banner*>();
        QTRY_VERIFY(banner->isVisible());
        QCOMPARE(banner->kind(), Banner::Kind::Error);
        QVERIFY2(banner->text().contains(QLatin1String("checkout was not paused")), qPrintable(banner->text()));
        QVERIFY2(banner->text().contains(QLatin1String("<b>here</b>")), qPrintable(banner->text()));
        QTRY_COMPARE(stage.model.table()->index(stage.rowOf("checkout"), QueueTableModel::State).data().toString(),
                     QStringLiteral("running"));
    }

    void whatThePipelineCannotDoIsDisabledWithItsSentence()
    {
        client::Capabilities capabilities;
        capabilities.exclude(client::Capability::PauseQueue, "this broker has no pause");
        Stage stage;
        stage.pipeline.setCapabilities(capabilities);
        stage.pipeline.advance();
        stage.choose("checkout");
        QVERIFY(!stage.page.pauseButton()->isEnabled());
        QVERIFY(stage.page.pauseButton()->toolTip().contains(QLatin1String("this broker has no pause")));
        QTest::keyClick(stage.page.table(), Qt::Key_Space);
        QCOMPARE(stage.model.table()->index(stage.rowOf("checkout"), QueueTableModel::State).data().toString(),
                 QStringLiteral("running"));
    }

    void nothingConsumesThisQueueIsSaidInWords()
    {
        client::QueueStatus queue;
        queue.name = "lonely";
        queue.sample.ready = 12;
        Stage stage(oneQueue(queue));
        stage.pipeline.advance();
        QVERIFY(stage.says(QStringLiteral("Nothing consumes this queue: 12 messages are ready")));
        QCOMPARE(stage.model.table()->index(0, QueueTableModel::State).data().toString(), QStringLiteral("no worker"));
    }

    void policyIsToldInWords()
    {
        Stage stage;
        stage.pipeline.advance();
        stage.choose("quakes.alerts");
        for (const char* words : {"up to 5, then it is a dead letter", "to acknowledge or extend", "survives a power cut",
                                  "beyond it submits are refused", "messages of topic quakes of type quake.*"})
            QVERIFY2(stage.says(QString::fromUtf8(words)), words);
    }

    void rowInHandStaysWithItsQueue()
    {
        Stage stage;
        stage.pipeline.advance();
        stage.choose("images");
        stage.page.table()->sortByColumn(QueueTableModel::Dead, Qt::DescendingOrder);
        QCOMPARE(stage.page.table()->currentIndex().data(QueueTableModel::NameRole).toString(), QStringLiteral("images"));
        QCOMPARE(stage.model.selected(), QStringLiteral("images"));
    }

    void leadsToItsDeadLetters()
    {
        Stage stage;
        stage.pipeline.advance();
        stage.choose("images");
        QSignalSpy shown(&stage.model, &QueuesViewModel::showDeadLetters);
        QTest::mouseClick(stage.page.deadLettersButton(), Qt::LeftButton);
        QTest::keyClick(stage.page.table(), Qt::Key_Return);
        QCOMPARE(shown.size(), 2);
        QCOMPARE(shown[0][0].toString(), QStringLiteral("images"));
        stage.choose("quakes.stats");
        QVERIFY(!stage.page.deadLettersButton()->isEnabled()); // it has none
    }

    void theFirstVisitHasASelectedRow()
    {
        // A new pipeline: its queues come before anybody looks at the page.
        client::Recording recording = tests::makeDemoRecording();
        auto empty = std::make_shared<client::Snapshot>(*recording.snapshots.front());
        empty->queues.clear();
        recording.snapshots.front() = empty;
        client::RecordedPipeline pipeline(std::move(recording));
        QueuesViewModel model(&pipeline);
        LiveViewModel live(&pipeline);
        QueuesPage page(&model, &live);
        pipeline.advance();
        pipeline.advance();
        page.resize(1100, 700);
        page.show();
        page.activated();
        QVERIFY(QTest::qWaitForWindowActive(&page));
        QCOMPARE(page.table()->selectionModel()->selectedRows().size(), 1);
        QCOMPARE(page.table()->selectionModel()->selectedRows().first().data(QueueTableModel::NameRole).toString(),
                 model.selected());
    }

    void everythingFitsAt1280x800_data()
    {
        QTest::addColumn<QString>("language");
        QTest::newRow("English") << QString();
        QTest::newRow("German") << QStringLiteral("de");
    }
    void everythingFitsAt1280x800()
    {
        QFETCH(QString, language);
        QTranslator translator;
        if (!language.isEmpty()) {
            QVERIFY(translator.load(QStringLiteral(":/i18n/millrace_") + language));
            QCoreApplication::installTranslator(&translator);
            QLocale::setDefault(QLocale(language));
        }
        {
            Stage stage;
            stage.page.resize(1280 - 184, 800 - 48 - 28); // beside the side bar, between title and status
            for (int i = 0; i < 20; ++i)
                stage.pipeline.advance();
            for (int row = 0; row < stage.model.table()->rowCount(); ++row) {
                stage.page.table()->selectRow(row);
                QTest::qWait(30);
                const auto* area = stage.page.detailArea();
                QVERIFY2(area->widget()->width() <= area->viewport()->width(), "the description is cut off");
                for (const auto* label : area->widget()->findChildren<PlainLabel*>()) {
                    if (label->isVisible())
                        QVERIFY2(label->wordWrap() || label->width() >= label->minimumSizeHint().width(),
                                 qPrintable(label->fullText()));
                }
            }
            QCOMPARE(stage.page.table()->horizontalScrollBar()->maximum(), 0);
            const auto* table = static_cast<QAbstractItemView*>(stage.page.table());
            const auto* header = stage.page.table()->horizontalHeader();
            for (int column = 0; column < QueueTableModel::kColumnCount; ++column) {
                const QString title = stage.model.table()->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
                QVERIFY2(header->sectionSize(column) >= header->fontMetrics().horizontalAdvance(title) + 15,
                         qPrintable(title));
                QVERIFY2(header->sectionSize(column) >= table->sizeHintForColumn(column), qPrintable(title));
            }
        }
        QCoreApplication::removeTranslator(&translator);
        QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
    }

    void columnsKeepTheirWidths()
    {
        Stage stage;
        stage.pipeline.advance();
        std::vector<int> widths;
        for (int column = 0; column < QueueTableModel::kColumnCount; ++column)
            widths.push_back(stage.page.table()->columnWidth(column));
        for (int i = 0; i < 50; ++i)
            stage.pipeline.advance();
        QTest::qWait(60);
        for (int column = 0; column < QueueTableModel::kColumnCount; ++column)
            QCOMPARE(stage.page.table()->columnWidth(column), widths[std::size_t(column)]);
    }
};

QTEST_MAIN(TstQueuesPage)
#include "tst_queues_page.moc"
