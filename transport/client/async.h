// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <QFuture>
#include <QObject>
#include <QPromise>

#include <QCoroFuture>
#include <QCoroTask>

#include <memory>
#include <utility>

namespace millrace::client {

/// The writing end of a call: resolves its future once; if it is destroyed before, the caller gets Cancelled.
/// So every future finishes with a result, whatever happens. Movable, not copyable. Thread: any.
template<typename T>
class Resolver
{
public:
    using Value = base::Result<T>;
    Resolver()
        : m_promise(std::make_unique<QPromise<Value>>())
    {
        m_promise->start();
    }
    Resolver(Resolver&&) noexcept = default;
    Resolver& operator=(Resolver&& other) noexcept
    {
        abandon();
        m_promise = std::move(other.m_promise);
        return *this;
    }
    ~Resolver() { abandon(); }

    [[nodiscard]] QFuture<Value> future() const { return m_promise->future(); }
    [[nodiscard]] bool isPending() const { return m_promise != nullptr; }
    /// The first call counts; later ones do nothing.
    void resolve(Value value)
    {
        if (!m_promise)
            return;
        m_promise->addResult(std::move(value));
        m_promise->finish();
        m_promise.reset();
    }

private:
    void abandon()
    {
        resolve(base::fail(base::ErrorCode::Cancelled, "ended before it was answered"));
    }
    std::unique_ptr<QPromise<Value>> m_promise;
};

template<typename T>
[[nodiscard]] QFuture<base::Result<T>> resolved(base::Result<T> value)
{
    Resolver<T> resolver;
    auto future = resolver.future();
    resolver.resolve(std::move(value));
    return future;
}

/// The only way to let a coroutine run on its own: names it, logs an error result or an exception that escapes
/// (debug builds abort on the exception). `context` is only for the log.
void spawn(const QObject* context, const char* what, QCoro::Task<base::Result<void>> task);
void spawn(const QObject* context, const char* what, QCoro::Task<> task);

} // namespace millrace::client
