// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/client/worker.h"

#include "core/message/envelope.h"
#include "transport/client/worker_core_p.h"

#include <QCoreApplication>

#include <utility>

namespace millrace::client {

namespace {

std::string nameOrDefault(const QString& name)
{
    if (!name.isEmpty())
        return name.toStdString();
    const QString program = QCoreApplication::applicationName();
    return (program.isEmpty() ? QStringLiteral("worker") : program).toStdString() + " "
        + std::to_string(QCoreApplication::applicationPid());
}

} // namespace

message::Envelope Delivery::envelope() const
{
    auto decoded = message::decodeEnvelope(m_incoming.envelope.view());
    return decoded ? std::move(*decoded) : message::Envelope();
}

class Worker::Impl
{
public:
    Impl(Worker* worker, WorkerCore::Config config)
        : m_worker(worker)
        , m_config(std::move(config))
    {
    }
    ~Impl()
    {
        if (m_core)
            m_core->stopNow();
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    QFuture<Result<void>> start()
    {
        if (m_core && !m_core->isOver()) {
            return resolved<void>(
                base::fail(base::ErrorCode::Busy,
                           "the worker on \"" + m_config.queue + "\" runs already: stop it first"));
        }
        m_core = std::make_shared<WorkerCore>(m_config, m_totals, m_worker);
        return m_core->start();
    }
    QFuture<Result<void>> stop() { return m_core ? m_core->stop() : resolved<void>({}); }

    Worker* m_worker;
    const WorkerCore::Config m_config;
    const std::shared_ptr<WorkerTotals> m_totals = std::make_shared<WorkerTotals>();
    std::shared_ptr<WorkerCore> m_core; ///< of the newest run
};

Worker::Worker(std::shared_ptr<Connection> connection,
               QString queue,
               HandlerFactory factory,
               Options options,
               QObject* parent)
    : QObject(parent)
    , m_impl(std::make_unique<Impl>(this,
                                    WorkerCore::Config{std::move(connection), queue.toStdString(),
                                                       nameOrDefault(options.name), std::move(factory),
                                                       options}))
{
}

Worker::Worker(std::shared_ptr<Connection> connection,
               QString queue,
               BatchHandler handler,
               Options options,
               QObject* parent)
    : QObject(parent)
    , m_impl(std::make_unique<Impl>(this,
                                    WorkerCore::Config{std::move(connection), queue.toStdString(),
                                                       nameOrDefault(options.name), std::move(handler),
                                                       options}))
{
}

Worker::~Worker() = default;

QFuture<Result<void>> Worker::start()
{
    return m_impl->start();
}

QFuture<Result<void>> Worker::stop()
{
    return m_impl->stop();
}

Worker::Totals Worker::totals() const
{
    const WorkerTotals& totals = *m_impl->m_totals;
    return {totals.received, totals.acknowledged, totals.retried,
            totals.rejected, totals.released,     totals.leasesLost};
}

} // namespace millrace::client
