// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/message/cron.h"

#include <QDateTime>
#include <QTimeZone>
#include <QtTest>

#include <random>

using namespace millrace;
using message::Cron;

namespace {

std::int64_t usOf(const QString& text)
{
    return QDateTime::fromString(text + QStringLiteral("Z"), Qt::ISODate).toMSecsSinceEpoch() * 1000;
}

QByteArray textOf(std::int64_t us)
{
    const QDateTime time = QDateTime::fromMSecsSinceEpoch(us / 1000, QTimeZone::utc());
    return time.toString(QStringLiteral("yyyy-MM-ddTHH:mm:ss")).toLatin1();
}

} // namespace

/// The text of a schedule, and when it is due.
class TstCron : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nextTimes_data()
    {
        QTest::addColumn<QByteArray>("cron");
        QTest::addColumn<QString>("after");
        QTest::addColumn<QList<QByteArray>>("expected");
        const auto row = [](const char* cron, const char* after, const QList<QByteArray>& expected) {
            QTest::addRow("%s after %s", cron, after) << QByteArray(cron) << QString::fromLatin1(after) << expected;
        };
        row("* * * * *", "2026-01-31T23:58:59", {"2026-01-31T23:59:00", "2026-02-01T00:00:00"});
        row("* * * * *", "2026-01-31T23:59:00", {"2026-02-01T00:00:00"}); // strictly after
        row("*/15 9-17 * * mon-fri", "2026-11-20T17:40:00", {"2026-11-20T17:45:00", "2026-11-23T09:00:00"});
        row("5,35 */12 * * *", "2026-11-24T00:05:00",
            {"2026-11-24T00:35:00", "2026-11-24T12:05:00", "2026-11-24T12:35:00", "2026-11-25T00:05:00"});
        row("0 0 31 * *", "2026-01-31T00:00:00", {"2026-03-31T00:00:00", "2026-05-31T00:00:00"});
        row("0 0 29 2 *", "2026-01-01T00:00:00", {"2028-02-29T00:00:00", "2032-02-29T00:00:00"});
        row("0 0 29 2 *", "2096-03-01T00:00:00", {"2104-02-29T00:00:00"}); // 2100 is no leap year
        row("0 0 13 * fri", "2026-11-01T00:00:00", {"2026-11-06T00:00:00", "2026-11-13T00:00:00"}); // either
        row("0 0 */2 * fri", "2026-11-01T00:00:00", {"2026-11-13T00:00:00", "2026-11-27T00:00:00"}); // both
        row("0 0 * * 7", "2026-11-24T00:00:00", {"2026-11-29T00:00:00"});
        row("0 0 * * fri-sun", "2026-11-24T00:00:00",
            {"2026-11-27T00:00:00", "2026-11-28T00:00:00", "2026-11-29T00:00:00", "2026-12-04T00:00:00"});
        row("0 12 1 JAN,Jul *", "2026-02-01T00:00:00", {"2026-07-01T12:00:00", "2027-01-01T12:00:00"});
        row("10-30/10 1 * * *", "2026-11-24T01:15:00", {"2026-11-24T01:20:00", "2026-11-24T01:30:00", "2026-11-25T01:10:00"});
        row("  0\t0  1 1   *  ", "2026-11-24T00:00:00", {"2027-01-01T00:00:00"});
        row("@hourly", "2026-11-24T22:59:59", {"2026-11-24T23:00:00", "2026-11-25T00:00:00"});
        row("@daily", "2026-12-31T00:00:00", {"2027-01-01T00:00:00"});
        row("@midnight", "2026-12-31T00:00:00", {"2027-01-01T00:00:00"});
        row("@weekly", "2026-11-24T00:00:00", {"2026-11-29T00:00:00"});
        row("@monthly", "2026-11-24T00:00:00", {"2026-12-01T00:00:00"});
        row("@Yearly", "2026-11-24T00:00:00", {"2027-01-01T00:00:00"});
        row("@annually", "2026-11-24T00:00:00", {"2027-01-01T00:00:00"});
        row("59 23 31 12 *", "1970-01-01T00:00:00", {"1970-12-31T23:59:00"});
    }
    void nextTimes()
    {
        QFETCH(QByteArray, cron);
        QFETCH(QString, after);
        QFETCH(QList<QByteArray>, expected);
        const auto parsed = Cron::parse(cron.toStdString());
        QVERIFY2(parsed.has_value(), parsed ? "" : parsed.error().context.c_str());
        std::int64_t us = usOf(after);
        for (const QByteArray& each : expected) {
            const auto next = parsed->nextAfter(us);
            QVERIFY(next.has_value());
            QCOMPARE(textOf(*next), each);
            us = *next;
        }
    }

    void whatIsNoScheduleIsRefused_data()
    {
        QTest::addColumn<QByteArray>("cron");
        QTest::addColumn<QByteArray>("says");
        const auto row = [](const QByteArray& cron, const char* says) {
            QTest::addRow("%s", cron.left(40).constData()) << cron << QByteArray(says);
        };
        row("", "five fields");
        row("* * * *", "five fields");
        row("* * * * * *", "five fields");
        row("@reboot", "five fields");
        row("60 * * * *", "minute");
        row("* 24 * * *", "hour");
        row("* * 0 * *", "day of month");
        row("* * 32 * *", "day of month");
        row("* * * 13 *", "month");
        row("* * * january *", "month");
        row("* * * * 8", "day of week");
        row("* * * * fri-mon", "day of week");
        row("30-10 * * * *", "minute");
        row("*/0 * * * *", "minute");
        row("5/10 * * * *", "minute");
        row("*/ * * * *", "minute");
        row("1- * * * *", "minute");
        row("-1 * * * *", "minute");
        row("1,,2 * * * *", "minute");
        row("1, * * * *", "minute");
        row("*5 * * * *", "minute");
        row("99999999999999999999 * * * *", "minute");
        row("*/99999 * * * *", "minute");
        row("0 0 30 2 *", "never");
        row("0 0 31 4,6,9,11 *", "never");
        row(QByteArray(129, '*'), "128");
        row(QByteArray("* * * * \0", 9), "day of week");
        row("\xff * * * *", "minute");
    }
    void whatIsNoScheduleIsRefused()
    {
        QFETCH(QByteArray, cron);
        QFETCH(QByteArray, says);
        const auto parsed = Cron::parse(cron.toStdString());
        QVERIFY(!parsed);
        QVERIFY(parsed.error().code == base::ErrorCode::Invalid);
        QVERIFY2(parsed.error().context.find(says.constData()) != std::string::npos, parsed.error().context.c_str());
    }

    void timesOutOfRangeHaveNoNext()
    {
        const auto cron = Cron::parse("@yearly");
        QVERIFY(cron.has_value());
        QVERIFY(!cron->nextAfter(-1));
        QVERIFY(!cron->nextAfter(INT64_MIN));
        QVERIFY(!cron->nextAfter(INT64_MAX));
        QVERIFY(cron->nextAfter(0));
    }

    /// Minute by minute, against a second reading of the rules.
    void agreesWithAnExhaustiveSearch()
    {
        std::mt19937 random(20261124);
        const auto below = [&](int bound) { return static_cast<int>(random() % static_cast<unsigned>(bound)); };
        for (int round = 0; round < 200; ++round) {
            const int minute = below(60);
            const int hour = below(24);
            const int day = 1 + below(28);
            const int weekday = below(7);
            const int every = 1 + below(20);
            const bool hasDay = below(2) == 0;
            const bool hasWeekday = below(2) == 0;
            const QByteArray text = "*/" + QByteArray::number(every) + ',' + QByteArray::number(minute) + ' '
                                    + QByteArray::number(hour) + ' ' + (hasDay ? QByteArray::number(day) : "*") + " * "
                                    + (hasWeekday ? QByteArray::number(weekday) : "*");
            const auto cron = Cron::parse(text.toStdString());
            QVERIFY2(cron.has_value(), text);
            QDateTime at(QDate(2026 + below(10), 1 + below(12), 1 + below(28)), QTime(below(24), below(60)), QTimeZone::utc());
            const std::int64_t after = at.toMSecsSinceEpoch() * 1000 + below(60'000'000);
            const auto matches = [&] {
                const bool byDay = at.date().day() == day;
                const bool byWeek = at.date().dayOfWeek() % 7 == weekday;
                const bool isDay = hasDay && hasWeekday ? byDay || byWeek
                                                        : (!hasDay || byDay) && (!hasWeekday || byWeek);
                return isDay && at.time().hour() == hour
                       && (at.time().minute() % every == 0 || at.time().minute() == minute);
            };
            do
                at = at.addSecs(60);
            while (!matches());
            QCOMPARE(textOf(cron->nextAfter(after).value_or(0)), textOf(at.toMSecsSinceEpoch() * 1000));
        }
    }
};

QTEST_APPLESS_MAIN(TstCron)
#include "tst_cron.moc"
