// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/telemetry/time_series.h"

#include <QtTest>

#include <cmath>
#include <limits>

using namespace millrace;
using namespace millrace::telemetry;

class TstTimeSeries : public QObject
{
    Q_OBJECT

private:
    static constexpr std::int64_t kSecond = 1'000'000;
    static Point at(std::int64_t seconds, float ready = 0)
    {
        Point point;
        point.atUs = seconds * kSecond;
        point.ready = ready;
        return point;
    }
    static TimeSeries small() { return TimeSeries({base::Micros(kSecond), 10, base::Micros(10 * kSecond), 20}); }

private Q_SLOTS:
    void ratesComeFromTwoSamples()
    {
        QueueSample before;
        before.submitted = 100;
        before.acknowledged = 50;
        QueueSample after = before;
        after.submitted = 300;
        after.acknowledged = 51;
        after.lagUs = 1'500'000;
        after.running = {1000, 2000, 3000, 7};
        const Point point = toPoint(before, 0, after, 2 * kSecond);
        QCOMPARE(point.inRate, 100.0F);
        QCOMPARE(point.outRate, 0.5F);
        QCOMPARE(point.lagSeconds, 1.5F);
        QCOMPARE(point.runningP95, 2.0F);
        QVERIFY(std::isnan(point.waitingP50)); // no sample is not zero
    }
    void noRateWithoutAFitPredecessor()
    {
        QueueSample sample;
        sample.submitted = 10;
        QueueSample larger;
        larger.submitted = 11;
        QVERIFY(std::isnan(toPoint({}, 0, sample, kSecond).inRate));
        QVERIFY(std::isnan(toPoint(sample, kSecond, sample, kSecond).inRate));
        QVERIFY(std::isnan(toPoint(larger, 0, sample, kSecond).outRate)); // the node restarted
    }
    void newestOfAStepReplaces()
    {
        TimeSeries series = small();
        series.add(at(1, 1));
        Point later = at(1, 2);
        later.atUs += kSecond / 2;
        series.add(later);
        const auto points = series.range(0, 10 * kSecond);
        QCOMPARE(points.size(), 1U);
        QCOMPARE(points[0].ready, 2.0F);
    }
    void oldPointsComeFromTheCoarseRing()
    {
        TimeSeries series = small();
        for (int i = 0; i < 100; ++i)
            series.add(at(i, static_cast<float>(i)));
        const auto fine = series.range(90 * kSecond, 100 * kSecond);
        QCOMPARE(fine.size(), 10U);
        QCOMPARE(fine.front().ready, 90.0F);
        const auto coarse = series.range(0, 100 * kSecond);
        QCOMPARE(coarse.size(), 10U);
        QCOMPARE(coarse.front().ready, 9.0F);
        QCOMPARE(coarse.back().ready, 99.0F);
        QVERIFY(series.range(95 * kSecond, 95 * kSecond).empty());
    }
    void g4_memoryIsBounded()
    {
        TimeSeries series = small();
        for (int i = 0; i < 10'000; ++i)
            series.add(at(i));
        QVERIFY(series.memoryBytes() < 100 * sizeof(Point));
    }
    void d16_clockThatJumpedBackDropsWhatLiesAhead()
    {
        TimeSeries series = small();
        for (int i = 0; i < 25; ++i)
            series.add(at(i, 1)); // the rings have wrapped
        series.add(at(20, 2));
        series.add(at(21, 3));
        const auto points = series.range(15 * kSecond, 100 * kSecond);
        QCOMPARE(points.back().ready, 3.0F);
        for (std::size_t i = 1; i < points.size(); ++i)
            QVERIFY(points[i - 1].atUs < points[i].atUs);
        QCOMPARE(points.size(), 7U); // 15 to 21
    }
    void seriesWithoutCoarseRing()
    {
        TimeSeries series({base::Micros(kSecond), 5, base::Micros(kSecond), 0});
        for (int i = 0; i < 9; ++i)
            series.add(at(i));
        QCOMPARE(series.range(0, 100 * kSecond).size(), 5U);
    }
    void decimationKeepsExtremesInOrder()
    {
        std::vector<Point> points;
        for (int i = 0; i < 1000; ++i)
            points.push_back(at(i, i == 437 ? 99.0F : i == 438 ? -99.0F : std::sin(static_cast<float>(i))));
        const auto kept = decimate(points, &Point::ready, 50);
        QVERIFY(kept.size() <= 100 && kept.size() >= 90);
        float highest = 0;
        float lowest = 0;
        for (std::size_t i = 0; i < kept.size(); ++i) {
            QVERIFY(i == 0 || kept[i - 1].atUs < kept[i].atUs);
            highest = std::max(highest, kept[i].ready);
            lowest = std::min(lowest, kept[i].ready);
        }
        QCOMPARE(highest, 99.0F);
        QCOMPARE(lowest, -99.0F);
    }
    void decimationLeavesNaNOut()
    {
        const float none = std::numeric_limits<float>::quiet_NaN();
        const std::vector<Point> points{at(0, none), at(1, 1), at(2, none), at(3, 2)};
        const auto kept = decimate(points, &Point::ready, 2);
        QCOMPARE(kept.size(), 2U);
        QVERIFY(decimate(points, &Point::ready, 0).empty());
        QVERIFY(decimate({}, &Point::ready, 5).empty());
    }
    void samplesAddUp()
    {
        QueueSample all;
        QueueSample one;
        one.ready = 3;
        one.lagUs = 7;
        one.acknowledged = 2;
        accumulate(all, one);
        one.lagUs = 5;
        accumulate(all, one);
        QCOMPARE(all.ready, 6U);
        QCOMPARE(all.lagUs, 7);
        QCOMPARE(all.acknowledged, 4U);
        QCOMPARE(all.depth(), 6U);
    }
};

QTEST_GUILESS_MAIN(TstTimeSeries)
#include "tst_time_series.moc"
