// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/telemetry/histogram.h"

#include <QObject>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace millrace::desktop {

/// Measures how late the event loop of its thread runs.
///
/// A thread of its own posts a probe every 10 ms; the lateness of a probe is the time until the loop handles it. While
/// one probe waits no other is posted; those that were due in the meantime are counted with the lateness they would have had,
/// so that a long block is not one small event among many good ones.
/// Thread: the one that owns the object (gui).
class LoopWatchdog : public QObject
{
    Q_OBJECT

public:
    static constexpr std::chrono::milliseconds kPeriod{10};

    explicit LoopWatchdog(QObject* parent = nullptr);
    ~LoopWatchdog() override;

    void start();
    void stop();

    struct Figures
    {
        std::int64_t p50Us = 0, p99Us = 0, maxUs = 0;
        std::uint64_t probes = 0; ///< behind the figures; 0 = there are none yet
    };
    /// Over the last minute.
    [[nodiscard]] Figures figures() const;
    /// Over everything since start() or reset().
    [[nodiscard]] Figures sinceReset() const;
    void reset();

protected:
    bool event(QEvent* event) override;

private:
    static constexpr int kSeconds = 60;
    struct Second
    {
        std::int64_t number = -1; ///< of the steady clock
        std::int64_t maxUs = 0;
        telemetry::Histogram late;
    };
    void run();
    void record(std::chrono::steady_clock::time_point due, std::chrono::steady_clock::time_point handled);

    std::array<Second, kSeconds> m_ring;
    telemetry::Histogram m_all;
    std::int64_t m_allMaxUs = 0;

    std::atomic<bool> m_isPending{false};
    std::mutex m_lock;
    std::condition_variable m_wake;
    bool m_stopping = false; ///< guarded by m_lock
    std::thread m_thread;
};

} // namespace millrace::desktop
