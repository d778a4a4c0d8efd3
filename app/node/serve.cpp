// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/config/paths.h"
#include "app/config/pipeline_file.h"
#include "app/node/commands.h"
#include "app/node/session.h"
#include "app/process/signal_watcher.h"
#include "app/terminal/console.h"
#include "transport/zeromq/node/node.h"

#include <zmq.hpp>

#include <QCoreApplication>

namespace millrace::node {

namespace {

base::Result<zeromq::NodeOptions> nodeOptions(const ServeOptions& options)
{
    zeromq::NodeOptions node;
    const auto directory = dataDirectory(options.data);
    if (!directory)
        return tl::unexpected(directory.error());
    node.store.directory = *directory;
    node.name = options.name.empty() ? config::nodeNameFor("node", *directory) : options.name;
    node.program = "millrace-node " MR_VERSION;
    node.log = &logFromNode;
    // It said why in the log. A process that holds the directory and serves nobody would only be in the way.
    node.onFailed = [](const std::string&) {
        QMetaObject::invokeMethod(
            QCoreApplication::instance(), [] { QCoreApplication::exit(kCannot); }, Qt::QueuedConnection);
    };
    const auto runtime = zeromq::defaultRuntimeDirectory();
    if (!runtime)
        return tl::unexpected(runtime.error());
    node.runtimeDirectory = *runtime;
    if (!options.pipeline.empty()) {
        auto definition = config::readPipelineFile(options.pipeline);
        if (!definition)
            return tl::unexpected(definition.error());
        node.definition = std::move(*definition);
    }
    return node;
}

} // namespace

int serve(ServeOptions options)
{
    const auto settings = nodeOptions(options);
    if (!settings)
        return fail(settings.error());
    // Before the node's threads start: a signal during the start stops it right after.
    process::SignalWatcher signalWatcher;
    QObject::connect(&signalWatcher,
                     &process::SignalWatcher::stopRequested,
                     QCoreApplication::instance(),
                     [] { QCoreApplication::exit(kDone); });
    auto node = zeromq::Node::start(std::make_shared<zmq::context_t>(), *settings);
    if (!node)
        return fail(node.error());
    printLine("ready " + (*node)->endpoints().ipc + " (data in "
              + settings->store.directory.string() + "); stop it with Ctrl-C");
    return QCoreApplication::exec();
}

} // namespace millrace::node
