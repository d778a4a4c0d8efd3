// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/config/pipeline_file.h"
#include "app/desktop/views/live_panel.h"
#include "app/desktop/views/policy_dialog.h"
#include "app/desktop/views/queues_page.h"
#include "app/desktop/views/safe_text.h"
#include "app/desktop/views/theme.h"
#include "app/desktop/views/widgets/banner.h"
#include "app/desktop/views/widgets/empty_state.h"
#include "app/desktop/views/widgets/quantity_edit.h"
#include "tests/support/demo_recording.h"
#include "tests/support/forwarding_pipeline.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QComboBox>
#include <QFile>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

using namespace millrace;
using namespace millrace::desktop;
using List = LiveViewModel::List;
using message::LiveAct;

namespace {

/// Remembers what was asked for.
class Listening final : public tests::ForwardingPipeline
{
public:
    Answer<client::ActResult> actOnMessages(std::string queue,
                                            LiveAct act,
                                            std::vector<message::MessageRef> messages,
                                            std::string reason) override
    {
        acts.push_back({queue, act, messages, reason});
        return ForwardingPipeline::actOnMessages(std::move(queue), act, std::move(messages), std::move(reason));
    }
    Answer<void> updateQueue(message::QueueDefinition definition) override
    {
        updates.push_back(definition);
        return ForwardingPipeline::updateQueue(std::move(definition));
    }
    struct Act
    {
        std::string queue;
        LiveAct act = LiveAct::Cancel;
        std::vector<message::MessageRef> messages;
        std::string reason;
    };
    std::vector<Act> acts;
    std::vector<message::QueueDefinition> updates;
};

struct Stage
{
    explicit Stage(client::Recording content = tests::makeDemoRecording())
        : recording(std::move(content))
    {
        pipeline.forwardTo(&recording);
        recording.advance();
        model = std::make_unique<QueuesViewModel>(&pipeline);
        live = std::make_unique<LiveViewModel>(&pipeline);
        page = std::make_unique<QueuesPage>(model.get(), live.get());
        page->resize(1096, 724);
        page->show();
        page->activated();
        page->table()->selectRow(model->table()->rowOf("checkout"));
    }
    QTableView* table(List list) { return page->panel()->table(list); }
    /// Shows the list and selects its first `rows` rows, once they are there.
    void choose(List list, int rows = 1)
    {
        QTRY_VERIFY(live->isKnown(list));
        page->panel()->setCurrentIndex(list);
        QVERIFY(table(list)->model()->rowCount() >= rows);
        for (int row = 0; row < rows; ++row)
            table(list)->selectionModel()->select(table(list)->model()->index(row, 0),
                                                  QItemSelectionModel::Select | QItemSelectionModel::Rows);
    }
    QPushButton* button(List list, std::size_t index) { return page->panel()->buttons(list).at(index); }
    void press(List list, std::size_t index)
    {
        QVERIFY(button(list, index)->isVisible());
        QVERIFY(button(list, index)->isEnabled());
        QTest::mouseClick(button(list, index), Qt::LeftButton);
    }
    /// Answers the question that is open.
    void answer(const QString& label, const QString& reason)
    {
        QDialog* dialog = nullptr;
        QTRY_VERIFY((dialog = page->findChild<QDialog*>()) != nullptr && dialog->isVisible());
        dialog->findChild<QLineEdit*>()->setText(reason);
        for (auto* each : dialog->findChildren<QPushButton*>()) {
            if (each->text() == label)
                return QTest::mouseClick(each, Qt::LeftButton);
        }
        QFAIL(qPrintable(QStringLiteral("no button ") + label));
    }
    PolicyDialog* openPolicy()
    {
        QTest::mouseClick(page->policyButton(), Qt::LeftButton);
        return page->findChild<PolicyDialog*>();
    }
    client::RecordedPipeline recording;
    Listening pipeline;
    std::unique_ptr<QueuesViewModel> model;
    std::unique_ptr<LiveViewModel> live;
    std::unique_ptr<QueuesPage> page;
};

void type(PolicyDialog* dialog, const char* field, const QString& text)
{
    auto* edit = qobject_cast<QuantityEdit*>(dialog->field(field));
    QVERIFY2(edit != nullptr, field);
    edit->line()->selectAll();
    QTest::keyClicks(edit->line(), text);
}

} // namespace

/// What a queue holds, schedules, and its policy: shown and changed.
class TstLivePanel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
        Theme::instance().install(*qApp);
    }

    // ---- what is shown

    void showsWhatWorkersHold()
    {
        Stage stage;
        QTRY_VERIFY(stage.live->isKnown(List::Running));
        auto* rows = stage.live->table(List::Running);
        QAbstractItemModelTester tester(rows, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(rows->rowCount(), 3);
        const auto cell = [&](int column) { return rows->index(0, column).data().toString(); };
        QCOMPARE(cell(0), QStringLiteral("200001"));
        QCOMPARE(cell(1), QStringLiteral("demo-worker-0"));
        QCOMPARE(cell(2), QStringLiteral("1"));
        QVERIFY2(cell(5).contains(QLatin1String("40 %")) && cell(5).contains(QLatin1String("asks the bank")), qPrintable(cell(5)));
        QCOMPARE(rows->index(1, 5).data().toString(), notAvailable());
        QCOMPARE(stage.page->panel()->tabText(List::Running), QStringLiteral("Running (3)"));
        QCOMPARE(stage.page->panel()->tabText(List::Retrying), QStringLiteral("Retries (4)"));
        QCOMPARE(stage.page->panel()->tabText(List::Parked), QStringLiteral("Parked keys (2)"));
        QCOMPARE(stage.page->panel()->tabText(List::Schedules), QStringLiteral("Schedules (2)"));
        QVERIFY(stage.live->table(List::Schedules)->index(0, 3).data().toString().startsWith(QLatin1String("in ")));
    }

    void saysWhichKindOfNothingItIs()
    {
        Stage stage;
        stage.page->table()->selectRow(stage.model->table()->rowOf("images"));
        QTRY_VERIFY(stage.live->isKnown(List::Running));
        QCOMPARE(stage.page->panel()->empty(List::Running)->title(), QStringLiteral("Nothing runs"));
        QVERIFY(!stage.button(List::Running, 0)->isVisible());
        stage.recording.failCalls(base::Error{base::ErrorCode::Timeout, "no answer <b>"});
        QTRY_COMPARE_WITH_TIMEOUT(stage.page->panel()->empty(List::Running)->title(), QStringLiteral("This cannot be shown"), 5000);
        QVERIFY(stage.page->panel()->empty(List::Running)->text().contains(QLatin1String("no answer <b>")));
        stage.recording.failCalls(std::nullopt);
        QTRY_COMPARE_WITH_TIMEOUT(stage.page->panel()->empty(List::Running)->title(), QStringLiteral("Nothing runs"), 5000);
    }

    void theSelectionStaysOnItsRow()
    {
        Stage stage;
        stage.choose(List::Running);
        stage.table(List::Running)->selectRow(2);
        QVERIFY(stage.recording.actOnMessages("checkout", LiveAct::Cancel, {{"200001"}}, {}).isValid());
        stage.live->refresh();
        QTRY_COMPARE(stage.live->table(List::Running)->rowCount(), 2);
        const auto selected = stage.table(List::Running)->selectionModel()->selectedRows();
        QCOMPARE(selected.size(), 1);
        QCOMPARE(selected.first().data().toString(), QStringLiteral("200003"));
    }

    void whatNobodySeesIsNotAskedFor()
    {
        Stage stage;
        QTRY_VERIFY(stage.live->isKnown(List::Running));
        stage.page->deactivated();
        QSignalSpy changes(stage.live.get(), &LiveViewModel::changed);
        stage.live->refresh();
        QCoreApplication::processEvents();
        QCOMPARE(changes.count(), 0);
    }

    // ---- what is done

    void cancelsWhatRunsAfterAQuestion()
    {
        Stage stage;
        QTRY_VERIFY(stage.live->isKnown(List::Running));
        QVERIFY(!stage.button(List::Running, 0)->isEnabled());
        QVERIFY(stage.button(List::Running, 0)->toolTip().contains(QLatin1String("Select a row")));
        stage.choose(List::Running, 2);
        stage.press(List::Running, 0);
        QVERIFY(stage.pipeline.acts.empty());
        stage.answer(QStringLiteral("Cancel messages"), QStringLiteral("not wanted"));
        QTRY_COMPARE(stage.live->table(List::Running)->rowCount(), 1);
        QCOMPARE(stage.pipeline.acts.size(), std::size_t(1));
        QVERIFY(stage.pipeline.acts[0].act == LiveAct::Cancel);
        QCOMPARE(stage.pipeline.acts[0].queue, std::string("checkout"));
        QCOMPARE(stage.pipeline.acts[0].messages, (std::vector<message::MessageRef>{{"200001"}, {"200002"}}));
        QCOMPARE(stage.pipeline.acts[0].reason, std::string("not wanted"));
        QCOMPARE(stage.page->banner()->kind(), Banner::Kind::Success);
        QVERIFY(stage.page->banner()->text().startsWith(QLatin1String("2 cancelled")));
    }

    void triesNowAndGivesUp()
    {
        Stage stage;
        stage.choose(List::Retrying);
        stage.press(List::Retrying, 0); // nothing is lost by it: no question
        QTRY_COMPARE(stage.live->table(List::Retrying)->rowCount(), 3);
        QVERIFY(stage.pipeline.acts.at(0).act == LiveAct::RetryNow);
        QVERIFY(stage.page->banner()->text().startsWith(QLatin1String("1 tried now")));
        stage.choose(List::Retrying);
        QTRY_VERIFY(!stage.live->isBusy());
        stage.press(List::Retrying, 1);
        stage.answer(QStringLiteral("Give up"), {});
        QTRY_COMPARE(stage.live->table(List::Retrying)->rowCount(), 2);
        QVERIFY(stage.pipeline.acts.at(1).act == LiveAct::GiveUp);
    }

    void resumesAKey()
    {
        Stage stage;
        stage.choose(List::Parked);
        QCOMPARE(stage.live->table(List::Parked)->index(0, 1).data().toString(), QStringLiteral("12"));
        stage.press(List::Parked, 0);
        QTRY_COMPARE(stage.live->table(List::Parked)->rowCount(), 1);
        QVERIFY(stage.page->banner()->text().contains(QLatin1String("customer-4")));
    }

    void pausesResumesAndRunsSchedules()
    {
        Stage stage;
        stage.choose(List::Schedules);
        auto* rows = stage.live->table(List::Schedules);
        const auto state = [&] { return rows->index(0, 5).data().toString(); };
        stage.press(List::Schedules, 0);
        QTRY_COMPARE(state(), QStringLiteral("paused"));
        QCOMPARE(rows->index(0, 3).data().toString(), notAvailable());
        QTRY_COMPARE(stage.button(List::Schedules, 0)->text(), QStringLiteral("Resume"));
        QTRY_VERIFY(!stage.live->isBusy());
        stage.press(List::Schedules, 1);
        QTRY_COMPARE(rows->index(0, 4).data().toString(), QStringLiteral("now"));
        QTRY_VERIFY(!stage.live->isBusy());
        stage.press(List::Schedules, 0);
        QTRY_COMPARE(state(), QString());
    }

    void whatThePipelineCannotDoIsDisabledWithItsSentence()
    {
        client::Capabilities capabilities;
        for (const auto capability : {client::Capability::ActOnMessages, client::Capability::ResumeKey,
                                      client::Capability::Schedule, client::Capability::UpdateQueue})
            capabilities.exclude(capability, "this broker cannot");
        Stage stage;
        stage.recording.setCapabilities(capabilities);
        for (const List list : {List::Running, List::Retrying, List::Parked}) {
            stage.choose(list);
            QVERIFY(!stage.button(list, 0)->isEnabled());
            QVERIFY(stage.button(list, 0)->toolTip().contains(QLatin1String("this broker cannot")));
        }
        stage.live->refresh();
        QTRY_VERIFY(stage.live->problem(List::Schedules).contains(QLatin1String("this broker cannot")));
        stage.recording.advance();
        QTRY_VERIFY(!stage.page->policyButton()->isEnabled());
        QVERIFY(stage.page->policyButton()->toolTip().contains(QLatin1String("this broker cannot")));
    }

    void failuresAreSaid()
    {
        Stage stage;
        stage.choose(List::Retrying);
        stage.recording.failCalls(base::Error{base::ErrorCode::Unknown, "the node died <b>here</b>"});
        stage.press(List::Retrying, 0);
        QTRY_VERIFY(stage.page->banner()->isVisible());
        QCOMPARE(stage.page->banner()->kind(), Banner::Kind::Error);
        QVERIFY(stage.page->banner()->text().contains(QLatin1String("<b>here</b>")));
    }

    // ---- policy

    void policyIsChangedWithAPreview()
    {
        Stage stage;
        auto* dialog = stage.openPolicy();
        QVERIFY(dialog != nullptr && dialog->isVisible());
        QVERIFY(!dialog->applyButton()->isEnabled());
        QVERIFY(dialog->changes().startsWith(QLatin1String("Nothing is different")));
        type(dialog, "retry.max_attempts", QStringLiteral("7"));
        type(dialog, "max_concurrency", QStringLiteral("3"));
        QVERIFY2(dialog->changes().contains(QLatin1String("Attempts: up to 5")) && dialog->changes().contains(QLatin1String("up to 7")),
                 qPrintable(dialog->changes()));
        QVERIFY2(dialog->changes().contains(QStringLiteral("Concurrency: none → at most 3")), qPrintable(dialog->changes()));
        QTest::mouseClick(dialog->applyButton(), Qt::LeftButton);
        QTRY_COMPARE(stage.pipeline.updates.size(), std::size_t(1));
        message::QueuePolicy wanted = stage.recording.snapshot()->queues.front().policy;
        wanted.retry.maxAttempts = 7;
        wanted.maxConcurrency = 3;
        QCOMPARE(stage.pipeline.updates[0].name, std::string("checkout"));
        QVERIFY(stage.pipeline.updates[0].policy == wanted);
        QTRY_VERIFY(stage.page->resetButton()->isVisible()); // it differs from the file now
        QCOMPARE(stage.page->banner()->kind(), Banner::Kind::Success);
        QTRY_VERIFY(stage.page->resetButton()->isEnabled());
        QTest::mouseClick(stage.page->resetButton(), Qt::LeftButton);
        QTRY_VERIFY(!stage.page->resetButton()->isVisible());
    }

    void whatIsTypedIsCheckedAtOnce_data()
    {
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("caption");
        QTest::newRow("no number") << QStringLiteral("max_depth") << QStringLiteral("many") << QStringLiteral("Depth limit");
        QTest::newRow("nothing") << QStringLiteral("lease_ms") << QStringLiteral(" ") << QStringLiteral("Lease");
        QTest::newRow("negative") << QStringLiteral("max_crashes") << QStringLiteral("-1") << QStringLiteral("Crashes");
        QTest::newRow("half a message") << QStringLiteral("max_depth") << QStringLiteral("1.5") << QStringLiteral("Depth limit");
        QTest::newRow("out of range") << QStringLiteral("retry.max_attempts") << QStringLiteral("0") << QStringLiteral("Attempts");
        QTest::newRow("too large a number") << QStringLiteral("max_concurrency") << QStringLiteral("99999999999") << QStringLiteral("Concurrency");
        QTest::newRow("rate of a key") << QStringLiteral("key_rate.per_second") << QStringLiteral("9999999999") << QStringLiteral("Rate limit of a key");
    }
    void whatIsTypedIsCheckedAtOnce()
    {
        QFETCH(QString, field);
        QFETCH(QString, text);
        QFETCH(QString, caption);
        Stage stage;
        auto* dialog = stage.openPolicy();
        type(dialog, qPrintable(field), text);
        QVERIFY2(dialog->problem().startsWith(caption + QLatin1Char(':')), qPrintable(dialog->problem()));
        QVERIFY(!dialog->applyButton()->isEnabled());
        QVERIFY(!dialog->policy().has_value());
        QVERIFY(dialog->changes().isEmpty());
    }

    void unitsCount()
    {
        Stage stage;
        auto* dialog = stage.openPolicy();
        auto* lease = qobject_cast<QuantityEdit*>(dialog->field("lease_ms"));
        QCOMPARE(lease->line()->text() + lease->units()->currentText(), QStringLiteral("30s"));
        lease->units()->setCurrentText(QStringLiteral("min"));
        QVERIFY(!dialog->policy().has_value()); // the longest run time is shorter than 30 min
        type(dialog, "lease_ms", QStringLiteral("1.5"));
        QVERIFY2(dialog->policy().has_value(), qPrintable(dialog->problem()));
        QVERIFY(dialog->policy()->lease == std::chrono::seconds(90));
        auto* bytes = qobject_cast<QuantityEdit*>(dialog->field("max_body_bytes"));
        QCOMPARE(bytes->line()->text() + bytes->units()->currentText(), QStringLiteral("1MiB"));
        bytes->units()->setCurrentText(QStringLiteral("MB"));
        QCOMPARE(dialog->policy()->maxBodyBytes, std::uint64_t(1'000'000));
    }

    void everyFieldShowsThePolicyAsItIs()
    {
        Stage stage;
        message::QueuePolicy policy;
        policy.rate = {0.25, 9};
        policy.keyRate = {3, 2};
        policy.whenFull = message::WhenFull::Defer;
        policy.onKeyFailure = message::OnKeyFailure::Park;
        policy.durability = message::Durability::Memory;
        policy.retry.backoff = message::Backoff::List;
        policy.retry.delays = {std::chrono::milliseconds(1), std::chrono::milliseconds(20)};
        policy.retry.rules = {{"CardDeclined", true, {}, 0}};
        policy.maxDepthBytes = 12'345'678'901;
        policy.deduplicationWindow = std::chrono::milliseconds(1'234'567);
        PolicyDialog dialog(QStringLiteral("q"), policy);
        QVERIFY(dialog.policy().has_value());
        QVERIFY(*dialog.policy() == policy); // what no field is for included
        dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    }

    void exportsAFileThatLoadsAgain()
    {
        Stage stage;
        const QTemporaryDir directory;
        const QString path = directory.filePath(QStringLiteral("p.toml"));
        QSignalSpy done(stage.model.get(), &QueuesViewModel::succeeded);
        stage.model->exportTo(path);
        QTRY_COMPARE(done.count(), 1);
        const auto read = config::readPipelineFile(path.toStdString());
        QVERIFY2(read.has_value(), read ? "" : read.error().context.c_str());
        QCOMPARE(read->queues.size(), stage.recording.snapshot()->queues.size());
        QCOMPARE(read->queues.front().policy, stage.recording.snapshot()->queues.front().policy);
        QCOMPARE(read->schedules.size(), std::size_t(2));
        QSignalSpy failed(stage.model.get(), &QueuesViewModel::failed);
        QTRY_VERIFY(!stage.model->isPolicyBusy());
        stage.model->exportTo(directory.filePath(QStringLiteral("missing/p.toml")));
        QTRY_COMPARE(failed.count(), 1);
    }

    /// Pictures of what the page looks like, for people; written where MILLRACE_PICTURES names a directory.
    void pictures_data()
    {
        QTest::addColumn<bool>("isDark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }
    void pictures()
    {
        QFETCH(bool, isDark);
        Theme::instance().setChoice(isDark ? Theme::Choice::Dark : Theme::Choice::Light, false);
        const QString directory = qEnvironmentVariable("MILLRACE_PICTURES");
        const auto save = [&](QWidget* widget, const char* name) {
            QTest::qWait(30); // a layout that is asked for comes with the next turn
            const QPixmap picture = widget->grab();
            QVERIFY(!picture.isNull());
            if (!directory.isEmpty())
                QVERIFY(picture.save(QStringLiteral("%1/%2-%3.png")
                                         .arg(directory, QLatin1String(name), isDark ? QLatin1String("dark") : QLatin1String("light"))));
        };
        Stage stage;
        for (int i = 0; i < 30; ++i)
            stage.recording.advance();
        stage.choose(List::Running, 1);
        save(stage.page.get(), "running");
        stage.choose(List::Retrying, 2);
        save(stage.page.get(), "retrying");
        stage.choose(List::Parked);
        save(stage.page.get(), "parked");
        stage.choose(List::Schedules);
        save(stage.page.get(), "schedules");
        auto* dialog = stage.openPolicy();
        type(dialog, "max_concurrency", QStringLiteral("3"));
        type(dialog, "retry.max_attempts", QStringLiteral("7"));
        QTest::qWait(20);
        save(dialog, "policy");
        type(dialog, "max_depth", QStringLiteral("many"));
        save(dialog, "policy-wrong");
        type(dialog, "max_depth", QStringLiteral("5"));
        QTest::mouseClick(dialog->applyButton(), Qt::LeftButton);
        QTRY_VERIFY(stage.page->resetButton()->isVisible());
        save(stage.page.get(), "differs");
        stage.page->table()->selectRow(stage.model->table()->rowOf("images"));
        QTRY_VERIFY(stage.live->isKnown(List::Running));
        stage.page->panel()->setCurrentIndex(List::Running);
        save(stage.page.get(), "empty");
        stage.recording.failCalls(base::Error{base::ErrorCode::Timeout, "the node did not answer within 5 s"});
        stage.live->refresh();
        QTRY_VERIFY(!stage.live->problem(List::Running).isEmpty());
        save(stage.page.get(), "failing");
        Theme::instance().setChoice(Theme::Choice::Light, false);
    }
};

QTEST_MAIN(TstLivePanel)
#include "tst_live_panel.moc"
