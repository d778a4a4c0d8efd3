// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/viewmodels/loop_watchdog.h"

#include <QCoreApplication>
#include <QEvent>

#include <algorithm>

namespace millrace::desktop {

namespace {

using Clock = std::chrono::steady_clock;

class Probe : public QEvent
{
public:
    explicit Probe(Clock::time_point due)
        : QEvent(type())
        , m_due(due)
    {
    }
    static QEvent::Type type()
    {
        static const auto kType = static_cast<QEvent::Type>(QEvent::registerEventType());
        return kType;
    }
    [[nodiscard]] Clock::time_point due() const { return m_due; }

private:
    Clock::time_point m_due;
};

std::int64_t toUs(Clock::duration duration)
{
    return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

std::int64_t secondOf(Clock::time_point time)
{
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

} // namespace

LoopWatchdog::LoopWatchdog(QObject* parent)
    : QObject(parent)
{
    (void)Probe::type();
}

LoopWatchdog::~LoopWatchdog()
{
    stop();
}

void LoopWatchdog::start()
{
    if (m_thread.joinable())
        return;
    m_stopping = false;
    m_isPending = false;
    m_thread = std::thread([this] { run(); });
}

void LoopWatchdog::stop()
{
    if (!m_thread.joinable())
        return;
    {
        const std::lock_guard guard(m_lock);
        m_stopping = true;
    }
    m_wake.notify_all();
    m_thread.join();
    QCoreApplication::removePostedEvents(this, Probe::type());
}

void LoopWatchdog::run()
{
    std::unique_lock guard(m_lock);
    while (!m_wake.wait_for(guard, kPeriod, [this] { return m_stopping; })) {
        if (!m_isPending.exchange(true))
            QCoreApplication::postEvent(this, new Probe(Clock::now()), Qt::HighEventPriority);
    }
}

bool LoopWatchdog::event(QEvent* event)
{
    if (event->type() != Probe::type())
        return QObject::event(event);
    record(static_cast<Probe*>(event)->due(), Clock::now());
    m_isPending = false;
    return true;
}

void LoopWatchdog::record(Clock::time_point due, Clock::time_point handled)
{
    const std::int64_t number = secondOf(handled);
    Second& second = m_ring[static_cast<std::size_t>(number % kSeconds)];
    if (second.number != number) {
        second.number = number;
        second.maxUs = 0;
        second.late.clear();
    }
    const std::int64_t late = toUs(handled - due);
    second.maxUs = std::max(second.maxUs, late);
    m_allMaxUs = std::max(m_allMaxUs, late);
    const std::int64_t period = toUs(kPeriod);
    for (std::int64_t missed = late; missed >= 0; missed -= period) {
        second.late.record(missed);
        m_all.record(missed);
    }
}

LoopWatchdog::Figures LoopWatchdog::figures() const
{
    const std::int64_t now = secondOf(Clock::now());
    telemetry::Histogram minute;
    Figures figures;
    for (const Second& second : m_ring) {
        if (second.number <= now - kSeconds || second.number < 0)
            continue;
        minute.merge(second.late);
        figures.maxUs = std::max(figures.maxUs, second.maxUs);
    }
    figures.probes = minute.count();
    figures.p50Us = minute.quantile(0.5);
    figures.p99Us = minute.quantile(0.99);
    return figures;
}

LoopWatchdog::Figures LoopWatchdog::sinceReset() const
{
    return {m_all.quantile(0.5), m_all.quantile(0.99), m_allMaxUs, m_all.count()};
}

void LoopWatchdog::reset()
{
    for (Second& second : m_ring)
        second.number = -1;
    m_all.clear();
    m_allMaxUs = 0;
}

} // namespace millrace::desktop
