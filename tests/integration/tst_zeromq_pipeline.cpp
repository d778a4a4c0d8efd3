// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/message/envelope.h"
#include "tests/support/coro_verify.h"
#include "tests/support/node_fixture.h"
#include "transport/client/async.h"
#include "transport/client/producer.h"
#include "transport/client/worker.h"

#include <QSignalSpy>
#include <QTest>
#include <QThread>

#include <algorithm>
#include <atomic>
#include <set>

using namespace millrace;
using namespace std::chrono_literals;
using client::Delivery;
using client::Producer;
using client::Worker;
using message::Outcome;
using message::Verb;
using tests::codeOf;
using tests::NodeFixture;
using tests::Via;
using tests::waitForResult;

namespace {

constexpr const char* kHostile = "<img src=\"file:///etc/passwd\"> %1 &amp; \xE2\x80\xAE \x1b[31m";

message::Message makeMessage(std::size_t number)
{
    message::Message message;
    message.envelope.id = "id-" + std::to_string(number);
    message.envelope.source = "test";
    message.envelope.type = "test.happened";
    message.envelope.correlationId = "order-" + std::to_string(number % 10);
    message.body = "body-" + std::to_string(number);
    return message;
}

std::vector<message::Message> makeMessages(std::size_t count)
{
    std::vector<message::Message> messages;
    for (std::size_t i = 0; i < count; ++i)
        messages.push_back(makeMessage(i));
    return messages;
}

/// Rejects until it is told that the cause is mended.
Worker::BatchHandler rejectingUntil(std::shared_ptr<std::atomic<bool>> mended)
{
    return [mended](const std::vector<Delivery>& deliveries) {
        std::vector<Outcome> outcomes;
        for (const Delivery& delivery : deliveries) {
            const bool isEven = delivery.body().back() % 2 == 0;
            outcomes.push_back(*mended ? Outcome::acknowledge()
                                       : Outcome::reject({isEven ? "Even" : "Odd", kHostile}));
        }
        return outcomes;
    };
}

const client::QueueStatus* queueOf(const client::Pipeline& pipeline, std::string_view name)
{
    const client::SnapshotPtr snapshot = pipeline.snapshot();
    const auto found = std::ranges::find(snapshot->queues, name, &client::QueueStatus::name);
    return found == snapshot->queues.end() ? nullptr : &*found;
}

message::OperationStatus runToEnd(client::Pipeline& pipeline, Verb verb, message::Selection selection)
{
    auto status = waitForResult(pipeline.startOperation(verb, std::move(selection), "the cause is mended"));
    while (status && *status && (*status)->state == message::OperationState::Running)
        status = waitForResult(pipeline.operation((*status)->id));
    return status && *status ? **status : message::OperationStatus();
}

} // namespace

class TstZeromqPipeline : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void firstSnapshotComesAtOnce();
    void retriesUntilItSucceeds();
    void p1_rejectedIsBrowsedReplayedAndAcknowledged();
    void discardsAndRestores();
    void archivesAndRestores();
    void policiesChangeAndMessagesAreCancelled();
    void retriesAreListedAndTriedNow();
    void parkedKeyIsResumed();
    void pagesAndFilters();
    void groupsByFingerprint();
    void pausesAndDefines();
    void topicsCopyToSubscribers();
    void schedulesAreDefinedShownPausedAndRemoved();
    void seriesGrow();
    void errorsNameWhatIsWrong();
    void freshnessFollowsTheNode();
    void snapshotsAreCoalescedWhileTheThreadIsBusy();
    void destroyedPipelineCancelsItsCalls();
    void awaitsInACoroutine();

private:
    /// `count` dead letters, half of each class.
    void makeDeadLetters(std::size_t count);
    std::unique_ptr<NodeFixture> m_fixture;
    zeromq::Link m_link;
    std::unique_ptr<Worker> m_worker;
    std::shared_ptr<std::atomic<bool>> m_mended;
};

void TstZeromqPipeline::init()
{
    m_fixture = std::make_unique<NodeFixture>(std::vector<std::string>{"a", "b"});
    QCOMPARE(m_fixture->start(), QString());
    m_link = m_fixture->connectedLink(Via::Ipc);
    QVERIFY(m_link.connection);
    m_mended = std::make_shared<std::atomic<bool>>(false);
}

void TstZeromqPipeline::cleanup()
{
    m_worker.reset();
    m_link = {};
    m_fixture.reset();
}

void TstZeromqPipeline::makeDeadLetters(std::size_t count)
{
    m_worker = std::make_unique<Worker>(m_link.connection, QStringLiteral("a"), rejectingUntil(m_mended), Worker::Options());
    QCOMPARE(codeOf(*waitForResult(m_worker->start())), QByteArray("ok"));
    Producer producer(m_link.connection);
    QCOMPARE(codeOf(*waitForResult(producer.submit(QStringLiteral("a"), makeMessages(count)))), QByteArray("ok"));
    QTRY_COMPARE(m_worker->totals().rejected, std::uint64_t(count));
}

void TstZeromqPipeline::firstSnapshotComesAtOnce()
{
    m_fixture->stop();
    m_fixture->options().telemetryPeriod = 30s;
    QCOMPARE(m_fixture->start(), QString());
    auto link = m_fixture->link(Via::Inproc);
    QSignalSpy freshness(link.pipeline.get(), &client::Pipeline::freshnessChanged);
    QTRY_VERIFY(link.pipeline->snapshot());
    QVERIFY(link.pipeline->freshness() == client::Freshness::Fresh);
    QCOMPARE(freshness.count(), qsizetype(1));
    QCOMPARE(link.pipeline->snapshot()->epoch, m_fixture->node().epoch());
    // Nothing more comes, and it says so.
    QTRY_VERIFY(link.pipeline->freshness() == client::Freshness::Stale);
}

void TstZeromqPipeline::retriesUntilItSucceeds()
{
    const auto handler = [](const std::vector<Delivery>& deliveries) {
        std::vector<Outcome> outcomes;
        for (const Delivery& delivery : deliveries)
            outcomes.push_back(delivery.attempt() < 3 ? Outcome::retry({"Busy", "later"}) : Outcome::acknowledge());
        return outcomes;
    };
    Worker worker(m_link.connection, QStringLiteral("a"), Worker::BatchHandler(handler), {});
    QCOMPARE(codeOf(*waitForResult(worker.start())), QByteArray("ok"));
    Producer producer(m_link.connection);
    QVERIFY(waitForResult(producer.submit(QStringLiteral("a"), makeMessages(100)))->has_value());
    QTRY_COMPARE_WITH_TIMEOUT(worker.totals().acknowledged, std::uint64_t(100), 20'000);
    QCOMPARE(worker.totals().retried, std::uint64_t(200));
    QTRY_COMPARE(queueOf(*m_link.pipeline, "a")->sample.acknowledged, std::uint64_t(100));
    QCOMPARE(queueOf(*m_link.pipeline, "a")->sample.retried, std::uint64_t(200));
    QCOMPARE(queueOf(*m_link.pipeline, "a")->sample.dead, std::uint64_t(0));
}

void TstZeromqPipeline::p1_rejectedIsBrowsedReplayedAndAcknowledged()
{
    makeDeadLetters(700);
    client::Pipeline& pipeline = *m_link.pipeline;
    QSignalSpy operations(&pipeline, &client::Pipeline::operationChanged);
    const auto view = waitForResult(pipeline.openDeadLetters({}));
    QVERIFY(view && view->has_value());
    QCOMPARE((*view)->total, std::uint64_t(700));
    const auto rows = waitForResult(pipeline.deadLetterRows((*view)->id, 0, 10));
    QCOMPARE((*rows)->size(), std::size_t(10));
    const message::DeadLetterRow row = (*rows)->front();
    const auto detail = waitForResult(pipeline.deadLetter(row.ref));
    QVERIFY(detail && detail->has_value());
    QCOMPARE((*detail)->row, row);
    QCOMPARE((*detail)->body, "body-" + row.id.substr(3));
    QCOMPARE((*detail)->errorText, std::string(kHostile));
    QCOMPARE((*detail)->attempts.size(), std::size_t(1));
    QCOMPARE(message::decodeEnvelope((*detail)->envelope)->id, row.id);
    QVERIFY(row.reason == message::Reason::Rejected);

    *m_mended = true;
    const auto status = runToEnd(pipeline, Verb::Replay, {message::Selection::View{(*view)->id}});
    QVERIFY(status.state == message::OperationState::Done);
    QCOMPARE(status.moved, std::uint64_t(700));
    QCOMPARE(status.skipped, std::uint64_t(0));
    QCOMPARE(status.actor, std::string("tester"));
    QTRY_COMPARE_WITH_TIMEOUT(m_worker->totals().acknowledged, std::uint64_t(700), 20'000);
    QTRY_COMPARE(queueOf(pipeline, "a")->sample.dead, std::uint64_t(0));
    QTRY_COMPARE(pipeline.snapshot()->total.depth(), std::uint64_t(0));
    QTRY_VERIFY(std::ranges::any_of(operations, [&status](const QList<QVariant>& call) {
        return call.first().value<message::OperationStatus>() == status;
    }));
    // Never twice.
    QCOMPARE(runToEnd(pipeline, Verb::Replay, {std::vector{row.ref}}).moved, std::uint64_t(0));
    const auto after = waitForResult(pipeline.deadLetter(row.ref));
    QVERIFY((*after)->row.state == message::State::Replayed);
    QVERIFY(!(*after)->replayedAs.value.empty());
}

void TstZeromqPipeline::discardsAndRestores()
{
    makeDeadLetters(20);
    client::Pipeline& pipeline = *m_link.pipeline;
    message::DeadLetterFilter all;
    const auto discarded = runToEnd(pipeline, Verb::Discard, {all});
    QCOMPARE(discarded.moved, std::uint64_t(20));
    QCOMPARE((*waitForResult(pipeline.openDeadLetters(all)))->total, std::uint64_t(0));
    const auto restored = runToEnd(pipeline, Verb::Restore, {message::Selection::ClosedBy{discarded.id}});
    QCOMPARE(restored.moved, std::uint64_t(20));
    QCOMPARE((*waitForResult(pipeline.openDeadLetters(all)))->total, std::uint64_t(20));
}

void TstZeromqPipeline::archivesAndRestores()
{
    makeDeadLetters(20);
    client::Pipeline& pipeline = *m_link.pipeline;
    message::DeadLetterFilter all;
    QCOMPARE(runToEnd(pipeline, Verb::Archive, {all}).moved, std::uint64_t(20));
    QCOMPARE((*waitForResult(pipeline.openDeadLetters(all)))->total, std::uint64_t(0));
    message::DeadLetterFilter archived;
    archived.states = {message::State::Archived};
    QCOMPARE((*waitForResult(pipeline.openDeadLetters(archived)))->total, std::uint64_t(20));
    QCOMPARE(runToEnd(pipeline, Verb::Restore, {archived}).moved, std::uint64_t(20));
    QCOMPARE((*waitForResult(pipeline.openDeadLetters(all)))->total, std::uint64_t(20));
}

void TstZeromqPipeline::policiesChangeAndMessagesAreCancelled()
{
    client::Pipeline& pipeline = *m_link.pipeline;
    QTRY_VERIFY(queueOf(pipeline, "a") != nullptr);
    message::QueuePolicy policy = queueOf(pipeline, "a")->policy;
    const message::QueuePolicy before = policy;
    policy.maxDepth = 77;
    QCOMPARE(codeOf(*waitForResult(pipeline.updateQueue({"a", policy}))), QByteArray("ok"));
    QTRY_VERIFY(queueOf(pipeline, "a")->differsFromFile);
    QCOMPARE(queueOf(pipeline, "a")->policy.maxDepth, std::uint64_t(77));
    QCOMPARE(codeOf(*waitForResult(pipeline.resetQueue("a"))), QByteArray("ok"));
    QTRY_VERIFY(!queueOf(pipeline, "a")->differsFromFile);
    QVERIFY(queueOf(pipeline, "a")->policy == before);
    policy.maxDepth = 0;
    QCOMPARE(codeOf(*waitForResult(pipeline.updateQueue({"a", policy}))), QByteArray("invalid"));

    Producer producer(m_link.connection);
    const auto receipt = waitForResult(producer.submit(QStringLiteral("b"), makeMessages(3)));
    QVERIFY(receipt && receipt->has_value());
    const std::string first = std::to_string((*receipt)->sequences.front());
    const auto acted = waitForResult(pipeline.actOnMessages("b", message::LiveAct::Cancel, {{first}}, "not wanted"));
    QVERIFY(acted && acted->has_value());
    QCOMPARE((*acted)->moved, std::uint64_t(1));
    QCOMPARE(codeOf(*waitForResult(pipeline.actOnMessages("b", message::LiveAct::Cancel, {{first}}, {}))),
             QByteArray("not-found"));
    const auto running = waitForResult(pipeline.running("b", 10));
    QVERIFY(running && running->has_value());
    QVERIFY((*running)->empty());
}

void TstZeromqPipeline::retriesAreListedAndTriedNow()
{
    client::Pipeline& pipeline = *m_link.pipeline;
    message::QueueDefinition slow{"slow", {}};
    slow.policy.retry.backoff = message::Backoff::Fixed;
    slow.policy.retry.initialDelay = slow.policy.retry.maxDelay = 1h;
    QCOMPARE(codeOf(*waitForResult(pipeline.defineQueue(slow))), QByteArray("ok"));
    QTRY_VERIFY(queueOf(pipeline, "slow") != nullptr);
    Producer producer(m_link.connection);
    QVERIFY(waitForResult(producer.submit(QStringLiteral("slow"), makeMessages(2)))->has_value());
    const auto handler = [](const std::vector<Delivery>& deliveries) {
        std::vector<Outcome> outcomes;
        for (const Delivery& delivery : deliveries)
            outcomes.push_back(delivery.attempt() > 1 ? Outcome::acknowledge() : Outcome::retry({"Busy", "later"}));
        return outcomes;
    };
    Worker worker(m_link.connection, QStringLiteral("slow"), Worker::BatchHandler(handler), {});
    QCOMPARE(codeOf(*waitForResult(worker.start())), QByteArray("ok"));
    QTRY_COMPARE(queueOf(pipeline, "slow")->sample.retrying, std::uint64_t(2));
    const auto waiting = *waitForResult(pipeline.retrying("slow", 10));
    QVERIFY(waiting && waiting->size() == 2);
    QCOMPARE(waiting->at(0).attempts, 1U);
    QVERIFY(waiting->at(0).dueAtUs > pipeline.snapshot()->atUs + 3'000'000'000);
    QVERIFY(waitForResult(pipeline.actOnMessages("slow", message::LiveAct::RetryNow, {waiting->at(0).ref}, {}))
                ->has_value());
    QTRY_COMPARE(worker.totals().acknowledged, std::uint64_t(1));
    QVERIFY(waitForResult(pipeline.actOnMessages("slow", message::LiveAct::GiveUp, {waiting->at(1).ref}, "no use"))
                ->has_value());
    QTRY_COMPARE(queueOf(pipeline, "slow")->sample.dead, std::uint64_t(1));
    QVERIFY((*waitForResult(pipeline.retrying("slow", 10)))->empty());
    QCOMPARE(codeOf(*waitForResult(pipeline.retrying("no-such", 10))), QByteArray("not-found"));
}

void TstZeromqPipeline::parkedKeyIsResumed()
{
    client::Pipeline& pipeline = *m_link.pipeline;
    message::QueueDefinition keyed{"keyed", {}};
    keyed.policy.onKeyFailure = message::OnKeyFailure::Park;
    QCOMPARE(codeOf(*waitForResult(pipeline.defineQueue(keyed))), QByteArray("ok"));
    QTRY_VERIFY(queueOf(pipeline, "keyed") != nullptr);
    std::vector<message::Message> messages = makeMessages(4);
    for (message::Message& message : messages)
        message.envelope.partitionKey = "customer-1";
    messages[3].envelope.partitionKey = "customer-2";
    Producer producer(m_link.connection);
    QVERIFY(waitForResult(producer.submit(QStringLiteral("keyed"), messages))->has_value());

    // Only the first of customer 1 is rejected; its followers wait behind it, customer 2 does not.
    std::vector<std::string> handled;
    const auto handler = [&handled](const std::vector<Delivery>& deliveries) {
        std::vector<Outcome> outcomes;
        for (const Delivery& delivery : deliveries) {
            handled.push_back(delivery.envelope().id);
            outcomes.push_back(delivery.envelope().id == "id-0" ? Outcome::reject({"Bad", "no"}) : Outcome::acknowledge());
        }
        return outcomes;
    };
    Worker worker(m_link.connection, QStringLiteral("keyed"), Worker::BatchHandler(handler), {});
    QCOMPARE(codeOf(*waitForResult(worker.start())), QByteArray("ok"));
    QTRY_COMPARE(queueOf(pipeline, "keyed")->sample.parked, std::uint64_t(2));
    QTRY_COMPARE(worker.totals().acknowledged, std::uint64_t(1));

    const auto keys = *waitForResult(pipeline.parkedKeys("keyed", 10));
    QVERIFY(keys && keys->size() == 1);
    QCOMPARE(keys->at(0).key, std::string("customer-1"));
    QCOMPARE(keys->at(0).parked, std::uint64_t(2));
    QCOMPARE((*waitForResult(pipeline.deadLetter(keys->at(0).behind)))->row.id, std::string("id-0"));

    QCOMPARE(codeOf(*waitForResult(pipeline.resumeKey("keyed", "customer-2"))), QByteArray("not-found"));
    QCOMPARE(codeOf(*waitForResult(pipeline.resumeKey("no-such", "customer-1"))), QByteArray("not-found"));
    QCOMPARE(codeOf(*waitForResult(pipeline.resumeKey("keyed", "customer-1"))), QByteArray("ok"));
    QTRY_COMPARE(worker.totals().acknowledged, std::uint64_t(3));
    QTRY_COMPARE(queueOf(pipeline, "keyed")->sample.parked, std::uint64_t(0));
    QCOMPARE(queueOf(pipeline, "keyed")->sample.dead, std::uint64_t(1)); // it stays dead
    (void)waitForResult(worker.stop());
    QCOMPARE(handled.size(), std::size_t(4));
    QVERIFY(std::ranges::find(handled, "id-1") < std::ranges::find(handled, "id-2"));
}

void TstZeromqPipeline::pagesAndFilters()
{
    makeDeadLetters(250);
    client::Pipeline& pipeline = *m_link.pipeline;
    const auto view = waitForResult(pipeline.openDeadLetters({}));
    std::set<std::string> seen;
    for (std::uint64_t first = 0; first < 250; first += 100) {
        const auto rows = waitForResult(pipeline.deadLetterRows((*view)->id, first, 100));
        QVERIFY(rows && rows->has_value());
        for (const auto& row : **rows)
            QVERIFY(seen.insert(row.id).second);
    }
    QCOMPARE(seen.size(), std::size_t(250));
    message::DeadLetterFilter filter;
    filter.text = "BODY-17 even";
    const auto found = waitForResult(pipeline.openDeadLetters(filter));
    // body-17x with an even last digit: 170, 172, 174, 176, 178.
    QCOMPARE((*found)->total, std::uint64_t(5));
    filter = {};
    filter.queues = {"b"};
    QCOMPARE((*waitForResult(pipeline.openDeadLetters(filter)))->total, std::uint64_t(0));
    pipeline.closeDeadLetters((*view)->id);
    QTRY_COMPARE(codeOf(*waitForResult(pipeline.deadLetterRows((*view)->id, 0, 1))), QByteArray("not-found"));
}

void TstZeromqPipeline::groupsByFingerprint()
{
    makeDeadLetters(30);
    const auto groups = waitForResult(m_link.pipeline->deadLetterGroups({}));
    QVERIFY(groups && groups->has_value());
    QCOMPARE((*groups)->size(), std::size_t(2));
    for (const auto& group : **groups) {
        QCOMPARE(group.count, std::uint64_t(15));
        QCOMPARE(group.queues, std::vector<std::string>{"a"});
        message::DeadLetterFilter filter;
        filter.fingerprint = group.fingerprint;
        QCOMPARE((*waitForResult(m_link.pipeline->openDeadLetters(filter)))->total, std::uint64_t(15));
    }
}

void TstZeromqPipeline::pausesAndDefines()
{
    client::Pipeline& pipeline = *m_link.pipeline;
    *m_mended = true;
    QCOMPARE(codeOf(*waitForResult(pipeline.setPaused("a", true))), QByteArray("ok"));
    QTRY_VERIFY(queueOf(pipeline, "a")->paused);
    Worker worker(m_link.connection, QStringLiteral("a"), rejectingUntil(m_mended), {});
    QCOMPARE(codeOf(*waitForResult(worker.start())), QByteArray("ok"));
    Producer producer(m_link.connection);
    QVERIFY(waitForResult(producer.submit(QStringLiteral("a"), makeMessages(10)))->has_value());
    QTRY_COMPARE(queueOf(pipeline, "a")->sample.ready, std::uint64_t(10));
    QCOMPARE(worker.totals().received, std::uint64_t(0));
    QCOMPARE(codeOf(*waitForResult(pipeline.setPaused("a", false))), QByteArray("ok"));
    QTRY_COMPARE(worker.totals().acknowledged, std::uint64_t(10));

    message::QueueDefinition added{"added", {}};
    added.policy.lease = 12s;
    QCOMPARE(codeOf(*waitForResult(pipeline.defineQueue(added))), QByteArray("ok"));
    QTRY_VERIFY(queueOf(pipeline, "added") != nullptr);
    QCOMPARE(queueOf(pipeline, "added")->policy, added.policy);
}

void TstZeromqPipeline::schedulesAreDefinedShownPausedAndRemoved()
{
    client::Pipeline& pipeline = *m_link.pipeline;
    message::ScheduleDefinition definition;
    definition.name = "nightly";
    definition.cron = "30 2 * * *";
    definition.target = "a";
    definition.envelope.source = "/test";
    definition.envelope.type = "night.fell";
    definition.body = "hello";
    QCOMPARE(codeOf(*waitForResult(pipeline.defineSchedule(definition))), QByteArray("ok"));
    auto shown = *waitForResult(pipeline.schedules());
    QVERIFY(shown && shown->size() == 1);
    QCOMPARE(shown->at(0).definition.cron, definition.cron);
    QCOMPARE(shown->at(0).bodyBytes, std::uint64_t(5));
    QCOMPARE(shown->at(0).nextUs.size(), message::kScheduleRunsShown);
    const auto whole = *waitForResult(pipeline.schedule("nightly"));
    QVERIFY(whole.has_value());
    QCOMPARE(whole->definition.body, definition.body);
    QCOMPARE(whole->nextUs, shown->at(0).nextUs);
    QCOMPARE(codeOf(*waitForResult(pipeline.schedule("no-such"))), QByteArray("not-found"));
    QCOMPARE(codeOf(*waitForResult(pipeline.pauseSchedule("nightly", true))), QByteArray("ok"));
    shown = *waitForResult(pipeline.schedules());
    QVERIFY(shown && shown->at(0).isPaused && shown->at(0).nextUs.empty());
    QCOMPARE(codeOf(*waitForResult(pipeline.runSchedule("nightly"))), QByteArray("ok"));
    QTRY_COMPARE(queueOf(pipeline, "a")->sample.ready, std::uint64_t(1));
    QCOMPARE(codeOf(*waitForResult(pipeline.runSchedule("no-such"))), QByteArray("not-found"));
    definition.cron = "0 0 30 2 *";
    QCOMPARE(codeOf(*waitForResult(pipeline.defineSchedule(definition))), QByteArray("invalid"));
    QCOMPARE(codeOf(*waitForResult(pipeline.removeSchedule("nightly"))), QByteArray("ok"));
    QCOMPARE(codeOf(*waitForResult(pipeline.removeSchedule("nightly"))), QByteArray("not-found"));
    shown = *waitForResult(pipeline.schedules());
    QVERIFY(shown && shown->empty());
}

void TstZeromqPipeline::topicsCopyToSubscribers()
{
    client::Pipeline& pipeline = *m_link.pipeline;
    QCOMPARE(codeOf(*waitForResult(pipeline.defineSubscription({"news", "a", ""}))), QByteArray("ok"));
    QCOMPARE(codeOf(*waitForResult(pipeline.defineSubscription({"news", "b", "test.*"}))), QByteArray("ok"));
    QTRY_COMPARE(pipeline.snapshot()->subscriptions.size(), std::size_t(2));
    Producer producer(m_link.connection);
    const auto receipt = waitForResult(producer.submit(QStringLiteral("news"), makeMessages(5)));
    QCOMPARE((*receipt)->accepted(), std::uint64_t(5));
    QTRY_COMPARE(queueOf(pipeline, "a")->sample.ready, std::uint64_t(5));
    QTRY_COMPARE(queueOf(pipeline, "b")->sample.ready, std::uint64_t(5));
}

void TstZeromqPipeline::seriesGrow()
{
    client::Pipeline& pipeline = *m_link.pipeline;
    std::vector<telemetry::Point> points;
    QTRY_VERIFY_WITH_TIMEOUT(
        ([&] {
            const auto now = pipeline.snapshot()->atUs;
            const auto answer = waitForResult(pipeline.series("a", now - 60'000'000, now + 1));
            if (answer && answer->has_value())
                points = **answer;
            return points.size() >= 2;
        }()),
        10'000);
    QVERIFY(points[0].atUs < points[1].atUs);
}

void TstZeromqPipeline::errorsNameWhatIsWrong()
{
    client::Pipeline& pipeline = *m_link.pipeline;
    QCOMPARE(codeOf(*waitForResult(pipeline.setPaused("no-such", true))), QByteArray("not-found"));
    QCOMPARE(codeOf(*waitForResult(pipeline.deadLetter({"123456"}))), QByteArray("not-found"));
    QCOMPARE(codeOf(*waitForResult(pipeline.series("no-such", 0, 1))), QByteArray("not-found"));
    QCOMPARE(codeOf(*waitForResult(pipeline.operation(77))), QByteArray("not-found"));
    QCOMPARE(codeOf(*waitForResult(pipeline.defineQueue({"bad name", {}}))), QByteArray("invalid"));
    // A request that no frame holds never leaves.
    std::vector<message::MessageRef> many(200'000, message::MessageRef{"12345678"});
    QCOMPARE(codeOf(*waitForResult(pipeline.startOperation(Verb::Replay, {many}, {}))), QByteArray("limit"));
    QVERIFY(m_link.connection->isConnected());
}

void TstZeromqPipeline::freshnessFollowsTheNode()
{
    client::Pipeline& pipeline = *m_link.pipeline;
    QVERIFY(pipeline.freshness() == client::Freshness::Fresh);
    m_fixture->stop();
    QTRY_VERIFY_WITH_TIMEOUT(pipeline.freshness() == client::Freshness::Lost, 10'000);
    QVERIFY(pipeline.snapshot());
    QCOMPARE(m_fixture->start(), QString());
    QTRY_VERIFY_WITH_TIMEOUT(pipeline.freshness() == client::Freshness::Fresh, 10'000);
    QTRY_COMPARE(pipeline.snapshot()->epoch, m_fixture->node().epoch());
}

void TstZeromqPipeline::snapshotsAreCoalescedWhileTheThreadIsBusy()
{
    client::Pipeline& pipeline = *m_link.pipeline;
    QCoreApplication::processEvents();
    QSignalSpy snapshots(&pipeline, &client::Pipeline::snapshotReady);
    QSignalSpy missed(&pipeline, &client::Pipeline::snapshotsMissed);
    const auto before = pipeline.snapshot()->number;
    // Another pipeline on a thread of its own shows how many snapshots went by while this thread did nothing.
    std::atomic<std::uint64_t> newest{0};
    const std::unique_ptr<QThread> observer(QThread::create([this, before, &newest] {
        auto link = m_fixture->connectedLink(Via::Inproc);
        const auto hasSeenEnough = [&] {
            newest = link.pipeline ? link.pipeline->snapshot()->number : 0;
            return newest >= before + 6;
        };
        (void)QTest::qWaitFor(hasSeenEnough, 10'000);
    }));
    observer->start();
    QVERIFY(observer->wait(QDeadlineTimer(30s)));
    QVERIFY(newest >= before + 6);
    QCOMPARE(snapshots.count(), qsizetype(0));
    QTRY_VERIFY(pipeline.snapshot()->number >= newest);
    QVERIFY2(snapshots.count() <= 3, qPrintable(QString::number(snapshots.count())));
    QCOMPARE(missed.count(), qsizetype(0));
}

void TstZeromqPipeline::destroyedPipelineCancelsItsCalls()
{
    m_fixture->stop();
    auto change = m_link.pipeline->setPaused("a", true);
    auto read = m_link.pipeline->openDeadLetters({});
    m_link.pipeline.reset();
    QVERIFY(change.isFinished() && read.isFinished());
    QCOMPARE(codeOf(change.result()), QByteArray("cancelled"));
    QCOMPARE(codeOf(read.result()), QByteArray("cancelled"));
}

namespace {

QCoro::Task<> pauseAndResume(client::Pipeline* pipeline)
{
    auto pausing = pipeline->setPaused("a", true);
    const base::Result<void> paused = co_await pausing;
    MR_CO_VERIFY(paused.has_value());
    auto resuming = pipeline->setPaused("a", false);
    const base::Result<void> resumed = co_await resuming;
    MR_CO_VERIFY(resumed.has_value());
}

} // namespace

void TstZeromqPipeline::awaitsInACoroutine()
{
    QVERIFY(tests::runCoroutine(pauseAndResume(m_link.pipeline.get())));
}

QTEST_GUILESS_MAIN(TstZeromqPipeline)
#include "tst_zeromq_pipeline.moc"
