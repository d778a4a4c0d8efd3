// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/desktop/models/text_format.h"
#include "app/desktop/viewmodels/loop_watchdog.h"
#include "app/desktop/viewmodels/workloads_view_model.h"
#include "app/desktop/views/first_start.h"
#include "app/desktop/views/help_overlay.h"
#include "app/desktop/views/main_window.h"
#include "app/desktop/views/navigation.h"
#include "app/desktop/views/overview_page.h"
#include "app/desktop/views/settings.h"
#include "app/desktop/views/status_bar.h"
#include "app/desktop/views/theme.h"
#include "app/desktop/views/widgets/chip.h"
#include "app/desktop/views/widgets/empty_state.h"
#include "tests/desktop/fake_workload.h"
#include "tests/support/demo_recording.h"

#include <QApplication>
#include <QFile>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QTranslator>

using namespace millrace;
using namespace millrace::desktop;
using PageId = MainWindow::PageId;

namespace {

struct Stage
{
    explicit Stage(client::Recording recording = tests::makeDemoRecording())
        : pipeline(std::move(recording))
        , window(&watchdog)
    {
    }
    ~Stage() { window.closePipeline(); }
    void open()
    {
        window.openPipeline(&pipeline, {&workload});
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        QVERIFY(pipeline.advance());
    }
    client::RecordedPipeline pipeline;
    tests::FakeWorkload workload;
    LoopWatchdog watchdog;
    MainWindow window;
};

} // namespace

class TstMainWindow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_settings.isValid());
        QSettings::setDefaultFormat(QSettings::IniFormat);
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_settings.path());
        QCoreApplication::setOrganizationName(QStringLiteral("millrace"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_main_window"));
        QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
        Theme::instance().install(*qApp);
    }
    void init()
    {
        finishSettings();
        QSettings().clear();
    }

    void isThereBeforeThePipelineIs()
    {
        Stage stage;
        stage.window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&stage.window));
        QCOMPARE(stage.window.connectionChip()->word(), QStringLiteral("connecting"));
        QVERIFY(stage.window.findChild<EmptyState*>()->isVisible());
        QVERIFY(stage.window.bar()->text().contains(QLatin1String("no pipeline")));
    }

    void eachPageIsOneKeyAway()
    {
        Stage stage;
        stage.open();
        stage.window.activateWindow();
        for (int index = MainWindow::kPageCount - 1; index >= 0; --index) {
            QTest::keyClick(&stage.window, Qt::Key(Qt::Key_1 + index), Qt::ControlModifier);
            QCOMPARE(int(stage.window.currentPage()), index);
            QVERIFY(stage.window.page(static_cast<PageId>(index))->isVisible());
        }
    }

    void everyPageFitsInto1280x800()
    {
        Stage stage;
        stage.open();
        stage.window.resize(1280, 800);
        for (int index = 0; index < MainWindow::kPageCount; ++index) {
            stage.window.goTo(static_cast<PageId>(index));
            QApplication::processEvents();
            const QSize least = stage.window.minimumSizeHint();
            QVERIFY2(least.width() <= 1280 && least.height() <= 800,
                     qPrintable(QStringLiteral("page %1 needs %2×%3").arg(index).arg(least.width()).arg(least.height())));
        }
    }

    void badgesAndStatusTellWhatTheSnapshotSays()
    {
        Stage stage;
        stage.open();
        for (int i = 0; i < 10; ++i)
            stage.pipeline.advance();
        const auto total = stage.pipeline.snapshot()->total;
        const auto* dead = stage.window.navigation()->entry(int(PageId::DeadLetters));
        QTRY_COMPARE(dead->badge(), formatCompact(double(total.dead)));
        QTRY_VERIFY2(stage.window.bar()->text().contains(QStringLiteral("workers %1").arg(total.workers)),
                     qPrintable(stage.window.bar()->text()));
        QVERIFY(stage.window.bar()->text().contains(QLatin1String("msg/s")));
        QVERIFY(stage.window.bar()->text().contains(QLatin1String("store")));
    }

    void badgeAndCardTellTheSame()
    {
        client::Recording recording = tests::makeDemoRecording();
        std::uint64_t dying = 0;
        for (auto& each : recording.snapshots) {
            auto snapshot = std::make_shared<client::Snapshot>(*each);
            snapshot->total.dead = dying++;
            each = snapshot;
        }
        Stage stage(std::move(recording));
        stage.open();
        const auto* badge = stage.window.navigation()->entry(int(PageId::DeadLetters));
        for (int i = 0; i < 50; ++i) {
            QVERIFY(stage.pipeline.advance());
            const auto dead = stage.window.overview()->model()->figures()->sample.dead;
            QCOMPARE(badge->badge(), formatCompact(double(dead))); // before anything is painted
        }
    }

    void namesOfPagesKeepClearOfTheirCounts()
    {
        QTranslator german;
        QVERIFY(german.load(QStringLiteral(":/i18n/millrace_de.qm")));
        QCoreApplication::installTranslator(&german);
        {
            Stage stage;
            stage.open();
            QFont bold = Theme::font(TextSize::Body);
            bold.setWeight(QFont::DemiBold);
            for (int index = 0; index < MainWindow::kPageCount; ++index) {
                auto* entry = stage.window.navigation()->entry(index);
                entry->setBadge(QStringLiteral("72"), true);
                QVERIFY2(QFontMetrics(bold).horizontalAdvance(entry->text()) <= entry->textArea().width(),
                         qPrintable(QStringLiteral("%1: %2 in %3").arg(entry->text()).arg(QFontMetrics(bold).horizontalAdvance(entry->text())).arg(entry->textArea().width())));
            }
        }
        QCoreApplication::removeTranslator(&german);
    }

    void freshnessIsShown_data()
    {
        QTest::addColumn<client::Freshness>("freshness");
        QTest::addColumn<QString>("word");
        QTest::newRow("fresh") << client::Freshness::Fresh << QStringLiteral("fresh");
        QTest::newRow("stale") << client::Freshness::Stale << QStringLiteral("stale");
        QTest::newRow("lost") << client::Freshness::Lost << QStringLiteral("connection lost");
    }
    void freshnessIsShown()
    {
        QFETCH(client::Freshness, freshness);
        QFETCH(QString, word);
        Stage stage;
        stage.open();
        stage.pipeline.setFreshness(freshness);
        QTRY_VERIFY2(stage.window.connectionChip()->word().contains(word), qPrintable(stage.window.connectionChip()->word()));
        QTRY_VERIFY(stage.window.bar()->text().startsWith(word));
    }

    void aProblemIsSaidLiterallyAndCanBeTriedAgain()
    {
        Stage stage;
        stage.open();
        stage.window.showProblem(QStringLiteral("The data is damaged"), QStringLiteral("<u>x</u>\u202E: copy the file away"));
        auto* state = stage.window.findChild<EmptyState*>();
        QVERIFY(state->isVisible());
        QCOMPARE(state->text(), QStringLiteral("<u>x</u>\\u202E: copy the file away"));
        QVERIFY(!stage.window.overview());
        stage.window.showProblem(QStringLiteral("The data is damaged"), QStringLiteral("a long text ").repeated(60));
        for (const auto* label : state->findChildren<QLabel*>()) {
            if (label->wordWrap())
                QTRY_VERIFY2(label->height() >= label->heightForWidth(label->width()), "the text is cut off");
        }
        QSignalSpy retried(&stage.window, &MainWindow::retryRequested);
        state->actionButton()->click();
        QCOMPARE(retried.count(), 1);
        stage.window.openPipeline(&stage.pipeline, {&stage.workload});
        QVERIFY(stage.window.overview()->isVisible());
    }

    void noticesAreShownLiterally()
    {
        Stage stage;
        stage.open();
        stage.window.showNotice(Banner::Kind::Hint, QStringLiteral("held by <i>x</i>"));
        bool isShown = false;
        for (const auto* banner : stage.window.findChildren<Banner*>())
            isShown = isShown || (banner->isVisible() && banner->text() == QLatin1String("held by <i>x</i>"));
        QVERIFY(isShown);
    }

    void aNoticeGoesWithTheConnectionThatItIsAbout()
    {
        Stage stage;
        stage.open();
        stage.pipeline.setFreshness(client::Freshness::Fresh);
        stage.window.showNotice(Banner::Kind::Hint, QStringLiteral("attached to another program"));
        const auto isShown = [&] {
            const auto banners = stage.window.findChildren<Banner*>();
            return std::any_of(banners.begin(), banners.end(), [](const Banner* banner) {
                return banner->isVisible() && banner->text() == QLatin1String("attached to another program");
            });
        };
        stage.pipeline.setFreshness(client::Freshness::Stale);
        QVERIFY(isShown());
        stage.pipeline.setFreshness(client::Freshness::Lost);
        QVERIFY(!isShown());
        stage.pipeline.setFreshness(client::Freshness::Fresh);
        QVERIFY(!isShown()); // whoever answers now need not be the same
    }

    void theFirstStartSaysWhatToPressOnce()
    {
        Stage stage;
        stage.pipeline.setFreshness(client::Freshness::Fresh);
        stage.open();
        QVERIFY(stage.window.banner()->isVisible());
        QVERIFY(stage.window.banner()->text().contains(QLatin1String("Checkout")));
        stage.window.goTo(PageId::Workloads);
        stage.window.banner()->actionButton()->click();
        QCOMPARE(stage.window.currentPage(), PageId::Overview);
        QTRY_COMPARE(stage.workload.profiles.size(), std::size_t(1));
        QTRY_VERIFY(!stage.window.banner()->isVisible());
        QVERIFY(FirstStart::isDone());
        stage.workload.finish();
        stage.window.openPipeline(&stage.pipeline, {&stage.workload});
        QVERIFY(!stage.window.banner()->isVisible());
    }

    void helpListsTheKeysOfWindowAndPage()
    {
        Stage stage;
        stage.open();
        QTest::keyClick(&stage.window, Qt::Key_Question, Qt::ShiftModifier);
        auto* help = stage.window.findChild<HelpOverlay*>();
        QTRY_VERIFY(help->isVisible());
        QVERIFY(help->accessibleDescription().contains(QLatin1String("Ctrl+1")));
        QVERIFY(help->accessibleDescription().contains(QLatin1String("P: ")));
        QTest::keyClick(help, Qt::Key_Escape);
        QVERIFY(!help->isVisible());
    }

    void sizeAndPageAreRemembered()
    {
        {
            Stage stage;
            stage.open();
            stage.window.goTo(PageId::Queues);
            stage.window.resize(1100, 700);
            QApplication::processEvents();
            QSignalSpy closed(&stage.window, &MainWindow::closed);
            stage.window.close();
            QCOMPARE(closed.count(), 1);
        }
        Stage again;
        QCOMPARE(again.window.currentPage(), PageId::Queues);
        QCOMPARE(again.window.size(), QSize(1100, 700));
    }

    void everyControlHasAName()
    {
        Stage stage;
        stage.open();
        for (int index = 0; index < MainWindow::kPageCount; ++index) {
            stage.window.goTo(static_cast<PageId>(index));
            for (const auto* button : stage.window.findChildren<QAbstractButton*>()) {
                if (button->isVisible() && button->focusPolicy() != Qt::NoFocus)
                    QVERIFY2(!button->text().isEmpty() || !button->accessibleName().isEmpty() || !button->toolTip().isEmpty(),
                             qPrintable(QStringLiteral("a button of page %1, in %2")
                                            .arg(index)
                                            .arg(QLatin1String(button->parentWidget()->metaObject()->className()))));
            }
        }
    }

    void germanIsComplete()
    {
        QFile catalogue(QStringLiteral(MR_SOURCE_DIR "/translations/millrace_de.ts"));
        QVERIFY(catalogue.open(QIODevice::ReadOnly));
        const QByteArray text = catalogue.readAll();
        QVERIFY(text.contains("<source>Dead letters</source>"));
        QVERIFY(!text.contains("type=\"unfinished\""));
        QVERIFY(!text.contains("<translation></translation>") && !text.contains("<translation />"));
        QTranslator german;
        QVERIFY(german.load(QStringLiteral(":/i18n/millrace_de.qm")));
        QCoreApplication::installTranslator(&german);
        QCOMPARE(MainWindow::tr("Overview"), QStringLiteral("Überblick"));
        QCOMPARE(stateName(message::State::Ready), QStringLiteral("bereit"));
        Stage stage;
        stage.open();
        QVERIFY(stage.window.navigation()->entry(0)->text() == QStringLiteral("Überblick"));
        QCoreApplication::removeTranslator(&german);
    }

private:
    QTemporaryDir m_settings;
};

QTEST_MAIN(TstMainWindow)
#include "tst_main_window.moc"
