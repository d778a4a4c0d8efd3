// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QTimer>

#include <functional>
#include <vector>

namespace millrace::desktop {

/// Refreshes charts one after the other, never two in one turn of the event loop, each `rate` times a second. Runs only
/// while started. Thread: gui.
class PaintScheduler : public QObject
{
    Q_OBJECT

public:
    explicit PaintScheduler(int ratePerSecond, QObject* parent = nullptr);

    void add(std::function<void()> refresh);
    void start();
    void stop();
    [[nodiscard]] bool isRunning() const { return m_timer.isActive(); }
    /// All at once; for a change that a person made (range, theme).
    void refreshAll();

private:
    void next();
    int m_rate;
    QTimer m_timer;
    std::vector<std::function<void()>> m_refreshes;
    std::size_t m_next = 0;
};

} // namespace millrace::desktop
