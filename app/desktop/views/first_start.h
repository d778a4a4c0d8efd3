// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

namespace millrace::desktop {

class Banner;
class WorkloadsViewModel;

/// Says what to press until a workload was started once on this account. Thread: gui.
class FirstStart : public QObject
{
    Q_OBJECT

public:
    FirstStart(WorkloadsViewModel* workloads, Banner* banner, QObject* parent = nullptr);

    [[nodiscard]] static bool isDone();

Q_SIGNALS:
    /// The hint's button was pressed, and the demo runs.
    void demoStarted();

private:
    void onStarted();
    WorkloadsViewModel* m_workloads;
    Banner* m_banner;
};

} // namespace millrace::desktop
