// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/client/async.h"

#include "transport/client/logging_p.h"

#include <exception>
#include <string>

namespace millrace::client {

Q_LOGGING_CATEGORY(clientLog, "millrace.client")

namespace {

/// Taken before the coroutine starts: the context may be gone when it ends.
QString nameOf(const QObject* context)
{
    if (context == nullptr)
        return QStringLiteral("(no context)");
    const QString type = QString::fromLatin1(context->metaObject()->className());
    return context->objectName().isEmpty() ? type : type + QLatin1Char(' ') + context->objectName();
}

void reportEscaped(const QString& context, const std::string& what, const QString& text)
{
#ifndef QT_NO_DEBUG
    qFatal("%s of %s let an exception escape: %s", what.c_str(), qUtf8Printable(context),
           qUtf8Printable(text));
#else
    qCCritical(clientLog, "%s of %s let an exception escape: %s", what.c_str(), qUtf8Printable(context),
               qUtf8Printable(text));
#endif
}

void reportCurrentException(const QString& context, const std::string& what)
{
    try {
        throw;
    } catch (const std::exception& error) {
        reportEscaped(context, what, QString::fromUtf8(error.what()));
    } catch (...) {
        reportEscaped(context, what, QStringLiteral("not derived from std::exception"));
    }
}

QCoro::Task<> watchResult(QString context, std::string what, QCoro::Task<base::Result<void>> task)
{
    try {
        const base::Result<void> ended = co_await task;
        if (!ended) {
            const std::string code(base::toString(ended.error().code));
            qCWarning(clientLog, "%s of %s failed: %s: %s", what.c_str(), qUtf8Printable(context),
                      code.c_str(), ended.error().context.c_str());
        }
    } catch (...) {
        reportCurrentException(context, what);
    }
}

QCoro::Task<> watchTask(QString context, std::string what, QCoro::Task<> task)
{
    try {
        co_await task; // void
    } catch (...) {
        reportCurrentException(context, what);
    }
}

} // namespace

void spawn(const QObject* context, const char* what, QCoro::Task<base::Result<void>> task)
{
    watchResult(nameOf(context), what, std::move(task));
}

void spawn(const QObject* context, const char* what, QCoro::Task<> task)
{
    watchTask(nameOf(context), what, std::move(task));
}

} // namespace millrace::client
