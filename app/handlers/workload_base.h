// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/handlers/submitter.h"
#include "app/handlers/workload.h"
#include "transport/client/worker.h"

#include <QFuture>
#include <QThreadPool>
#include <QTimer>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace millrace::handlers {

/// A copy of message `number` in the queue with index `queue` of a workload's definition.
struct Copy
{
    std::size_t queue = 0;
    std::uint64_t number = 0;
    friend auto operator<=>(const Copy&, const Copy&) = default;
};

/// What was found in files and rows.
struct Findings
{
    std::set<Copy> done; ///< with the right value
    QStringList surplus; ///< wrong values, and results of no message
};

/// What the three workloads share: identity of their messages, queues, submission, workers,
/// progress, accounting.
///
/// A message's id is `<run>-<number>`: the run is new with each attach(), so that the results of
/// earlier runs in the same directory are told apart. The id is also the idempotency key. Thread:
/// the one that owns it. May be destroyed at any time.
class WorkloadBase : public Workload
{
    Q_OBJECT

public:
    ~WorkloadBase() override;

    [[nodiscard]] QCoro::Task<Result<void>> attach() final;
    [[nodiscard]] QCoro::Task<Result<void>> submit(LoadProfile profile) final;
    void stopSubmitting() final;
    [[nodiscard]] QCoro::Task<Result<void>> detach() final;
    [[nodiscard]] QCoro::Task<Result<Accounting>> account() final;
    [[nodiscard]] WorkloadProgress progress() const final;
    [[nodiscard]] QString problem() const final { return m_problem; }

protected:
    /// @param target  the queue or topic that it submits to
    WorkloadBase(WorkloadContext context, QString target, QObject* parent);

    /// Opens what the handlers need: services, result files. Called by each attach(). What waits for the disk
    /// runs off this thread.
    [[nodiscard]] virtual QCoro::Task<Result<void>> prepare() = 0;
    [[nodiscard]] virtual std::vector<std::unique_ptr<client::Worker>> makeWorkers() = 0;
    /// Prepares the input of `count` messages (0 = the natural size), off this thread.
    /// @returns how many messages to submit
    [[nodiscard]] virtual QFuture<Result<std::uint64_t>> prepareInput(std::uint64_t count) = 0;
    /// What to tell people when prepareInput() failed, translated; empty = nothing better than the error.
    [[nodiscard]] virtual QString inputProblem(const base::Error& /*error*/) const { return {}; }
    /// Message `number` of this run. The base fills in id, idempotency key and source.
    [[nodiscard]] virtual message::Message makeMessage(std::uint64_t number) const = 0;
    /// Reads the results of this run, off this thread. `fates` says which numbers exist.
    [[nodiscard]] virtual QFuture<Result<Findings>> findResults(std::vector<Fate> fates) = 0;
    /// Hands over services and result files: the last reference goes off this thread, since their ends join threads.
    [[nodiscard]] virtual std::vector<std::shared_ptr<void>> release() = 0;

    [[nodiscard]] const WorkloadContext& context() const { return m_context; }
    /// Folder of this workload's files.
    [[nodiscard]] QString directory() const;
    [[nodiscard]] const std::string& run() const { return m_run; }
    [[nodiscard]] std::string messageId(std::uint64_t number) const;
    /// Number of the first message of the next submission.
    [[nodiscard]] std::uint64_t nextNumber() const { return m_submitter.fates().size(); }
    /// Preparation and accounting run here; stopped by destruction.
    [[nodiscard]] QThreadPool* pool() { return &m_pool; }
    /// Requested by destruction; long preparation and accounting look at it.
    [[nodiscard]] std::stop_token stopToken() const { return m_stop.get_token(); }
    [[nodiscard]] client::Worker::Options workerOptions(std::uint32_t concurrency,
                                                        int threads) const;

private:
    QCoro::Task<Result<void>> defineQueues();
    QCoro::Task<Result<void>> startWorkers();
    /// Stops the workers and lets go of what they used.
    QCoro::Task<Result<void>> stopWorkers();
    QCoro::Task<Result<std::set<Copy>>> findDeadLetters();
    QCoro::Task<Result<std::set<Copy>>> readDeadLetters(client::DeadLetterView view);
    [[nodiscard]] Accounting compare(const std::vector<Fate>& fates,
                                     const Findings& found,
                                     const std::set<Copy>& dead) const;
    /// Index of a queue in the definition; -1 = not ours.
    [[nodiscard]] std::ptrdiff_t queueIndex(const std::string& name) const;
    void addTotals(const client::Worker::Totals& totals);
    void scheduleProgress();
    /// @param words  for people, translated; empty = there are none but the error's own
    tl::unexpected<base::Error> tell(const base::Error& error, const QString& words = {});

    WorkloadContext m_context;
    std::stop_source m_stop;
    QThreadPool m_pool;
    Submitter m_submitter;
    QTimer m_progressTimer;
    QString m_problem;
    std::string m_run;
    std::int64_t m_attachedAtUs = 0;
    bool m_attached = false;
    bool m_busy = false;      ///< attach() or detach() runs
    bool m_preparing = false; ///< submit() prepares its input
    bool m_stopRequested = false;
    client::Worker::Totals m_earlier; ///< of workers that are gone
    std::vector<std::unique_ptr<client::Worker>>
        m_workers; ///< declared last: stops before what its handlers use
};

/// The number in `id` if it is a message of `run`.
[[nodiscard]] std::optional<std::uint64_t> numberOfMessage(const std::string& run,
                                                           std::string_view id);
[[nodiscard]] std::string messageIdOf(const std::string& run, std::uint64_t number);

} // namespace millrace::handlers
