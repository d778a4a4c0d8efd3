// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/handlers/quake_events.h"
#include "app/handlers/result_journal.h"
#include "app/handlers/workload_base.h"

#include <memory>
#include <vector>

namespace millrace::handlers {

/// Publishes a week of earthquakes to the topic `quakes`, which two queues subscribe: one validates
/// each event and records alerts, the other keeps a sliding window.
class EarthquakesWorkload final : public WorkloadBase
{
    Q_OBJECT

public:
    explicit EarthquakesWorkload(WorkloadContext context, QObject* parent = nullptr);

    [[nodiscard]] QString id() const override;
    [[nodiscard]] QString title() const override;
    [[nodiscard]] QString description() const override;
    [[nodiscard]] message::PipelineDefinition definition() const override;
    [[nodiscard]] LoadProfile defaultProfile() const override;
    [[nodiscard]] QList<Knob> knobs() const override;
    void setKnob(const QString& key, double value) override;
    [[nodiscard]] QString knobLabel(const QString& key) const override;

    /// The rows of judged events.
    [[nodiscard]] QString alertsPath() const;
    /// The rows of counted events.
    [[nodiscard]] QString statsPath() const;

protected:
    [[nodiscard]] QCoro::Task<Result<void>> prepare() override;
    [[nodiscard]] std::vector<std::unique_ptr<client::Worker>> makeWorkers() override;
    [[nodiscard]] QFuture<Result<std::uint64_t>> prepareInput(std::uint64_t count) override;
    [[nodiscard]] message::Message makeMessage(std::uint64_t number) const override;
    [[nodiscard]] QFuture<Result<Findings>> findResults(std::vector<Fate> fates) override;
    [[nodiscard]] std::vector<std::shared_ptr<void>> release() override;

private:
    /// Filled by a pool thread before anything is submitted.
    struct Input
    {
        std::shared_ptr<const QuakeEvents> events;
        std::shared_ptr<const QuakeValidator> validator;
    };

    static Result<void> load(std::shared_ptr<Input> input);

    std::shared_ptr<Input> m_input;
    std::shared_ptr<ResultJournal> m_alerts; ///< shared with the handlers
    std::shared_ptr<ResultJournal> m_stats;  ///< shared with the handlers
};

} // namespace millrace::handlers
