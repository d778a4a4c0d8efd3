// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/desktop/models/text_format.h"
#include "app/desktop/views/body_view.h"
#include "app/desktop/views/dead_letters_inspector.h"
#include "app/desktop/views/dead_letters_page.h"
#include "app/desktop/views/safe_text.h"
#include "app/desktop/views/theme.h"
#include "app/desktop/views/widgets/banner.h"
#include "app/desktop/views/widgets/empty_state.h"
#include "core/base/time.h"
#include "tests/support/demo_recording.h"
#include "tests/support/forwarding_pipeline.h"

#include <QApplication>
#include <QComboBox>
#include <QDialog>
#include <QHeaderView>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTableView>
#include <QTest>
#include <QToolButton>

#include <algorithm>
#include <memory>

using namespace millrace;
using namespace millrace::desktop;
using Condition = DeadLettersViewModel::Condition;
using Phase = OperationsViewModel::Phase;

namespace {

client::Recording letters(std::size_t count)
{
    tests::DemoRecordingShape shape;
    shape.snapshots = 20;
    shape.deadLetters = count;
    shape.endUs = base::toMicros(base::systemNow().wall);
    return tests::makeDemoRecording(shape);
}

struct Stage
{
    explicit Stage(std::size_t count = 40)
        : Stage(letters(count))
    {
    }
    explicit Stage(client::Recording recording)
        : pipeline(std::move(recording))
        , model(&pipeline)
        , page(&model)
    {
        page.resize(1100, 700);
        page.show();
        page.activated();
    }
    void open()
    {
        QVERIFY(pipeline.advance());
        QTRY_COMPARE(model.condition(), Condition::Rows);
        QTRY_VERIFY(model.table()->row(0) != nullptr && model.groups()->rowCount() > 1 && model.detail());
    }
    void key(int key, Qt::KeyboardModifiers modifiers = {})
    {
        QTest::keyClick(page.table(), static_cast<Qt::Key>(key), modifiers);
    }
    std::string refAt(int row) { return model.table()->row(row)->ref.value; }
    std::uint64_t dead() const { return pipeline.snapshot()->total.dead; }
    OperationsViewModel& operations() { return *model.operations(); }
    client::RecordedPipeline pipeline;
    DeadLettersViewModel model;
    DeadLettersPage page;
};

/// A recording of twenty letters, the newest of which have not died yet.
class DyingPipeline final : public tests::ForwardingPipeline
{
public:
    DyingPipeline(std::size_t hidden, std::uint64_t deaths)
        : m_letters(letters(20))
    {
        for (std::size_t i = 0; i < m_letters.deadLetters.size(); ++i)
            m_letters.deadLetters[i].row.diedAtUs = m_letters.snapshots.back()->atUs - std::int64_t(i) * 1000;
        m_recorded = std::make_unique<client::RecordedPipeline>(m_letters);
        m_recorded->advance();
        forwardTo(m_recorded.get());
        show(hidden, deaths);
    }
    /// The newest `hidden` letters are still to die; the snapshot says that `deaths` did.
    void show(std::size_t hidden, std::uint64_t deaths)
    {
        m_untilUs = hidden == 0 ? 0 : m_letters.deadLetters[hidden - 1].row.diedAtUs;
        auto snapshot = std::make_shared<client::Snapshot>(*m_letters.snapshots.back());
        snapshot->total.deadLettered = deaths;
        m_snapshot = snapshot;
        Q_EMIT snapshotReady(m_snapshot);
    }
    std::uint64_t countIn(const std::string& queue, std::size_t hidden) const
    {
        const auto& all = m_letters.deadLetters;
        return std::uint64_t(std::count_if(all.begin() + std::ptrdiff_t(hidden), all.end(),
                                           [&](const auto& letter) { return letter.row.queue == queue; }));
    }

    client::Freshness freshness() const override { return client::Freshness::Fresh; }
    client::SnapshotPtr snapshot() const override { return m_snapshot; }
    Answer<client::DeadLetterView> openDeadLetters(message::DeadLetterFilter filter) override
    {
        filter.diedUntilUs = m_untilUs;
        return ForwardingPipeline::openDeadLetters(std::move(filter));
    }
    Answer<std::vector<message::DeadLetterGroup>> deadLetterGroups(message::DeadLetterFilter filter) override
    {
        filter.diedUntilUs = m_untilUs;
        return ForwardingPipeline::deadLetterGroups(std::move(filter));
    }

private:
    client::Recording m_letters;
    std::unique_ptr<client::RecordedPipeline> m_recorded;
    client::SnapshotPtr m_snapshot;
    std::int64_t m_untilUs = 0;
};

struct DyingStage
{
    DyingStage(std::size_t hidden, std::uint64_t deaths)
        : pipeline(hidden, deaths)
        , model(&pipeline)
        , page(&model)
    {
        page.resize(1100, 700);
        page.show();
        page.activated();
    }
    DyingPipeline pipeline;
    DeadLettersViewModel model;
    DeadLettersPage page;
};

QDialog* dialogOf(Stage& stage)
{
    return stage.page.findChild<QDialog*>();
}

QPushButton* buttonOf(QWidget* widget, const QString& text)
{
    for (auto* button : widget->findChildren<QPushButton*>()) {
        if (button->text().startsWith(text))
            return button;
    }
    return nullptr;
}

} // namespace

class TstDeadLettersPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
        Theme::instance().install(*qApp);
    }

    // ---- kinds of empty

    void saysThatNothingIsThereYet()
    {
        Stage stage;
        QCOMPARE(stage.page.emptyState()->title(), QStringLiteral("Not connected yet"));
        stage.open();
        QVERIFY(stage.page.table()->isVisible());
    }

    void whyItFailedIsReadInFull()
    {
        client::Recording recording = letters(20);
        const std::string error = "the service said that the parcel cannot be sent to this address, because the street, "
                                  "the town and the postal code do not belong together";
        recording.deadLetters.front().errorText = error;
        Stage stage(std::move(recording));
        stage.page.resize(1280 - 184, 724);
        stage.open();
        auto* label = stage.page.inspector()->errorLabel();
        QTRY_VERIFY(label->text().count(QLatin1Char('\n')) >= 1);
        QString shown = label->text();
        QVERIFY2(shown.replace(QLatin1Char('\n'), QLatin1Char(' ')).endsWith(QString::fromStdString(error)), qPrintable(label->text()));
        QVERIFY(label->toolTip().isEmpty());
        QTRY_VERIFY(label->height() >= label->fontMetrics().lineSpacing() * (label->text().count(QLatin1Char('\n')) + 1));
        label->setText(QStringLiteral("very long ").repeated(200));
        QCOMPARE(label->text().count(QLatin1Char('\n')), 3);
        QVERIFY(label->text().endsWith(QChar(0x2026)));
        QVERIFY(label->toolTip().contains(QStringLiteral("very long ").repeated(200).trimmed()));
    }

    void theIconOfTheFilterIsInTheMiddle()
    {
        Stage stage;
        stage.open();
        const auto* icon = stage.page.textFilter()->findChild<QToolButton*>();
        QVERIFY(icon != nullptr);
        const int middle = icon->geometry().center().y();
        QVERIFY2(std::abs(middle - stage.page.textFilter()->rect().center().y()) <= 1, qPrintable(QString::number(middle)));
    }

    void titlesOfTheListAreWhole()
    {
        Stage stage;
        stage.page.resize(1280 - 184, 724);
        stage.open();
        const auto* header = stage.page.table()->horizontalHeader();
        for (int column = 0; column < DeadLetterTableModel::kColumnCount; ++column) {
            const QString title = stage.model.table()->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
            if (!title.isEmpty() && !header->isSectionHidden(column))
                QVERIFY2(header->sectionSize(column) >= header->fontMetrics().horizontalAdvance(title) + 15, qPrintable(title));
        }
        // The error can be read: on a window this narrow it has the room of the types, which the inspector tells.
        QVERIFY2(header->sectionSize(DeadLetterTableModel::Error) >= 240,
                 qPrintable(QString::number(header->sectionSize(DeadLetterTableModel::Error))));
        QVERIFY(header->isSectionHidden(DeadLetterTableModel::Type));
        stage.page.resize(1700, 724);
        QTRY_VERIFY(!header->isSectionHidden(DeadLetterTableModel::Type));
        stage.page.resize(1280 - 184, 724);
        QTRY_VERIFY(header->isSectionHidden(DeadLetterTableModel::Type));
    }

    void saysThatThereIsNoDeadLetter()
    {
        Stage stage(0);
        stage.pipeline.advance();
        QTRY_COMPARE(stage.model.condition(), Condition::Empty);
        QCOMPARE(stage.page.emptyState()->title(), QStringLiteral("No dead letters"));
        QVERIFY(stage.page.emptyState()->text().contains(QLatin1String("still being tried")));
        QVERIFY(!stage.page.replayAllButton()->isEnabled());
    }

    void saysThatTheFilterLeavesNothing()
    {
        Stage stage;
        stage.open();
        QTest::keyClicks(stage.page.textFilter(), QStringLiteral("no such text anywhere"));
        QTRY_COMPARE(stage.model.condition(), Condition::FilteredOut);
        QTest::mouseClick(stage.page.emptyState()->actionButton(), Qt::LeftButton);
        QTRY_COMPARE(stage.model.condition(), Condition::Rows);
        QVERIFY(stage.page.textFilter()->text().isEmpty());
    }

    void failedListSaysWhyAndTriesAgain()
    {
        Stage stage;
        stage.open();
        stage.pipeline.failCalls(base::Error{base::ErrorCode::Io, "the disk at /data is gone"});
        stage.key(Qt::Key_F5);
        QTRY_COMPARE(stage.model.condition(), Condition::Failed);
        QCOMPARE(stage.page.emptyState()->text(),
                 describeErrorCode(base::ErrorCode::Io) + QLatin1String(" Details: the disk at /data is gone"));
        stage.pipeline.failCalls(std::nullopt);
        QTest::mouseClick(stage.page.emptyState()->actionButton(), Qt::LeftButton);
        QTRY_COMPARE(stage.model.condition(), Condition::Rows);
    }

    void unreadableLetterIsSaid()
    {
        Stage stage;
        stage.open();
        stage.pipeline.failCalls(base::Error{base::ErrorCode::Timeout, "no answer"});
        stage.key(Qt::Key_J);
        QTRY_COMPARE(stage.page.inspector()->emptyState()->title(), QStringLiteral("The message could not be read"));
    }

    // ---- the list

    void filterSaysHowManyOfHowMany()
    {
        Stage stage(60);
        stage.open();
        QCOMPARE(stage.page.counts()->fullText(), QStringLiteral("60"));
        stage.page.textFilter()->setFocus();
        QTest::keyClicks(stage.page.textFilter(), QStringLiteral("card refused"));
        QTest::keyClick(stage.page.textFilter(), Qt::Key_Return);
        QTRY_VERIFY(stage.model.matching() < 60);
        QTRY_COMPARE(stage.page.counts()->fullText(), QStringLiteral("%1 of 60").arg(stage.model.matching()));
        for (int row = 0; row < int(stage.model.matching()); ++row) {
            QTRY_VERIFY(stage.model.table()->row(row) != nullptr);
            QCOMPARE(stage.model.table()->row(row)->errorClass, std::string("CardDeclined"));
        }
    }

    void everyFilterNarrows_data()
    {
        QTest::addColumn<QString>("box");
        QTest::addColumn<int>("index");
        QTest::newRow("queue") << QStringLiteral("Queue") << 3;
        QTest::newRow("reason") << QStringLiteral("Reason") << 4;
        QTest::newRow("time") << QStringLiteral("Time of death") << 1;
    }
    void everyFilterNarrows()
    {
        QFETCH(QString, box);
        QFETCH(int, index);
        Stage stage(400);
        stage.open();
        QComboBox* found = nullptr;
        for (auto* each : stage.page.findChildren<QComboBox*>()) {
            if (each->accessibleName() == box)
                found = each;
        }
        QVERIFY(found != nullptr);
        found->setCurrentIndex(index);
        Q_EMIT found->activated(index);
        QTRY_VERIFY(stage.model.matching() > 0 && stage.model.matching() < 400);
        QVERIFY(stage.model.isFiltered());
        QTest::mouseClick(buttonOf(&stage.page, QStringLiteral("Clear")), Qt::LeftButton);
        QTRY_COMPARE(stage.model.matching(), std::uint64_t{400});
        QCOMPARE(found->currentIndex(), 0);
    }

    void groupNarrowsTheList()
    {
        Stage stage(60);
        stage.open();
        const message::DeadLetterGroup group = *stage.model.groups()->group(1);
        stage.page.groups()->setCurrentIndex(stage.model.groups()->index(1));
        QTRY_COMPARE(stage.model.matching(), group.count);
        QCOMPARE(stage.model.group(), group.fingerprint);
        QVERIFY(stage.page.replayAllButton()->text().startsWith(QLatin1String("Replay group")));
    }

    void listStaysFrozenUntilItIsReadAgain()
    {
        DyingStage stage(5, 15);
        QTRY_COMPARE(stage.model.table()->total(), std::uint64_t(15));
        QVERIFY(!stage.page.newButton()->isVisible());
        const auto generation = stage.model.table()->generation();
        stage.pipeline.show(3, 17);
        QTRY_VERIFY(stage.page.newButton()->isVisible());
        QCOMPARE(stage.page.newButton()->text(), QStringLiteral("2 new"));
        stage.pipeline.show(2, 18);
        QTRY_COMPARE(stage.page.newButton()->text(), QStringLiteral("3 new"));
        QCOMPARE(stage.model.table()->generation(), generation);
        QTest::mouseClick(stage.page.newButton(), Qt::LeftButton);
        QTRY_VERIFY(stage.model.table()->generation() > generation);
        QVERIFY(!stage.page.newButton()->isVisible());
    }

    void whatTheListHasIsNotNew()
    {
        DyingStage stage(5, 10); // the snapshot is older than five of those in the list
        QTRY_COMPARE(stage.model.table()->total(), std::uint64_t(15));
        stage.pipeline.show(5, 15);
        QTest::qWait(100);
        QCOMPARE(stage.model.newSince(), std::uint64_t(0));
        stage.pipeline.show(4, 16);
        QTRY_COMPARE(stage.model.newSince(), std::uint64_t(1));
    }

    void whatTheFilterLeavesOutIsNotNew()
    {
        DyingStage stage(6, 14);
        stage.model.setQueueFilter(QStringLiteral("images"));
        QTRY_COMPARE(stage.model.table()->total(), stage.pipeline.countIn("images", 6));
        const auto matching = stage.pipeline.countIn("images", 0) - stage.pipeline.countIn("images", 6);
        QVERIFY(matching > 0 && matching < 6);
        stage.pipeline.show(0, 20);
        QTRY_COMPARE(stage.model.newSince(), matching);
        QTest::qWait(50);
        QCOMPARE(stage.model.newSince(), matching);
    }

    void closedOnesDoNotCountDeaths()
    {
        DyingStage stage(5, 15);
        QTRY_COMPARE(stage.model.table()->total(), std::uint64_t(15));
        stage.model.setStateFilter(message::State::Replayed);
        QTRY_COMPARE(stage.model.table()->total(), std::uint64_t(0));
        const auto generation = stage.model.table()->generation();
        stage.pipeline.show(0, 20);
        QTest::qWait(200);
        QCOMPARE(stage.model.newSince(), std::uint64_t(0));
        QCOMPARE(stage.model.table()->generation(), generation);
    }

    void rowInHandIsKeptOverANewList()
    {
        Stage stage(60);
        stage.open();
        for (int i = 0; i < 7; ++i)
            stage.key(Qt::Key_J);
        const std::string ref = stage.refAt(7);
        const auto generation = stage.model.table()->generation();
        stage.key(Qt::Key_F5);
        QTRY_VERIFY(stage.model.table()->generation() > generation && stage.model.table()->row(7) != nullptr);
        QTRY_COMPARE(stage.page.table()->currentIndex().row(), 7);
        QCOMPARE(stage.refAt(7), ref);
    }

    // ---- one letter

    void inspectorShowsEverything()
    {
        Stage stage;
        stage.open();
        const auto& detail = *stage.model.detail();
        QVERIFY(stage.page.body()->text().contains(QLatin1String("\"number\": ")));
        QVERIFY(stage.page.body()->note().startsWith(QLatin1String("JSON")));
        QCOMPARE(stage.model.attempts()->rowCount(), int(detail.attempts.size()));
        QVERIFY(stage.page.inspector()->attemptText().contains(QLatin1String("refused")));
        bool hasTrace = false;
        for (int row = 0; row < stage.model.envelope()->rowCount(); ++row)
            hasTrace = hasTrace || stage.model.envelope()->index(row, 0).data().toString() == QLatin1String("traceparent");
        QVERIFY(hasTrace);
        stage.key(Qt::Key_Return);
        QVERIFY(stage.page.inspector()->tabs()->currentWidget() == stage.page.body());
    }

    void damageIsSaid()
    {
        client::Recording recording = letters(3);
        recording.deadLetters[0].damage = "the checksum of the body does not fit";
        Stage stage(std::move(recording));
        stage.open();
        QVERIFY(stage.page.body()->note().contains(QLatin1String("the checksum of the body does not fit")));
    }

    // ---- acts

    void p1_oneIsReplayedAndTheNextIsInHand()
    {
        Stage stage;
        stage.open();
        const std::string second = stage.refAt(1);
        stage.key(Qt::Key_F8);
        QTRY_COMPARE(stage.operations().phase(), Phase::Done);
        QCOMPARE(stage.operations().sentence(), QStringLiteral("1 replayed"));
        QTRY_COMPARE(stage.dead(), std::uint64_t{39});
        QTRY_VERIFY(stage.page.table()->currentIndex().isValid()
                    && stage.model.table()->row(stage.page.table()->currentIndex().row()) != nullptr);
        QTRY_COMPARE(stage.refAt(stage.page.table()->currentIndex().row()), second);
    }

    void p1_impatientHandReplaysOnce()
    {
        Stage stage;
        stage.open();
        for (int i = 0; i < 5; ++i)
            QTest::mouseClick(stage.page.replayButton(), Qt::LeftButton);
        QVERIFY(!stage.page.replayButton()->isEnabled());
        QTRY_COMPARE(stage.operations().phase(), Phase::Done);
        QCOMPARE(stage.pipeline.snapshot()->operations.size(), std::size_t{1});
        QCOMPARE(stage.dead(), std::uint64_t{39});
    }

    void checkedOnesAreReplayed()
    {
        Stage stage;
        stage.open();
        for (int i = 0; i < 3; ++i) {
            stage.key(Qt::Key_X);
            stage.key(Qt::Key_J);
        }
        QCOMPARE(stage.model.count(DeadLettersViewModel::Scope::Checked), std::uint64_t{3});
        QTest::mouseClick(stage.page.replayButton(), Qt::LeftButton);
        QTRY_COMPARE(stage.operations().phase(), Phase::Done);
        QCOMPARE(stage.operations().sentence(), QStringLiteral("3 replayed"));
        QCOMPARE(stage.dead(), std::uint64_t{37});
        QVERIFY(stage.model.table()->checked().empty());
    }

    void shiftAndControlCheckRows()
    {
        Stage stage;
        stage.open();
        const auto click = [&](int row, Qt::KeyboardModifiers modifiers) {
            const QRect rect = stage.page.table()->visualRect(stage.model.table()->index(row, DeadLetterTableModel::Error));
            QTest::mouseClick(stage.page.table()->viewport(), Qt::LeftButton, modifiers, rect.center());
        };
        click(1, {});
        click(4, Qt::ShiftModifier);
        QCOMPARE(stage.model.table()->checked().size(), std::size_t{4});
        click(2, Qt::ControlModifier);
        QCOMPARE(stage.model.table()->checked().size(), std::size_t{3});
        stage.key(Qt::Key_Escape);
        QVERIFY(stage.model.table()->checked().empty());
    }

    void whatIsCheckedDoesNotOutliveItsFilter()
    {
        Stage stage(60);
        stage.open();
        stage.key(Qt::Key_X);
        QCOMPARE(stage.model.table()->checked().size(), std::size_t{1});
        stage.page.groups()->setCurrentIndex(stage.model.groups()->index(2));
        QTRY_VERIFY(stage.model.matching() < 60);
        QVERIFY(stage.model.table()->checked().empty());
    }

    void groupIsReplayedAndNoOtherTakesItsPlace()
    {
        Stage stage(60);
        stage.open();
        const auto count = stage.model.groups()->group(2)->count;
        QVERIFY(count <= 100);
        stage.page.groups()->setCurrentIndex(stage.model.groups()->index(2));
        QTRY_COMPARE(stage.model.matching(), count);
        QTest::mouseClick(stage.page.replayAllButton(), Qt::LeftButton);
        QTRY_COMPARE(stage.operations().phase(), Phase::Done);
        QCOMPARE(stage.dead(), 60 - count);
        // The group is gone; the list shows all again, not the next group by chance.
        QTRY_COMPARE(stage.model.matching(), 60 - count);
        QCOMPARE(stage.model.group(), std::uint64_t{0});
        QCOMPARE(stage.page.groups()->currentIndex().row(), 0);
    }

    void p2_manyAreAskedForThenReplayedWithProgress()
    {
        Stage stage(300);
        stage.open();
        QTest::mouseClick(stage.page.replayAllButton(), Qt::LeftButton);
        QCOMPARE(stage.operations().phase(), Phase::Idle);
        auto* dialog = dialogOf(stage);
        QVERIFY(dialog != nullptr);
        QVERIFY(dialog->windowTitle().contains(QLatin1String("300")));
        bool namesQueues = false;
        for (const auto* label : dialog->findChildren<QLabel*>())
            namesQueues = namesQueues || (label->text().contains(QLatin1String("checkout")) && label->text().contains(QLatin1String("images")));
        QVERIFY(namesQueues);
        QSignalSpy changes(&stage.operations(), &OperationsViewModel::changed);
        QTest::mouseClick(buttonOf(dialog, QStringLiteral("Replay")), Qt::LeftButton);
        QTRY_COMPARE(stage.operations().phase(), Phase::Done);
        QVERIFY(changes.size() > 3);
        QCOMPARE(stage.operations().sentence(), QStringLiteral("300 replayed"));
        QTRY_COMPARE(stage.dead(), std::uint64_t{0});
        QTRY_COMPARE(stage.model.condition(), Condition::Empty);
    }

    void p2_cancelLeavesTheRestAsItWas()
    {
        Stage stage(300);
        stage.open();
        QTest::mouseClick(stage.page.replayAllButton(), Qt::LeftButton);
        QTest::mouseClick(buttonOf(dialogOf(stage), QStringLiteral("Replay")), Qt::LeftButton);
        QTRY_VERIFY(stage.operations().status().moved > 0);
        QCOMPARE(stage.page.operationBanner()->actionButton()->text(), QStringLiteral("Cancel"));
        QTest::mouseClick(stage.page.operationBanner()->actionButton(), Qt::LeftButton);
        QTRY_COMPARE(stage.operations().phase(), Phase::Done);
        const auto moved = stage.operations().status().moved;
        QVERIFY(moved < 300);
        QVERIFY(stage.operations().sentence().contains(QStringLiteral("cancelled, %1 left as they were").arg(300 - moved)));
        QTRY_COMPARE(stage.dead(), 300 - moved);
    }

    void discardCanBeTakenBack()
    {
        Stage stage;
        stage.open();
        const std::string ref = stage.refAt(0);
        stage.key(Qt::Key_Delete);
        QTRY_COMPARE(stage.operations().phase(), Phase::Done);
        QCOMPARE(stage.operations().sentence(), QStringLiteral("1 discarded"));
        QTRY_COMPARE(stage.dead(), std::uint64_t{39});
        QCOMPARE(stage.page.operationBanner()->actionButton()->text(), QStringLiteral("Undo"));
        stage.key(Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(stage.operations().sentence(), QStringLiteral("1 restored"));
        QTRY_COMPARE(stage.dead(), std::uint64_t{40});
        QTRY_VERIFY(stage.model.table()->row(0) != nullptr);
        QTRY_COMPARE(stage.refAt(0), ref);
        QVERIFY(!stage.operations().canUndo());
    }

    void whatSomebodyElseClosedIsSkippedAndSaid()
    {
        Stage stage;
        stage.open();
        stage.model.table()->setAllChecked(true);
        message::Selection two;
        two.members = std::vector<message::MessageRef>{{stage.refAt(3)}, {stage.refAt(4)}};
        auto pending = stage.pipeline.startOperation(message::Verb::Discard, two, {});
        QTRY_COMPARE(stage.dead(), std::uint64_t{38});
        QTest::mouseClick(stage.page.replayButton(), Qt::LeftButton);
        QTRY_COMPARE(stage.operations().phase(), Phase::Done);
        QVERIFY2(stage.operations().sentence().startsWith(QLatin1String("38 replayed, 2 skipped")),
                 qPrintable(stage.operations().sentence()));
    }

    void unknownOutcomeIsSaidHonestly()
    {
        Stage stage;
        stage.open();
        stage.pipeline.failCalls(base::Error{base::ErrorCode::Unknown, "the node died"});
        QTest::mouseClick(stage.page.replayButton(), Qt::LeftButton);
        QTRY_COMPARE(stage.operations().phase(), Phase::Unknown);
        QVERIFY(stage.page.operationBanner()->text().contains(QLatin1String("Nobody can tell")));
        QVERIFY(stage.page.operationBanner()->text().contains(QLatin1String("the node died")));
        stage.pipeline.failCalls(std::nullopt);
        const auto generation = stage.model.table()->generation();
        QTest::mouseClick(stage.page.operationBanner()->actionButton(), Qt::LeftButton);
        QTRY_VERIFY(stage.model.table()->generation() > generation);
        QVERIFY(!stage.page.operationBanner()->isVisible());
    }

    void failedActChangesNothingAndSaysWhy()
    {
        Stage stage;
        stage.open();
        stage.pipeline.failCalls(base::Error{base::ErrorCode::StoreFull, "only 3 MB are left on /data"});
        stage.key(Qt::Key_Delete);
        QTRY_COMPARE(stage.operations().phase(), Phase::Failed);
        QVERIFY(stage.page.operationBanner()->text().contains(QLatin1String("only 3 MB are left on /data")));
        QCOMPARE(stage.page.operationBanner()->kind(), Banner::Kind::Error);
        QVERIFY(stage.page.discardButton()->isEnabled());
    }

    void whatThePipelineCannotDoIsDisabledWithItsSentence()
    {
        client::Capabilities capabilities;
        capabilities.exclude(client::Capability::Discard, "this broker keeps what it has");
        Stage stage;
        stage.pipeline.setCapabilities(capabilities);
        stage.open();
        QVERIFY(stage.page.replayButton()->isEnabled());
        QVERIFY(!stage.page.discardButton()->isEnabled());
        QVERIFY(stage.page.discardButton()->toolTip().contains(QLatin1String("this broker keeps what it has")));
        stage.key(Qt::Key_Delete);
        QCOMPARE(stage.operations().phase(), Phase::Idle);
    }

    void closedOnesAreEvidence()
    {
        Stage stage;
        stage.open();
        stage.key(Qt::Key_F8);
        QTRY_COMPARE(stage.operations().phase(), Phase::Done);
        stage.model.setStateFilter(message::State::Replayed);
        QTRY_COMPARE(stage.model.matching(), std::uint64_t{1});
        QVERIFY(!stage.page.replayButton()->isEnabled());
        QVERIFY(stage.page.replayButton()->toolTip().contains(QLatin1String("closed")));
    }

    void slashFindsTheFilter()
    {
        Stage stage;
        stage.open();
        stage.page.activateWindow();
        stage.key(Qt::Key_Slash);
        QTRY_VERIFY(stage.page.textFilter()->hasFocus());
    }
};

QTEST_MAIN(TstDeadLettersPage)
#include "tst_dead_letters_page.moc"
