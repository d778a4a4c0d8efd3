// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/handlers/workload.h"
#include "core/base/result.h"
#include "transport/client/pipeline.h"

#include <QCoroTask>
#include <QFuture>
#include <QObject>
#include <QString>

#include <filesystem>
#include <memory>
#include <vector>

namespace zmq {
class context_t;
}
namespace millrace::zeromq {
class Node;
}

namespace millrace::desktop {

struct HostOptions
{
    std::filesystem::path directory; ///< data of the pipeline
    QString pipelineFile;            ///< empty = none
    QString attachEndpoint;          ///< of a node that runs elsewhere; empty = run one here
};

/// Puts the concrete parts together: the embedded node (started and stopped off the GUI thread), the link to it and
/// the workloads. If the directory is held by another node, attaches to that one, without workloads: they belong to
/// the program that runs the node.
/// Thread: gui.
class PipelineHost : public QObject
{
    Q_OBJECT

public:
    explicit PipelineHost(HostOptions options, QObject* parent = nullptr);
    ~PipelineHost() override;

    /// Ends in ready() or failed(); may be called again after failed().
    void start();
    /// Ends in stopped(), once, within a few seconds, whatever the workloads do; ready() and failed() no longer come.
    /// The window must have closed the pipeline before.
    void stop();

    [[nodiscard]] client::Pipeline* pipeline() const { return m_pipeline.get(); }
    /// None if the node is another program's.
    [[nodiscard]] std::vector<handlers::Workload*> workloads() const;

Q_SIGNALS:
    /// @param notice  what the person should know, for example that it attached to another node; may be empty
    void ready(const QString& notice);
    void failed(const QString& title, const QString& text);
    void stopped();

private:
    struct Started
    {
        std::shared_ptr<zeromq::Node> node; ///< null: attached to another one
        QString endpoint;
        QString displayName;
        QString notice;
        QString problem; ///< title; empty = it runs
        base::Error error;
    };
    /// Runs in a thread of the pool.
    static Started startNode(std::shared_ptr<zmq::context_t> context, HostOptions options);
    static Started attachToHolder(const HostOptions& options, const base::Error& busy);
    static Started fail(const QString& title, const base::Error& error);
    static QString titleOf(base::ErrorCode code);
    QCoro::Task<base::Result<void>> run();
    QCoro::Task<base::Result<void>> runStop();
    base::Result<void> openLink(const Started& started);
    /// Lets go of what must go before the node.
    void leaveNode();
    /// Runs in a thread of the pool: the node joins its threads and closes its store.
    static void closeNode(std::shared_ptr<zeromq::Node> node);

    HostOptions m_options;
    std::shared_ptr<zmq::context_t> m_context;
    std::shared_ptr<zeromq::Node> m_node;
    std::shared_ptr<client::Connection> m_connection;
    std::unique_ptr<client::Pipeline> m_pipeline;
    std::vector<std::unique_ptr<handlers::Workload>> m_workloads; ///< go before the connection
    bool m_starting = false;
    bool m_stopping = false;
};

} // namespace millrace::desktop
