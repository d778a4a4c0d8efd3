// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/viewmodels/workloads_view_model.h"

#include "app/desktop/models/text_format.h"
#include "app/handlers/images_workload.h"
#include "transport/client/async.h"

#include <QPromise>

#include <algorithm>

namespace millrace::desktop {

WorkloadCardModel::WorkloadCardModel(handlers::Workload* workload, QObject* parent)
    : QObject(parent)
    , m_workload(workload)
    , m_profile(workload->defaultProfile())
{
    for (const auto& queue : workload->definition().queues)
        m_queues.push_back(queue.name);
    connect(workload, &handlers::Workload::progressChanged, this, [this] {
        if (m_workload && m_workload->progress().acknowledged > m_acknowledgedAtTrouble)
            m_trouble.clear();
        settlePhase();
        Q_EMIT changed();
    });
    connect(workload, &handlers::Workload::failed, this, [this](const QString& error) {
        m_trouble = m_workload && m_workload->problem() == error
                        ? visibleText(QStringView(error))
                        //: %1 is technical, in English.
                        : tr("This workload met a problem. Details: %1").arg(visibleText(QStringView(error)));
        m_acknowledgedAtTrouble = m_workload ? m_workload->progress().acknowledged : 0;
        Q_EMIT changed();
    });
}

void WorkloadCardModel::setProfile(handlers::LoadProfile profile)
{
    m_profile = profile;
    Q_EMIT profileChanged();
}

void WorkloadCardModel::start()
{
    if (m_phase == Phase::Submitting)
        return;
    m_error.clear();
    m_trouble.clear();
    if (m_running) {
        m_wanted = true;
        Q_EMIT changed();
        return;
    }
    client::spawn(this, "start workload", run(true));
}

void WorkloadCardModel::prepare()
{
    if (!m_running && !m_attached)
        client::spawn(this, "prepare workload", run(false));
}

void WorkloadCardModel::stop()
{
    m_wanted = false;
    if (m_workload)
        m_workload->stopSubmitting();
}

QCoro::Task<base::Result<void>> WorkloadCardModel::run(bool andSubmit)
{
    const QPointer<WorkloadCardModel> self(this);
    const QPointer<handlers::Workload> workload(m_workload);
    if (!workload)
        co_return base::Result<void>();
    m_running = true;
    m_wanted = andSubmit;
    if (!m_attached) {
        setPhase(Phase::Preparing);
        auto attaching = workload->attach();
        const auto attached = co_await attaching;
        if (!self)
            co_return base::Result<void>();
        if (!attached) {
            self->m_running = false;
            self->m_wanted = false;
            self->fail(attached.error());
            co_return base::Result<void>();
        }
        self->m_attached = true;
    }
    while (self->m_wanted && workload) {
        self->m_wanted = false;
        self->m_submittedBefore = workload->progress().submitted;
        self->m_copiesBefore = workload->progress().copies;
        self->setPhase(Phase::Submitting);
        Q_EMIT self->started();
        auto submitting = workload->submit(self->m_profile);
        const auto submitted = co_await submitting;
        if (!self)
            co_return base::Result<void>();
        if (!submitted && submitted.error().code != base::ErrorCode::Cancelled)
            self->m_error = self->describe(submitted.error());
    }
    self->m_running = false;
    self->setPhase(Phase::Working);
    self->settlePhase();
    co_return base::Result<void>();
}

void WorkloadCardModel::setPhase(Phase phase)
{
    if (phase == m_phase)
        return;
    m_phase = phase;
    Q_EMIT changed();
}

void WorkloadCardModel::fail(const base::Error& error)
{
    m_error = describe(error);
    setPhase(Phase::Failed);
}

QString WorkloadCardModel::describe(const base::Error& error) const
{
    const QString problem = m_workload ? m_workload->problem() : QString();
    return problem.isEmpty() ? describeError(error) : visibleText(QStringView(problem));
}

void WorkloadCardModel::settlePhase()
{
    if (m_running || !m_attached)
        return;
    setPhase(m_waiting > 0 ? Phase::Working : Phase::Idle);
}

void WorkloadCardModel::take(const client::Snapshot& snapshot)
{
    std::uint64_t waiting = 0, dead = 0;
    for (const auto& queue : snapshot.queues) {
        if (std::ranges::find(m_queues, queue.name) == m_queues.end())
            continue;
        waiting += queue.sample.depth();
        dead += queue.sample.dead;
    }
    m_deadBefore = std::min(m_deadBefore.value_or(dead), dead);
    if (waiting == m_waiting && dead == m_dead)
        return;
    m_waiting = waiting;
    m_dead = dead;
    settlePhase();
    Q_EMIT changed();
}

WorkloadCardModel::Counts WorkloadCardModel::counts() const
{
    Counts counts;
    if (m_workload) {
        const auto progress = m_workload->progress();
        counts.planned = progress.planned;
        counts.submitted = progress.copies;
        counts.begun = std::min(progress.submitted - std::min(m_submittedBefore, progress.submitted), progress.planned);
        counts.acknowledged = progress.acknowledged;
        counts.retried = progress.retried;
        counts.refused = progress.refused;
    }
    counts.waiting = m_waiting;
    counts.dead = m_dead - m_deadBefore.value_or(m_dead);
    return counts;
}

double WorkloadCardModel::progress() const
{
    if (!m_workload)
        return 0;
    const auto progress = m_workload->progress();
    const double submitted = double(progress.submitted) - double(m_submittedBefore);
    const double copies = double(progress.copies) - double(m_copiesBefore);
    if (submitted <= 0 || copies <= 0)
        return 0;
    // What is still to be submitted will owe as many copies each as what was.
    const double owed = copies * std::max(double(progress.planned), submitted) / submitted;
    return std::clamp((copies - double(m_waiting)) / owed, 0.0, 1.0);
}

void WorkloadCardModel::connectionCame()
{
    if (m_trouble.isEmpty())
        return;
    m_trouble.clear();
    Q_EMIT changed();
}

QString WorkloadCardModel::error() const
{
    const QString& own = m_error.isEmpty() ? m_trouble : m_error;
    if (!own.isEmpty() || !m_workload)
        return own;
    const QString last = m_workload->progress().lastError;
    if (last.isEmpty())
        return {};
    //: A message was not accepted; it is submitted again where that helps. %1 is technical, in English.
    return tr("Not everything could be submitted. Details: %1").arg(visibleText(QStringView(last)));
}

bool WorkloadCardModel::takesFolder() const
{
    return qobject_cast<handlers::ImagesWorkload*>(m_workload.data()) != nullptr;
}

QString WorkloadCardModel::folder() const
{
    const auto* images = qobject_cast<handlers::ImagesWorkload*>(m_workload.data());
    return images ? images->folder() : QString();
}

void WorkloadCardModel::setFolder(const QString& folder)
{
    if (auto* images = qobject_cast<handlers::ImagesWorkload*>(m_workload.data()))
        images->setFolder(folder);
    Q_EMIT changed();
}

QFuture<base::Result<void>> WorkloadCardModel::detach()
{
    auto promise = std::make_shared<QPromise<base::Result<void>>>();
    promise->start();
    auto future = promise->future();
    client::spawn(this, "detach workload", runDetach(std::move(promise)));
    return future;
}

QCoro::Task<base::Result<void>> WorkloadCardModel::runDetach(std::shared_ptr<QPromise<base::Result<void>>> promise)
{
    const QPointer<handlers::Workload> workload(m_workload);
    base::Result<void> result;
    if (workload) {
        workload->stopSubmitting();
        auto detaching = workload->detach();
        result = co_await detaching;
    }
    promise->addResult(result);
    promise->finish();
    co_return result;
}

// ---- all of them

WorkloadsViewModel::WorkloadsViewModel(client::Pipeline* pipeline,
                                       const std::vector<handlers::Workload*>& workloads,
                                       QObject* parent)
    : QObject(parent)
    , m_pipeline(pipeline)
{
    for (auto* workload : workloads) {
        auto* card = new WorkloadCardModel(workload, this);
        connect(card, &WorkloadCardModel::started, this, &WorkloadsViewModel::started);
        m_cards.push_back(card);
    }
    const auto take = [this](const client::SnapshotPtr& snapshot) {
        for (auto* card : m_cards)
            card->take(*snapshot);
    };
    connect(pipeline, &client::Pipeline::snapshotReady, this, take);
    if (const auto snapshot = pipeline->snapshot())
        take(snapshot);
    connect(pipeline, &client::Pipeline::freshnessChanged, this, [this](client::Freshness freshness) {
        if (freshness != client::Freshness::Fresh)
            return;
        for (auto* card : m_cards)
            card->connectionCame();
        prepareAll();
    });
    if (pipeline->freshness() == client::Freshness::Fresh)
        prepareAll();
}

void WorkloadsViewModel::prepareAll()
{
    if (m_prepared)
        return;
    m_prepared = true;
    for (auto* card : m_cards)
        card->prepare();
}

WorkloadCardModel* WorkloadsViewModel::card(const QString& id) const
{
    const auto found = std::ranges::find_if(
        m_cards, [&](const WorkloadCardModel* card) { return card->workload() && card->workload()->id() == id; });
    return found == m_cards.end() ? nullptr : *found;
}

void WorkloadsViewModel::startDemo()
{
    if (auto* checkout = card(QStringLiteral("checkout"))) {
        auto profile = checkout->profile();
        profile.count = kDemoOrders;
        checkout->setProfile(profile);
        checkout->start();
    }
}

} // namespace millrace::desktop
