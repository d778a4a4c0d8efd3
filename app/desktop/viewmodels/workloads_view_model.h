// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/handlers/workload.h"
#include "transport/client/pipeline.h"

#include <QCoroTask>
#include <QFuture>
#include <QObject>
#include <QPointer>
#include <QString>

#include <cstdint>
#include <optional>
#include <vector>

namespace millrace::desktop {

/// One workload as its card shows it. Thread: gui.
class WorkloadCardModel : public QObject
{
    Q_OBJECT

public:
    enum class Phase {
        Waiting,    ///< for the pipeline
        Preparing,  ///< queues, samples and workers
        Idle,       ///< workers are attached, nothing is submitted
        Submitting,
        Working,    ///< all is submitted, not all is settled
        Failed,     ///< could not be prepared; start() tries again
    };
    Q_ENUM(Phase)

    WorkloadCardModel(handlers::Workload* workload, QObject* parent = nullptr);

    [[nodiscard]] handlers::Workload* workload() const { return m_workload; }
    [[nodiscard]] Phase phase() const { return m_phase; }
    [[nodiscard]] handlers::LoadProfile profile() const { return m_profile; }
    void setProfile(handlers::LoadProfile profile);

    /// Prepares if that was not done, and submits. Does nothing while it submits.
    void start();
    /// Submits no more; what was submitted is still worked on.
    void stop();
    /// Declares the queues and starts the workers, so that what an earlier run left is worked on.
    void prepare();

    /// `planned`, `begun` and `refused` count messages. The others count copies, one for each queue that a message
    /// goes to, as `millrace-node demo` does, so that submitted = acknowledged + dead + waiting. What an earlier
    /// session left in the queues comes on top of acknowledged and waiting.
    struct Counts
    {
        std::uint64_t planned = 0;   ///< of the submission that runs, or ran last
        std::uint64_t begun = 0;     ///< of these: submitted
        std::uint64_t refused = 0;   ///< in all
        std::uint64_t submitted = 0, acknowledged = 0, retried = 0; ///< in all
        std::uint64_t waiting = 0; ///< in its queues now
        std::uint64_t dead = 0;    ///< dead letters of its queues beyond those that were there at the start
    };
    [[nodiscard]] Counts counts() const;
    /// 0 to 1 of what was asked for last; settled ones once all are submitted.
    [[nodiscard]] double progress() const;
    /// Plain text, hostile; empty = none.
    [[nodiscard]] QString error() const;

    /// Only the images take a folder; empty = the sample pictures.
    [[nodiscard]] bool takesFolder() const;
    [[nodiscard]] QString folder() const;
    void setFolder(const QString& folder);

    /// Figures of its queues in the newest snapshot.
    void take(const client::Snapshot& snapshot);
    /// There is a connection again: what was said about its loss is over.
    void connectionCame();
    [[nodiscard]] QFuture<base::Result<void>> detach();

Q_SIGNALS:
    /// At most ten times a second.
    void changed();
    void profileChanged();
    /// A person pressed Start and it went through.
    void started();

private:
    QCoro::Task<base::Result<void>> run(bool andSubmit);
    QCoro::Task<base::Result<void>> runDetach(std::shared_ptr<QPromise<base::Result<void>>> promise);
    void setPhase(Phase phase);
    void fail(const base::Error& error);
    /// In the workload's own words if it has some.
    [[nodiscard]] QString describe(const base::Error& error) const;
    void settlePhase();

    QPointer<handlers::Workload> m_workload;
    handlers::LoadProfile m_profile;
    std::vector<std::string> m_queues;
    Phase m_phase = Phase::Waiting;
    QString m_error;   ///< how the preparation or the last submission ended
    QString m_trouble; ///< of the work that goes on; gone as soon as it works again
    std::uint64_t m_acknowledgedAtTrouble = 0;
    QString m_folder;
    bool m_attached = false;
    bool m_running = false; ///< run() is on its way
    bool m_wanted = false;  ///< start() came while it prepared
    std::uint64_t m_waiting = 0, m_dead = 0;
    std::optional<std::uint64_t> m_deadBefore; ///< in the first snapshot; less once those are replayed or discarded
    std::uint64_t m_submittedBefore = 0, m_copiesBefore = 0; ///< when the submission began
};

/// All workloads. Prepares them as soon as the pipeline is there. Thread: gui.
class WorkloadsViewModel : public QObject
{
    Q_OBJECT

public:
    /// Pipeline and workloads must outlive it.
    WorkloadsViewModel(client::Pipeline* pipeline,
                       const std::vector<handlers::Workload*>& workloads,
                       QObject* parent = nullptr);

    [[nodiscard]] const std::vector<WorkloadCardModel*>& cards() const { return m_cards; }
    /// The one with this id; null if there is none.
    [[nodiscard]] WorkloadCardModel* card(const QString& id) const;
    /// What the first-start buttons do: 200 orders through the checkout.
    void startDemo();
    static constexpr std::uint64_t kDemoOrders = 200;

Q_SIGNALS:
    /// Some workload was started by a person.
    void started();

private:
    void prepareAll();
    QPointer<client::Pipeline> m_pipeline;
    std::vector<WorkloadCardModel*> m_cards;
    bool m_prepared = false;
};

} // namespace millrace::desktop
