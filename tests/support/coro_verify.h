// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <QCoroFuture>
#include <QCoroTask>

#include <QByteArray>
#include <QEventLoop>
#include <QFuture>
#include <QString>
#include <QTest>
#include <QTimer>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

/// QVERIFY and QCOMPARE for coroutines: they leave by co_return. Only for values that were awaited before: gcc 12
/// evaluates an await inside a macro's argument twice.
#define MR_CO_VERIFY(condition)                                                                     \
    do {                                                                                            \
        if (!QTest::qVerify(static_cast<bool>(condition), #condition, "", __FILE__, __LINE__))      \
            co_return;                                                                              \
    } while (false)
#define MR_CO_VERIFY2(condition, description)                                                       \
    do {                                                                                            \
        if (!QTest::qVerify(static_cast<bool>(condition), #condition, (description), __FILE__,      \
                            __LINE__))                                                              \
            co_return;                                                                              \
    } while (false)
#define MR_CO_COMPARE(actual, expected)                                                             \
    do {                                                                                            \
        if (!QTest::qCompare((actual), (expected), #actual, #expected, __FILE__, __LINE__))         \
            co_return;                                                                              \
    } while (false)

namespace millrace::tests {

namespace detail {

struct Run
{
    bool ended = false;
    QString escaped; ///< the text of an exception
    QEventLoop loop;
};

inline QCoro::Task<> observe(std::shared_ptr<Run> run, QCoro::Task<> task)
{
    try {
        co_await task; // void
    } catch (const std::exception& error) {
        run->escaped = QString::fromUtf8(error.what());
    } catch (...) {
        run->escaped = QStringLiteral("unknown exception");
    }
    run->ended = true;
    run->loop.quit();
}

} // namespace detail

/// Spins the event loop until the task ends. Fails the test if it takes longer than the deadline or throws.
/// @returns false then
inline bool runCoroutine(QCoro::Task<> task,
                         std::chrono::milliseconds deadline = std::chrono::seconds(10))
{
    auto run = std::make_shared<detail::Run>();
    detail::observe(run, std::move(task));
    if (!run->ended) {
        QTimer guard;
        guard.setSingleShot(true);
        QObject::connect(&guard, &QTimer::timeout, &run->loop, &QEventLoop::quit);
        guard.start(deadline);
        run->loop.exec();
    }
    if (!run->ended) {
        QTest::qFail("the coroutine did not end within its deadline", __FILE__, __LINE__);
        return false;
    }
    if (!run->escaped.isEmpty()) {
        QTest::qFail(qPrintable(QStringLiteral("an exception escaped: ") + run->escaped), __FILE__, __LINE__);
        return false;
    }
    return true;
}

/// Spins the event loop until the future has its result; nullopt if it takes longer than the deadline.
template<typename T>
[[nodiscard]] std::optional<T> waitForResult(QFuture<T> future,
                                             std::chrono::milliseconds deadline = std::chrono::seconds(10))
{
    if (!QTest::qWaitFor([&future] { return future.isFinished(); }, static_cast<int>(deadline.count()))
        || future.resultCount() == 0) {
        return std::nullopt;
    }
    return future.result();
}

/// The error's name as on the wire, or `ok`. (Qt Test cannot compare ErrorCode itself: it takes our toString for
/// its own.)
template<typename T>
[[nodiscard]] QByteArray codeOf(const base::Result<T>& result)
{
    if (result)
        return QByteArrayLiteral("ok");
    const std::string_view name = base::toString(result.error().code);
    return QByteArray(name.data(), static_cast<qsizetype>(name.size()));
}

} // namespace millrace::tests
