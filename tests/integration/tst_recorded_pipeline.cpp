// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/message/envelope.h"
#include "tests/support/coro_verify.h"
#include "tests/support/demo_recording.h"
#include "transport/client/recorded_pipeline.h"

#include <QSignalSpy>
#include <QTest>

#include <algorithm>
#include <set>

using namespace millrace;
using client::RecordedPipeline;
using tests::waitForResult;

namespace {

message::OperationStatus runToEnd(RecordedPipeline& pipeline, message::OperationStatus status)
{
    const auto isOver = [&] {
        const auto now = waitForResult(pipeline.operation(status.id));
        if (now && now->has_value())
            status = **now;
        return status.state != message::OperationState::Running;
    };
    [[maybe_unused]] const bool ended = QTest::qWaitFor(isOver, 5000);
    return status;
}

const client::QueueStatus& queueOf(const client::SnapshotPtr& snapshot, std::string_view name)
{
    return *std::ranges::find(snapshot->queues, name, &client::QueueStatus::name);
}

} // namespace

class TstRecordedPipeline : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup() { m_pipeline.reset(); }
    void recordingIsDeterministicAndPlausible();
    void playsSnapshotsInOrder();
    void answersLaterAndCancelsWhenDestroyed();
    void readsPoints();
    void filtersDeadLetters();
    void pagesAFrozenView();
    void groupsAddUp();
    void replayMovesEachOnce();
    void discardAndRestore();
    void cancelKeepsTheRest();
    void pauseAndDefineShowInSnapshots();
    void failedCallsAndMissingCapabilities();

private:
    std::uint64_t countOf(message::DeadLetterFilter filter);
    message::OperationStatus start(message::Verb verb, message::Selection selection);
    client::Recording m_recording;
    std::unique_ptr<RecordedPipeline> m_pipeline;
};

void TstRecordedPipeline::init()
{
    m_recording = tests::makeDemoRecording();
    m_pipeline = std::make_unique<RecordedPipeline>(m_recording);
}

std::uint64_t TstRecordedPipeline::countOf(message::DeadLetterFilter filter)
{
    const auto view = waitForResult(m_pipeline->openDeadLetters(std::move(filter)));
    return view && view->has_value() ? (*view)->total : UINT64_MAX;
}

message::OperationStatus TstRecordedPipeline::start(message::Verb verb, message::Selection selection)
{
    const auto status = waitForResult(m_pipeline->startOperation(verb, std::move(selection), "because"));
    return status && status->has_value() ? **status : message::OperationStatus();
}

void TstRecordedPipeline::recordingIsDeterministicAndPlausible()
{
    const auto again = tests::makeDemoRecording();
    QCOMPARE(again.snapshots.size(), std::size_t(300));
    QCOMPARE(again.deadLetters.size(), std::size_t(400));
    QVERIFY(again.deadLetters == m_recording.deadLetters);
    std::set<std::uint64_t> groups;
    for (std::size_t i = 0; i < again.deadLetters.size(); ++i) {
        const auto& letter = again.deadLetters[i];
        groups.insert(letter.row.fingerprint);
        QVERIFY(i == 0 || again.deadLetters[i - 1].row.diedAtUs > letter.row.diedAtUs);
        const auto envelope = message::decodeEnvelope(letter.envelope);
        QVERIFY(envelope.has_value());
        QCOMPARE(envelope->id, letter.row.id);
    }
    QCOMPARE(groups.size(), std::size_t(5));
    const auto& first = *again.snapshots.front();
    const auto& last = *again.snapshots.back();
    QCOMPARE(first.queues.size(), std::size_t(6));
    for (std::size_t i = 0; i < first.queues.size(); ++i) {
        QVERIFY(last.queues[i].sample.submitted > first.queues[i].sample.submitted);
        QVERIFY(last.queues[i].sample.acknowledged > first.queues[i].sample.acknowledged);
    }
}

void TstRecordedPipeline::playsSnapshotsInOrder()
{
    QSignalSpy spy(m_pipeline.get(), &client::Pipeline::snapshotReady);
    QSignalSpy freshness(m_pipeline.get(), &client::Pipeline::freshnessChanged);
    QVERIFY(!m_pipeline->snapshot());
    QVERIFY(m_pipeline->freshness() == client::Freshness::Connecting);
    std::uint64_t before = 0;
    std::size_t count = 0;
    while (m_pipeline->advance()) {
        ++count;
        QVERIFY(m_pipeline->snapshot()->number > before);
        before = m_pipeline->snapshot()->number;
    }
    QCOMPARE(count, m_recording.snapshots.size());
    QCOMPARE(spy.count(), qsizetype(count));
    QCOMPARE(freshness.count(), qsizetype(1));
    m_pipeline->setFreshness(client::Freshness::Lost);
    QVERIFY(m_pipeline->freshness() == client::Freshness::Lost);
    QCOMPARE(freshness.count(), qsizetype(2));
}

void TstRecordedPipeline::answersLaterAndCancelsWhenDestroyed()
{
    auto future = m_pipeline->openDeadLetters({});
    QVERIFY(!future.isFinished());
    m_pipeline.reset();
    QVERIFY(future.isFinished());
    QCOMPARE(tests::codeOf(future.result()), QByteArray("cancelled"));
}

void TstRecordedPipeline::readsPoints()
{
    const auto endUs = m_recording.snapshots.back()->atUs;
    const auto points = waitForResult(m_pipeline->series("checkout", endUs - 60'000'000, endUs));
    QVERIFY(points && points->has_value());
    QCOMPARE((*points)->size(), std::size_t(60));
    QVERIFY((*points)->front().atUs >= endUs - 60'000'000);
    QVERIFY((*points)->back().atUs < endUs);
    QVERIFY((*points)->back().inRate > 0);
    const auto unknown = waitForResult(m_pipeline->series("no-such", 0, endUs));
    QVERIFY(unknown && !unknown->has_value());
    QCOMPARE(tests::codeOf(*unknown), QByteArray("not-found"));
}

void TstRecordedPipeline::filtersDeadLetters()
{
    QCOMPARE(countOf({}), std::uint64_t(400));
    message::DeadLetterFilter byQueue;
    byQueue.queues = {"images"};
    const auto expected = std::ranges::count(m_recording.deadLetters, "images",
                                             [](const auto& letter) { return letter.row.queue; });
    QCOMPARE(countOf(byQueue), std::uint64_t(expected));
    message::DeadLetterFilter byText;
    byText.text = "CARD insufficient";
    const auto cards = std::ranges::count_if(m_recording.deadLetters, [](const auto& letter) {
        return letter.row.errorClass == "CardDeclined";
    });
    QCOMPARE(countOf(byText), std::uint64_t(cards));
    byText.text = "CARD absent-word";
    QCOMPARE(countOf(byText), std::uint64_t(0));
    message::DeadLetterFilter byTime;
    byTime.diedFromUs = m_recording.deadLetters[9].row.diedAtUs;
    byTime.diedUntilUs = m_recording.deadLetters[0].row.diedAtUs;
    QCOMPARE(countOf(byTime), std::uint64_t(9));
    message::DeadLetterFilter byReason;
    byReason.reasons = {message::Reason::SchemaInvalid};
    byReason.queues = {"checkout"};
    QCOMPARE(countOf(byReason), std::uint64_t(0));
}

void TstRecordedPipeline::pagesAFrozenView()
{
    const auto view = waitForResult(m_pipeline->openDeadLetters({}));
    QVERIFY(view && view->has_value());
    const auto status = start(message::Verb::Discard,
                              {std::vector{m_recording.deadLetters[0].row.ref}});
    QCOMPARE(runToEnd(*m_pipeline, status).moved, std::uint64_t(1));
    std::vector<std::string> seen;
    for (std::uint64_t first = 0; first < 400; first += 150) {
        const auto rows = waitForResult(m_pipeline->deadLetterRows((*view)->id, first, 150));
        QVERIFY(rows && rows->has_value());
        for (const auto& row : **rows)
            seen.push_back(row.ref.value);
    }
    QCOMPARE(seen.size(), std::size_t(400));
    for (std::size_t i = 0; i < seen.size(); ++i)
        QCOMPARE(seen[i], m_recording.deadLetters[i].row.ref.value);
    const auto tooMany = waitForResult(m_pipeline->deadLetterRows((*view)->id, 0, 1001));
    QCOMPARE(tests::codeOf(*tooMany), QByteArray("limit"));
    m_pipeline->closeDeadLetters((*view)->id);
    const auto closed = waitForResult(m_pipeline->deadLetterRows((*view)->id, 0, 1));
    QCOMPARE(tests::codeOf(*closed), QByteArray("not-found"));
}

void TstRecordedPipeline::groupsAddUp()
{
    const auto groups = waitForResult(m_pipeline->deadLetterGroups({}));
    QVERIFY(groups && groups->has_value());
    QCOMPARE((*groups)->size(), std::size_t(5));
    std::uint64_t sum = 0;
    for (const auto& group : **groups) {
        sum += group.count;
        message::DeadLetterFilter filter;
        filter.fingerprint = group.fingerprint;
        QCOMPARE(countOf(filter), group.count);
    }
    QCOMPARE(sum, std::uint64_t(400));
}

void TstRecordedPipeline::replayMovesEachOnce()
{
    QVERIFY(m_pipeline->advance());
    const auto deadBefore = queueOf(m_pipeline->snapshot(), "images").sample.dead;
    QVERIFY(deadBefore > 0);
    QSignalSpy changes(m_pipeline.get(), &client::Pipeline::operationChanged);
    message::DeadLetterFilter images;
    images.queues = {"images"};
    const auto first = runToEnd(*m_pipeline, start(message::Verb::Replay, {images}));
    QVERIFY(first.state == message::OperationState::Done);
    QCOMPARE(first.moved, deadBefore);
    QCOMPARE(first.reason, std::string("because"));
    QVERIFY(!changes.isEmpty());
    const auto again = runToEnd(*m_pipeline, start(message::Verb::Replay, {images}));
    QCOMPARE(again.total, std::uint64_t(0));
    QTRY_COMPARE(queueOf(m_pipeline->snapshot(), "images").sample.dead, std::uint64_t(0));
    const auto letter = std::ranges::find_if(m_recording.deadLetters, [](const auto& candidate) {
        return candidate.row.queue == "images";
    });
    const auto detail = waitForResult(m_pipeline->deadLetter(letter->row.ref));
    QVERIFY((*detail)->row.state == message::State::Replayed);
    QVERIFY(!(*detail)->replayedAs.value.empty());
}

void TstRecordedPipeline::discardAndRestore()
{
    message::DeadLetterFilter emails;
    emails.queues = {"emails"};
    const auto before = countOf(emails);
    const auto discarded = runToEnd(*m_pipeline, start(message::Verb::Discard, {emails}));
    QCOMPARE(discarded.moved, before);
    QCOMPARE(countOf(emails), std::uint64_t(0));
    const auto restored = runToEnd(
        *m_pipeline, start(message::Verb::Restore, {message::Selection::ClosedBy{discarded.id}}));
    QCOMPARE(restored.moved, before);
    QCOMPARE(countOf(emails), before);
}

void TstRecordedPipeline::cancelKeepsTheRest()
{
    const auto status = start(message::Verb::Replay, {message::DeadLetterFilter{}});
    QCOMPARE(status.total, std::uint64_t(400));
    const auto cancelled = waitForResult(m_pipeline->cancelOperation(status.id));
    QVERIFY(cancelled && cancelled->has_value());
    QVERIFY((*cancelled)->state == message::OperationState::Cancelled);
    QVERIFY((*cancelled)->moved < 400);
    QCOMPARE(countOf({}), 400 - (*cancelled)->moved);
    const auto unknown = waitForResult(m_pipeline->cancelOperation(77));
    QCOMPARE(tests::codeOf(*unknown), QByteArray("not-found"));
}

void TstRecordedPipeline::pauseAndDefineShowInSnapshots()
{
    QVERIFY(m_pipeline->advance());
    QVERIFY(waitForResult(m_pipeline->setPaused("checkout", true))->has_value());
    QTRY_VERIFY(queueOf(m_pipeline->snapshot(), "checkout").paused);
    const auto number = m_pipeline->snapshot()->number;
    QVERIFY(m_pipeline->advance());
    QVERIFY(m_pipeline->snapshot()->number > number);
    QVERIFY(queueOf(m_pipeline->snapshot(), "checkout").paused);
    QVERIFY(waitForResult(m_pipeline->defineQueue({"added", {}}))->has_value());
    QTRY_COMPARE(m_pipeline->snapshot()->queues.size(), std::size_t(7));
    QCOMPARE(tests::codeOf(*waitForResult(m_pipeline->defineQueue({"bad name", {}}))), QByteArray("invalid"));
    QCOMPARE(tests::codeOf(*waitForResult(m_pipeline->setPaused("no-such", true))), QByteArray("not-found"));
}

void TstRecordedPipeline::failedCallsAndMissingCapabilities()
{
    m_pipeline->failCalls(base::Error{base::ErrorCode::Timeout, "no answer"});
    QCOMPARE(tests::codeOf(*waitForResult(m_pipeline->openDeadLetters({}))), QByteArray("timeout"));
    QCOMPARE(tests::codeOf(*waitForResult(m_pipeline->setPaused("checkout", true))), QByteArray("timeout"));
    m_pipeline->failCalls(std::nullopt);
    client::Capabilities limited;
    limited.exclude(client::Capability::Replay, "this broker cannot");
    m_pipeline->setCapabilities(limited);
    const auto refused = waitForResult(
        m_pipeline->startOperation(message::Verb::Replay, {message::DeadLetterFilter{}}, {}));
    QCOMPARE(tests::codeOf(*refused), QByteArray("unsupported"));
    QCOMPARE(refused->error().context, std::string("this broker cannot"));
    QCOMPARE(countOf({}), std::uint64_t(400));
}

QTEST_GUILESS_MAIN(TstRecordedPipeline)
#include "tst_recorded_pipeline.moc"
