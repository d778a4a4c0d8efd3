// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/message/policy.h"
#include "transport/client/connection.h"
#include "transport/client/pipeline.h"

#include <QCoroTask>
#include <QList>
#include <QObject>
#include <QString>
#include <QStringList>

#include <cstdint>
#include <memory>
#include <vector>

namespace millrace::handlers {

using base::Result;

/// How much to submit and how fast.
struct LoadProfile
{
    std::uint64_t count = 0;     ///< messages; 0 = the workload's natural size (all pictures, all events, 200 orders)
    double ratePerSecond = 50;   ///< 0 = as fast as they are confirmed
    std::uint32_t burst = 1;     ///< submitted together, the rate kept on average
};

/// A number that a person may change while the workload runs.
struct Knob
{
    QString key;      ///< stable, for example `latency-ms`
    double minimum = 0, maximum = 1, value = 0, step = 0.01;
    enum class Unit { Percent, Milliseconds, PerSecond, Count } unit = Unit::Percent; ///< Percent: value 0–1
};

struct WorkloadProgress
{
    bool submitting = false;
    std::uint64_t planned = 0;     ///< of the current submission
    std::uint64_t submitted = 0;   ///< confirmed as new, in all since attach()
    std::uint64_t copies = 0;      ///< deliveries owed for them: one for each queue that got a copy
    std::uint64_t refused = 0;     ///< or their outcome unknown
    std::uint64_t acknowledged = 0, retried = 0, rejected = 0; ///< by this program's workers
    QString lastError;             ///< of a submit or of the connection; plain text
};

/// What the handlers left, counted from files and rows and not from counters.
struct Accounting
{
    std::uint64_t expected = 0; ///< copies submitted
    std::uint64_t done = 0;     ///< left their result (files, rows), each checked by value
    std::uint64_t dead = 0;     ///< found among the dead letters by id
    std::uint64_t missing = 0;  ///< neither; must be 0 once all is settled
    std::uint64_t surplus = 0;  ///< results that nobody asked for; must be 0
    QStringList examples;       ///< at most ten ids of missing or surplus ones
    [[nodiscard]] bool isComplete() const { return missing == 0 && surplus == 0; }
};

/// Where a workload lives.
struct WorkloadContext
{
    std::shared_ptr<client::Connection> connection;
    client::Pipeline* pipeline = nullptr; ///< outlives the workload
    QString directory;                    ///< for samples and results; created if missing
};

/// A demo workload: real input, real work, failures for real reasons. The same object serves the window's card and
/// `millrace-node demo`.
/// Thread: the one that owns it; its handlers run on worker threads.
class Workload : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    /// `images`, `checkout` or `earthquakes`: stable, for the command line and settings.
    [[nodiscard]] virtual QString id() const = 0;
    [[nodiscard]] virtual QString title() const = 0;       ///< translated
    [[nodiscard]] virtual QString description() const = 0; ///< one translated sentence: what it does and why some fail
    [[nodiscard]] virtual message::PipelineDefinition definition() const = 0;
    [[nodiscard]] virtual LoadProfile defaultProfile() const = 0;
    [[nodiscard]] virtual QList<Knob> knobs() const = 0;
    /// Takes effect at once. Unknown keys are ignored, values are clamped.
    virtual void setKnob(const QString& key, double value) = 0;
    [[nodiscard]] virtual QString knobLabel(const QString& key) const = 0; ///< translated

    /// Defines its queues, prepares samples and services off this thread, starts its workers.
    [[nodiscard]] virtual QCoro::Task<Result<void>> attach() = 0;
    /// Submits; ends when all of it is confirmed or stopSubmitting() was called. Errors: Busy, and those of Producer.
    [[nodiscard]] virtual QCoro::Task<Result<void>> submit(LoadProfile profile) = 0;
    virtual void stopSubmitting() = 0;
    /// Stops its workers; running handlers end first.
    [[nodiscard]] virtual QCoro::Task<Result<void>> detach() = 0;
    /// Compares what was submitted since attach() with what the handlers left and with the dead letters.
    [[nodiscard]] virtual QCoro::Task<Result<Accounting>> account() = 0;
    [[nodiscard]] virtual WorkloadProgress progress() const = 0;
    /// What failed() told last, translated, if the workload itself found it; else empty, and the error says it.
    [[nodiscard]] virtual QString problem() const { return {}; }

Q_SIGNALS:
    /// At most ten times a second.
    void progressChanged();
    /// attach(), submit() or a worker failed; plain text: problem(), or else technical and in English.
    void failed(const QString& error);
};

/// All workloads in the order in which they are shown: checkout, images, earthquakes.
[[nodiscard]] std::vector<std::unique_ptr<Workload>> createWorkloads(const WorkloadContext& context, QObject* parent = nullptr);

} // namespace millrace::handlers
