// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/viewmodels/session_view_model.h"

#include "app/desktop/models/text_format.h"

#include <limits>

namespace millrace::desktop {

namespace {

constexpr double kNoFigure = std::numeric_limits<double>::quiet_NaN();

} // namespace

SessionViewModel::SessionViewModel(client::Pipeline* pipeline, QObject* parent)
    : QObject(parent)
    , m_pipeline(pipeline)
    , m_freshness(pipeline->freshness())
    , m_messagesPerSecond(kNoFigure)
{
    connect(pipeline, &client::Pipeline::snapshotReady, this, &SessionViewModel::onSnapshot);
    connect(pipeline, &client::Pipeline::freshnessChanged, this, [this](client::Freshness freshness) {
        m_freshness = freshness;
        if (freshness != client::Freshness::Fresh) {
            m_rateBase.reset();
            m_messagesPerSecond = kNoFigure;
        }
        Q_EMIT changed();
    });
    connect(pipeline, &client::Pipeline::snapshotsMissed, this, [this](quint64 count) { m_missed += count; });
    m_timer.setInterval(250);
    connect(&m_timer, &QTimer::timeout, this, &SessionViewModel::changed);
    m_timer.start();
    if (const auto snapshot = pipeline->snapshot())
        onSnapshot(snapshot);
}

void SessionViewModel::onSnapshot(const client::SnapshotPtr& snapshot)
{
    const bool isFirst = !m_snapshot;
    if (!m_rateBase || m_rateBase->epoch != snapshot->epoch) {
        m_rateBase = snapshot;
    } else if (snapshot->atUs - m_rateBase->atUs >= 1'000'000) {
        const auto count = snapshot->total.acknowledged - m_rateBase->total.acknowledged;
        m_messagesPerSecond = double(count) * 1e6 / double(snapshot->atUs - m_rateBase->atUs);
        m_rateBase = snapshot;
    }
    const auto deadBefore = deadLetters();
    const auto queuesBefore = queueCount();
    m_snapshot = snapshot;
    m_arrivedAt = std::chrono::steady_clock::now();
    if (isFirst)
        Q_EMIT changed();
    else if (deadLetters() != deadBefore || queueCount() != queuesBefore)
        Q_EMIT countsChanged();
}

QString SessionViewModel::displayName() const
{
    return m_pipeline ? m_pipeline->displayName() : QString();
}

std::optional<std::chrono::milliseconds> SessionViewModel::age() const
{
    if (!m_snapshot)
        return std::nullopt;
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - m_arrivedAt);
}

std::optional<std::uint64_t> SessionViewModel::workers() const
{
    return m_snapshot ? std::optional<std::uint64_t>(m_snapshot->total.workers) : std::nullopt;
}

std::optional<std::uint64_t> SessionViewModel::storeBytes() const
{
    if (!m_snapshot || m_snapshot->node.databaseBytes == 0)
        return std::nullopt;
    return m_snapshot->node.databaseBytes + m_snapshot->node.walBytes;
}

std::optional<std::uint64_t> SessionViewModel::deadLetters() const
{
    return m_snapshot ? std::optional<std::uint64_t>(m_snapshot->total.dead) : std::nullopt;
}

std::optional<std::uint64_t> SessionViewModel::queueCount() const
{
    return m_snapshot ? std::optional<std::uint64_t>(m_snapshot->queues.size()) : std::nullopt;
}

QString SessionViewModel::trouble() const
{
    return m_snapshot ? visibleText(m_snapshot->node.trouble, 400) : QString();
}

} // namespace millrace::desktop
