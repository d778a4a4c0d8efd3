// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/message/envelope.h"
#include "tests/support/coro_verify.h"
#include "tests/support/node_fixture.h"
#include "transport/client/async.h"
#include "transport/client/producer.h"
#include "transport/client/worker.h"
#include "transport/zeromq/link/link.h"

#include <zmq.hpp>

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

#include <set>
#include <thread>

using namespace millrace;
using namespace std::chrono_literals;
using client::Delivery;
using client::Producer;
using client::Worker;
using message::Outcome;
using tests::codeOf;
using tests::NodeFixture;
using tests::Via;
using tests::waitForResult;

namespace {

message::Message makeMessage(std::size_t number)
{
    message::Message message;
    message.envelope.id = "id-" + std::to_string(number);
    message.envelope.source = "test";
    message.envelope.type = "test.happened";
    message.envelope.idempotencyKey = "key-" + std::to_string(number);
    message.body = "body-" + std::to_string(number);
    return message;
}

std::vector<message::Message> makeMessages(std::size_t first, std::size_t count)
{
    std::vector<message::Message> messages;
    for (std::size_t i = first; i < first + count; ++i)
        messages.push_back(makeMessage(i));
    return messages;
}

/// What handlers saw, by value.
struct Seen
{
    std::mutex mutex;
    std::map<std::string, int> ids;
    std::vector<std::string> wrong;

    void add(const Delivery& delivery)
    {
        const message::Envelope envelope = delivery.envelope();
        const std::scoped_lock lock(mutex);
        ++ids[envelope.id];
        if ("body-" + envelope.id.substr(3) != delivery.body())
            wrong.push_back(envelope.id);
    }
    std::size_t count()
    {
        const std::scoped_lock lock(mutex);
        return ids.size();
    }
};
using SeenPtr = std::shared_ptr<Seen>;

QCoro::Task<Outcome> acknowledgeSeen(SeenPtr seen, Delivery delivery)
{
    seen->add(delivery);
    co_return Outcome::acknowledge();
}

Worker::HandlerFactory acknowledging(SeenPtr seen)
{
    return [seen]() -> Worker::Handler {
        return [seen](Delivery delivery) { return acknowledgeSeen(seen, std::move(delivery)); };
    };
}

void addVias()
{
    QTest::addColumn<Via>("via");
    QTest::newRow("inproc") << Via::Inproc;
    QTest::newRow("ipc") << Via::Ipc;
}

} // namespace

Q_DECLARE_METATYPE(millrace::tests::Via)

class TstLink : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void refusesWrongEndpoints();
    void closesWhileNobodyAnswers();
    void callsWithoutANodeEndInClosed();
    void waitsForANodeThatStartsLater_data() { addVias(); }
    void waitsForANodeThatStartsLater();
    void d1_tenThousandAcknowledgedByValue_data() { addVias(); }
    void d1_tenThousandAcknowledgedByValue();
    void refusalsAndDuplicatesComeBack();
    void unknownQueueAndLimits();
    void atomicSubmitGoesToSeveralPlacesOrNowhere();
    void submitWaitsForRoomWithinItsDeadline();
    void largestMessagePasses();
    void twoWorkersShareAQueueOfOneLink();
    void stoppedWorkerGivesBackAtOnce();
    void nodeDiesInTheMiddleOfCalls_data() { addVias(); }
    void nodeDiesInTheMiddleOfCalls();
    void nodeRestartsAndEverythingIsProcessed_data() { addVias(); }
    void nodeRestartsAndEverythingIsProcessed();
    void connectionDiesOnTheLinkThread();
    void manyThreadsShareALink();
};

void TstLink::refusesWrongEndpoints()
{
    auto context = std::make_shared<zmq::context_t>();
    for (const char* endpoint : {"", "tcp://192.168.1.1:5555", "http://x", "ipc://relative", "inproc://", "udp://127.0.0.1"}) {
        zeromq::LinkOptions options;
        options.endpoint = endpoint;
        const auto link = zeromq::openLink(context, options);
        QVERIFY2(!link.has_value(), endpoint);
        QVERIFY(!link.error().context.empty());
    }
}

void TstLink::closesWhileNobodyAnswers()
{
    NodeFixture fixture({"q"});
    QElapsedTimer timer;
    timer.start();
    for (const Via via : {Via::Inproc, Via::Ipc}) {
        auto link = fixture.link(via);
        QVERIFY(link.connection);
        QVERIFY(!link.connection->isConnected());
        auto waiting = link.pipeline->setPaused("q", true);
        link.pipeline.reset();
        QVERIFY(waiting.isFinished());
        QCOMPARE(codeOf(waiting.result()), QByteArray("cancelled"));
        auto submitted = link.connection->submit("q", {}, {}, 60s);
        link.connection.reset();
        QVERIFY(submitted.isFinished());
        QCOMPARE(codeOf(submitted.result()), QByteArray("cancelled"));
    }
    QVERIFY2(timer.elapsed() < 2000, qPrintable(QString::number(timer.elapsed())));
}

void TstLink::callsWithoutANodeEndInClosed()
{
    NodeFixture fixture({"q"});
    auto link = fixture.link(Via::Ipc);
    Producer producer(link.connection);
    producer.setDeadline(100ms);
    auto submitted = producer.submit(QStringLiteral("q"), makeMessages(0, 5));
    auto settled = link.connection->settle({1, {{1, 1}}, {}}, 60s);
    auto extended = link.connection->extend(1, {{1, 1}}, 60s);
    QElapsedTimer timer;
    timer.start();
    QCOMPARE(codeOf(*waitForResult(submitted)), QByteArray("closed"));
    QCOMPARE(codeOf(*waitForResult(settled)), QByteArray("closed"));
    QCOMPARE(codeOf(*waitForResult(extended)), QByteArray("closed"));
    QVERIFY2(timer.elapsed() < 2000, qPrintable(QString::number(timer.elapsed())));
    QVERIFY(link.pipeline->freshness() == client::Freshness::Connecting);
}

void TstLink::waitsForANodeThatStartsLater()
{
    QFETCH(Via, via);
    NodeFixture fixture({"q"});
    auto link = fixture.link(via);
    QSignalSpy connected(link.connection.get(), &client::Connection::connected);
    Producer producer(link.connection);
    producer.setDeadline(20s);
    auto submitted = producer.submit(QStringLiteral("q"), makeMessages(0, 10));
    QCOMPARE(fixture.start(), QString());
    const auto receipt = waitForResult(submitted, 20s);
    QVERIFY(receipt.has_value());
    QCOMPARE(codeOf(*receipt), QByteArray("ok"));
    QCOMPARE((*receipt)->accepted(), std::uint64_t(10));
    QTRY_COMPARE(connected.count(), qsizetype(1));
}

void TstLink::d1_tenThousandAcknowledgedByValue()
{
    QFETCH(Via, via);
    NodeFixture fixture({"q"});
    QCOMPARE(fixture.start(), QString());
    auto link = fixture.connectedLink(via);
    QVERIFY(link.connection);
    auto seen = std::make_shared<Seen>();
    Worker::Options options;
    options.concurrency = 256;
    options.prefetch = 256;
    Worker worker(link.connection, QStringLiteral("q"), acknowledging(seen), options);
    QCOMPARE(codeOf(*waitForResult(worker.start())), QByteArray("ok"));
    Producer producer(link.connection);
    producer.setDeadline(30s);
    const auto receipt = waitForResult(producer.submit(QStringLiteral("q"), makeMessages(0, 10'000)), 30s);
    QVERIFY(receipt.has_value());
    QCOMPARE(codeOf(*receipt), QByteArray("ok"));
    QCOMPARE((*receipt)->accepted(), std::uint64_t(10'000));
    const std::set<std::uint64_t> sequences((*receipt)->sequences.begin(), (*receipt)->sequences.end());
    QCOMPARE(sequences.size(), std::size_t(10'000));
    QTRY_COMPARE_WITH_TIMEOUT(worker.totals().acknowledged, std::uint64_t(10'000), 30'000);
    QCOMPARE(worker.totals().leasesLost, std::uint64_t(0));
    {
        const std::scoped_lock lock(seen->mutex);
        QCOMPARE(seen->ids.size(), std::size_t(10'000));
        QVERIFY(seen->wrong.empty());
        for (const auto& [id, count] : seen->ids)
            QVERIFY2(count == 1, id.c_str());
    }
    QTRY_COMPARE(link.pipeline->snapshot()->queues.front().sample.acknowledged, std::uint64_t(10'000));
    QCOMPARE(link.pipeline->snapshot()->total.depth(), std::uint64_t(0));
}

void TstLink::refusalsAndDuplicatesComeBack()
{
    NodeFixture fixture({"q"});
    fixture.options().definition.queues.front().policy.maxDepth = 3;
    QCOMPARE(fixture.start(), QString());
    auto link = fixture.connectedLink(Via::Inproc);
    QVERIFY(link.connection);
    Producer producer(link.connection);
    const auto first = waitForResult(producer.submit(QStringLiteral("q"), makeMessages(0, 2)));
    QCOMPARE((*first)->accepted(), std::uint64_t(2));
    // Two duplicates, one new, and one above the limit.
    const auto second = waitForResult(producer.submit(QStringLiteral("q"), makeMessages(0, 4)));
    QVERIFY(second && second->has_value());
    QCOMPARE((*second)->accepted(), std::uint64_t(1));
    QCOMPARE((*second)->problems.size(), std::size_t(3));
    QVERIFY((*second)->problems[0].isDuplicate);
    QCOMPARE((*second)->problems[0].firstId, std::string("id-0"));
    QVERIFY((*second)->problems[2].error.code == base::ErrorCode::QueueFull);
    const auto single = waitForResult(producer.submit(QStringLiteral("q"), makeMessage(9)));
    QCOMPARE(codeOf(*single), QByteArray("queue-full"));
}

void TstLink::unknownQueueAndLimits()
{
    NodeFixture fixture({"q"});
    QCOMPARE(fixture.start(), QString());
    auto link = fixture.connectedLink(Via::Ipc);
    QVERIFY(link.connection);
    Producer producer(link.connection);
    QCOMPARE(codeOf(*waitForResult(producer.submit(QStringLiteral("no-such"), makeMessage(1)))), QByteArray("not-found"));
    Worker worker(link.connection, QStringLiteral("no-such"), acknowledging(std::make_shared<Seen>()), {});
    QCOMPARE(codeOf(*waitForResult(worker.start())), QByteArray("not-found"));
    message::Message huge = makeMessage(2);
    huge.body.resize(message::kMaxBodyBytes + message::kMaxEnvelopeBytes + 1);
    QCOMPARE(codeOf(*waitForResult(producer.submit(QStringLiteral("q"), huge))), QByteArray("limit"));
    message::Message nameless = makeMessage(3);
    nameless.envelope.id.clear();
    QVERIFY(!waitForResult(producer.submit(QStringLiteral("q"), nameless))->has_value());
    // None of it hurt the session.
    QCOMPARE(codeOf(*waitForResult(producer.submit(QStringLiteral("q"), makeMessage(4)))), QByteArray("ok"));
    QVERIFY(link.connection->isConnected());
}

void TstLink::atomicSubmitGoesToSeveralPlacesOrNowhere()
{
    NodeFixture fixture({"a", "b", "full"});
    fixture.options().definition.queues[2].policy.maxDepth = 1;
    fixture.options().definition.subscriptions.push_back({"news", "b", {}});
    QCOMPARE(fixture.start(), QString());
    auto link = fixture.connectedLink(Via::Ipc);
    QVERIFY(link.connection);
    Producer producer(link.connection);
    const auto to = [](const char* target, std::size_t number) {
        return client::AddressedMessage{QString::fromLatin1(target), makeMessage(number)};
    };
    const auto refused = waitForResult(producer.submitAtomic({to("a", 1), to("full", 2), to("full", 3)}));
    QVERIFY(refused.has_value());
    QCOMPARE(codeOf(*refused), QByteArray("queue-full"));
    QVERIFY(refused->error().context.find("message 2 for \"full\"") != std::string::npos);
    QCOMPARE(codeOf(*waitForResult(producer.submitAtomic({to("a", 1), to("no-such", 2)}))), QByteArray("not-found"));

    const auto accepted = waitForResult(producer.submitAtomic({to("a", 1), to("full", 2), to("news", 3)}));
    QVERIFY(accepted && accepted->has_value());
    QCOMPARE((*accepted)->accepted(), std::uint64_t(3));
    QTRY_COMPARE(link.pipeline->snapshot()->total.ready, std::uint64_t(3));
    for (const client::QueueStatus& queue : link.pipeline->snapshot()->queues)
        QCOMPARE(queue.sample.ready, std::uint64_t(1));

    std::vector<client::AddressedMessage> many(1025, to("a", 9));
    QCOMPARE(codeOf(*waitForResult(producer.submitAtomic(many))), QByteArray("limit"));
    QVERIFY(link.connection->isConnected());
}

void TstLink::submitWaitsForRoomWithinItsDeadline()
{
    NodeFixture fixture({"q"});
    fixture.options().definition.queues.front().policy.maxDepth = 1;
    fixture.options().definition.queues.front().policy.whenFull = message::WhenFull::Defer;
    QCOMPARE(fixture.start(), QString());
    auto link = fixture.connectedLink(Via::Inproc);
    QVERIFY(link.connection);
    Producer producer(link.connection);
    QVERIFY(waitForResult(producer.submit(QStringLiteral("q"), makeMessage(1)))->has_value());
    // The node says that there was no room before the client gives up, which would leave the outcome open.
    producer.setDeadline(500ms);
    QCOMPARE(codeOf(*waitForResult(producer.submit(QStringLiteral("q"), makeMessage(2)))), QByteArray("queue-full"));

    producer.setDeadline(30s);
    auto waiting = producer.submit(QStringLiteral("q"), makeMessage(3));
    Worker worker(link.connection, QStringLiteral("q"), acknowledging(std::make_shared<Seen>()), {});
    QCOMPARE(codeOf(*waitForResult(worker.start())), QByteArray("ok"));
    QCOMPARE(codeOf(*waitForResult(waiting)), QByteArray("ok"));
}

void TstLink::largestMessagePasses()
{
    NodeFixture fixture({"q"});
    fixture.options().definition.queues.front().policy.maxBodyBytes = message::kMaxBodyBytes;
    QCOMPARE(fixture.start(), QString());
    auto link = fixture.connectedLink(Via::Ipc);
    QVERIFY(link.connection);
    auto bytes = std::make_shared<std::atomic<std::size_t>>(0);
    const auto handler = [bytes](const std::vector<Delivery>& deliveries) {
        *bytes = deliveries.front().body().size();
        return std::vector<Outcome>(deliveries.size());
    };
    Worker worker(link.connection, QStringLiteral("q"), Worker::BatchHandler(handler), {});
    QCOMPARE(codeOf(*waitForResult(worker.start())), QByteArray("ok"));
    Producer producer(link.connection);
    message::Message large = makeMessage(1);
    large.body.assign(message::kMaxBodyBytes, 'L');
    QCOMPARE(codeOf(*waitForResult(producer.submit(QStringLiteral("q"), large), 20s)), QByteArray("ok"));
    QTRY_COMPARE(bytes->load(), message::kMaxBodyBytes);
    QTRY_COMPARE(worker.totals().acknowledged, std::uint64_t(1));
}

void TstLink::twoWorkersShareAQueueOfOneLink()
{
    NodeFixture fixture({"q"});
    QCOMPARE(fixture.start(), QString());
    auto link = fixture.connectedLink(Via::Inproc);
    QVERIFY(link.connection);
    auto firstSeen = std::make_shared<Seen>();
    auto secondSeen = std::make_shared<Seen>();
    Worker::Options options;
    options.concurrency = 8;
    options.prefetch = 0;
    Worker first(link.connection, QStringLiteral("q"), acknowledging(firstSeen), options);
    Worker second(link.connection, QStringLiteral("q"), acknowledging(secondSeen), options);
    QCOMPARE(codeOf(*waitForResult(first.start())), QByteArray("ok"));
    QCOMPARE(codeOf(*waitForResult(second.start())), QByteArray("ok"));
    Producer producer(link.connection);
    QVERIFY(waitForResult(producer.submit(QStringLiteral("q"), makeMessages(0, 500)))->has_value());
    QTRY_COMPARE(first.totals().acknowledged + second.totals().acknowledged, std::uint64_t(500));
    QVERIFY(waitForResult(first.stop())->has_value());
    QVERIFY(waitForResult(producer.submit(QStringLiteral("q"), makeMessages(500, 200)))->has_value());
    QTRY_COMPARE(first.totals().acknowledged + second.totals().acknowledged, std::uint64_t(700));
    QCOMPARE(firstSeen->count() + secondSeen->count(), std::size_t(700));
}

namespace {

QCoro::Task<Outcome> waitForGate(std::shared_ptr<std::atomic<int>> running, QFuture<base::Result<int>> gate, Delivery delivery)
{
    Q_UNUSED(delivery)
    ++*running;
    const base::Result<int> opened = co_await gate;
    Q_UNUSED(opened)
    co_return Outcome::acknowledge();
}

Worker::HandlerFactory waiting(std::shared_ptr<std::atomic<int>> running, QFuture<base::Result<int>> gate)
{
    return [running, gate]() -> Worker::Handler {
        return [running, gate](Delivery delivery) { return waitForGate(running, gate, std::move(delivery)); };
    };
}

} // namespace

void TstLink::stoppedWorkerGivesBackAtOnce()
{
    NodeFixture fixture({"q"});
    QCOMPARE(fixture.start(), QString());
    auto link = fixture.connectedLink(Via::Inproc);
    QVERIFY(link.connection);
    Producer producer(link.connection);
    QVERIFY(waitForResult(producer.submit(QStringLiteral("q"), makeMessages(0, 30)))->has_value());
    client::Resolver<int> gate;
    auto running = std::make_shared<std::atomic<int>>(0);
    Worker::Options options;
    options.concurrency = 2;
    options.prefetch = 18;
    Worker slow(link.connection, QStringLiteral("q"), waiting(running, gate.future()), options);
    QCOMPARE(codeOf(*waitForResult(slow.start())), QByteArray("ok"));
    QTRY_COMPARE(running->load(), 2);
    auto stopped = slow.stop();
    auto seen = std::make_shared<Seen>();
    Worker quick(link.connection, QStringLiteral("q"), acknowledging(seen), {});
    QCOMPARE(codeOf(*waitForResult(quick.start())), QByteArray("ok"));
    QTRY_COMPARE(seen->count(), std::size_t(28));
    gate.resolve(1);
    QCOMPARE(codeOf(*waitForResult(stopped)), QByteArray("ok"));
    QCOMPARE(slow.totals().acknowledged, std::uint64_t(2));
    // Given back before they began: no attempt was used up.
    QTRY_COMPARE(link.pipeline->snapshot()->total.acknowledged, std::uint64_t(30));
    QCOMPARE(link.pipeline->snapshot()->total.retried, std::uint64_t(0));
}

void TstLink::nodeDiesInTheMiddleOfCalls()
{
    QFETCH(Via, via);
    NodeFixture fixture({"q"});
    QCOMPARE(fixture.start(), QString());
    auto link = fixture.connectedLink(via);
    QVERIFY(link.connection);
    QSignalSpy disconnected(link.connection.get(), &client::Connection::disconnected);
    std::vector<QFuture<base::Result<client::BatchReceipt>>> submits;
    std::vector<QFuture<base::Result<void>>> changes;
    std::vector<QFuture<base::Result<client::DeadLetterView>>> reads;
    Producer producer(link.connection);
    producer.setDeadline(3s);
    for (std::size_t i = 0; i < 60; ++i) {
        submits.push_back(producer.submit(QStringLiteral("q"), makeMessages(i * 500, 500)));
        changes.push_back(link.pipeline->setPaused("q", i % 2 == 0));
        reads.push_back(link.pipeline->openDeadLetters({}));
        if (i == 30)
            fixture.stop();
    }
    QElapsedTimer timer;
    timer.start();
    const auto check = [](const auto& result, const QList<QByteArray>& allowed) {
        return result && allowed.contains(codeOf(*result));
    };
    for (auto& future : submits)
        QVERIFY(check(waitForResult(future), {"ok", "unknown", "closed"}));
    for (auto& future : changes)
        QVERIFY(check(waitForResult(future), {"ok", "unknown", "closed"}));
    for (auto& future : reads)
        QVERIFY(check(waitForResult(future), {"ok", "timeout", "closed"}));
    // The longest deadline is that of the pipeline's calls.
    QVERIFY2(timer.elapsed() < client::kDefaultDeadline.count() + 2000, qPrintable(QString::number(timer.elapsed())));
    QTRY_VERIFY_WITH_TIMEOUT(disconnected.count() >= 1, 10'000);
    QTRY_VERIFY(link.pipeline->freshness() == client::Freshness::Lost);
}

void TstLink::nodeRestartsAndEverythingIsProcessed()
{
    QFETCH(Via, via);
    NodeFixture fixture({"q"});
    QCOMPARE(fixture.start(), QString());
    auto link = fixture.connectedLink(via);
    QVERIFY(link.connection);
    auto seen = std::make_shared<Seen>();
    Worker worker(link.connection, QStringLiteral("q"), acknowledging(seen), {});
    QCOMPARE(codeOf(*waitForResult(worker.start())), QByteArray("ok"));
    Producer producer(link.connection);
    producer.setDeadline(20s);
    std::set<std::string> confirmed;
    const auto submit = [&](std::size_t first) {
        // Unknown is answered by submitting again: the idempotency keys make it safe.
        for (int attempt = 0; attempt < 5; ++attempt) {
            const auto receipt = waitForResult(producer.submit(QStringLiteral("q"), makeMessages(first, 1000)), 30s);
            if (receipt && receipt->has_value()
                && std::ranges::all_of((*receipt)->problems, &client::SubmitProblem::isDuplicate)) {
                for (std::size_t i = first; i < first + 1000; ++i)
                    confirmed.insert("id-" + std::to_string(i));
                return true;
            }
        }
        return false;
    };
    QVERIFY(submit(0));
    const auto epoch = link.pipeline->snapshot()->epoch;
    for (std::size_t round = 1; round <= 2; ++round) {
        auto inFlight = producer.submit(QStringLiteral("q"), makeMessages(100'000 * round, 1000));
        fixture.stop();
        QCOMPARE(fixture.start(), QString());
        QVERIFY(waitForResult(inFlight, 30s).has_value());
        QVERIFY(submit(1000 * round));
    }
    QTRY_VERIFY_WITH_TIMEOUT(
        ([&] {
            const std::scoped_lock lock(seen->mutex);
            return std::ranges::all_of(confirmed, [&](const std::string& id) { return seen->ids.contains(id); });
        }()),
        20'000);
    QVERIFY(seen->wrong.empty());
    QTRY_VERIFY(link.pipeline->freshness() == client::Freshness::Fresh);
    QTRY_COMPARE(link.pipeline->snapshot()->total.depth(), std::uint64_t(0));
    QCOMPARE(link.pipeline->snapshot()->epoch, epoch + 2);
}

void TstLink::connectionDiesOnTheLinkThread()
{
    NodeFixture fixture({"q"});
    QCOMPARE(fixture.start(), QString());
    for (int i = 0; i < 20; ++i) {
        auto link = fixture.connectedLink(Via::Inproc);
        QVERIFY(link.connection);
        auto producer = std::make_unique<Producer>(link.connection);
        link.pipeline.reset();
        link.connection.reset();
        auto submitted = producer->submit(QStringLiteral("q"), makeMessages(static_cast<std::size_t>(i) * 10, 10));
        // The call is the last owner now.
        producer.reset();
        const auto receipt = waitForResult(submitted);
        QVERIFY(receipt.has_value());
        QCOMPARE(codeOf(*receipt), QByteArray("ok"));
    }
}

void TstLink::manyThreadsShareALink()
{
    NodeFixture fixture({"a", "b"});
    QCOMPARE(fixture.start(), QString());
    auto link = fixture.connectedLink(Via::Ipc);
    QVERIFY(link.connection);
    auto seen = std::make_shared<Seen>();
    Worker::Options options;
    options.threads = 2;
    Worker first(link.connection, QStringLiteral("a"), acknowledging(seen), options);
    Worker second(link.connection, QStringLiteral("b"), acknowledging(seen), options);
    QCOMPARE(codeOf(*waitForResult(first.start())), QByteArray("ok"));
    QCOMPARE(codeOf(*waitForResult(second.start())), QByteArray("ok"));
    std::atomic<std::uint64_t> accepted{0};
    std::vector<std::thread> producers;
    for (std::size_t t = 0; t < 4; ++t) {
        producers.emplace_back([&, t] {
            Producer producer(link.connection);
            producer.setDeadline(20s);
            for (std::size_t i = 0; i < 10; ++i) {
                const auto receipt = producer.submit(t % 2 == 0 ? QStringLiteral("a") : QStringLiteral("b"),
                                                     makeMessages(t * 100'000 + i * 100, 100)).result();
                if (receipt)
                    accepted += receipt->accepted();
            }
        });
    }
    for (std::thread& producer : producers)
        producer.join();
    QCOMPARE(accepted.load(), std::uint64_t(4000));
    QTRY_COMPARE_WITH_TIMEOUT(seen->count(), std::size_t(4000), 20'000);
    QTRY_COMPARE(first.totals().acknowledged + second.totals().acknowledged, std::uint64_t(4000));
}

QTEST_GUILESS_MAIN(TstLink)
#include "tst_link.moc"
