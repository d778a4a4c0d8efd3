// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/models/live_series.h"
#include "transport/client/pipeline.h"

#include <QCoroTask>
#include <QList>
#include <QObject>
#include <QPointer>
#include <QString>
#include <QStringList>

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace millrace::desktop {

/// What the Overview shows: figures and points of all queues together or of one. Thread: gui.
class OverviewViewModel : public QObject
{
    Q_OBJECT

public:
    enum class Range { Minute, TenMinutes, Hour };
    Q_ENUM(Range)

    explicit OverviewViewModel(client::Pipeline* pipeline, QObject* parent = nullptr);

    void setRange(Range range);
    [[nodiscard]] Range range() const { return m_range; }
    [[nodiscard]] std::chrono::seconds span() const;

    /// Paused: figures and points stay what they were; what arrives meanwhile is kept and shown on resume.
    void setPaused(bool paused);
    [[nodiscard]] bool isPaused() const { return m_paused; }

    /// Empty = all together. The charts begin anew with what the pipeline remembers of it.
    void setQueue(const QString& queue);
    [[nodiscard]] QString queue() const { return m_queue; }
    [[nodiscard]] const QStringList& queues() const { return m_queues; }

    /// The figures shown now; nullopt = there is none yet (or the chosen queue is gone).
    struct Figures
    {
        telemetry::QueueSample sample;
        telemetry::Point rates; ///< its rates; NaN = no figure
        std::uint64_t newDead = 0; ///< dead letters of the last minute
    };
    [[nodiscard]] const std::optional<Figures>& figures() const { return m_figures; }
    /// True once the pipeline told anything.
    [[nodiscard]] bool isHeard() const { return m_atUs != 0; }
    /// True once anything was ever submitted or lies in a queue; until then the page says what to press.
    [[nodiscard]] bool hasActivity() const { return m_hasActivity; }

    /// The points of the chosen range; the right edge of the charts is endUs(), on the node's clock.
    [[nodiscard]] std::vector<telemetry::Point> points() const;
    /// Goes on between snapshots, so that a stale chart shows how long nothing came.
    [[nodiscard]] std::int64_t endUs() const;
    /// One value a second of the last minute.
    [[nodiscard]] QList<double> trend(double (*value)(const telemetry::Point&)) const;
    /// Why the past could not be fetched; empty = it could.
    [[nodiscard]] QString historyProblem() const { return m_historyProblem; }

Q_SIGNALS:
    void figuresChanged();
    void queuesChanged();
    void queueChanged();
    void rangeChanged();
    void pausedChanged();
    void activityChanged();

private:
    void onSnapshot(const client::SnapshotPtr& snapshot);
    void updateQueues(const client::Snapshot& snapshot);
    void showFigures();
    [[nodiscard]] std::uint64_t deadOfLastMinute(std::uint64_t now) const;
    void fetchHistory();
    QCoro::Task<base::Result<void>> loadHistory(std::uint64_t generation, std::string queue);

    QPointer<client::Pipeline> m_pipeline;
    LiveSeries m_series;
    std::optional<telemetry::QueueSample> m_sample; ///< newest of the chosen queue
    std::optional<Figures> m_figures;
    QStringList m_queues;
    QString m_queue;
    QString m_historyProblem;
    Range m_range = Range::Minute;
    bool m_paused = false;
    bool m_hasActivity = false;
    std::int64_t m_atUs = 0; ///< of the newest snapshot
    std::chrono::steady_clock::time_point m_arrivedAt{};
    std::int64_t m_pausedAtUs = 0;
    std::vector<telemetry::Point> m_pausedPoints; ///< an hour, as it was when paused
    std::uint64_t m_generation = 0;
};

} // namespace millrace::desktop
