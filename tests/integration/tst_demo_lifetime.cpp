// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/integration/embedded_bed.h"
#include "tests/support/forwarding_pipeline.h"
#include "transport/client/async.h"

#include <QSignalSpy>
#include <QTest>
#include <QTimer>

#include <algorithm>
#include <functional>

using namespace millrace;
using namespace millrace::handlers;
using namespace millrace::tests;

namespace {

std::unique_ptr<Workload> makeWorkload(EmbeddedBed& bed, const QString& id)
{
    auto all = createWorkloads(bed.workloadContext());
    const auto found =
        std::ranges::find_if(all, [&id](const auto& workload) { return workload->id() == id; });
    return std::move(*found);
}

/// Counts the views that are open.
class ViewCounter final : public tests::ForwardingPipeline
{
public:
    explicit ViewCounter(client::Pipeline* behind) { forwardTo(behind); }

    Answer<client::DeadLetterView> openDeadLetters(message::DeadLetterFilter filter) override
    {
        ++openViews;
        return ForwardingPipeline::openDeadLetters(std::move(filter));
    }
    void closeDeadLetters(message::ViewId view) override
    {
        --openViews;
        ForwardingPipeline::closeDeadLetters(view);
    }
    Answer<std::vector<message::DeadLetterRow>>
    deadLetterRows(message::ViewId view, std::uint64_t first, std::uint32_t count) override
    {
        if (onRead)
            QTimer::singleShot(0, this, onRead);
        if (failsRows)
            return client::resolved<std::vector<message::DeadLetterRow>>(
                base::fail(base::ErrorCode::Io, "cannot read the rows"));
        return ForwardingPipeline::deadLetterRows(view, first, count);
    }

    int openViews = 0;
    std::function<void()> onRead; ///< soon after rows were asked for, before they come
    bool failsRows = false;
};

/// A checkout with three dead letters, and its workers stopped.
std::unique_ptr<Workload> makeDeclined(EmbeddedBed& bed, ViewCounter& pipeline)
{
    WorkloadContext context = bed.workloadContext();
    context.pipeline = &pipeline;
    auto all = createWorkloads(context);
    auto workload = std::move(all.front());
    workload->setKnob(QStringLiteral("refusal-share"), 1);
    workload->setKnob(QStringLiteral("unavailable-share"), 0);
    workload->setKnob(QStringLiteral("latency-ms"), 0);
    QString error;
    const Accounting sum =
        runWorkload(bed, *workload, {.count = 3, .ratePerSecond = 0, .burst = 1}, &error);
    return error.isEmpty() && sum.dead == 3 ? std::move(workload) : nullptr;
}

} // namespace

class TstDemoLifetime : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void workloadsComeInTheirOrder();
    void mayBeDestroyedAtAnyTime_data();
    void mayBeDestroyedAtAnyTime();
    void attachTwiceIsBusy();
    void submitWithoutAttachIsAConflict();
    void detachWithoutAttachIsFine();
    void unreachableNodeIsATimeout();
    void progressComesAtMostTenTimesASecond();
    void knobsAreClamped();
    void accountingClosesItsViewAlsoIfReadingFails();
    void accountingClosesItsViewAlsoIfTheWorkloadEnds();
};

void TstDemoLifetime::workloadsComeInTheirOrder()
{
    EmbeddedBed bed;
    QCOMPARE(bed.start(), QString());
    QStringList ids;
    for (const auto& workload : createWorkloads(bed.workloadContext())) {
        ids.append(workload->id());
        QVERIFY(!workload->title().isEmpty());
        QVERIFY(!workload->description().isEmpty());
        QVERIFY(message::validate(workload->definition()).has_value());
        for (const Knob& knob : workload->knobs())
            QVERIFY(!workload->knobLabel(knob.key).isEmpty());
    }
    QCOMPARE(ids,
             (QStringList{QStringLiteral("checkout"),
                          QStringLiteral("images"),
                          QStringLiteral("earthquakes")}));
}

void TstDemoLifetime::mayBeDestroyedAtAnyTime_data()
{
    QTest::addColumn<QString>("id");
    QTest::addColumn<int>("afterAcknowledged");
    for (const char* const id : {"checkout", "images", "earthquakes"}) {
        for (const int after : {-2, -1, 0, 3})
            QTest::addRow("%s %d", id, after) << QString::fromLatin1(id) << after;
    }
}

void TstDemoLifetime::mayBeDestroyedAtAnyTime()
{
    QFETCH(QString, id);
    QFETCH(int, afterAcknowledged);
    EmbeddedBed bed;
    QCOMPARE(bed.start(), QString());
    auto workload = makeWorkload(bed, id);
    auto attaching = workload->attach();
    if (afterAcknowledged == -2) {
        // In the middle of attach().
        workload.reset();
        QTest::qWait(20);
        return;
    }
    QVERIFY(resultOf(std::move(attaching)).has_value());
    auto submitting = workload->submit({.count = 60, .ratePerSecond = 200, .burst = 1});
    if (afterAcknowledged >= 0) {
        const auto wanted = static_cast<std::uint64_t>(afterAcknowledged);
        QTRY_VERIFY_WITH_TIMEOUT(workload->progress().acknowledged >= wanted, 20'000);
    }
    workload.reset();
    QTest::qWait(20);
    // What was left goes on under another object.
    auto successor = makeWorkload(bed, id);
    QVERIFY(resultOf(successor->attach()).has_value());
    QVERIFY(bed.waitUntilSettled(std::chrono::seconds(60)));
    QVERIFY(resultOf(successor->detach()).has_value());
}

void TstDemoLifetime::attachTwiceIsBusy()
{
    EmbeddedBed bed;
    QCOMPARE(bed.start(), QString());
    auto workload = makeWorkload(bed, QStringLiteral("earthquakes"));
    QVERIFY(resultOf(workload->attach()).has_value());
    QSignalSpy failures(workload.get(), &Workload::failed);
    QCOMPARE(codeOf(resultOf(workload->attach())), QByteArrayLiteral("busy"));
    QCOMPARE(failures.size(), 1);
    QVERIFY(resultOf(workload->detach()).has_value());
    QVERIFY(resultOf(workload->attach()).has_value());
    QVERIFY(resultOf(workload->detach()).has_value());
}

void TstDemoLifetime::submitWithoutAttachIsAConflict()
{
    EmbeddedBed bed;
    QCOMPARE(bed.start(), QString());
    auto workload = makeWorkload(bed, QStringLiteral("checkout"));
    QCOMPARE(codeOf(resultOf(workload->submit(workload->defaultProfile()))),
             QByteArrayLiteral("conflict"));
}

void TstDemoLifetime::detachWithoutAttachIsFine()
{
    EmbeddedBed bed;
    QCOMPARE(bed.start(), QString());
    auto workload = makeWorkload(bed, QStringLiteral("images"));
    QVERIFY(resultOf(workload->detach()).has_value());
    const auto accounted = resultOf(workload->account());
    QVERIFY(accounted && accounted->isComplete());
    QCOMPARE(accounted->expected, std::uint64_t{0});
}

void TstDemoLifetime::unreachableNodeIsATimeout()
{
    EmbeddedBed bed;
    QCOMPARE(bed.start(), QString());
    zeromq::LinkOptions options;
    options.endpoint = "inproc://nobody";
    auto link = zeromq::openLink(bed.context, options);
    QVERIFY(link.has_value());
    const WorkloadContext context{link->connection, link->pipeline.get(), bed.directory.path()};
    auto workloads = createWorkloads(context);
    QSignalSpy failures(workloads.front().get(), &Workload::failed);
    QCOMPARE(codeOf(resultOf(workloads.front()->attach())), QByteArrayLiteral("timeout"));
    QCOMPARE(failures.size(), 1);
}

void TstDemoLifetime::progressComesAtMostTenTimesASecond()
{
    EmbeddedBed bed;
    QCOMPARE(bed.start(), QString());
    auto workload = makeWorkload(bed, QStringLiteral("earthquakes"));
    QVERIFY(resultOf(workload->attach()).has_value());
    QSignalSpy changes(workload.get(), &Workload::progressChanged);
    QElapsedTimer clock;
    clock.start();
    QVERIFY(
        resultOf(workload->submit({.count = 400, .ratePerSecond = 400, .burst = 1})).has_value());
    QCOMPARE_GT(changes.size(), 3);
    QCOMPARE_LE(changes.size(), clock.elapsed() / 100 + 1);
    QVERIFY(bed.waitUntilSettled(std::chrono::seconds(30)));
    QVERIFY(resultOf(workload->detach()).has_value());
}

void TstDemoLifetime::knobsAreClamped()
{
    EmbeddedBed bed;
    QCOMPARE(bed.start(), QString());
    auto workload = makeWorkload(bed, QStringLiteral("checkout"));
    workload->setKnob(QStringLiteral("latency-ms"), 1e9);
    workload->setKnob(QStringLiteral("unavailable-share"), -4);
    workload->setKnob(QStringLiteral("no-such-knob"), 4);
    const auto knobs = workload->knobs();
    QCOMPARE(knobs[0].value, 2000.0);
    QCOMPARE(knobs[1].value, 0.0);
    QCOMPARE(knobs[2].value, 0.04);
}

void TstDemoLifetime::accountingClosesItsViewAlsoIfReadingFails()
{
    EmbeddedBed bed;
    QCOMPARE(bed.start(), QString());
    ViewCounter pipeline(bed.pipeline());
    const auto workload = makeDeclined(bed, pipeline);
    QVERIFY(workload != nullptr);
    QCOMPARE(pipeline.openViews, 0);
    pipeline.failsRows = true;
    QCOMPARE(codeOf(resultOf(workload->account())), QByteArrayLiteral("io"));
    QCOMPARE(pipeline.openViews, 0);
}

void TstDemoLifetime::accountingClosesItsViewAlsoIfTheWorkloadEnds()
{
    EmbeddedBed bed;
    QCOMPARE(bed.start(), QString());
    ViewCounter pipeline(bed.pipeline());
    auto workload = makeDeclined(bed, pipeline);
    QVERIFY(workload != nullptr);
    int openBefore = 0;
    pipeline.onRead = [&] {
        openBefore = pipeline.openViews;
        workload.reset();
    };
    auto accounting = workload->account();
    QCOMPARE(codeOf(resultOf(std::move(accounting))), QByteArrayLiteral("cancelled"));
    QCOMPARE(openBefore, 1);
    QCOMPARE(pipeline.openViews, 0);
}

QTEST_GUILESS_MAIN(TstDemoLifetime)
#include "tst_demo_lifetime.moc"
