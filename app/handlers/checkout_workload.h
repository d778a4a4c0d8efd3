// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/handlers/result_journal.h"
#include "app/handlers/shop_services.h"
#include "app/handlers/workload_base.h"

#include <memory>

namespace millrace::handlers {

/// Completes orders: asks shipping, payment and stock at the same time over HTTP. Services that are
/// unavailable or slow make it retry; a declined card rejects.
class CheckoutWorkload final : public WorkloadBase
{
    Q_OBJECT

public:
    explicit CheckoutWorkload(WorkloadContext context, QObject* parent = nullptr);

    [[nodiscard]] QString id() const override;
    [[nodiscard]] QString title() const override;
    [[nodiscard]] QString description() const override;
    [[nodiscard]] message::PipelineDefinition definition() const override;
    [[nodiscard]] LoadProfile defaultProfile() const override;
    [[nodiscard]] QList<Knob> knobs() const override;
    void setKnob(const QString& key, double value) override;
    [[nodiscard]] QString knobLabel(const QString& key) const override;

    /// The rows of completed orders.
    [[nodiscard]] QString resultsPath() const;

protected:
    [[nodiscard]] QCoro::Task<Result<void>> prepare() override;
    [[nodiscard]] std::vector<std::unique_ptr<client::Worker>> makeWorkers() override;
    [[nodiscard]] QFuture<Result<std::uint64_t>> prepareInput(std::uint64_t count) override;
    [[nodiscard]] message::Message makeMessage(std::uint64_t number) const override;
    [[nodiscard]] QFuture<Result<Findings>> findResults(std::vector<Fate> fates) override;
    [[nodiscard]] std::vector<std::shared_ptr<void>> release() override;

private:
    std::shared_ptr<ShopConditions> m_conditions;
    std::shared_ptr<ShopServices> m_services; ///< shared with the handlers
    std::shared_ptr<ResultJournal> m_journal; ///< shared with the handlers
};

} // namespace millrace::handlers
