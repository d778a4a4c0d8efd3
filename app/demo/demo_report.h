// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/handlers/workload.h"
#include "transport/client/pipeline.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <set>
#include <string>
#include <vector>

namespace millrace::demo {

using Workloads = std::vector<std::unique_ptr<handlers::Workload>>;

/// What became of one workload.
struct DemoResult
{
    std::string workload;
    handlers::Accounting accounting;
    handlers::WorkloadProgress progress;
};

/// Prints the live figures of the demo, about one line a second, and the sum at the end.
/// Thread: main.
class DemoReport : public QObject
{
    Q_OBJECT

public:
    DemoReport(client::Pipeline* pipeline, const Workloads* workloads, bool json);

    void start();
    void stop() { m_timer.stop(); }
    /// The queues of the demo together; null before the first snapshot.
    [[nodiscard]] telemetry::QueueSample sum(const client::Snapshot& snapshot) const;
    /// The queues of the demo that wait and are paused, in words, if nothing else of it waits; else empty.
    [[nodiscard]] std::string pausedQueues(const client::Snapshot& snapshot) const;
    void printSum(const std::vector<DemoResult>& results) const;

private:
    void printFigures();
    [[nodiscard]] QString trouble() const;

    client::Pipeline* m_pipeline;
    const Workloads* m_workloads;
    bool m_json;
    std::set<std::string> m_queues;
    QTimer m_timer;
    QElapsedTimer m_clock;
    client::SnapshotPtr m_last; ///< of the line before
};

} // namespace millrace::demo
