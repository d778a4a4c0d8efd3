// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/viewmodels/queues_view_model.h"

#include "app/desktop/models/text_format.h"
#include "core/telemetry/time_series.h"
#include "transport/client/async.h"

#include <QCoroFuture>

#include <algorithm>
#include <limits>

namespace millrace::desktop {

namespace {

constexpr int kApplyEveryMs = 33;
/// Rows move to their place by the figures this often, not with each snapshot.
constexpr int kSortEveryMs = 2000;
constexpr std::int64_t kSecondUs = 1'000'000;
/// A confirmed change that this many snapshots do not show was undone by somebody else.
constexpr int kPatience = 10;
constexpr std::size_t kMaxHistories = 64;

} // namespace

QueuesViewModel::Track::Track()
    : inRate(std::numeric_limits<double>::quiet_NaN())
    , outRate(std::numeric_limits<double>::quiet_NaN())
{
}

QueuesViewModel::QueuesViewModel(client::Pipeline* pipeline, QObject* parent)
    : QObject(parent)
    , m_pipeline(pipeline)
{
    m_applyTimer.setSingleShot(true);
    m_applyTimer.setInterval(kApplyEveryMs);
    connect(&m_applyTimer, &QTimer::timeout, this, &QueuesViewModel::apply);
    m_sortTimer.setInterval(kSortEveryMs);
    connect(&m_sortTimer, &QTimer::timeout, &m_table, &QueueTableModel::resort);
    connect(pipeline, &client::Pipeline::snapshotReady, this, &QueuesViewModel::onSnapshot);
    connect(pipeline, &client::Pipeline::freshnessChanged, this, &QueuesViewModel::updateCondition);
    if (const auto snapshot = pipeline->snapshot())
        onSnapshot(snapshot);
}

void QueuesViewModel::onSnapshot(const client::SnapshotPtr& snapshot)
{
    if (!snapshot)
        return;
    const bool isFirst = m_snapshot == nullptr;
    m_snapshot = snapshot;
    gather(*snapshot);
    settleChanges(*snapshot);
    m_dirty = true;
    if (isFirst) {
        std::vector<std::string> queues;
        for (const client::QueueStatus& queue : snapshot->queues) {
            if (queues.size() < kMaxHistories)
                queues.push_back(queue.name);
        }
        if (m_pipeline->capabilities().can(client::Capability::History))
            client::spawn(this, "load queue history", loadHistory(std::move(queues), snapshot->atUs));
        apply();
    } else if (m_active && !m_applyTimer.isActive()) {
        m_applyTimer.start();
    }
    updateCondition();
}

void QueuesViewModel::gather(const client::Snapshot& snapshot)
{
    std::erase_if(m_tracks, [&](const auto& track) { return status(track.first) == nullptr; });
    for (const client::QueueStatus& queue : snapshot.queues) {
        Track& track = m_tracks[queue.name];
        if (track.baseUs != 0 && snapshot.atUs >= track.baseUs && snapshot.atUs - track.baseUs < kSecondUs)
            continue;
        const auto before = track.baseUs == 0 ? std::nullopt : std::optional(track.base);
        const telemetry::Point point = telemetry::toPoint(before, track.baseUs, queue.sample, snapshot.atUs);
        track.inRate = static_cast<double>(point.inRate);
        track.outRate = static_cast<double>(point.outRate);
        track.depth.add(static_cast<float>(queue.sample.depth()));
        track.base = queue.sample;
        track.baseUs = snapshot.atUs;
    }
}

void QueuesViewModel::settleChanges(const client::Snapshot& snapshot)
{
    for (const client::QueueStatus& queue : snapshot.queues) {
        const auto found = m_changes.find(queue.name);
        if (found == m_changes.end())
            continue;
        if (queue.paused == found->second.wanted) {
            // A call that still runs keeps its entry, so that an impatient second press is not sent.
            if (found->second.confirmed)
                m_changes.erase(found);
            continue;
        }
        if (found->second.confirmed && ++found->second.snapshotsSince > kPatience) {
            m_changes.erase(found);
            //: %1 is a queue's name.
            Q_EMIT failed(tr("%1 was changed back by somebody else.").arg(visibleLine(queue.name)));
        }
    }
}

void QueuesViewModel::apply()
{
    if (!m_snapshot || !m_dirty)
        return;
    m_dirty = false;
    std::vector<QueueRow> rows;
    rows.reserve(m_snapshot->queues.size());
    for (const client::QueueStatus& queue : m_snapshot->queues) {
        const Track& track = m_tracks[queue.name];
        rows.push_back({queue.name, queue.paused, m_changes.contains(queue.name), queue.sample, track.inRate,
                        track.outRate, track.depth});
    }
    m_table.update(std::move(rows));
    updateDetail();
}

void QueuesViewModel::setActive(bool active)
{
    m_active = active;
    if (active) {
        apply();
        m_table.resort();
        m_sortTimer.start();
    } else {
        m_sortTimer.stop();
    }
}

void QueuesViewModel::updateCondition()
{
    Condition now = Condition::Rows;
    if (!m_snapshot)
        now = m_pipeline && m_pipeline->freshness() == client::Freshness::Lost ? Condition::Lost : Condition::Connecting;
    else if (m_snapshot->queues.empty())
        now = Condition::Empty;
    if (now == m_condition)
        return;
    m_condition = now;
    Q_EMIT conditionChanged();
}

const client::QueueStatus* QueuesViewModel::status(const std::string& queue) const
{
    if (!m_snapshot)
        return nullptr;
    const auto found = std::find_if(m_snapshot->queues.begin(), m_snapshot->queues.end(),
                                    [&](const client::QueueStatus& each) { return each.name == queue; });
    return found == m_snapshot->queues.end() ? nullptr : &*found;
}

std::string QueuesViewModel::nameOf(const QString& shown) const
{
    // By what the table holds: a name that is not UTF-8 does not survive the way through a QString and back.
    if (m_snapshot) {
        for (const client::QueueStatus& queue : m_snapshot->queues) {
            if (QString::fromStdString(queue.name) == shown)
                return queue.name;
        }
    }
    return shown.toStdString();
}

void QueuesViewModel::select(const QString& queue)
{
    const std::string before = std::exchange(m_selected, nameOf(queue));
    updateDetail();
    if (before != m_selected)
        Q_EMIT selectedChanged();
}

void QueuesViewModel::updateDetail()
{
    const client::QueueStatus* queue = status(m_selected);
    if (queue == nullptr) {
        if (m_detail) {
            m_detail.reset();
            Q_EMIT detailChanged();
        }
        return;
    }
    QueueDetail detail;
    detail.name = visibleLine(queue->name);
    detail.isPaused = queue->paused;
    detail.isChanging = m_changes.contains(queue->name);
    detail.warning = warningFor(*queue);
    detail.policy = policyInWords(queue->policy);
    detail.totals = totalsInWords(queue->sample);
    detail.feeds = feedsOf(queue->name);
    detail.dead = queue->sample.dead;
    detail.differsFromFile = queue->differsFromFile;
    m_detail = std::move(detail);
    Q_EMIT detailChanged();
}

QString QueuesViewModel::whyNotPause() const
{
    if (!m_pipeline)
        return describeErrorCode(base::ErrorCode::Closed);
    const auto capabilities = m_pipeline->capabilities();
    return visibleText(capabilities.why(client::Capability::PauseQueue));
}

void QueuesViewModel::togglePaused(const QString& queue)
{
    if (const client::QueueStatus* found = status(nameOf(queue)))
        setPaused(queue, !found->paused);
}

void QueuesViewModel::setPaused(const QString& queue, bool paused)
{
    std::string name = nameOf(queue);
    if (!m_pipeline || m_changes.contains(name) || !whyNotPause().isEmpty())
        return;
    m_changes[name] = Change{paused, false, 0};
    m_dirty = true;
    apply();
    client::spawn(this, "pause queue", changePaused(std::move(name), paused));
}

QCoro::Task<> QueuesViewModel::changePaused(std::string queue, bool paused)
{
    const QPointer<QueuesViewModel> self(this);
    auto pending = m_pipeline->setPaused(queue, paused);
    const auto result = co_await pending;
    if (!self)
        co_return;
    if (result) {
        if (const auto change = self->m_changes.find(queue); change != self->m_changes.end())
            change->second.confirmed = true;
        if (self->m_snapshot)
            self->settleChanges(*self->m_snapshot); // the snapshot may have overtaken the answer
    } else {
        self->m_changes.erase(queue);
        const QString name = visibleLine(queue);
        const QString why = describeError(result.error());
        //: %1 is a queue's name, %2 the reason.
        Q_EMIT self->failed(paused ? tr("%1 was not paused. %2").arg(name, why)
                                   //: %1 is a queue's name, %2 the reason.
                                   : tr("%1 was not resumed. %2").arg(name, why));
    }
    self->m_dirty = true;
    self->apply();
}

QCoro::Task<> QueuesViewModel::loadHistory(std::vector<std::string> queues, std::int64_t untilUs)
{
    const QPointer<QueuesViewModel> self(this);
    for (std::size_t i = 0; i < queues.size(); ++i) {
        const std::string queue = queues[i];
        if (!self->m_pipeline)
            co_return;
        auto pending = self->m_pipeline->series(queue, untilUs - 60 * kSecondUs, untilUs - kSecondUs);
        const auto points = co_await pending;
        if (!self)
            co_return;
        const auto track = self->m_tracks.find(queue);
        if (!points || track == self->m_tracks.end())
            continue;
        Sparkline depth;
        for (const telemetry::Point& point : *points)
            depth.add(point.ready + point.scheduled + point.retrying + point.leased);
        for (std::size_t k = 0; k < track->second.depth.size(); ++k)
            depth.add(track->second.depth.at(k));
        track->second.depth = depth;
    }
    self->m_dirty = true;
    self->apply();
}

} // namespace millrace::desktop
