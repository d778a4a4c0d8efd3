// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/desktop/charts/live_chart.h"
#include "app/desktop/charts/nice_scale.h"
#include "app/desktop/charts/paint_scheduler.h"
#include "app/desktop/charts/segments.h"
#include "app/desktop/models/live_series.h"

#include <QSignalSpy>
#include <QTest>

#include <cmath>
#include <limits>

using namespace millrace;
using namespace millrace::desktop;
using namespace std::chrono_literals;
using telemetry::Point;

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr float kNoFigure = std::numeric_limits<float>::quiet_NaN();

QString plain(double value)
{
    return QString::number(value);
}

/// One point a second, `figure` rising by one.
std::vector<Point> makePoints(int count, std::int64_t firstUs = 1000 * kSecond)
{
    std::vector<Point> points;
    for (int i = 0; i < count; ++i) {
        Point point;
        point.atUs = firstUs + i * kSecond;
        point.ready = float(i);
        point.leased = 1;
        point.inRate = float(i);
        points.push_back(point);
    }
    return points;
}

std::unique_ptr<LiveChart> makeChart(LiveChart::Kind kind)
{
    auto chart = std::make_unique<LiveChart>(kind, QStringLiteral("Title"), QStringLiteral("unit"), &plain, NiceScale(1));
    chart->setSeries({{QStringLiteral("ready"), &Point::ready, Qt::blue}, {QStringLiteral("leased"), &Point::leased, Qt::green}});
    chart->resize(400, 180);
    return chart;
}

} // namespace

class TstCharts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // ---- axis

    void scaleGrowsAtOnceAndShrinksLate()
    {
        NiceScale scale(10);
        const NiceScale::Time start{};
        QCOMPARE(scale.top(), 10.0);
        QVERIFY(scale.update(42, start));
        QCOMPARE(scale.top(), 50.0);
        QVERIFY(!scale.update(44, start + 100ms));
        QVERIFY2(!scale.update(90, start + 200ms), "at most twice a second");
        QVERIFY(scale.update(90, start + 600ms));
        QCOMPARE(scale.top(), 100.0);
        QVERIFY(!scale.update(5, start + 1s));
        QVERIFY(!scale.update(5, start + 3s));
        QVERIFY2(!scale.update(60, start + 3500ms), "a value that fits ends the wait");
        QVERIFY(!scale.update(5, start + 4s));
        QVERIFY(scale.update(5, start + 7100ms));
        QCOMPARE(scale.top(), 10.0);
    }

    void stepsAreEven_data()
    {
        QTest::addColumn<double>("value");
        for (const double value : {0.004, 0.3, 1.0, 7.0, 13.0, 28.0, 61.0, 333.0, 4213.0, 1.2e6})
            QTest::addRow("%g", value) << value;
    }
    void stepsAreEven()
    {
        QFETCH(double, value);
        NiceScale scale(1e-3);
        scale.update(value, {});
        QVERIFY(scale.top() >= value);
        const double count = scale.top() / scale.step();
        QVERIFY2(count >= 2 && count <= 5.01, qPrintable(QString::number(count)));
        QVERIFY(std::abs(count - std::round(count)) < 1e-6);
    }

    void durationsHaveTicksOfAClock_data()
    {
        QTest::addColumn<double>("secondsPerUnit");
        QTest::addColumn<double>("value");
        QTest::addColumn<double>("top");
        QTest::addColumn<double>("step");
        QTest::newRow("half a minute") << 1.0 << 28.0 << 30.0 << 10.0;
        QTest::newRow("75 s") << 1.0 << 70.0 << 75.0 << 15.0;
        QTest::newRow("100 s") << 1.0 << 95.0 << 120.0 << 30.0;
        QTest::newRow("100 s in ms") << 1e-3 << 95'000.0 << 120'000.0 << 30'000.0;
        QTest::newRow("4 min") << 1.0 << 220.0 << 240.0 << 60.0;
        QTest::newRow("20 min") << 1.0 << 1100.0 << 1200.0 << 300.0;
        QTest::newRow("2 h") << 1.0 << 6000.0 << 7200.0 << 1800.0;
        QTest::newRow("8 d") << 1.0 << 600'000.0 << 691'200.0 << 172'800.0;
    }
    void durationsHaveTicksOfAClock()
    {
        QFETCH(double, secondsPerUnit);
        QFETCH(double, value);
        QFETCH(double, top);
        QFETCH(double, step);
        NiceScale scale(1e-3, secondsPerUnit);
        QVERIFY(scale.update(value, {}));
        QCOMPARE(scale.top(), top);
        QCOMPARE(scale.step(), step);
    }

    // ---- gaps

    void linesBreakAtMissingFigures()
    {
        auto points = makePoints(10);
        points[4].ready = kNoFigure;
        points[5].ready = std::numeric_limits<float>::infinity();
        const auto runs = splitRuns(points, &Point::ready, 3 * kSecond);
        QCOMPARE(runs.size(), std::size_t(2));
        QCOMPARE(runs[0].size(), std::size_t(4));
        QCOMPARE(runs[1].size(), std::size_t(4));
    }

    void linesBreakWhereNothingCame()
    {
        auto points = makePoints(10);
        for (std::size_t i = 5; i < points.size(); ++i)
            points[i].atUs += 10 * kSecond;
        QCOMPARE(splitRuns(points, &Point::ready, 3 * kSecond).size(), std::size_t(2));
        QCOMPARE(splitRuns(points, &Point::ready, 30 * kSecond).size(), std::size_t(1));
        QVERIFY(splitRuns({}, &Point::ready, kSecond).empty());
    }

    // ---- the chart

    void drawsRelativeSecondsAndGaps()
    {
        const auto chart = makeChart(LiveChart::Kind::Lines);
        auto points = makePoints(61);
        points[30].ready = kNoFigure;
        chart->setPoints(points, points.back().atUs);
        const auto runs = chart->drawnRuns(0);
        QCOMPARE(runs.size(), 2);
        QCOMPARE(runs.first().first(), QPointF(-60, 0));
        QCOMPARE(runs.last().last(), QPointF(0, 60));
        QCOMPARE(chart->drawnRuns(1).size(), 1);
        points[30].ready = 30;
        chart->setPoints(points, points.back().atUs);
        QCOMPARE(chart->drawnRuns(0).size(), 1);
    }

    void areasAreStacked()
    {
        const auto chart = makeChart(LiveChart::Kind::StackedArea);
        const auto points = makePoints(11);
        chart->setPoints(points, points.back().atUs);
        QCOMPARE(chart->drawnRuns(0).first().last().y(), 10.0);
        QCOMPARE(chart->drawnRuns(1).first().last().y(), 11.0);
        QVERIFY(chart->axisTop() >= 11);
    }

    void anHourIsDecimatedToThePixels()
    {
        const auto chart = makeChart(LiveChart::Kind::Lines);
        chart->setSpan(1h);
        auto points = makePoints(3600);
        points[1234].ready = 99'999;
        chart->setPoints(points, points.back().atUs);
        const auto run = chart->drawnRuns(0).first();
        QVERIFY2(run.size() <= 2 * 400, qPrintable(QString::number(run.size())));
        const bool keepsPeak = std::any_of(run.begin(), run.end(), [](QPointF at) { return at.y() == 99'999; });
        QVERIFY(keepsPeak);
    }

    void saysItsLastValuesInWords()
    {
        const auto chart = makeChart(LiveChart::Kind::Lines);
        QVERIFY(std::isnan(chart->lastValues().first()));
        const auto points = makePoints(5);
        chart->setPoints(points, points.back().atUs);
        QCOMPARE(chart->lastValues(), (QList<double>{4, 1}));
        QCOMPARE(chart->textEquivalent(), QStringLiteral("Title: ready 4, leased 1"));
    }

    void countsItsPaints()
    {
        const auto chart = makeChart(LiveChart::Kind::Lines);
        chart->show();
        QVERIFY(QTest::qWaitForWindowExposed(chart.get()));
        QTRY_VERIFY(chart->paintCount() > 0);
        const auto before = chart->paintCount();
        const auto points = makePoints(5);
        for (int i = 0; i < 50; ++i)
            chart->setPoints(points, points.back().atUs);
        QTRY_VERIFY(chart->paintCount() > before);
        // One for all of them; showing the window may have left another one or two.
        QTest::qWait(100);
        QVERIFY2(chart->paintCount() <= before + 3, qPrintable(QString::number(chart->paintCount() - before)));
    }

    void schedulerServesOneAfterTheOther()
    {
        PaintScheduler scheduler(50);
        QList<int> order;
        for (int i = 0; i < 3; ++i)
            scheduler.add([&order, i] { order << i; });
        scheduler.start();
        QTRY_VERIFY(order.size() >= 6);
        scheduler.stop();
        for (qsizetype i = 1; i < order.size(); ++i)
            QCOMPARE(order[i], (order[i - 1] + 1) % 3);
        const auto count = order.size();
        scheduler.refreshAll();
        QCOMPARE(order.size(), count + 3);
    }

    // ---- what the charts show

    void ratesSpanASecondAndBreakAtARestart()
    {
        LiveSeries series;
        telemetry::QueueSample sample;
        for (int i = 0; i <= 10; ++i) {
            sample.submitted = std::uint64_t(i) * 20;
            series.add(sample, 100 * kSecond + i * 200'000, 1);
        }
        QCOMPARE(series.newest()->inRate, 100.0F);
        sample.submitted = 0;
        series.add(sample, 103 * kSecond, 2);
        QVERIFY(std::isnan(series.newest()->inRate));
        series.add(sample, 102 * kSecond, 2);
        QCOMPARE(series.newest()->atUs, 103 * kSecond);
    }

    void thePastIsFilledInBeforeWhatIsLive()
    {
        LiveSeries series;
        telemetry::QueueSample sample;
        sample.ready = 7;
        series.add(sample, 1999 * kSecond, 1);
        QVERIFY2(series.range(0, 3000 * kSecond).empty(), "the first one has no rates");
        series.add(sample, 2000 * kSecond, 1);
        auto past = makePoints(120, 1890 * kSecond); // overlaps the live one
        series.backfill(past);
        const auto minute = series.range(1940 * kSecond, 2001 * kSecond);
        QVERIFY(minute.size() >= 60);
        QCOMPARE(minute.back().ready, 7.0F);
        QCOMPARE(minute.front().atUs, 1940 * kSecond);
        series.clear();
        QVERIFY(series.range(0, 3000 * kSecond).empty());
    }
};

QTEST_MAIN(TstCharts)
#include "tst_charts.moc"
