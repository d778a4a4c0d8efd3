// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/coro_verify.h"
#include "tests/support/fake_connection.h"
#include "transport/client/worker.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>
#include <QThread>

#include <atomic>
#include <set>
#include <stdexcept>
#include <thread>

using namespace millrace;
using namespace std::chrono_literals;
using client::Delivery;
using client::Worker;
using message::Outcome;
using tests::codeOf;
using tests::FakeConnection;
using tests::waitForResult;

namespace {

using OutcomeTask = QCoro::Task<Outcome>;

/// What handlers on other threads and the test share.
struct Scene
{
    std::atomic<int> running{0};
    std::atomic<int> mostRunning{0};
    std::atomic<int> begun{0};
    std::atomic<int> ended{0};
    std::atomic<bool> sawStop{false};
    client::Resolver<int> gate; ///< handlers wait for it
    QFuture<base::Result<int>> opened = gate.future();
};
using ScenePtr = std::shared_ptr<Scene>;

OutcomeTask acknowledgeAtOnce(ScenePtr scene, Delivery delivery)
{
    Q_UNUSED(delivery)
    ++scene->begun;
    ++scene->ended;
    co_return Outcome::acknowledge();
}

OutcomeTask waitForGate(ScenePtr scene, Delivery delivery)
{
    Q_UNUSED(delivery)
    ++scene->begun;
    const int running = ++scene->running;
    scene->mostRunning = std::max(scene->mostRunning.load(), running);
    const base::Result<int> opened = co_await scene->opened;
    Q_UNUSED(opened)
    --scene->running;
    ++scene->ended;
    co_return Outcome::acknowledge();
}

/// Ends when it is asked to stop, with an acknowledgement that must not count if its lease is void.
OutcomeTask waitForStop(ScenePtr scene, Delivery delivery)
{
    ++scene->begun;
    const std::stop_token stop = delivery.stopToken();
    auto resolver = std::make_shared<client::Resolver<int>>();
    auto stopped = resolver->future();
    const std::stop_callback whenStopped(stop, [resolver] { resolver->resolve(1); });
    const base::Result<int> done = co_await stopped;
    Q_UNUSED(done)
    scene->sawStop = true;
    ++scene->ended;
    co_return Outcome::acknowledge();
}

using Body = OutcomeTask (*)(ScenePtr, Delivery);

Worker::HandlerFactory factoryOf(Body body, ScenePtr scene)
{
    return [body, scene]() -> Worker::Handler {
        return [body, scene](Delivery delivery) { return body(scene, std::move(delivery)); };
    };
}

Worker::Options optionsOf(std::uint32_t concurrency, std::uint32_t prefetch, int threads = 1)
{
    Worker::Options options;
    options.concurrency = concurrency;
    options.prefetch = prefetch;
    options.threads = threads;
    return options;
}

/// For handlers that end only when they are stopped.
Worker::Options impatient(Worker::Options options)
{
    options.drainTimeout = 30ms;
    return options;
}

message::QueuePolicy policyOf(std::chrono::milliseconds lease, std::chrono::milliseconds maxRunTime)
{
    message::QueuePolicy policy;
    policy.lease = lease;
    policy.maxRunTime = maxRunTime;
    return policy;
}

} // namespace

class TstWorker : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void acknowledgesManyInBatches();
    void hundredsOfHandlersWaitOnOneThread();
    void neverMoreAtOnceThanItsConcurrency();
    void neverMoreOutThanItsWindow();
    void prefetchFollowsTheHandlers();
    void spreadsOverItsThreads();
    void handlersLiveAndDieOnTheirThread();
    void outcomesReachTheNode();
    void exceptionsBecomeRetries();
    void brokenFactoryRetriesAndReports();
    void startErrors();
    void stopReleasesWhatWasNotBegun();
    void stopAsksHandlersToEnd();
    void stopWithoutStartAndTwice();
    void worksAgainAfterStop();
    void destructorIsBoundedWhenAHandlerComputes();
    void extendsWhileAHandlerWaits();
    void extendsWhileAHandlerComputes();
    void stopsAHandlerAfterItsLongestRunTime();
    void d8_lostLeaseStopsTheHandlerAndIsNotSettled();
    void d8_stoppedDeliveryStopsTheHandlerAndIsNotSettled();
    void progressGoesWithTheExtension();
    void d8_lostConnectionVoidsLeasesAndAttachesAgain();
    void attachesAgainUntilItSucceeds();
    void batchHandlerGetsWhatArrived();
    void batchHandlerThatThrowsOrAnswersTooLittle();

private:
    void start(Worker& worker);
    std::shared_ptr<FakeConnection> m_connection;
    ScenePtr m_scene;
};

void TstWorker::init()
{
    m_connection = std::make_shared<FakeConnection>();
    m_scene = std::make_shared<Scene>();
}

void TstWorker::start(Worker& worker)
{
    const auto started = waitForResult(worker.start());
    QVERIFY(started.has_value());
    QCOMPARE(codeOf(*started), QByteArray("ok"));
}

void TstWorker::acknowledgesManyInBatches()
{
    Worker worker(m_connection, QStringLiteral("q"), factoryOf(acknowledgeAtOnce, m_scene), optionsOf(256, 256));
    QSignalSpy settled(&worker, &Worker::settled);
    m_connection->addMessages(10'000);
    start(worker);
    QTRY_COMPARE(worker.totals().acknowledged, std::uint64_t(10'000));
    std::set<message::Sequence> sequences;
    const auto settlements = m_connection->settlements();
    for (const auto& settlement : settlements) {
        for (const auto& lease : settlement.acknowledged)
            QVERIFY(sequences.insert(lease.sequence).second);
    }
    QCOMPARE(sequences.size(), std::size_t(10'000));
    QVERIFY2(settlements.size() < 1'000, qPrintable(QString::number(settlements.size())));
    QTRY_VERIFY(settled.count() > 0);
    QCOMPARE(worker.totals().received, std::uint64_t(10'000));
    QCOMPARE(worker.totals().leasesLost, std::uint64_t(0));
    const auto stopped = waitForResult(worker.stop());
    QVERIFY(stopped && stopped->has_value());
    quint64 sum = 0;
    for (const auto& call : settled)
        sum += call.first().toULongLong();
    QCOMPARE(sum, quint64(10'000));
}

void TstWorker::hundredsOfHandlersWaitOnOneThread()
{
    Worker worker(m_connection, QStringLiteral("q"), factoryOf(waitForGate, m_scene), optionsOf(400, 0));
    m_connection->addMessages(400);
    start(worker);
    QTRY_COMPARE(m_scene->running.load(), 400);
    m_scene->gate.resolve(1);
    QTRY_COMPARE(worker.totals().acknowledged, std::uint64_t(400));
    QCOMPARE(m_scene->running.load(), 0);
}

void TstWorker::neverMoreAtOnceThanItsConcurrency()
{
    Worker worker(m_connection, QStringLiteral("q"), factoryOf(waitForGate, m_scene), optionsOf(7, 50, 2));
    m_connection->addMessages(57);
    start(worker);
    QTRY_COMPARE(worker.totals().received, std::uint64_t(57));
    QTRY_COMPARE(m_scene->running.load(), 7);
    m_scene->gate.resolve(1);
    QTRY_COMPARE(worker.totals().acknowledged, std::uint64_t(57));
    QVERIFY(m_scene->mostRunning <= 7);
}

void TstWorker::neverMoreOutThanItsWindow()
{
    Worker worker(m_connection, QStringLiteral("q"), factoryOf(acknowledgeAtOnce, m_scene), optionsOf(8, 24, 2));
    m_connection->addMessages(5'000);
    start(worker);
    QTRY_COMPARE(worker.totals().acknowledged, std::uint64_t(5'000));
    QVERIFY(m_connection->mostOutstanding() <= 32);
    Worker tiny(m_connection, QStringLiteral("q"), factoryOf(acknowledgeAtOnce, m_scene), optionsOf(1, 0));
    QVERIFY(waitForResult(worker.stop()).has_value());
    start(tiny);
    m_connection->addMessages(100);
    QTRY_COMPARE(tiny.totals().acknowledged, std::uint64_t(100));
}

void TstWorker::prefetchFollowsTheHandlers()
{
    Worker::Options options;
    options.concurrency = 8;
    Worker quick(m_connection, QStringLiteral("q"), factoryOf(acknowledgeAtOnce, m_scene), options);
    start(quick);
    // Little is out at first; handlers that end thousands in a moment get more ahead.
    std::size_t added = 0;
    while (m_connection->mostOutstanding() < 500 && added < 3'000'000) {
        m_connection->addMessages(20'000);
        added += 20'000;
        QTRY_COMPARE_WITH_TIMEOUT(quick.totals().acknowledged, std::uint64_t(added), 20'000);
    }
    QVERIFY(m_connection->mostOutstanding() >= 500);
    QVERIFY(m_connection->mostOutstanding() <= 8 + 8192);
    QVERIFY(waitForResult(quick.stop()).has_value());

    // Those that wait keep to the least.
    const auto connection = std::make_shared<FakeConnection>();
    Worker slow(connection, QStringLiteral("q"), factoryOf(waitForGate, m_scene), options);
    connection->addMessages(1'000);
    start(slow);
    QTRY_COMPARE(m_scene->running.load(), 8);
    QCOMPARE(connection->mostOutstanding(), std::size_t(8 + 64));
    m_scene->gate.resolve(1);
    QTRY_COMPARE(slow.totals().acknowledged, std::uint64_t(1'000));
}

void TstWorker::spreadsOverItsThreads()
{
    std::mutex mutex;
    std::map<std::thread::id, int> byThread;
    const auto factory = [&mutex, &byThread, scene = m_scene]() -> Worker::Handler {
        return [&mutex, &byThread, scene](Delivery delivery) {
            {
                const std::scoped_lock lock(mutex);
                ++byThread[std::this_thread::get_id()];
            }
            return waitForGate(scene, std::move(delivery));
        };
    };
    Worker worker(m_connection, QStringLiteral("q"), Worker::HandlerFactory(factory), optionsOf(30, 0, 3));
    m_connection->addMessages(30);
    start(worker);
    QTRY_COMPARE(m_scene->running.load(), 30);
    {
        const std::scoped_lock lock(mutex);
        QCOMPARE(byThread.size(), std::size_t(3));
        for (const auto& [thread, count] : byThread)
            QCOMPARE(count, 10);
        QVERIFY(!byThread.contains(std::this_thread::get_id()));
    }
    m_scene->gate.resolve(1);
    QTRY_COMPARE(worker.totals().acknowledged, std::uint64_t(30));
}

void TstWorker::handlersLiveAndDieOnTheirThread()
{
    struct Owned
    {
        std::thread::id born = std::this_thread::get_id();
        std::atomic<int>* wrong;
        std::atomic<int>* died;
        ~Owned()
        {
            ++*died;
            if (born != std::this_thread::get_id())
                ++*wrong;
        }
    };
    std::atomic<int> wrong{0};
    std::atomic<int> died{0};
    const auto factory = [&wrong, &died, scene = m_scene]() -> Worker::Handler {
        auto owned = std::make_shared<Owned>();
        owned->wrong = &wrong;
        owned->died = &died;
        return [owned, scene, &wrong](Delivery delivery) {
            if (owned->born != std::this_thread::get_id())
                ++wrong;
            return acknowledgeAtOnce(scene, std::move(delivery));
        };
    };
    {
        Worker worker(m_connection, QStringLiteral("q"), Worker::HandlerFactory(factory), optionsOf(4, 4, 2));
        m_connection->addMessages(20);
        start(worker);
        QTRY_COMPARE(worker.totals().acknowledged, std::uint64_t(20));
        QVERIFY(waitForResult(worker.stop()).has_value());
        QCOMPARE(died.load(), 2);
    }
    QCOMPARE(wrong.load(), 0);
}

namespace {

OutcomeTask decideByNumber(ScenePtr scene, Delivery delivery)
{
    ++scene->begun;
    switch (std::stoi(std::string(delivery.body()))) {
    case 1: co_return Outcome::acknowledge();
    case 2: co_return Outcome::retry({"Busy", "later"}, 1500ms);
    case 3: co_return Outcome::reject({"BadSchema", std::string(20'000, 'e')}, message::Reason::SchemaInvalid);
    default: co_return Outcome::release();
    }
}

} // namespace

void TstWorker::outcomesReachTheNode()
{
    Worker worker(m_connection, QStringLiteral("q"), factoryOf(decideByNumber, m_scene), optionsOf(4, 0));
    m_connection->addMessages(4);
    start(worker);
    QTRY_COMPARE(worker.totals().released, std::uint64_t(1));
    const auto totals = worker.totals();
    QCOMPARE(totals.acknowledged, std::uint64_t(1));
    QCOMPARE(totals.retried, std::uint64_t(1));
    QCOMPARE(totals.rejected, std::uint64_t(1));
    const auto failed = m_connection->failed();
    QCOMPARE(failed.size(), std::size_t(3));
    QVERIFY(failed[0].ending == message::Ending::Retry);
    QCOMPARE(failed[0].delay->count(), std::int64_t(1'500'000));
    QCOMPARE(failed[0].failure.errorClass, std::string("Busy"));
    QVERIFY(failed[1].ending == message::Ending::Reject);
    QVERIFY(failed[1].reason == message::Reason::SchemaInvalid);
    QCOMPARE(failed[1].failure.errorText.size(), message::kMaxErrorTextBytes);
    QVERIFY(failed[2].ending == message::Ending::Release);
}

namespace {

OutcomeTask throwLater(ScenePtr scene, Delivery delivery)
{
    const int number = std::stoi(std::string(delivery.body()));
    const base::Result<int> opened = co_await scene->opened;
    Q_UNUSED(opened)
    if (number % 2 == 0)
        throw std::runtime_error("even numbers fail");
    throw 7;
}

Outcome throwAtOnce()
{
    throw std::logic_error("before it began");
}

} // namespace

void TstWorker::exceptionsBecomeRetries()
{
    m_scene->gate.resolve(1);
    {
        Worker worker(m_connection, QStringLiteral("q"), factoryOf(throwLater, m_scene), optionsOf(4, 0));
        m_connection->addMessages(2);
        start(worker);
        QTRY_COMPARE(worker.totals().retried, std::uint64_t(2));
    }
    const auto factory = []() -> Worker::Handler {
        return [](const Delivery&) -> OutcomeTask {
            throwAtOnce();
            return OutcomeTask();
        };
    };
    Worker worker(m_connection, QStringLiteral("q"), Worker::HandlerFactory(factory), optionsOf(4, 0));
    m_connection->addMessages(1);
    start(worker);
    QTRY_COMPARE(worker.totals().retried, std::uint64_t(1));
    const auto failed = m_connection->failed();
    QCOMPARE(failed.size(), std::size_t(3));
    for (const auto& failure : failed)
        QCOMPARE(failure.failure.errorClass, std::string("exception"));
    QCOMPARE(failed[1].failure.errorText, std::string("even numbers fail"));
    QCOMPARE(failed[2].failure.errorText, std::string("before it began"));
}

void TstWorker::brokenFactoryRetriesAndReports()
{
    const auto factory = []() -> Worker::Handler { throw std::runtime_error("no such folder"); };
    Worker worker(m_connection, QStringLiteral("q"), Worker::HandlerFactory(factory), optionsOf(4, 0));
    QSignalSpy failed(&worker, &Worker::failed);
    m_connection->addMessages(1);
    start(worker);
    QTRY_COMPARE(worker.totals().retried, std::uint64_t(1));
    QTRY_COMPARE(failed.count(), qsizetype(1));
    QVERIFY(failed.first().first().toString().contains(QStringLiteral("no such folder")));
}

void TstWorker::startErrors()
{
    Worker worker(m_connection, QStringLiteral("q"), factoryOf(acknowledgeAtOnce, m_scene), optionsOf(4, 0));
    QSignalSpy started(&worker, &Worker::started);
    m_connection->failAttach(base::Error{base::ErrorCode::NotFound, "no such queue"});
    QCOMPARE(codeOf(*waitForResult(worker.start())), QByteArray("not-found"));
    m_connection->failAttach(std::nullopt);
    start(worker);
    QCOMPARE(codeOf(*waitForResult(worker.start())), QByteArray("busy"));
    QTRY_COMPARE(started.count(), qsizetype(1));
}

void TstWorker::stopReleasesWhatWasNotBegun()
{
    Worker worker(m_connection, QStringLiteral("q"), factoryOf(waitForGate, m_scene), optionsOf(2, 10));
    QSignalSpy stopped(&worker, &Worker::stopped);
    m_connection->addMessages(50);
    start(worker);
    QTRY_COMPARE(worker.totals().received, std::uint64_t(12));
    QTRY_COMPARE(m_scene->running.load(), 2);
    auto future = worker.stop();
    QTRY_COMPARE(worker.totals().released, std::uint64_t(10));
    QVERIFY(!future.isFinished());
    m_scene->gate.resolve(1);
    QVERIFY(waitForResult(future).has_value());
    QCOMPARE(worker.totals().acknowledged, std::uint64_t(2));
    QCOMPARE(m_scene->begun.load(), 2);
    QVERIFY(!m_connection->isAttached());
    QTRY_COMPARE(stopped.count(), qsizetype(1));
}

void TstWorker::stopAsksHandlersToEnd()
{
    const auto options = impatient(optionsOf(1, 0));
    Worker worker(m_connection, QStringLiteral("q"), factoryOf(waitForStop, m_scene), options);
    m_connection->addMessages(1);
    start(worker);
    QTRY_COMPARE(m_scene->begun.load(), 1);
    const auto stopped = waitForResult(worker.stop(), 3s);
    QVERIFY(stopped && stopped->has_value());
    QVERIFY(m_scene->sawStop);
}

void TstWorker::stopWithoutStartAndTwice()
{
    Worker worker(m_connection, QStringLiteral("q"), factoryOf(acknowledgeAtOnce, m_scene), optionsOf(1, 0));
    QVERIFY(waitForResult(worker.stop())->has_value());
    start(worker);
    auto first = worker.stop();
    auto second = worker.stop();
    QVERIFY(waitForResult(first)->has_value());
    QVERIFY(waitForResult(second)->has_value());
    QVERIFY(waitForResult(worker.stop())->has_value());
}

void TstWorker::worksAgainAfterStop()
{
    Worker worker(m_connection, QStringLiteral("q"), factoryOf(acknowledgeAtOnce, m_scene), optionsOf(8, 8));
    for (std::uint64_t round = 1; round <= 3; ++round) {
        start(worker);
        m_connection->addMessages(100);
        QTRY_COMPARE(worker.totals().acknowledged, round * 100);
        QVERIFY(waitForResult(worker.stop())->has_value());
    }
}

void TstWorker::destructorIsBoundedWhenAHandlerComputes()
{
    auto ends = std::make_shared<std::atomic<bool>>(false);
    auto ended = std::make_shared<std::atomic<bool>>(false);
    const auto handler = [ends, ended, scene = m_scene](const std::vector<Delivery>& deliveries) {
        ++scene->begun;
        while (!*ends)
            std::this_thread::yield();
        *ended = true;
        return std::vector<Outcome>(deliveries.size());
    };
    QElapsedTimer timer;
    {
        Worker worker(m_connection, QStringLiteral("q"), Worker::BatchHandler(handler), optionsOf(1, 0));
        m_connection->addMessages(1);
        start(worker);
        QTRY_COMPARE(m_scene->begun.load(), 1);
        timer.start();
    }
    QVERIFY2(timer.elapsed() < 2000, qPrintable(QString::number(timer.elapsed())));
    QVERIFY(!*ended);
    *ends = true;
    QTRY_VERIFY(*ended);
}

void TstWorker::extendsWhileAHandlerWaits()
{
    m_connection->setPolicy(policyOf(60ms, 60s));
    Worker worker(m_connection, QStringLiteral("q"), factoryOf(waitForGate, m_scene), optionsOf(2, 3));
    m_connection->addMessages(5);
    start(worker);
    QTRY_VERIFY(m_connection->extensions().size() >= 3);
    // Those that wait are extended as well, all in one call.
    QCOMPARE(m_connection->extensions().back().size(), std::size_t(5));
    m_scene->gate.resolve(1);
    QTRY_COMPARE(worker.totals().acknowledged, std::uint64_t(5));
    QCOMPARE(worker.totals().leasesLost, std::uint64_t(0));
}

void TstWorker::extendsWhileAHandlerComputes()
{
    m_connection->setPolicy(policyOf(60ms, 60s));
    std::atomic<bool> ends{false};
    const auto handler = [&ends](const std::vector<Delivery>& deliveries) {
        while (!ends)
            std::this_thread::yield();
        return std::vector<Outcome>(deliveries.size());
    };
    Worker worker(m_connection, QStringLiteral("q"), Worker::BatchHandler(handler), optionsOf(1, 1));
    m_connection->addMessages(2);
    start(worker);
    const bool extended = QTest::qWaitFor([this] { return m_connection->extensions().size() >= 3; }, 5000);
    ends = true;
    QVERIFY(extended);
    QTRY_COMPARE(worker.totals().acknowledged, std::uint64_t(2));
}

void TstWorker::stopsAHandlerAfterItsLongestRunTime()
{
    m_connection->setPolicy(policyOf(60ms, 150ms));
    Worker worker(m_connection, QStringLiteral("q"), factoryOf(waitForStop, m_scene), optionsOf(1, 0));
    m_connection->addMessages(1);
    QElapsedTimer timer;
    timer.start();
    start(worker);
    QTRY_VERIFY(m_scene->sawStop);
    QVERIFY(timer.elapsed() >= 145);
    const auto extensions = m_connection->extensions();
    QVERIFY(!extensions.empty());
    QVERIFY2(extensions.size() <= 9, qPrintable(QString::number(extensions.size())));
}

void TstWorker::d8_stoppedDeliveryStopsTheHandlerAndIsNotSettled()
{
    Worker worker(m_connection, QStringLiteral("q"), factoryOf(waitForStop, m_scene), impatient(optionsOf(2, 2)));
    m_connection->addMessages(4);
    start(worker);
    QTRY_COMPARE(worker.totals().received, std::uint64_t(4));
    m_connection->stopDeliveries({{1, 1}, {3, 3}, {99, 99}});
    QTRY_COMPARE(worker.totals().leasesLost, std::uint64_t(2));
    QVERIFY(m_scene->sawStop);
    m_connection->addMessages(2);
    QTRY_COMPARE(worker.totals().received, std::uint64_t(6)); // their credit is granted again
    QVERIFY(waitForResult(worker.stop()).has_value());
    for (const auto& settlement : m_connection->settlements()) {
        for (const auto& lease : settlement.acknowledged)
            QVERIFY(lease.token != 1 && lease.token != 3);
    }
}

void TstWorker::progressGoesWithTheExtension()
{
    m_connection->setPolicy(policyOf(60ms, 60s));
    const auto factory = [scene = m_scene]() -> Worker::Handler {
        return [scene](Delivery delivery) {
            delivery.reportProgress(170, std::string(300, 'n'));
            return waitForStop(scene, std::move(delivery));
        };
    };
    Worker worker(m_connection, QStringLiteral("q"), Worker::HandlerFactory(factory), impatient(optionsOf(1, 0)));
    m_connection->addMessages(1);
    start(worker);
    QTRY_COMPARE(m_connection->progress().size(), std::size_t(1));
    QCOMPARE(m_connection->progress()[0].lease, (message::LeaseRef{1, 1}));
    QCOMPARE(m_connection->progress()[0].progress.percent, 100);
    QCOMPARE(m_connection->progress()[0].progress.note.size(), message::kMaxProgressNoteBytes);
    QVERIFY(waitForResult(worker.stop()).has_value());
}

void TstWorker::d8_lostLeaseStopsTheHandlerAndIsNotSettled()
{
    m_connection->setPolicy(policyOf(60ms, 60s));
    m_connection->loseOnExtend({{1, 1}, {3, 3}});
    Worker worker(m_connection, QStringLiteral("q"), factoryOf(waitForStop, m_scene), impatient(optionsOf(2, 2)));
    m_connection->addMessages(4);
    start(worker);
    // The first was running and is stopped, the third was waiting and is forgotten; their credit is granted again.
    QTRY_COMPARE(worker.totals().leasesLost, std::uint64_t(2));
    QVERIFY(m_scene->sawStop);
    QCOMPARE(m_connection->acknowledgedCount(), std::size_t(0));
    m_connection->addMessages(2);
    QTRY_COMPARE(worker.totals().received, std::uint64_t(6));
    QVERIFY(waitForResult(worker.stop()).has_value());
    for (const auto& settlement : m_connection->settlements()) {
        for (const auto& lease : settlement.acknowledged)
            QVERIFY(lease.token != 1 && lease.token != 3);
    }
}

void TstWorker::d8_lostConnectionVoidsLeasesAndAttachesAgain()
{
    Worker worker(m_connection, QStringLiteral("q"), factoryOf(waitForStop, m_scene), impatient(optionsOf(2, 2)));
    m_connection->addMessages(4);
    start(worker);
    QTRY_COMPARE(m_scene->begun.load(), 2);
    m_connection->breakConnection();
    QTRY_COMPARE(m_scene->ended.load(), 2);
    QTRY_COMPARE(worker.totals().leasesLost, std::uint64_t(4));
    QVERIFY(m_connection->settlements().empty());
    QCOMPARE(worker.totals().acknowledged, std::uint64_t(0));
    m_connection->restoreConnection();
    QTRY_COMPARE(m_connection->attachCount(), std::size_t(2));
    QTRY_COMPARE(worker.totals().received, std::uint64_t(8));
    QTRY_COMPARE(m_scene->begun.load(), 4);
    QVERIFY(waitForResult(worker.stop()).has_value());
}

void TstWorker::attachesAgainUntilItSucceeds()
{
    Worker worker(m_connection, QStringLiteral("q"), factoryOf(acknowledgeAtOnce, m_scene), optionsOf(2, 2));
    QSignalSpy failed(&worker, &Worker::failed);
    start(worker);
    m_connection->breakConnection();
    m_connection->failAttach(base::Error{base::ErrorCode::Timeout, "too slow"});
    m_connection->restoreConnection();
    QTRY_VERIFY(failed.count() >= 2);
    m_connection->failAttach(std::nullopt);
    m_connection->addMessages(10);
    QTRY_COMPARE(worker.totals().acknowledged, std::uint64_t(10));
}

void TstWorker::batchHandlerGetsWhatArrived()
{
    std::mutex mutex;
    std::vector<std::size_t> sizes;
    const auto handler = [&mutex, &sizes](const std::vector<Delivery>& deliveries) {
        const std::scoped_lock lock(mutex);
        sizes.push_back(deliveries.size());
        std::vector<Outcome> outcomes;
        for (const Delivery& delivery : deliveries) {
            outcomes.push_back(delivery.envelope().id == "message-3" ? Outcome::reject({"Third", "no"})
                                                                     : Outcome::acknowledge());
        }
        return outcomes;
    };
    Worker worker(m_connection, QStringLiteral("q"), Worker::BatchHandler(handler), optionsOf(64, 64));
    m_connection->addMessages(1'000);
    start(worker);
    QTRY_COMPARE(worker.totals().acknowledged, std::uint64_t(999));
    QTRY_COMPARE(worker.totals().rejected, std::uint64_t(1));
    QCOMPARE(m_connection->failed().at(0).lease.sequence, message::Sequence(3));
    const std::scoped_lock lock(mutex);
    QVERIFY(sizes.size() < 500);
    QCOMPARE(*std::max_element(sizes.begin(), sizes.end()), std::size_t(64));
}

void TstWorker::batchHandlerThatThrowsOrAnswersTooLittle()
{
    std::atomic<int> calls{0};
    const auto handler = [&calls](const std::vector<Delivery>& deliveries) -> std::vector<Outcome> {
        if (++calls == 1)
            throw std::runtime_error("all of them");
        return std::vector<Outcome>(deliveries.size() - 1);
    };
    Worker worker(m_connection, QStringLiteral("q"), Worker::BatchHandler(handler), optionsOf(3, 0));
    m_connection->addMessages(3);
    start(worker);
    QTRY_COMPARE(worker.totals().retried, std::uint64_t(3));
    m_connection->addMessages(3);
    QTRY_COMPARE(worker.totals().retried, std::uint64_t(4));
    QTRY_COMPARE(worker.totals().acknowledged, std::uint64_t(2));
}

QTEST_GUILESS_MAIN(TstWorker)
#include "tst_worker.moc"
