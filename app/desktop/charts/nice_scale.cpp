// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/charts/nice_scale.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace millrace::desktop {

using namespace std::chrono_literals;

namespace {

constexpr double kMinute = 60;
constexpr double kDay = 86'400;
constexpr int kMostTicks = 5;

/// Of 0 to `seconds`, which is more than a minute.
double stepOfSeconds(double seconds)
{
    for (const double step : {15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 14'400.0, 21'600.0, 43'200.0}) {
        if (seconds / step <= kMostTicks + 1e-9)
            return step;
    }
    return std::ceil(seconds / kMostTicks / kDay) * kDay;
}

} // namespace

NiceScale::NiceScale(double smallest, double secondsPerUnit)
    : m_secondsPerUnit(secondsPerUnit)
    , m_smallest(smallest)
    , m_top(niceCeiling(smallest))
{
}

bool NiceScale::isLong(double value) const
{
    return value * m_secondsPerUnit > kMinute * (1 + 1e-9);
}

double NiceScale::niceCeiling(double value) const
{
    if (!(value > 0) || !std::isfinite(value))
        return 1;
    if (isLong(value)) {
        const double step = stepOfSeconds(value * m_secondsPerUnit) / m_secondsPerUnit;
        return std::ceil(value / step - 1e-9) * step;
    }
    const double power = std::pow(10.0, std::floor(std::log10(value)));
    for (const double factor : {1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0}) {
        if (value <= factor * power * (1 + 1e-9))
            return factor * power;
    }
    return 10 * power;
}

double NiceScale::step() const
{
    if (isLong(m_top))
        return stepOfSeconds(m_top * m_secondsPerUnit) / m_secondsPerUnit;
    const double power = std::pow(10.0, std::floor(std::log10(m_top) + 1e-9));
    const double lead = m_top / power;
    for (const double factor : {0.2, 0.25, 0.5, 1.0, 2.0}) {
        const double count = lead / factor;
        if (count < 5.5 && std::abs(count - std::round(count)) < 1e-6)
            return factor * power;
    }
    return m_top / 4;
}

bool NiceScale::update(double largest, Time now)
{
    const double wanted = niceCeiling(std::max(largest * 1.05, m_smallest));
    if (wanted > m_top) {
        m_lowSince.reset();
        if (m_changedAt && now - *m_changedAt < 500ms)
            return false;
    } else if (wanted < m_top && largest < m_top / 3) {
        if (!m_lowSince)
            m_lowSince = now;
        if (now - *m_lowSince < 3s)
            return false;
    } else {
        m_lowSince.reset();
        return false;
    }
    m_top = wanted;
    m_changedAt = now;
    m_lowSince.reset();
    return true;
}

} // namespace millrace::desktop
