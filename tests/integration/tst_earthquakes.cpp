// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/handlers/earthquakes_workload.h"
#include "app/handlers/quake_handlers.h"
#include "tests/integration/embedded_bed.h"

#include <QFile>
#include <QTest>

#include <algorithm>

using namespace millrace;
using namespace millrace::handlers;
using namespace millrace::tests;

namespace {

std::string featureWith(const std::string& magnitude, const std::string& depth)
{
    return R"({"type":"Feature","id":"x1","properties":{"mag":)" + magnitude
           + R"(,"magType":"ml","place":"somewhere","time":1517966773840,"rms":0.1,"type":"earthquake"},)"
             R"("geometry":{"type":"Point","coordinates":[-118.6,34.5,)"
           + depth + "]}}";
}

std::uint64_t invalidAmong(std::size_t count)
{
    const auto events = loadQuakeEvents().value();
    const auto validator = std::move(QuakeValidator::load().value());
    std::uint64_t invalid = 0;
    for (std::size_t i = 0; i < count; ++i)
        invalid += validator->check((*events)[i % events->size()].body) ? 0 : 1;
    return invalid;
}

QuakeFacts factsOf(const std::string& id, std::int64_t timeMs, double magnitude)
{
    return {id, "somewhere", magnitude, timeMs};
}

} // namespace

class TstEarthquakes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theWeekHasAllEvents();
    void aSmallShareDoesNotFitTheSchema();
    void theErrorSaysWhereAndWhat_data();
    void theErrorSaysWhereAndWhat();
    void windowKeepsTheLatestByEventTime();
    void everyCopyIsAccountedFor();
    void aChangedRowIsNoticed();
};

void TstEarthquakes::theWeekHasAllEvents()
{
    const auto events = loadQuakeEvents();
    QVERIFY(events.has_value());
    QCOMPARE((*events)->size(), std::size_t{1707});
    QCOMPARE((*events)->front().id, std::string("ci37868143"));
    QCOMPARE((*events)->front().time, std::string("2018-02-07T01:26:13.840Z"));
}

void TstEarthquakes::aSmallShareDoesNotFitTheSchema()
{
    const auto invalid = invalidAmong(1707);
    QCOMPARE_GE(invalid, 1707U / 100);
    QCOMPARE_LE(invalid, 1707U * 8 / 100);
}

void TstEarthquakes::theErrorSaysWhereAndWhat_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QByteArray>("path");
    QTest::newRow("fits") << QByteArray::fromStdString(featureWith("4.6", "10")) << QByteArray();
    QTest::newRow("null magnitude")
        << QByteArray::fromStdString(featureWith("null", "10")) << QByteArray("properties.mag");
    QTest::newRow("negative magnitude")
        << QByteArray::fromStdString(featureWith("-0.3", "10")) << QByteArray("properties.mag");
    QTest::newRow("text for a number")
        << QByteArray::fromStdString(featureWith("\"4\"", "10")) << QByteArray("properties.mag");
    QTest::newRow("depth") << QByteArray::fromStdString(featureWith("1", "-2.5"))
                           << QByteArray("geometry.coordinates.2");
    QTest::newRow("empty object") << QByteArray("{}") << QByteArray("event");
    QTest::newRow("no object") << QByteArray("[1]") << QByteArray("event");
    QTest::newRow("no JSON") << QByteArray("\x01{") << QByteArray("event");
}

void TstEarthquakes::theErrorSaysWhereAndWhat()
{
    QFETCH(QByteArray, json);
    QFETCH(QByteArray, path);
    const auto validator = QuakeValidator::load();
    QVERIFY(validator.has_value());
    const auto checked = (*validator)->check(json.toStdString());
    QCOMPARE(checked.has_value(), path.isEmpty());
    if (checked)
        return;
    const QByteArray text = QByteArray::fromStdString(checked.error().context);
    QVERIFY2(text.startsWith(QByteArray(path + ": ")), text.constData());
    QVERIFY(text.size() > path.size() + 10);
}

void TstEarthquakes::windowKeepsTheLatestByEventTime()
{
    QuakeWindow window;
    window.add(factsOf("old", 1, 9.0));
    QCOMPARE(window.largestMagnitude(), 9.0);
    for (int i = 0; i < static_cast<int>(QuakeWindow::kEvents); ++i)
        window.add(factsOf("e" + std::to_string(i), 1000 - i, 2.0 + i % 3));
    QCOMPARE(window.count(), QuakeWindow::kEvents);
    QCOMPARE(window.largestMagnitude(), 4.0);
    window.add(factsOf("e5", 995, 2.0 + 5 % 3));
    window.add(factsOf("late", 2, 8.0));
    QCOMPARE(window.count(), QuakeWindow::kEvents);
    QCOMPARE(window.largestMagnitude(), 4.0);
}

void TstEarthquakes::everyCopyIsAccountedFor()
{
    EmbeddedBed bed;
    QCOMPARE(bed.start(), QString());
    EarthquakesWorkload workload(bed.workloadContext());
    QString error;
    const Accounting sum =
        runWorkload(bed, workload, {.count = 0, .ratePerSecond = 0, .burst = 1}, &error);
    QCOMPARE(error, QString());
    QVERIFY2(sum.isComplete(), qPrintable(sum.examples.join(QLatin1Char(' '))));
    QCOMPARE(sum.expected, std::uint64_t{2 * 1707});
    QCOMPARE(workload.progress().copies, sum.expected);
    QCOMPARE(sum.dead, invalidAmong(1707));
    QCOMPARE(sum.done, sum.expected - sum.dead);
    for (const auto& row : bed.deadLetters()) {
        QCOMPARE(row.queue, std::string("quakes.alerts"));
        QVERIFY(row.reason == message::Reason::SchemaInvalid);
        QVERIFY(row.errorText.find(": ") != std::string::npos);
    }
    const auto rows = readJournal(workload.alertsPath(), {});
    QVERIFY(rows.has_value());
    const auto alerts = std::ranges::count_if(
        *rows, [](const QJsonObject& row) { return row.value(QLatin1String("alert")).toBool(); });
    QCOMPARE(alerts, 85);
}

void TstEarthquakes::aChangedRowIsNoticed()
{
    EmbeddedBed bed;
    QCOMPARE(bed.start(), QString());
    EarthquakesWorkload workload(bed.workloadContext());
    QString error;
    const Accounting before =
        runWorkload(bed, workload, {.count = 10, .ratePerSecond = 0, .burst = 1}, &error);
    QCOMPARE(error, QString());
    QVERIFY(before.isComplete());
    QFile file(workload.statsPath());
    QVERIFY(file.open(QIODevice::ReadWrite));
    QByteArray bytes = file.readAll();
    const auto at = bytes.indexOf("\"magnitude\":");
    QVERIFY(at > 0);
    bytes[at + 12] = bytes[at + 12] == '9' ? '8' : '9';
    file.seek(0);
    file.write(bytes);
    file.close();
    const auto after = resultOf(workload.account());
    QVERIFY(after.has_value());
    QCOMPARE(after->missing, std::uint64_t{1});
    QCOMPARE(after->surplus, std::uint64_t{1});
}

QTEST_GUILESS_MAIN(TstEarthquakes)
#include "tst_earthquakes.moc"
