// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/desktop/models/dead_letter_body.h"
#include "app/desktop/models/dead_letter_detail_models.h"
#include "app/desktop/models/dead_letter_group_model.h"
#include "app/desktop/models/dead_letter_table_model.h"
#include "core/message/envelope.h"

#include <QAbstractItemModelTester>
#include <QHeaderView>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>

#include <set>

using namespace millrace;
using namespace millrace::desktop;
using Model = DeadLetterTableModel;

namespace {

constexpr std::int64_t kNowUs = 1'790'000'000'000'000;

std::vector<message::DeadLetterRow> pageRows(std::uint64_t page, std::uint64_t total)
{
    std::vector<message::DeadLetterRow> rows;
    for (std::uint64_t i = page * Model::kPageRows; i < std::min<std::uint64_t>((page + 1) * Model::kPageRows, total); ++i) {
        message::DeadLetterRow row;
        row.ref.value = std::to_string(i);
        row.queue = "queue";
        row.errorClass = "Error" + std::to_string(i);
        row.diedAtUs = kNowUs - static_cast<std::int64_t>(i);
        rows.push_back(row);
    }
    return rows;
}

/// Answers what a model asks for, as a view model would, and counts.
class Source : public QObject
{
public:
    explicit Source(Model& model)
        : m_model(model)
    {
        connect(&model, &Model::pagesWanted, this, [this](quint64 generation, const QList<quint64>& pages) {
            ++requests;
            for (const quint64 page : pages) {
                asked.push_back(page);
                if (answers)
                    m_model.setPage(generation, page, pageRows(page, m_model.total()));
            }
        });
    }
    std::vector<std::uint64_t> asked;
    int requests = 0;
    bool answers = true;

private:
    Model& m_model;
};

void turn()
{
    QCoreApplication::processEvents();
    QCoreApplication::processEvents();
}

} // namespace

class TstDeadLetterModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsToTheRulesOfModels()
    {
        Model model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        tester.setUseFetchMore(false);
        Source source(model);
        model.reset(1000, kNowUs);
        turn();
        model.setViewport(500, 520);
        turn();
        model.setChecked({"3"}, true);
        model.reload(kNowUs);
        turn();
        model.reset(0, kNowUs);
        QCOMPARE(model.rowCount(), 0);
    }

    void missShowsAPlaceholderAndAsksOnceATurn()
    {
        Model model;
        Source source(model);
        source.answers = false;
        model.reset(100'000, kNowUs);
        turn();
        source.asked.clear();
        source.requests = 0;
        for (int i = 0; i < 50; ++i) {
            QCOMPARE(model.index(5000 + i, Model::Queue).data().toString(), QStringLiteral("…"));
            QVERIFY(!model.index(5000 + i, Model::Queue).data(Model::LoadedRole).toBool());
        }
        turn();
        QCOMPARE(source.requests, 1);
        QCOMPARE(source.asked, std::vector<std::uint64_t>{5000 / Model::kPageRows});
        // Asked already: not again while the answer is on its way.
        (void)model.index(5000, Model::Queue).data();
        turn();
        QCOMPARE(source.requests, 1);
    }

    void arrivalIsOneSignalForThePage()
    {
        Model model;
        model.reset(1000, kNowUs);
        QSignalSpy changes(&model, &Model::dataChanged);
        model.setPage(model.generation(), 3, pageRows(3, 1000));
        QCOMPARE(changes.size(), 1);
        QCOMPARE(changes[0][0].toModelIndex().row(), 768);
        QCOMPARE(changes[0][1].toModelIndex().row(), 999);
        QCOMPARE(model.index(768, Model::Error).data().toString(), QStringLiteral("Error768"));
    }

    void viewportReportReplacesWhatWasWanted()
    {
        Model model;
        Source source(model);
        source.answers = false;
        model.reset(1'000'000, kNowUs);
        turn();
        source.asked.clear();
        model.setViewport(10'000, 10'030);
        model.setViewport(500'000, 500'030);
        model.setViewport(900'000, 900'030);
        turn();
        QCOMPARE(source.asked, std::vector<std::uint64_t>{900'000 / Model::kPageRows});
    }

    void answersOfAnEarlierListAreDropped()
    {
        Model model;
        model.reset(1000, kNowUs);
        const auto earlier = model.generation();
        model.reset(1000, kNowUs);
        model.setPage(earlier, 0, pageRows(0, 1000));
        QCOMPARE(model.loadedPages(), std::size_t{0});
        QVERIFY(model.row(0) == nullptr);
    }

    void shortAndLongAnswersAreSurvived()
    {
        Model model;
        model.reset(300, kNowUs);
        model.setPage(model.generation(), 0, {});
        QVERIFY(model.row(0) == nullptr);
        QCOMPARE(model.index(0, Model::Queue).data().toString(), QStringLiteral("–"));
        auto tooMany = pageRows(0, 1000);
        model.setPage(model.generation(), 1, tooMany);
        QVERIFY(model.row(299) != nullptr);
        QVERIFY(model.row(300) == nullptr);
        model.setPage(model.generation(), 77, tooMany); // beyond the end
        QCOMPARE(model.loadedPages(), std::size_t{2});
    }

    void failedPageIsAskedForAgainOnlyWhenTold()
    {
        Model model;
        Source source(model);
        source.answers = false;
        QSignalSpy failed(&model, &Model::rowsFailed);
        model.reset(100, kNowUs);
        turn();
        model.pageFailed(model.generation(), 0);
        QCOMPARE(failed.size(), 1);
        source.asked.clear();
        (void)model.index(0, Model::Queue).data();
        turn();
        QVERIFY(source.asked.empty());
        source.answers = true;
        model.retryFailed();
        turn();
        QVERIFY(model.row(0) != nullptr);
    }

    void aMillionRowsScrollInBoundedMemory()
    {
        constexpr std::uint64_t kTotal = 1'000'000;
        Model model;
        Source source(model);
        QTableView view;
        view.setModel(&model);
        view.verticalHeader()->hide();
        view.resize(800, 600);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        model.reset(kTotal, kNowUs);
        QCOMPARE(model.rowCount(), int(kTotal));
        QTRY_VERIFY(model.row(0) != nullptr);
        QScrollBar* bar = view.verticalScrollBar();
        const auto seen = [&] {
            const int first = view.rowAt(0);
            const int last = view.rowAt(view.viewport()->height() - 1);
            model.setViewport(first, last < 0 ? int(kTotal) - 1 : last);
            return std::pair(first, last < 0 ? int(kTotal) - 1 : last);
        };
        for (int step = 0; step <= 200; ++step) {
            bar->setValue(static_cast<int>(std::int64_t(bar->maximum()) * step / 200));
            source.asked.clear();
            const auto [first, last] = seen();
            QTRY_VERIFY(model.row(first) != nullptr && model.row(last) != nullptr);
            QVERIFY(model.loadedPages() <= Model::kMaxPages);
            for (const std::uint64_t page : source.asked) {
                QVERIFY(page >= std::uint64_t(first) / Model::kPageRows);
                QVERIFY(page <= std::uint64_t(last) / Model::kPageRows);
            }
        }
        QCOMPARE(model.row(int(kTotal) - 1)->ref.value, std::to_string(kTotal - 1));
        QCOMPARE(model.loadedPages(), Model::kMaxPages);
    }

    void whatIsOnTheScreenIsNotEvicted()
    {
        Model model;
        model.reset(1'000'000, kNowUs);
        model.setViewport(0, 30);
        model.setPage(model.generation(), 0, pageRows(0, 1'000'000));
        for (std::uint64_t page = 1; page < 3 * Model::kMaxPages; ++page)
            model.setPage(model.generation(), page, pageRows(page, 1'000'000));
        QCOMPARE(model.loadedPages(), Model::kMaxPages);
        QVERIFY(model.row(0) != nullptr);
    }

    void reloadKeepsTheRowsUntilTheAnswerComes()
    {
        Model model;
        Source source(model);
        model.reset(100, kNowUs);
        turn();
        source.answers = false;
        source.asked.clear();
        model.reload(kNowUs);
        QVERIFY(model.row(5) != nullptr);
        turn();
        QCOMPARE(source.asked, std::vector<std::uint64_t>{0});
        auto rows = pageRows(0, 100);
        rows[5].state = message::State::Replayed;
        model.setPage(model.generation(), 0, rows);
        QVERIFY(model.row(5)->state == message::State::Replayed);
    }

    void checkedRowsAreKeptByReference()
    {
        Model model;
        Source source(model);
        model.reset(100, kNowUs);
        turn();
        QSignalSpy checks(&model, &Model::checkedChanged);
        QVERIFY(model.setData(model.index(7, Model::Check), Qt::Checked, Qt::CheckStateRole));
        QVERIFY(!model.setData(model.index(7, Model::Queue), Qt::Checked, Qt::CheckStateRole));
        QCOMPARE(checks.size(), 1);
        model.reset(50, kNowUs);
        turn();
        QVERIFY(model.isChecked({"7"}));
        QCOMPARE(model.index(7, Model::Check).data(Qt::CheckStateRole).toInt(), int(Qt::Checked));
        model.setAllChecked(true);
        QCOMPARE(model.index(9, Model::Check).data(Qt::CheckStateRole).toInt(), int(Qt::Checked));
        // One of "all" unchecked: nothing is meant any more, rather than "all but one, of those that are loaded".
        model.setChecked({"9"}, false);
        QVERIFY(!model.isAllChecked());
        QVERIFY(model.checked().empty());
    }

    void groupsChangeByDifference()
    {
        DeadLetterGroupModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const auto group = [](std::uint64_t fingerprint, std::uint64_t count) {
            message::DeadLetterGroup each;
            each.fingerprint = fingerprint;
            each.count = count;
            each.errorClass = "Class" + std::to_string(fingerprint);
            each.text = each.errorClass + ": text #";
            each.firstDiedAtUs = kNowUs - 60'000'000;
            each.lastDiedAtUs = kNowUs - 5'000'000;
            return each;
        };
        model.update({group(1, 3), group(2, 9)}, kNowUs);
        QCOMPARE(model.rowCount(), 3);
        QCOMPARE(model.index(0).data(DeadLetterGroupModel::CountRole).toULongLong(), 12ULL);
        QCOMPARE(model.index(1).data().toString(), QStringLiteral("Class2"));
        QCOMPARE(model.index(1).data(DeadLetterGroupModel::TextRole).toString(), QStringLiteral("text #"));
        QSignalSpy resets(&model, &DeadLetterGroupModel::modelReset);
        model.update({group(1, 30), group(3, 1)}, kNowUs);
        QCOMPARE(resets.size(), 0);
        QCOMPARE(model.rowOf(1), 1);
        QCOMPARE(model.rowOf(2), 0);
        QVERIFY(model.groupOf(2) == nullptr);
        model.update({}, kNowUs);
        QCOMPARE(model.rowCount(), 1);
    }

    void bigIntegersStayExact()
    {
        const auto pretty = prettyJson(R"({"id":9007199254740993,"n":1.10,"e":1E400,"s":"\u00e9\n","d":{"a":[],"b":{}}})");
        QVERIFY(pretty.has_value());
        QCOMPARE(QByteArray::fromStdString(*pretty),
                 QByteArray("{\n  \"id\": 9007199254740993,\n  \"n\": 1.10,\n  \"e\": 1E400,\n  \"s\": \"\\u00e9\\n\",\n"
                            "  \"d\": {\n    \"a\": [],\n    \"b\": {}\n  }\n}"));
    }

    void whatIsNoJsonIsNotTouched_data()
    {
        QTest::addColumn<QByteArray>("text");
        for (const char* text : {"", "{", "[1,]", "{\"a\":}", "{a:1}", "01", "1.", "+1", "nul", "\"\\x\"", "\"\t\"", "1 2",
                                 "{\"a\":1,}", "\"\\u12g4\"", "[1", "NaN"})
            QTest::newRow(text) << QByteArray(text);
    }
    void whatIsNoJsonIsNotTouched()
    {
        QFETCH(QByteArray, text);
        QVERIFY(!prettyJson(text.toStdString()).has_value());
    }

    void deepNestingIsRefusedNotRecursed()
    {
        QVERIFY(!prettyJson(std::string(1'000'000, '[')).has_value());
        QVERIFY(prettyJson(std::string(100, '[') + std::string(100, ']')).has_value());
    }

    void bodyIsShownAsWhatItIs()
    {
        QCOMPARE(readableBody("", 0).kind, BodyText::Kind::Empty);
        QCOMPARE(readableBody("{\"a\":1}", 7).kind, BodyText::Kind::Json);
        QCOMPARE(readableBody("hello\nworld", 11).text, QStringLiteral("hello\nworld"));
        const BodyText hex = readableBody(std::string("\x00\xff\x10Z", 4), 4);
        QCOMPARE(hex.kind, BodyText::Kind::Hex);
        QVERIFY(hex.text.startsWith(QLatin1String("00000000  00 ff 10 5a ")));
        QVERIFY(hex.text.endsWith(QLatin1String("...Z\n")));
        // Cut in the middle of a character: still text.
        const BodyText cut = readableBody("gr\xc3", 500);
        QCOMPARE(cut.kind, BodyText::Kind::Text);
        QVERIFY(cut.cut);
        QCOMPARE(cut.text, QStringLiteral("gr"));
        // What would turn the direction of a line is made visible, in JSON too.
        QVERIFY(!readableBody("\"\xe2\x80\xae\"", 5).text.contains(QChar(0x202E)));
    }

    void damagedEnvelopeStillShowsWhatIsKnown()
    {
        DeadLetterEnvelopeModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        message::DeadLetterDetail detail;
        detail.row.id = "order-1";
        detail.envelope = "\xff\xff";
        model.setDetail(detail);
        QStringList values;
        for (int i = 0; i < model.rowCount(); ++i)
            values += model.index(i, 1).data().toString();
        QVERIFY(values.contains(QLatin1String("order-1")));
        QVERIFY(values.last().startsWith(QLatin1String("cannot be read")));
    }

    void attemptsAreNewestFirst()
    {
        DeadLetterAttemptModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        message::Attempt first{1, base::wallFromMicros(kNowUs), base::wallFromMicros(kNowUs + 12'000), "w", {"E", "one\ntwo"}};
        message::Attempt second = first;
        second.number = 2;
        model.setAttempts({first, second}, kNowUs);
        QCOMPARE(model.index(0, DeadLetterAttemptModel::Number).data().toString(), QStringLiteral("2"));
        QCOMPARE(model.index(1, DeadLetterAttemptModel::ErrorText).data().toString(), QStringLiteral("one⏎two"));
        QCOMPARE(model.index(1, 0).data(DeadLetterAttemptModel::kWholeTextRole).toString(), QStringLiteral("one\ntwo"));
    }
};

QTEST_MAIN(TstDeadLetterModel)
#include "tst_dead_letter_model.moc"
