// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/coro_verify.h"
#include "tests/support/fake_connection.h"
#include "tests/support/node_fixture.h"
#include "transport/client/producer.h"
#include "transport/client/worker.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

#include <atomic>

using namespace millrace;
using namespace std::chrono_literals;
using client::Delivery;
using client::Worker;
using message::Outcome;
using namespace millrace::tests;

// A handler that does not end in time is abandoned with all that it holds: nobody may destroy a coroutine that
// something might still resume. That is what these tests are about, and it is what the check for leaks would report.
extern "C" const char* __asan_default_options() // NOLINT(bugprone-reserved-identifier)
{
    return "detect_leaks=0";
}

namespace {

/// What handlers on other threads and the test share.
struct Scene
{
    std::atomic<int> running{0};
    std::atomic<int> ended{0};
    client::Resolver<int> gate; ///< handlers wait for it
    QFuture<base::Result<int>> opened = gate.future();
};
using ScenePtr = std::shared_ptr<Scene>;

QCoro::Task<Outcome> waitForGate(ScenePtr scene, Delivery delivery)
{
    Q_UNUSED(delivery)
    ++scene->running;
    const base::Result<int> opened = co_await scene->opened;
    Q_UNUSED(opened)
    --scene->running;
    ++scene->ended;
    co_return Outcome::acknowledge();
}

Worker::HandlerFactory waiting(ScenePtr scene)
{
    return [scene]() -> Worker::Handler {
        return [scene](Delivery delivery) { return waitForGate(scene, std::move(delivery)); };
    };
}

Worker::Options oneAtATime(std::uint32_t prefetch)
{
    Worker::Options options;
    options.concurrency = 1;
    options.prefetch = prefetch;
    return options;
}

} // namespace

/// Handlers that hang when their worker, or its link, has to go.
class TstAbandonedHandlers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void stopGivesUpAfterTheDrainTimeout();
    void destructorIsBounded();
    void closedLinkGivesBack_data();
    void closedLinkGivesBack();

private:
    void start(Worker& worker);
    std::shared_ptr<FakeConnection> m_connection;
    ScenePtr m_scene;
};

void TstAbandonedHandlers::init()
{
    m_connection = std::make_shared<FakeConnection>();
    m_scene = std::make_shared<Scene>();
}

void TstAbandonedHandlers::start(Worker& worker)
{
    const auto started = waitForResult(worker.start());
    QVERIFY(started.has_value());
    QCOMPARE(codeOf(*started), QByteArray("ok"));
}

void TstAbandonedHandlers::stopGivesUpAfterTheDrainTimeout()
{
    auto options = oneAtATime(0);
    options.drainTimeout = 30ms;
    Worker hung(m_connection, QStringLiteral("q"), waiting(m_scene), options);
    QSignalSpy failed(&hung, &Worker::failed);
    m_connection->addMessages(1);
    start(hung);
    QTRY_COMPARE(m_scene->running.load(), 1);
    QVERIFY(waitForResult(hung.stop(), 3s).has_value());
    QTRY_COMPARE(failed.count(), qsizetype(1));
}

void TstAbandonedHandlers::destructorIsBounded()
{
    QElapsedTimer timer;
    {
        Worker worker(m_connection, QStringLiteral("q"), waiting(m_scene), oneAtATime(5));
        m_connection->addMessages(6);
        start(worker);
        QTRY_COMPARE(m_scene->running.load(), 1);
        timer.start();
    }
    QVERIFY2(timer.elapsed() < 2000, qPrintable(QString::number(timer.elapsed())));
    QCOMPARE(m_connection->failed().size(), std::size_t(5));
    // The handler that outlived its worker is resumed by nobody, and nothing breaks.
    m_scene->gate.resolve(1);
    QCoreApplication::processEvents();
    QCOMPARE(m_scene->ended.load(), 0);
}

void TstAbandonedHandlers::closedLinkGivesBack_data()
{
    QTest::addColumn<Via>("via");
    QTest::newRow("inproc") << Via::Inproc;
    QTest::newRow("ipc") << Via::Ipc;
}

void TstAbandonedHandlers::closedLinkGivesBack()
{
    QFETCH(Via, via);
    NodeFixture fixture({"q"});
    QCOMPARE(fixture.start(), QString());
    auto observer = fixture.connectedLink(Via::Inproc);
    QVERIFY(observer.connection);
    client::Producer producer(observer.connection);
    std::vector<message::Message> messages(5);
    for (std::size_t i = 0; i < messages.size(); ++i) {
        messages[i].envelope.id = std::to_string(i);
        messages[i].envelope.source = "/test";
        messages[i].envelope.type = "test";
    }
    QVERIFY(waitForResult(producer.submit(QStringLiteral("q"), std::move(messages)))->has_value());
    {
        auto link = fixture.connectedLink(via);
        QVERIFY(link.connection);
        Worker worker(link.connection, QStringLiteral("q"), waiting(m_scene), {});
        QCOMPARE(codeOf(*waitForResult(worker.start())), QByteArray("ok"));
        QTRY_COMPARE(m_scene->running.load(), 5);
        // A snapshot from before the hand-out would show no leases either.
        QTRY_COMPARE(observer.pipeline->snapshot()->total.leased, std::uint64_t(5));
    }
    QTRY_COMPARE_WITH_TIMEOUT(observer.pipeline->snapshot()->total.leased, std::uint64_t(0), 10'000);
    QCOMPARE(observer.pipeline->snapshot()->total.ready, std::uint64_t(5));
}

QTEST_GUILESS_MAIN(TstAbandonedHandlers)
#include "tst_abandoned_handlers.moc"
