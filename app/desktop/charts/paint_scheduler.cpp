// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/charts/paint_scheduler.h"

#include <algorithm>

namespace millrace::desktop {

PaintScheduler::PaintScheduler(int ratePerSecond, QObject* parent)
    : QObject(parent)
    , m_rate(ratePerSecond)
{
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &PaintScheduler::next);
}

void PaintScheduler::add(std::function<void()> refresh)
{
    m_refreshes.push_back(std::move(refresh));
    m_timer.setInterval(std::max(1, 1000 / (m_rate * int(m_refreshes.size()))));
}

void PaintScheduler::start()
{
    if (!m_refreshes.empty() && !m_timer.isActive())
        m_timer.start();
}

void PaintScheduler::stop()
{
    m_timer.stop();
}

void PaintScheduler::refreshAll()
{
    for (const auto& refresh : m_refreshes)
        refresh();
}

void PaintScheduler::next()
{
    m_next = (m_next + 1) % m_refreshes.size();
    m_refreshes[m_next]();
}

} // namespace millrace::desktop
