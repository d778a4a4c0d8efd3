// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/desktop/viewmodels/loop_watchdog.h"

#include <QTest>

#include <chrono>
#include <thread>

using namespace millrace::desktop;
using namespace std::chrono_literals;

class TstWatchdog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void hasNoFiguresBeforeItStarts()
    {
        const LoopWatchdog watchdog;
        QCOMPARE(watchdog.figures().probes, std::uint64_t(0));
    }

    void seesABlockOf150Milliseconds()
    {
        LoopWatchdog watchdog;
        watchdog.start();
        QTRY_VERIFY(watchdog.figures().probes >= 5);
        watchdog.reset();
        std::this_thread::sleep_for(150ms);
        QTRY_VERIFY(watchdog.figures().probes > 0);
        const auto figures = watchdog.figures();
        QVERIFY2(figures.maxUs >= 130'000, qPrintable(QString::number(figures.maxUs)));
        // The probes that the block kept from being sent count too.
        QVERIFY2(figures.probes >= 13, qPrintable(QString::number(figures.probes)));
        QVERIFY2(figures.p99Us >= 100'000, qPrintable(QString::number(figures.p99Us)));
        QCOMPARE(watchdog.sinceReset().maxUs, figures.maxUs);
    }

    void anIdleLoopIsPunctual()
    {
        LoopWatchdog watchdog;
        watchdog.start();
        QTRY_VERIFY(watchdog.figures().probes >= 20);
        QVERIFY2(watchdog.figures().p50Us < 50'000, qPrintable(QString::number(watchdog.figures().p50Us)));
    }

    void stopsAndStartsAgain()
    {
        LoopWatchdog watchdog;
        watchdog.start();
        watchdog.start();
        QTRY_VERIFY(watchdog.figures().probes > 0);
        watchdog.stop();
        watchdog.stop();
        watchdog.reset();
        QCoreApplication::processEvents();
        QCOMPARE(watchdog.figures().probes, std::uint64_t(0));
        watchdog.start();
        QTRY_VERIFY(watchdog.figures().probes > 0);
    }
};

QTEST_GUILESS_MAIN(TstWatchdog)
#include "tst_watchdog.moc"
