// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/desktop/host/connect_host.h"
#include "app/desktop/viewmodels/loop_watchdog.h"
#include "app/desktop/viewmodels/session_view_model.h"
#include "app/desktop/viewmodels/workloads_view_model.h"
#include "app/desktop/views/body_view.h"
#include "app/desktop/views/dead_letters_inspector.h"
#include "app/desktop/views/dead_letters_page.h"
#include "app/desktop/views/main_window.h"
#include "app/desktop/views/navigation.h"
#include "app/desktop/views/overview_page.h"
#include "app/desktop/views/queues_page.h"
#include "app/desktop/views/settings.h"
#include "app/desktop/views/theme.h"
#include "app/desktop/views/workloads_card.h"
#include "app/desktop/views/workloads_page.h"

#include <QApplication>
#include <QDialog>
#include <QDir>
#include <QFile>
#include <QPushButton>
#include <QScopeGuard>
#include <QSettings>
#include <QSignalSpy>
#include <QSlider>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

using namespace millrace;
using namespace millrace::desktop;
using PageId = MainWindow::PageId;
using Phase = OperationsViewModel::Phase;

namespace {

constexpr int kPatienceMs = 60'000;

/// The program as main() puts it together: window, embedded node, link and workloads, in directories of its own.
struct Program
{
    explicit Program(const QTemporaryDir& directory)
        : host(HostOptions{.directory = directory.filePath(QStringLiteral("data")).toStdString(),
                           .pipelineFile = {},
                           .attachEndpoint = {}})
        , window(&watchdog)
    {
        connectHost(window, host);
        window.resize(1280, 800);
        window.show();
        host.start();
        watchdog.start();
    }
    [[nodiscard]] client::SnapshotPtr snapshot() const { return host.pipeline()->snapshot(); }
    [[nodiscard]] std::uint64_t dead() const { return snapshot()->total.dead; }

    LoopWatchdog watchdog;
    PipelineHost host;
    MainWindow window;
};

void click(QAbstractButton* button)
{
    QVERIFY(button != nullptr && button->isVisible());
    QTRY_VERIFY(button->isEnabled());
    QTest::mouseClick(button, Qt::LeftButton);
}

QSlider* sliderOf(WorkloadCard* card, const QString& label)
{
    for (auto* slider : card->findChildren<QSlider*>()) {
        if (slider->accessibleName() == label)
            return slider;
    }
    return nullptr;
}

QPushButton* buttonOf(QWidget* widget, const QString& text)
{
    for (auto* button : widget->findChildren<QPushButton*>()) {
        if (button->text().startsWith(text))
            return button;
    }
    return nullptr;
}

/// Seconds that the newest stretch of a chart's first line covers.
double drawnSeconds(const LiveChart* chart)
{
    const auto runs = chart->drawnRuns(0);
    return runs.isEmpty() ? 0.0 : runs.constLast().constLast().x() - runs.constLast().constFirst().x();
}

} // namespace

/// What a new user does in the first minutes, by mouse, on the real program and pipeline.
class TstStory : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_settings.isValid() && m_data.isValid());
        QSettings::setDefaultFormat(QSettings::IniFormat);
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_settings.path());
        QCoreApplication::setOrganizationName(QStringLiteral("millrace"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_story"));
        QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
        qputenv("XDG_RUNTIME_DIR", QFile::encodeName(m_settings.path()));
        Theme::instance().install(*qApp);
    }
    void cleanup() { finishSettings(); }

    void demoFailsIsUnderstoodAndMended();

private:
    void startDemo(Program& program);
    void watchItMove(Program& program);
    void readWhyItFailed(Program& program);
    void mendTheCause(Program& program);
    void replayOne(Program& program);
    void replayTheRest(Program& program);

    QTemporaryDir m_settings;
    QTemporaryDir m_data;
};

void TstStory::demoFailsIsUnderstoodAndMended()
{
    Program program(m_data);
    const auto steps = {&TstStory::startDemo,
                        &TstStory::watchItMove,
                        &TstStory::readWhyItFailed,
                        &TstStory::mendTheCause,
                        &TstStory::replayOne,
                        &TstStory::replayTheRest};
    for (const auto step : steps) {
        (this->*step)(program);
        if (QTest::currentTestFailed())
            break;
    }
    QSignalSpy stopped(&program.host, &PipelineHost::stopped);
    program.window.close();
    QTRY_COMPARE_WITH_TIMEOUT(stopped.count(), 1, kPatienceMs);
}

/// The window opens with a pipeline in it, and says what to press.
void TstStory::startDemo(Program& program)
{
    MainWindow& window = program.window;
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    QTRY_VERIFY_WITH_TIMEOUT(window.session() && window.session()->freshness() == client::Freshness::Fresh, kPatienceMs);
    QCOMPARE(window.currentPage(), PageId::Overview);
    QTRY_VERIFY(window.banner()->isVisible());
    click(window.banner()->actionButton());
    QTRY_VERIFY_WITH_TIMEOUT(window.workloads()->card(QStringLiteral("checkout"))->counts().submitted > 0, kPatienceMs);
    QVERIFY(!window.banner()->isVisible());
}

/// Charts and table move until every order has ended, one way or the other.
void TstStory::watchItMove(Program& program)
{
    MainWindow& window = program.window;
    const auto& charts = window.overview()->charts();
    std::vector<quint64> painted;
    for (const LiveChart* chart : charts)
        painted.push_back(chart->paintCount());
    // Rates: in, then out.
    QTRY_VERIFY_WITH_TIMEOUT(charts[1]->lastValues().value(1) > 0, kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(drawnSeconds(charts[1]) >= 3, kPatienceMs);
    for (std::size_t i = 0; i < charts.size(); ++i)
        QVERIFY2(charts[i]->paintCount() > painted[i], qPrintable(charts[i]->title()));

    click(window.navigation()->entry(int(PageId::Queues)));
    QTRY_VERIFY(window.queues()->table()->isVisible() && window.queues()->table()->model()->rowCount() >= 4);

    const auto* card = window.workloads()->card(QStringLiteral("checkout"));
    const auto hasEnded = [&] {
        const auto counts = card->counts();
        return counts.submitted == WorkloadsViewModel::kDemoOrders && counts.waiting == 0
               && counts.acknowledged + counts.dead == counts.submitted;
    };
    QTRY_VERIFY_WITH_TIMEOUT(hasEnded(), kPatienceMs);
    QVERIFY2(card->counts().dead > 0, "of 200 orders some cards are declined");
    QVERIFY(card->counts().acknowledged > card->counts().dead);
}

void TstStory::readWhyItFailed(Program& program)
{
    MainWindow& window = program.window;
    click(window.navigation()->entry(int(PageId::DeadLetters)));
    DeadLettersPage* page = window.deadLetters();
    QTRY_COMPARE_WITH_TIMEOUT(page->model()->matching(), program.dead(), kPatienceMs);
    QTRY_VERIFY(page->model()->table()->row(0) != nullptr);
    // An order may also have met five 503 in a row.
    const auto* rows = page->table()->model();
    QModelIndex first;
    for (int row = 0; row < rows->rowCount() && !first.isValid(); ++row) {
        const QModelIndex error = rows->index(row, DeadLetterTableModel::Error);
        if (error.data().toString().contains(QLatin1String("declined"), Qt::CaseInsensitive))
            first = error;
    }
    QVERIFY(first.isValid());
    page->table()->scrollTo(first);
    QTest::mouseClick(page->table()->viewport(), Qt::LeftButton, {}, page->table()->visualRect(first).center());
    QTRY_VERIFY(page->model()->detail().has_value());
    QTRY_VERIFY2(page->body()->text().contains(QLatin1String("\"card\"")), qPrintable(page->body()->text()));
    QVERIFY(page->inspector()->attempts()->model()->rowCount() >= 1);
}

void TstStory::mendTheCause(Program& program)
{
    MainWindow& window = program.window;
    click(window.navigation()->entry(int(PageId::Workloads)));
    for (const auto& label : {QStringLiteral("Cards declined"), QStringLiteral("Unavailable (503)")}) {
        auto* slider = sliderOf(window.workloadsPage()->cards().front(), label);
        QVERIFY(slider != nullptr && slider->isVisible());
        QVERIFY(slider->value() > 0);
        QTest::keyClick(slider, Qt::Key_Home);
        QCOMPARE(slider->value(), 0);
    }
}

void TstStory::replayOne(Program& program)
{
    MainWindow& window = program.window;
    click(window.navigation()->entry(int(PageId::DeadLetters)));
    DeadLettersPage* page = window.deadLetters();
    QTRY_VERIFY(page->model()->detail().has_value());
    const auto before = program.dead();
    const auto acknowledged = program.snapshot()->total.acknowledged;
    click(page->replayButton());
    QTRY_COMPARE_WITH_TIMEOUT(page->model()->operations()->phase(), Phase::Done, kPatienceMs);
    QCOMPARE(page->model()->operations()->sentence(), QStringLiteral("1 replayed"));
    QTRY_COMPARE_WITH_TIMEOUT(program.dead(), before - 1, kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(program.snapshot()->total.acknowledged, acknowledged + 1, kPatienceMs);
}

void TstStory::replayTheRest(Program& program)
{
    DeadLettersPage* page = program.window.deadLetters();
    if (program.dead() == 0)
        return;
    click(page->replayAllButton());
    // Many are asked for first.
    if (auto* dialog = page->findChild<QDialog*>(); dialog != nullptr && dialog->isVisible())
        click(buttonOf(dialog, QStringLiteral("Replay")));
    QTRY_COMPARE_WITH_TIMEOUT(program.dead(), std::uint64_t{0}, kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(page->model()->condition(), DeadLettersViewModel::Condition::Empty, kPatienceMs);
    const auto* card = program.window.workloads()->card(QStringLiteral("checkout"));
    QTRY_COMPARE_WITH_TIMEOUT(card->counts().acknowledged, WorkloadsViewModel::kDemoOrders, kPatienceMs);
    QTRY_COMPARE(program.snapshot()->total.depth(), std::uint64_t{0});
}

QTEST_MAIN(TstStory)
#include "tst_story.moc"
