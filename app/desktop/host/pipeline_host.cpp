// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/host/pipeline_host.h"

#include "app/config/paths.h"
#include "app/config/pipeline_file.h"
#include "app/desktop/models/text_format.h"
#include "core/store/sqlite_store.h"
#include "transport/client/async.h"
#include "transport/zeromq/link/link.h"
#include "transport/zeromq/node/node.h"

#include <spdlog/spdlog.h>
#include <zmq.hpp>

#include <QCoroFuture>
#include <QCoroTimer>
#include <QLoggingCategory>
#include <QPointer>
#include <QtConcurrentRun>

#include <chrono>
#include <utility>

namespace millrace::desktop {

using namespace std::chrono_literals;

namespace {

void logNodeLine(char level, const std::string& line)
{
    if (level == 'E')
        spdlog::error("{}", line);
    else if (level == 'W')
        spdlog::warn("{}", line);
    else
        spdlog::info("{}", line);
}

/// What a decoder says of a damaged picture is the text of its dead letter already; only who looks for more sees it twice.
void quietDecoders()
{
    if (!qEnvironmentVariableIsSet("MILLRACE_VERBOSE"))
        QLoggingCategory::setFilterRules(QStringLiteral("qt.gui.imageio*.warning=false"));
}

constexpr auto kLeaveTimeout = 3s;

/// Takes one from `remaining` at its end. A workload that is just being attached is waited for: leaving it halfway
/// would stop its workers the hard way, on this thread.
QCoro::Task<base::Result<void>> leave(QPointer<handlers::Workload> workload,
                                      std::chrono::steady_clock::time_point deadline,
                                      std::shared_ptr<int> remaining)
{
    base::Result<void> detached;
    while (workload) {
        workload->stopSubmitting();
        auto detaching = workload->detach();
        detached = co_await detaching;
        const bool isBusy = !detached && detached.error().code == base::ErrorCode::Busy;
        if (!isBusy || std::chrono::steady_clock::now() >= deadline)
            break;
        auto pause = QCoro::sleepFor(10ms);
        co_await pause; // void
    }
    --*remaining;
    co_return detached;
}

} // namespace

PipelineHost::PipelineHost(HostOptions options, QObject* parent)
    : QObject(parent)
    , m_options(std::move(options))
    , m_context(std::make_shared<zmq::context_t>(1))
{
    quietDecoders();
}

PipelineHost::~PipelineHost()
{
    leaveNode();
}

std::vector<handlers::Workload*> PipelineHost::workloads() const
{
    std::vector<handlers::Workload*> list;
    for (const auto& workload : m_workloads)
        list.push_back(workload.get());
    return list;
}

void PipelineHost::start()
{
    if (!m_starting && !m_stopping && !m_pipeline)
        client::spawn(this, "start pipeline", run());
}

void PipelineHost::stop()
{
    if (!m_stopping)
        client::spawn(this, "stop pipeline", runStop());
}

PipelineHost::Started PipelineHost::fail(const QString& title, const base::Error& error)
{
    Started started;
    started.problem = title;
    started.error = error;
    return started;
}

QString PipelineHost::titleOf(base::ErrorCode code)
{
    using base::ErrorCode;
    switch (code) {
    case ErrorCode::Busy: return tr("Another program holds the data directory");
    case ErrorCode::Unsupported: return tr("The data was written by a newer Millrace");
    case ErrorCode::Corrupt: return tr("The data is damaged");
    case ErrorCode::Invalid: return tr("The data directory holds something else");
    case ErrorCode::StoreFull: return tr("The disk is full");
    default: return tr("The data directory cannot be used");
    }
}

PipelineHost::Started PipelineHost::startNode(std::shared_ptr<zmq::context_t> context, HostOptions options)
{
    zeromq::NodeOptions node;
    node.name = config::nodeNameFor("desktop", options.directory);
    node.program = std::string("millrace ") + MR_VERSION;
    node.store.directory = options.directory;
    node.log = &logNodeLine;
    if (!options.pipelineFile.isEmpty()) {
        auto definition = config::readPipelineFile(options.pipelineFile.toStdString());
        if (!definition)
            return fail(tr("The pipeline file has a mistake"), definition.error());
        node.definition = std::move(*definition);
    }
    if (auto runtime = zeromq::defaultRuntimeDirectory())
        node.runtimeDirectory = *runtime;
    else
        spdlog::warn("other programs cannot reach this pipeline: {}", runtime.error().context);

    auto running = zeromq::Node::start(std::move(context), std::move(node));
    if (!running) {
        if (running.error().code == base::ErrorCode::Busy)
            return attachToHolder(options, running.error());
        return fail(titleOf(running.error().code), running.error());
    }
    Started started;
    started.node = std::move(*running);
    started.endpoint = QString::fromStdString(started.node->endpoints().inproc);
    //: The pipeline that runs inside this program.
    started.displayName = tr("embedded");
    return started;
}

PipelineHost::Started PipelineHost::attachToHolder(const HostOptions& options, const base::Error& busy)
{
    const auto holder = store::DirectoryLock::holder(options.directory);
    if (!holder || holder->endpoints.empty())
        return fail(titleOf(base::ErrorCode::Busy), busy);
    Started started;
    started.endpoint = QString::fromStdString(holder->endpoints);
    started.displayName = visibleLine(holder->program, 60);
    //: %1 is a program's name, %2 a process number, %3 a directory.
    started.notice = tr("The data directory %3 is in use by %1 (process %2). This window is attached to it.")
                         .arg(visibleLine(holder->program, 60),
                              QString::number(holder->pid),
                              visibleLine(options.directory.string(), 200));
    return started;
}

QCoro::Task<base::Result<void>> PipelineHost::run()
{
    const QPointer<PipelineHost> self(this);
    m_starting = true;
    Started started;
    if (m_options.attachEndpoint.isEmpty()) {
        auto pending = QtConcurrent::run(&PipelineHost::startNode, m_context, m_options);
        started = co_await pending;
        if (!self)
            co_return base::Result<void>();
    } else {
        started.endpoint = m_options.attachEndpoint;
        started.displayName = m_options.attachEndpoint;
    }
    self->m_starting = false;
    if (self->m_stopping) {
        // Nobody waits for it any more: runStop() closes what has just started.
        self->m_node = std::move(started.node);
        co_return base::Result<void>();
    }
    if (started.problem.isEmpty()) {
        const auto opened = self->openLink(started);
        if (!opened)
            started = fail(tr("The pipeline cannot be reached"), opened.error());
    }
    if (!started.problem.isEmpty()) {
        spdlog::error("{}", started.error.context);
        Q_EMIT self->failed(started.problem, describeError(started.error));
        co_return base::Result<void>();
    }
    Q_EMIT self->ready(started.notice);
    co_return base::Result<void>();
}

base::Result<void> PipelineHost::openLink(const Started& started)
{
    m_node = started.node;
    zeromq::LinkOptions options;
    options.endpoint = started.endpoint.toStdString();
    options.displayName = started.displayName.toStdString();
    auto link = zeromq::openLink(m_context, std::move(options));
    if (!link)
        return tl::unexpected(link.error());
    m_connection = std::move(link->connection);
    m_pipeline = std::move(link->pipeline);
    // On somebody else's node, named or found holding the directory, this window declares no queues, works on nothing
    // and touches no file of the holder's workloads.
    if (!m_node)
        return {};
    handlers::WorkloadContext context;
    context.connection = m_connection;
    context.pipeline = m_pipeline.get();
    context.directory = QString::fromStdString((m_options.directory / "workloads").string());
    m_workloads = handlers::createWorkloads(context);
    return {};
}

QCoro::Task<base::Result<void>> PipelineHost::runStop()
{
    const QPointer<PipelineHost> self(this);
    m_stopping = true;
    // A node that is just starting is waited for: it may hold the directory already.
    while (self && self->m_starting) {
        auto pause = QCoro::sleepFor(10ms);
        co_await pause; // void
    }
    if (!self)
        co_return base::Result<void>();
    const auto deadline = std::chrono::steady_clock::now() + kLeaveTimeout;
    auto remaining = std::make_shared<int>(0);
    for (const auto& workload : self->m_workloads) {
        ++*remaining;
        client::spawn(self, "detach workload", leave(workload.get(), deadline, remaining));
    }
    while (*remaining > 0 && std::chrono::steady_clock::now() < deadline) {
        auto pause = QCoro::sleepFor(10ms);
        co_await pause; // void
    }
    if (!self)
        co_return base::Result<void>();
    self->leaveNode();
    if (self->m_node) {
        auto closing = QtConcurrent::run(&PipelineHost::closeNode, std::exchange(self->m_node, nullptr));
        co_await closing; // void
        if (!self)
            co_return base::Result<void>();
    }
    self->m_stopping = false;
    Q_EMIT self->stopped();
    co_return base::Result<void>();
}

void PipelineHost::leaveNode()
{
    m_workloads.clear();
    m_pipeline.reset();
    m_connection.reset();
}

void PipelineHost::closeNode(std::shared_ptr<zeromq::Node> node)
{
    node.reset();
}

} // namespace millrace::desktop
