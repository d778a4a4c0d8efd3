// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/host/connect_host.h"

namespace millrace::desktop {

void connectHost(MainWindow& window, PipelineHost& host)
{
    QObject::connect(&host, &PipelineHost::ready, &window, [&](const QString& notice) {
        window.openPipeline(host.pipeline(), host.workloads());
        if (!notice.isEmpty())
            window.showNotice(Banner::Kind::Hint, notice);
    });
    QObject::connect(&host, &PipelineHost::failed, &window, &MainWindow::showProblem);
    QObject::connect(&window, &MainWindow::retryRequested, &host, [&] {
        window.showConnecting({});
        host.start();
    });
    QObject::connect(&window, &MainWindow::closed, &host, [&] {
        window.closePipeline();
        host.stop();
    });
}

} // namespace millrace::desktop
