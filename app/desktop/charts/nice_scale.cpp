// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/charts/nice_scale.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace millrace::desktop {

using namespace std::chrono_literals;

NiceScale::NiceScale(double smallest)
    : m_smallest(smallest)
    , m_top(niceCeiling(smallest))
{
}

double NiceScale::niceCeiling(double value)
{
    if (!(value > 0) || !std::isfinite(value))
        return 1;
    const double power = std::pow(10.0, std::floor(std::log10(value)));
    for (const double factor : {1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0}) {
        if (value <= factor * power * (1 + 1e-9))
            return factor * power;
    }
    return 10 * power;
}

double NiceScale::step() const
{
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
