// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/handlers/workload.h"

#include <QCoroFuture>
#include <QPointer>
#include <QPromise>

#include <memory>
#include <optional>

namespace millrace::tests {

/// A workload that does what a test says.
class FakeWorkload : public handlers::Workload
{
public:
    explicit FakeWorkload(QString id = QStringLiteral("checkout"))
        : m_id(std::move(id))
    {
    }

    QString id() const override { return m_id; }
    QString title() const override { return QStringLiteral("Checkout"); }
    QString description() const override { return QStringLiteral("Asks services; some refuse."); }
    message::PipelineDefinition definition() const override
    {
        message::PipelineDefinition definition;
        definition.queues.push_back({"checkout", {}});
        return definition;
    }
    handlers::LoadProfile defaultProfile() const override { return {500, 20, 1}; }
    QList<handlers::Knob> knobs() const override
    {
        using Unit = handlers::Knob::Unit;
        return {{QStringLiteral("latency-ms"), 0, 2000, 120, 10, Unit::Milliseconds},
                {QStringLiteral("refused"), 0, 1, 0.05, 0.01, Unit::Percent}};
    }
    void setKnob(const QString& key, double value) override { knobValues[key] = value; }
    QString knobLabel(const QString& key) const override { return key; }

    QCoro::Task<base::Result<void>> attach() override
    {
        ++attachCount;
        co_return attachResult;
    }
    QCoro::Task<base::Result<void>> submit(handlers::LoadProfile profile) override
    {
        profiles.push_back(profile);
        m_submission = std::make_unique<QPromise<void>>();
        m_submission->start();
        state.submitting = true;
        state.planned = profile.count;
        const auto ended = m_submission->future();
        const QPointer<FakeWorkload> self(this);
        co_await ended; // void
        if (!self)
            co_return base::fail(base::ErrorCode::Cancelled, "the workload is gone");
        self->state.submitting = false;
        co_return self->submitResult;
    }
    void stopSubmitting() override { finish(); }
    QCoro::Task<base::Result<void>> detach() override
    {
        ++detachCount;
        co_return base::Result<void>();
    }
    QCoro::Task<base::Result<handlers::Accounting>> account() override
    {
        co_return base::Result<handlers::Accounting>(handlers::Accounting());
    }
    handlers::WorkloadProgress progress() const override { return state; }
    QString problem() const override { return problemWords; }

    void finish()
    {
        if (m_submission)
            m_submission->finish();
    }
    void tell(const handlers::WorkloadProgress& now)
    {
        state = now;
        Q_EMIT progressChanged();
    }

    handlers::WorkloadProgress state;
    QString problemWords;
    base::Result<void> attachResult;
    base::Result<void> submitResult;
    int attachCount = 0, detachCount = 0;
    std::vector<handlers::LoadProfile> profiles;
    QMap<QString, double> knobValues;

private:
    QString m_id;
    std::unique_ptr<QPromise<void>> m_submission;
};

} // namespace millrace::tests
