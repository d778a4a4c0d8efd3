// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/desktop/models/queue_table_model.h"

#include <QAbstractItemModelTester>
#include <QLocale>
#include <QPersistentModelIndex>
#include <QSignalSpy>
#include <QTest>

#include <limits>

using namespace millrace;
using namespace millrace::desktop;
using Model = QueueTableModel;

namespace {

QueueRow row(const char* name, std::uint64_t ready, std::uint32_t workers = 1)
{
    QueueRow row;
    row.name = name;
    row.sample.ready = ready;
    row.sample.workers = workers;
    return row;
}

QStringList names(const Model& model)
{
    QStringList names;
    for (int i = 0; i < model.rowCount(); ++i)
        names += model.index(i, Model::Name).data().toString();
    return names;
}

QString cell(const Model& model, int rowIndex, int column)
{
    return model.index(rowIndex, column).data().toString();
}

} // namespace

class TstQueueTableModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates)); }

    void keepsToTheRulesOfModels()
    {
        Model model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.update({row("b", 1), row("a", 2), row("c", 3)});
        model.update({row("a", 2), row("d", 9), row("c", 4)});
        model.sort(Model::Ready, Qt::DescendingOrder);
        model.update({row("a", 20), row("d", 1), row("e", 5), row("c", 4)});
        model.resort();
        model.update({});
        QCOMPARE(model.rowCount(), 0);
    }

    void onlyCellsThatChangedAreAnnounced()
    {
        Model model;
        model.update({row("a", 1), row("b", 1), row("c", 1)});
        QSignalSpy changes(&model, &Model::dataChanged);
        QSignalSpy resets(&model, &Model::modelReset);
        model.update({row("a", 1), row("b", 1), row("c", 1)});
        QCOMPARE(changes.size(), 0);
        QueueRow changed = row("b", 1);
        changed.sample.dead = 7;
        model.update({row("a", 1), changed, row("c", 1)});
        QCOMPARE(changes.size(), 1);
        QCOMPARE(changes[0][0].toModelIndex(), model.index(1, Model::Dead));
        QCOMPARE(changes[0][1].toModelIndex(), model.index(1, Model::Dead));
        QCOMPARE(resets.size(), 0);
        QCOMPARE(cell(model, 1, Model::Dead), QStringLiteral("7"));
    }

    void neighboursThatChangeAlikeShareOneSignal()
    {
        Model model;
        model.update({row("a", 1), row("b", 1), row("c", 1)});
        QSignalSpy changes(&model, &Model::dataChanged);
        model.update({row("a", 5), row("b", 6), row("c", 7)});
        QCOMPARE(changes.size(), 1); // depth and ready lie side by side
        QCOMPARE(changes[0][0].toModelIndex(), model.index(0, Model::Depth));
        QCOMPARE(changes[0][1].toModelIndex(), model.index(2, Model::Ready));
    }

    void rowsDoNotJumpWithTheFigures()
    {
        Model model;
        model.update({row("a", 1), row("b", 2), row("c", 3)});
        model.sort(Model::Ready, Qt::DescendingOrder);
        QCOMPARE(names(model), (QStringList{QStringLiteral("c"), QStringLiteral("b"), QStringLiteral("a")}));
        const QPersistentModelIndex held = model.index(2, Model::Name);
        model.update({row("a", 100), row("b", 2), row("c", 3)});
        QCOMPARE(names(model), (QStringList{QStringLiteral("c"), QStringLiteral("b"), QStringLiteral("a")}));
        QSignalSpy removed(&model, &Model::rowsRemoved);
        model.resort();
        QCOMPARE(names(model), (QStringList{QStringLiteral("a"), QStringLiteral("c"), QStringLiteral("b")}));
        QCOMPARE(removed.size(), 0);
        QCOMPARE(held.row(), 0); // a view's current row goes with its queue
        QCOMPARE(held.data().toString(), QStringLiteral("a"));
    }

    void equalFiguresAreOrderedByName()
    {
        Model model;
        model.update({row("c", 5), row("a", 5), row("b", 5)});
        for (const auto order : {Qt::DescendingOrder, Qt::AscendingOrder}) {
            model.sort(Model::Ready, order);
            QCOMPARE(names(model), (QStringList{QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")}));
        }
    }

    void noFigureIsNotZero()
    {
        QueueRow unknown = row("a", 0);
        unknown.inRate = std::numeric_limits<double>::quiet_NaN();
        QueueRow idle = row("b", 0);
        Model model;
        model.update({unknown, idle});
        QCOMPARE(cell(model, 0, Model::In), QStringLiteral("n/a"));
        QCOMPARE(cell(model, 1, Model::In), QStringLiteral("0/s"));
        // No figure twice is no change.
        QSignalSpy changes(&model, &Model::dataChanged);
        model.update({unknown, idle});
        QCOMPARE(changes.size(), 0);
    }

    void saysWhatIsWrongWithAQueue()
    {
        QueueRow paused = row("p", 3, 0);
        paused.isPaused = true;
        QueueRow changing = row("x", 0);
        changing.isChanging = true;
        Model model;
        model.update({row("n", 3, 0), paused, row("r", 3, 2), changing});
        QCOMPARE(cell(model, 0, Model::State), QStringLiteral("no worker"));
        QVERIFY(model.index(0, 0).data(Model::StrandedRole).toBool());
        QCOMPARE(cell(model, 1, Model::State), QStringLiteral("paused"));
        QCOMPARE(cell(model, 2, Model::State), QStringLiteral("running"));
        QCOMPARE(cell(model, 3, Model::State), QStringLiteral("changing…"));
    }

    void figuresAreRightAlignedAndGrouped()
    {
        Model model;
        model.update({row("a", 1234567)});
        QCOMPARE(cell(model, 0, Model::Ready), QStringLiteral("1,234,567"));
        const auto alignment = Qt::Alignment(model.index(0, Model::Ready).data(Qt::TextAlignmentRole).toInt());
        QVERIFY(alignment.testFlag(Qt::AlignRight));
    }

    void sparklineKeepsSixtyValues()
    {
        Sparkline line;
        for (int i = 0; i < 100; ++i)
            line.add(float(i));
        line.add(std::numeric_limits<float>::infinity());
        QCOMPARE(line.size(), Sparkline::kCapacity);
        QCOMPARE(line.at(0), 40.0F);
        QCOMPARE(line.newest(), 99.0F);
        QCOMPARE(line.highest(), 99.0F);
    }
};

QTEST_GUILESS_MAIN(TstQueueTableModel)
#include "tst_queue_table_model.moc"
