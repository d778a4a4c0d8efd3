// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/desktop/models/text_format.h"
#include "app/desktop/views/body_view.h"
#include "app/desktop/views/icons.h"
#include "app/desktop/views/safe_text.h"
#include "app/desktop/views/theme.h"
#include "app/desktop/views/widgets/chip.h"

#include <QApplication>
#include <QDialog>
#include <QDir>
#include <QHeaderView>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QStandardItemModel>
#include <QStandardPaths>
#include <QTableView>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

using namespace millrace;
using namespace millrace::desktop;

namespace {

const QString kHostile = QStringLiteral("<b>bold</b> & \u202Eevil\u200B\u0007");
const QString kHostileShown = QStringLiteral("<b>bold</b> & \\u202Eevil\\u200B\\u0007");

} // namespace

class TstTheme : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QStandardPaths::setTestModeEnabled(true);
        QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
        Theme::instance().install(*qApp);
        Theme::instance().setChoice(Theme::Choice::Light, false);
    }

    void textAndStatesReadWellInBothThemes_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }
    void textAndStatesReadWellInBothThemes()
    {
        QFETCH(bool, dark);
        for (const auto token : {Token::Text, Token::Muted, Token::Accent, Token::Ready, Token::Scheduled,
                                 Token::Leased, Token::Retrying, Token::Dead, Token::Done}) {
            for (const auto ground : {Token::Surface, Token::Raised}) {
                const double ratio = Theme::contrast(Theme::color(token, dark), Theme::color(ground, dark));
                QVERIFY2(ratio >= 4.5, qPrintable(QStringLiteral("token %1 on %2: %3").arg(int(token)).arg(int(ground)).arg(ratio)));
            }
        }
        const double button = Theme::contrast(Theme::color(Token::OnAccent, dark), Theme::color(Token::Accent, dark));
        QVERIFY(button >= 4.5);
        for (const auto token : {Token::Muted, Token::Accent}) { // borders of boxes to check, on a row
            for (const auto ground : {Token::Raised, Token::Selection})
                QVERIFY(Theme::contrast(Theme::color(token, dark), Theme::color(ground, dark)) >= 3);
        }
        const double chosen = Theme::contrast(Theme::color(Token::Text, dark), Theme::color(Token::Selection, dark));
        QVERIFY(chosen >= 4.5);
    }

    void boxesAndMarkersAreSeenInBothThemes_data() { textAndStatesReadWellInBothThemes_data(); }
    void boxesAndMarkersAreSeenInBothThemes()
    {
        QFETCH(bool, dark);
        Theme::instance().setChoice(dark ? Theme::Choice::Dark : Theme::Choice::Light, false);
        const QColor ground = Theme::color(Token::Raised, dark);
        QStandardItemModel model(1, 1);
        model.setItem(0, 0, new QStandardItem);
        model.item(0)->setCheckable(true);
        model.item(0)->setCheckState(Qt::Unchecked);
        QTableView table;
        table.setModel(&model);
        table.setShowGrid(false);
        table.horizontalHeader()->hide();
        table.verticalHeader()->hide();
        table.resize(120, 60);
        table.show();
        const auto cell = [&] { return table.viewport()->grab(table.visualRect(model.index(0, 0))).toImage(); };
        const auto strongest = [&](const QImage& image) {
            double best = 1;
            for (int y = 0; y < image.height(); ++y) {
                for (int x = 0; x < image.width(); ++x)
                    best = std::max(best, Theme::contrast(image.pixelColor(x, y), ground));
            }
            return best;
        };
        QVERIFY2(strongest(cell()) >= 3, "the box of a row is hardly seen");
        const QImage unchecked = cell();
        model.item(0)->setCheckState(Qt::Checked);
        QVERIFY(cell() != unchecked);

        BodyView body;
        body.resize(300, 200);
        body.show(R"({"a": {"b": 1}})", 15, {});
        body.QWidget::show();
        const QImage margin = body.grab(QRect(0, 24, 13, 60)).toImage();
        QVERIFY2(strongest(margin) >= 3, "the fold marker is hardly seen");
        const double loudest = Theme::contrast(Theme::color(Token::Muted, dark), ground);
        QVERIFY2(strongest(margin) <= loudest + 0.1, "the fold marker has a colour of its own");
        Theme::instance().setChoice(Theme::Choice::Light, false);
    }

    void contrastOfBlackAndWhiteIs21()
    {
        QVERIFY(std::abs(Theme::contrast(Qt::black, Qt::white) - 21.0) < 0.01);
        QVERIFY(std::abs(Theme::contrast(Qt::red, Qt::red) - 1.0) < 0.01);
    }

    void eachStateHasItsOwnColourAndShape()
    {
        using message::State;
        std::set<QRgb> colors;
        std::set<int> shapes;
        for (const State state : {State::Ready, State::Scheduled, State::Leased, State::Retrying, State::Dead, State::Done}) {
            colors.insert(Theme::instance().color(state).rgb());
            shapes.insert(int(shapeOf(state)));
            QVERIFY(!stateName(state).isEmpty());
        }
        QCOMPARE(colors.size(), std::size_t(6));
        QCOMPARE(shapes.size(), std::size_t(6));
    }

    void choiceChangesPaletteAndTellsOnce()
    {
        auto& theme = Theme::instance();
        QSignalSpy changed(&theme, &Theme::themeChanged);
        theme.setChoice(Theme::Choice::Dark, false);
        QCOMPARE(changed.count(), 1);
        QVERIFY(theme.isDark());
        QCOMPARE(QApplication::palette().color(QPalette::Window), Theme::color(Token::Surface, true));
        QVERIFY(qApp->styleSheet().contains(Theme::color(Token::Raised, true).name()));
        QVERIFY2(!qApp->styleSheet().contains(QLatin1Char('@')), "a colour of the style sheet was not filled in");
        theme.setChoice(Theme::Choice::Light, false);
        QVERIFY(!theme.isDark());
        QCOMPARE(changed.count(), 2);
    }

    void autoFollowsThePlatform()
    {
        auto& theme = Theme::instance();
        theme.setChoice(Theme::Choice::Auto, false);
        QVERIFY(!theme.isDark()); // the offscreen platform is light
        theme.setChoice(Theme::Choice::Light, false);
    }

    void everyIconOfTheResourcesCanBeDrawn()
    {
        const auto files = QDir(QStringLiteral(":/desktop/icons")).entryList({QStringLiteral("*.svg")});
        QVERIFY(files.size() >= 20);
        for (const QString& file : files) {
            const QByteArray name = QFileInfo(file).completeBaseName().toLatin1();
            const QImage image = icon(QLatin1String(name)).pixmap(48, 48).toImage();
            bool hasInk = false;
            for (int y = 0; y < image.height() && !hasInk; ++y) {
                for (int x = 0; x < image.width() && !hasInk; ++x)
                    hasInk = qAlpha(image.pixel(x, y)) > 128;
            }
            QVERIFY2(hasInk, name.constData());
        }
    }

    void iconsTakeTheTextColour()
    {
        auto& theme = Theme::instance();
        const auto darkest = [](const QIcon& drawn) {
            const QImage image = drawn.pixmap(48, 48).toImage();
            for (int y = 0; y < image.height(); ++y) {
                for (int x = 0; x < image.width(); ++x) {
                    if (qAlpha(image.pixel(x, y)) == 255)
                        return QColor(image.pixel(x, y));
                }
            }
            return QColor();
        };
        const QIcon stop = icon(QLatin1String("stop"));
        QCOMPARE(darkest(stop), theme.color(Token::Text));
        theme.setChoice(Theme::Choice::Dark, false);
        QCOMPARE(darkest(stop), theme.color(Token::Text));
        theme.setChoice(Theme::Choice::Light, false);
    }

    // ---- text

    void controlAndBidiCharactersBecomeVisible()
    {
        QCOMPARE(visibleText(QStringView(kHostile)), kHostileShown);
        QCOMPARE(visibleText(QStringView(u"a\tb\nc")), QStringLiteral("a\tb\nc"));
        QCOMPARE(visibleLine(QStringView(u"a\tb\nc")), QStringLiteral("a b\u23CEc"));
        QCOMPARE(visibleText(std::string_view("ok \xff\xfe")), QStringLiteral("ok \uFFFD\uFFFD"));
        QCOMPARE(visibleText(QStringView(u"\U0001F600")), QStringLiteral("\U0001F600"));
        QCOMPARE(visibleText(QStringView(u"x\U000E0041")), QStringLiteral("x\\uDB40\\uDC41"));
        const std::string longText(1000, 'x');
        QCOMPARE(visibleText(std::string_view(longText), 10), QStringLiteral("xxxxxxxxxx\u2026"));
    }

    void labelsShowMarkupLiterally()
    {
        PlainLabel label(kHostile);
        QCOMPARE(label.textFormat(), Qt::PlainText);
        QCOMPARE(label.QLabel::text(), kHostileShown);
        label.setElide(PlainLabel::Elide::Middle);
        label.resize(60, 20);
        (void)label.grab(); // a hidden widget gets its new size only now
        QVERIFY(label.QLabel::text().contains(QChar(0x2026)));
        QVERIFY(!label.toolTip().contains(QLatin1String("<b>")));
        QVERIFY(label.toolTip().contains(QLatin1String("&lt;b&gt;")));
    }

    void dialogsShowMarkupLiterally()
    {
        QWidget parent;
        Question question;
        question.title = kHostile;
        question.text = kHostile;
        question.acceptLabel = QStringLiteral("Go");
        question.typedWord = QStringLiteral("discard");
        QStringList reasons;
        auto* dialog = ask(&parent, question, [&](const QString& reason) { reasons << reason; });
        const auto labels = dialog->findChildren<QLabel*>();
        QVERIFY(labels.size() >= 2);
        for (const QLabel* label : labels)
            QCOMPARE(label->textFormat(), Qt::PlainText);
        QPushButton* go = nullptr;
        for (auto* button : dialog->findChildren<QPushButton*>()) {
            if (button->text() == QLatin1String("Go"))
                go = button;
        }
        QVERIFY(go);
        QVERIFY(!go->isEnabled());
        dialog->findChild<QLineEdit*>()->setText(QStringLiteral("discard"));
        QVERIFY(go->isEnabled());
        go->click();
        QCOMPARE(reasons.size(), 1);
    }

    void figures_data()
    {
        QTest::addColumn<QString>("shown");
        QTest::addColumn<QString>("expected");
        const QString nan = notAvailable();
        QTest::newRow("count") << formatCount(std::uint64_t(4213)) << QStringLiteral("4,213");
        QTest::newRow("no count") << formatCount(std::optional<std::uint64_t>()) << nan;
        QTest::newRow("zero is not n/a") << formatCount(std::optional<std::uint64_t>(0)) << QStringLiteral("0");
        QTest::newRow("compact") << formatCompact(41'300) << QStringLiteral("41.3k");
        QTest::newRow("compact million") << formatCompact(2'500'000) << QStringLiteral("2.5M");
        QTest::newRow("rate") << formatRate(1204.4) << QStringLiteral("1,204/s");
        QTest::newRow("slow rate") << formatRate(0.42) << QStringLiteral("0.4/s");
        QTest::newRow("no rate") << formatRate(std::numeric_limits<double>::quiet_NaN()) << nan;
        QTest::newRow("us") << formatDuration(std::int64_t(640)) << QStringLiteral("640\u202Fµs");
        QTest::newRow("ms") << formatDuration(std::int64_t(1800)) << QStringLiteral("1.8\u202Fms");
        QTest::newRow("s") << formatDuration(std::int64_t(12'400'000)) << QStringLiteral("12.4\u202Fs");
        QTest::newRow("min") << formatDuration(std::int64_t(200'000'000)) << QStringLiteral("3\u202Fmin 20\u202Fs");
        QTest::newRow("zero") << formatDuration(std::int64_t(0)) << QStringLiteral("0\u202Fs");
        QTest::newRow("now") << formatRelativeTime(1'000'000, 1'400'000) << QStringLiteral("now");
        QTest::newRow("ago") << formatRelativeTime(1'000'000, 13'000'000) << QStringLiteral("12\u202Fs ago");
        QTest::newRow("in") << formatRelativeTime(13'000'000, 1'000'000) << QStringLiteral("in 12\u202Fs");
        QTest::newRow("never") << formatRelativeTime(0, 1'000'000) << nan;
        QTest::newRow("bytes") << formatBytes(48'200'000) << QStringLiteral("48.2 MB");
        QTest::newRow("id") << elideMiddle(QStringLiteral("7f3a2100-aaaa-bbbb-cccc-00000000c0de"), 9) << QStringLiteral("7f3a\u2026c0de");
    }
    void figures()
    {
        QFETCH(QString, shown);
        QFETCH(QString, expected);
        QCOMPARE(shown, expected);
    }

    void everyErrorCodeHasItsSentence()
    {
        std::set<QString> sentences;
        for (int code = 0; code <= int(base::ErrorCode::Internal); ++code)
            sentences.insert(describeErrorCode(static_cast<base::ErrorCode>(code)));
        QCOMPARE(sentences.size(), std::size_t(int(base::ErrorCode::Internal) + 1));
        const auto text = describeError({base::ErrorCode::Io, "bad \x1b[31m name", 0, {}});
        QVERIFY(text.contains(QLatin1String("\\u001B[31m")));
        // The sentence first, then what is technical, marked as such.
        QCOMPARE(text, describeErrorCode(base::ErrorCode::Io) + QLatin1String(" Details: bad \\u001B[31m name"));
        QCOMPARE(describeError({base::ErrorCode::Io, "", 0, {}}), describeErrorCode(base::ErrorCode::Io));
    }
};

QTEST_MAIN(TstTheme)
#include "tst_theme.moc"
