// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/telemetry/histogram.h"

#include <QtTest>

using namespace millrace;
using namespace millrace::telemetry;

class TstHistogram : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void emptyHasNoFigure()
    {
        QCOMPARE(Histogram().quantile(0.5), 0);
        QCOMPARE(Histogram().quantiles().count, 0U);
    }
    void everyValueIsExactToASixteenth()
    {
        for (std::int64_t value = 1; value < 60'000'000'000; value = value * 5 / 4 + 1) {
            Histogram histogram;
            histogram.record(value);
            const std::int64_t got = histogram.quantile(0.5);
            QVERIFY2(got >= value && got - value <= value / 16, std::to_string(value).c_str());
        }
    }
    void extremesStayInRange()
    {
        Histogram histogram;
        histogram.record(-5);
        QCOMPARE(histogram.quantile(1.0), 0);
        histogram.record(INT64_MAX);
        QVERIFY(histogram.quantile(1.0) > 60'000'000'000);
        histogram.record(1, UINT32_MAX);
        histogram.record(1, UINT32_MAX); // a bucket that is full stays full
        QCOMPARE(histogram.quantile(0.5), 1);
        histogram.clear();
        QCOMPARE(histogram.count(), 0U);
    }
    void quantilesOfAThousand()
    {
        Histogram low;
        Histogram high;
        for (int i = 1; i <= 500; ++i)
            low.record(i);
        for (int i = 501; i <= 1000; ++i)
            high.record(i);
        low.merge(high);
        const Quantiles quantiles = low.quantiles();
        QCOMPARE(quantiles.count, 1000U);
        QVERIFY(quantiles.p50Us >= 500 && quantiles.p50Us <= 532);
        QVERIFY(quantiles.p95Us >= 950 && quantiles.p95Us <= 1010);
        QVERIFY(quantiles.p99Us >= 990 && quantiles.p99Us <= 1055);
    }
    void slidingOneForgets()
    {
        const base::SteadyTime start(base::Micros(5'000'000'000));
        SlidingHistogram sliding;
        sliding.record(100, start);
        QCOMPARE(sliding.quantiles(start + std::chrono::seconds(9)).count, 1U);
        sliding.record(200, start + std::chrono::seconds(11));
        QCOMPARE(sliding.quantiles(start + std::chrono::seconds(12)).count, 2U);
        QCOMPARE(sliding.quantiles(start + std::chrono::seconds(22)).count, 1U);
        QCOMPARE(sliding.quantiles(start + std::chrono::seconds(60)).count, 0U);
    }
};

QTEST_GUILESS_MAIN(TstHistogram)
#include "tst_histogram.moc"
