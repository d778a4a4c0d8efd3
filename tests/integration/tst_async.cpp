// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/coro_verify.h"
#include "transport/client/async.h"

#include <QRegularExpression>
#include <QTest>

#include <thread>

using namespace millrace;
using client::Resolver;

namespace {

QCoro::Task<base::Result<void>> awaitAndPass(QFuture<base::Result<int>> future)
{
    const base::Result<int> value = co_await future;
    if (!value)
        co_return tl::unexpected(value.error());
    co_return base::Result<void>();
}

QCoro::Task<> awaitOnMyThread(QFuture<base::Result<int>> future, bool* sameThread)
{
    const auto began = std::this_thread::get_id();
    const base::Result<int> value = co_await future;
    MR_CO_VERIFY(value.has_value());
    MR_CO_COMPARE(*value, 42);
    *sameThread = std::this_thread::get_id() == began;
}

} // namespace

class TstAsync : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void resolverAnswersOnce();
    void droppedResolverCancels();
    void replacedResolverCancelsTheFirst();
    void awaitingResumesOnTheAwaitingThread();
    void spawnLogsErrorsWithNames();
    void spawnToleratesADeadContext();
};

void TstAsync::resolverAnswersOnce()
{
    Resolver<int> resolver;
    auto future = resolver.future();
    QVERIFY(resolver.isPending());
    QVERIFY(!future.isFinished());
    resolver.resolve(1);
    resolver.resolve(2);
    QVERIFY(!resolver.isPending());
    QVERIFY(future.isFinished());
    QCOMPARE(future.resultCount(), 1);
    QCOMPARE(*future.result(), 1);
    QCOMPARE(*client::resolved<int>(7).result(), 7);
}

void TstAsync::droppedResolverCancels()
{
    QFuture<base::Result<int>> future;
    {
        Resolver<int> resolver;
        future = resolver.future();
    }
    QVERIFY(future.isFinished());
    QVERIFY(!future.isCanceled());
    const auto result = future.result();
    QVERIFY(!result.has_value());
    QCOMPARE(tests::codeOf(result), QByteArray("cancelled"));
}

void TstAsync::replacedResolverCancelsTheFirst()
{
    Resolver<int> resolver;
    const auto first = resolver.future();
    resolver = Resolver<int>();
    QVERIFY(first.isFinished());
    QCOMPARE(tests::codeOf(first.result()), QByteArray("cancelled"));
    QVERIFY(resolver.isPending());
}

void TstAsync::awaitingResumesOnTheAwaitingThread()
{
    Resolver<int> resolver;
    bool sameThread = false;
    auto task = awaitOnMyThread(resolver.future(), &sameThread);
    std::thread other([&resolver] { resolver.resolve(42); });
    const bool ended = tests::runCoroutine(std::move(task));
    other.join();
    QVERIFY(ended);
    QVERIFY(sameThread);
}

void TstAsync::spawnLogsErrorsWithNames()
{
    QObject context;
    context.setObjectName(QStringLiteral("page"));
    QTest::ignoreMessage(QtWarningMsg,
                         QRegularExpression(QStringLiteral("replaying of QObject page failed: conflict: "
                                                           "no longer dead")));
    client::spawn(&context, "replaying",
                  awaitAndPass(client::resolved<int>(
                      base::fail(base::ErrorCode::Conflict, "no longer dead"))));
}

void TstAsync::spawnToleratesADeadContext()
{
    Resolver<int> resolver;
    {
        QObject context;
        context.setObjectName(QStringLiteral("gone"));
        client::spawn(&context, "asking", awaitAndPass(resolver.future()));
    }
    QTest::ignoreMessage(QtWarningMsg,
                         QRegularExpression(QStringLiteral("asking of QObject gone failed: busy: later")));
    resolver.resolve(base::fail(base::ErrorCode::Busy, "later"));
    bool turned = false;
    QMetaObject::invokeMethod(this, [&turned] { turned = true; }, Qt::QueuedConnection);
    QTRY_VERIFY(turned);
    QCoreApplication::processEvents();
}

QTEST_GUILESS_MAIN(TstAsync)
#include "tst_async.moc"
