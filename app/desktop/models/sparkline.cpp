// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/models/sparkline.h"

#include <algorithm>
#include <cmath>

namespace millrace::desktop {

void Sparkline::add(float value) noexcept
{
    if (!std::isfinite(value))
        return;
    if (m_size < kCapacity) {
        m_values[m_size++] = value;
        return;
    }
    m_values[m_begin] = value;
    m_begin = (m_begin + 1) % kCapacity;
}

float Sparkline::at(std::size_t index) const noexcept
{
    return m_values[(m_begin + index) % kCapacity];
}

float Sparkline::highest() const noexcept
{
    float highest = 0;
    for (std::size_t i = 0; i < m_size; ++i)
        highest = std::max(highest, at(i));
    return highest;
}

bool operator==(const Sparkline& left, const Sparkline& right) noexcept
{
    if (left.m_size != right.m_size)
        return false;
    for (std::size_t i = 0; i < left.m_size; ++i) {
        if (left.at(i) < right.at(i) || left.at(i) > right.at(i))
            return false;
    }
    return true;
}

} // namespace millrace::desktop
