// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/desktop/models/dead_letter_text.h"
#include "app/desktop/views/body_view.h"
#include "app/desktop/views/dead_letters_inspector.h"
#include "app/desktop/views/dead_letters_page.h"
#include "app/desktop/views/live_panel.h"
#include "app/desktop/views/queues_page.h"
#include "app/desktop/views/safe_text.h"
#include "app/desktop/views/theme.h"
#include "app/desktop/views/widgets/banner.h"
#include "core/message/envelope.h"
#include "transport/client/recorded_pipeline.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QApplication>
#include <QComboBox>
#include <QElapsedTimer>
#include <QListView>
#include <QPushButton>
#include <QTabWidget>
#include <QTableView>
#include <QTest>

using namespace millrace;
using namespace millrace::desktop;

namespace {

constexpr std::int64_t kNowUs = 1'790'000'000'000'000;

struct Canary
{
    const char* name;
    std::string text;
    QString shown; ///< a part that must be on the screen, as it is
};

std::vector<Canary> canaries()
{
    const auto same = [](const char* name, const char* text) {
        return Canary{name, text, QString::fromUtf8(text)};
    };
    return {
        same("image", "<img src=\"file:///canary.png\">"),
        same("link", "<a href=\"http://canary.invalid/\">press</a>"),
        same("table", "<table><tr><td>x</td></tr></table>"),
        same("bold", "<b>bold</b><br/>"),
        same("entity", "&lt;&amp;&#0;"),
        same("mnemonic", "&File &&x"),
        same("placeholder", "%1 %2 %99 %n %L1"),
        same("modified", "[*] title"),
        same("quotes", "\"'`\\"),
        {"bidi", "safe\xE2\x80\xAEgnp.exe\xE2\x81\xA6", QStringLiteral("safe\\u202Egnp.exe\\u2066")},
        {"control", std::string("a\x1b[31m\x07" "b\x7f"), QStringLiteral("a\\u001B[31m\\u0007b\\u007F")},
        {"nul", std::string("a\0b", 3), QStringLiteral("a\\u0000b")},
        {"zeroWidth", "pay\xE2\x80\x8Bpal\xEF\xBB\xBF", QStringLiteral("pay\\u200Bpal\\uFEFF")},
        {"lines", "one\r\ntwo\nthree\tfour", QStringLiteral("one⏎two⏎three four")},
        {"notUtf8", "a\xff\xc3(", QStringLiteral("a\uFFFD")},
        {"long", std::string(1024 * 1024, 'W'), QString(100, QLatin1Char('W'))},
    };
}

client::Recording recordingOf(const std::string& text)
{
    auto snapshot = std::make_shared<client::Snapshot>();
    snapshot->epoch = 1;
    snapshot->number = 1;
    snapshot->atUs = kNowUs;
    client::QueueStatus queue;
    queue.name = text;
    queue.sample.dead = 2;
    queue.sample.ready = 5;
    snapshot->queues = {queue};
    snapshot->subscriptions = {{text, text, text}};
    snapshot->total = queue.sample;
    snapshot->node.name = snapshot->node.trouble = text;

    client::Recording recording;
    recording.snapshots.push_back(snapshot);
    for (int i = 0; i < 2; ++i) {
        message::DeadLetterDetail letter;
        message::DeadLetterRow& row = letter.row;
        row.ref.value = std::to_string(i + 1);
        row.queue = row.id = row.type = row.source = row.correlationId = row.errorClass = row.errorText = row.worker = text;
        row.fingerprint = 77;
        row.diedAtUs = kNowUs - i;
        row.bodyBytes = text.size();
        row.attempts = 1;
        letter.errorText = letter.body = letter.closedBy = text;
        letter.attempts.push_back({1, base::wallFromMicros(kNowUs - 5), base::wallFromMicros(kNowUs), text, {text, text}});
        message::Envelope envelope;
        envelope.id = envelope.source = envelope.type = envelope.subject = envelope.time = text;
        envelope.dataContentType = envelope.dataSchema = envelope.correlationId = envelope.causationId = text;
        envelope.traceParent = envelope.partitionKey = envelope.idempotencyKey = text;
        envelope.attributes = {{text, text}};
        letter.envelope = message::encode(envelope);
        recording.deadLetters.push_back(letter);
    }
    recording.running[text] = {{{"1"}, text, 1, kNowUs, kNowUs, kNowUs, {50, text}}};
    recording.retrying[text] = {{{"2"}, 1, kNowUs, text}};
    recording.parkedKeys[text] = {{text, 1, {"3"}}};
    message::ScheduleStatus schedule;
    schedule.definition.name = schedule.definition.cron = schedule.definition.target = schedule.trouble = text;
    recording.schedules = {schedule};
    return recording;
}

bool hasInvisible(const QString& text)
{
    for (const QChar c : text) {
        const char16_t u = c.unicode();
        if ((u < 0x20 && u != u'\n' && u != u'\t') || (u >= 0x7f && u < 0xa0) || (u >= 0x200b && u <= 0x200f)
            || (u >= 0x202a && u <= 0x202e) || (u >= 0x2066 && u <= 0x2069) || u == 0xfeff)
            return true;
    }
    return false;
}

/// The first thing in `root` that could be read as something else than plain text; empty = nothing.
QString offence(QWidget* root)
{
    for (QWidget* widget : root->findChildren<QWidget*>()) {
        const QString where = QString::fromLatin1(widget->metaObject()->className()) + QStringLiteral(": ");
        const QString tip = widget->toolTip();
        if (tip.contains(QLatin1String("<img")) || tip.contains(QLatin1String("<a ")) || tip.contains(QLatin1String("<table"))
            || hasInvisible(tip))
            return where + QStringLiteral("tooltip ") + tip.left(200);
        if (const auto* label = qobject_cast<QLabel*>(widget)) {
            if (label->textFormat() != Qt::PlainText && Qt::mightBeRichText(label->text()))
                return where + QStringLiteral("rich text ") + label->text().left(200);
            if (label->buddy() != nullptr || hasInvisible(label->text()))
                return where + label->text().left(200);
        }
        if (const auto* button = qobject_cast<QAbstractButton*>(widget)) {
            if (button->text().contains(QLatin1Char('&')) || hasInvisible(button->text()))
                return where + button->text().left(200);
        }
        if (const auto* box = qobject_cast<QComboBox*>(widget)) {
            for (int i = 0; i < box->count(); ++i) {
                if (hasInvisible(box->itemText(i)) || box->itemText(i).size() > 1000)
                    return where + box->itemText(i).left(200);
            }
        }
        const auto* view = qobject_cast<QAbstractItemView*>(widget);
        if (view == nullptr || view->model() == nullptr)
            continue;
        const QAbstractItemModel* model = view->model();
        for (int row = 0; row < model->rowCount(); ++row) {
            for (int column = 0; column < model->columnCount(); ++column) {
                const QModelIndex index = model->index(row, column);
                const QString shown = index.data().toString();
                if (hasInvisible(shown) || shown.contains(QLatin1Char('\n')) || shown.size() > 1000)
                    return where + QStringLiteral("cell ") + shown.left(200);
                // Qt hands these to something that guesses markup; plain ones have a role of their own.
                for (const int role : {int(Qt::ToolTipRole), int(Qt::StatusTipRole), int(Qt::WhatsThisRole)}) {
                    if (!index.data(role).toString().isEmpty() && qobject_cast<const QComboBox*>(widget->parent()) == nullptr)
                        return where + QStringLiteral("guessing role ") + index.data(role).toString().left(200);
                }
                if (hasInvisible(index.data(kPlainToolTipRole).toString())
                    || index.data(kPlainToolTipRole).toString().size() > 20'000)
                    return where + QStringLiteral("plain tooltip");
            }
        }
    }
    return {};
}

bool isShown(QWidget* root, const QString& text)
{
    for (const auto* label : root->findChildren<PlainLabel*>()) {
        if (label->fullText().contains(text))
            return true;
    }
    return false;
}

QString cell(QTableView* view, int row, int column)
{
    return view->model()->index(row, column).data().toString();
}

} // namespace

class TstHostileText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
        Theme::instance().install(*qApp);
    }

    void g2_isShownLiterallyInDeadLetters_data() { names(); }
    void g2_isShownLiterallyInDeadLetters()
    {
        QFETCH(int, number);
        const Canary canary = canaries()[std::size_t(number)];
        client::RecordedPipeline pipeline(recordingOf(canary.text));
        DeadLettersViewModel model(&pipeline);
        DeadLettersPage page(&model);
        page.resize(1100, 700);
        page.show();
        page.activated();
        pipeline.advance();
        QTRY_VERIFY(model.detail() && model.groups()->rowCount() == 2);
        auto* inspector = page.inspector();
        for (int tab = 0; tab < inspector->tabs()->count(); ++tab) {
            inspector->tabs()->setCurrentIndex(tab);
            QVERIFY(!page.grab().isNull());
            QCOMPARE(offence(&page), QString());
        }
        for (const int column : {DeadLetterTableModel::Queue, DeadLetterTableModel::Type, DeadLetterTableModel::Error})
            QVERIFY2(cell(page.table(), 0, column).contains(canary.shown.left(60)), qPrintable(cell(page.table(), 0, column)));
        QVERIFY(page.groups()->model()->index(1, 0).data().toString().contains(canary.shown.left(60)));
        QVERIFY(isShown(inspector, canary.shown));
        const QString attempt = cell(inspector->attempts(), 0, 5);
        QVERIFY2(attempt.contains(canary.shown), qPrintable(attempt));
        // The editor and the text pane take what they are given as it is; both are read-only and know no markup.
        QVERIFY(!hasInvisible(inspector->attemptText()));
        QVERIFY(!hasInvisible(page.body()->text()));

        // An error and a filter that carry the text.
        pipeline.failCalls(base::Error{base::ErrorCode::Conflict, canary.text});
        QTest::mouseClick(page.replayButton(), Qt::LeftButton);
        QTRY_COMPARE(model.operations()->phase(), OperationsViewModel::Phase::Failed);
        QCOMPARE(offence(&page), QString());
        model.refresh();
        QTRY_COMPARE(model.condition(), DeadLettersViewModel::Condition::Failed);
        QVERIFY(!page.grab().isNull());
        QCOMPARE(offence(&page), QString());
    }

    void g2_isShownLiterallyInQueues_data() { names(); }
    void g2_isShownLiterallyInQueues()
    {
        QFETCH(int, number);
        const Canary canary = canaries()[std::size_t(number)];
        client::RecordedPipeline pipeline(recordingOf(canary.text));
        QueuesViewModel model(&pipeline);
        LiveViewModel live(&pipeline);
        QueuesPage page(&model, &live);
        page.resize(1100, 700);
        page.show();
        page.activated();
        pipeline.advance();
        QTRY_VERIFY(model.detail());
        QTRY_VERIFY(live.isKnown(LiveViewModel::Running) && live.isKnown(LiveViewModel::Schedules));
        for (int list = 0; list < LiveViewModel::kLists; ++list) {
            page.panel()->setCurrentIndex(list);
            QTableView* table = page.panel()->table(LiveViewModel::List(list));
            QCOMPARE(table->model()->rowCount(), 1);
            QVERIFY(!page.grab().isNull());
            for (int column = 0; column < table->model()->columnCount(); ++column)
                QVERIFY(!hasInvisible(cell(table, 0, column)));
        }
        QVERIFY(!page.grab().isNull());
        QCOMPARE(offence(&page), QString());
        QVERIFY2(cell(page.table(), 0, QueueTableModel::Name).contains(canary.shown.left(60)),
                 qPrintable(cell(page.table(), 0, QueueTableModel::Name)));
        pipeline.failCalls(base::Error{base::ErrorCode::Io, canary.text});
        QTest::mouseClick(page.pauseButton(), Qt::LeftButton);
        auto* banner = page.findChild<Banner*>();
        QTRY_VERIFY(banner->isVisible());
        QCOMPARE(offence(&page), QString());
    }

    void placeholdersOfATextAreNotFilledFromAnother()
    {
        client::RecordedPipeline pipeline(recordingOf("%2"));
        QueuesViewModel model(&pipeline);
        LiveViewModel live(&pipeline);
        QueuesPage page(&model, &live);
        page.show();
        page.activated();
        pipeline.advance();
        pipeline.failCalls(base::Error{base::ErrorCode::Io, "the reason"});
        QTest::mouseClick(page.pauseButton(), Qt::LeftButton);
        auto* banner = page.findChild<Banner*>();
        QTRY_VERIFY(banner->isVisible());
        QVERIFY2(banner->text().startsWith(QLatin1String("%2 was not paused. ")), qPrintable(banner->text()));
        QCOMPARE(banner->text().count(QLatin1String("the reason")), 1);
    }

private:
    static void names()
    {
        QTest::addColumn<int>("number");
        const auto all = canaries();
        for (std::size_t i = 0; i < all.size(); ++i)
            QTest::newRow(all[i].name) << int(i);
    }
};

QTEST_MAIN(TstHostileText)
#include "tst_hostile_text.moc"
