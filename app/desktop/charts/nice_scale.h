// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>

namespace millrace::desktop {

/// The upper end of an axis that begins at 0, with ticks at 1, 2 or 5 times a power of ten; durations of more than a minute have
/// theirs at 15 s, 30 s, 1 min and so on.
///
/// Grows at once when a value does not fit, at most twice a second; shrinks only after the values were below a
/// third of it for three seconds. So the axis does not jump with every frame. Pure; time is given. Thread: any.
class NiceScale
{
public:
    using Time = std::chrono::steady_clock::time_point;

    /// @param smallest        the axis never ends below this; above 0
    /// @param secondsPerUnit  of a duration, for example 0.001 for milliseconds; 0 = it is none
    explicit NiceScale(double smallest = 1, double secondsPerUnit = 0);

    /// @param largest  of the values shown now @returns true if the end changed
    bool update(double largest, Time now);
    [[nodiscard]] double top() const { return m_top; }
    /// Distance of the ticks: three to five of them fit.
    [[nodiscard]] double step() const;

    [[nodiscard]] double niceCeiling(double value) const;

private:
    [[nodiscard]] bool isLong(double value) const;
    double m_secondsPerUnit;
    double m_smallest;
    double m_top;
    std::optional<Time> m_changedAt;
    std::optional<Time> m_lowSince;
};

} // namespace millrace::desktop
