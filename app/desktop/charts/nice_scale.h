// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>

namespace millrace::desktop {

/// The upper end of an axis that begins at 0, with ticks at 1, 2 or 5 times a power of ten.
///
/// Grows at once when a value does not fit, at most twice a second; shrinks only after the values were below a
/// third of it for three seconds. So the axis does not jump with every frame. Pure; time is given. Thread: any.
class NiceScale
{
public:
    using Time = std::chrono::steady_clock::time_point;

    /// @param smallest  the axis never ends below this; above 0
    explicit NiceScale(double smallest = 1);

    /// @param largest  of the values shown now @returns true if the end changed
    bool update(double largest, Time now);
    [[nodiscard]] double top() const { return m_top; }
    /// Distance of the ticks: three to five of them fit.
    [[nodiscard]] double step() const;

    [[nodiscard]] static double niceCeiling(double value);

private:
    double m_smallest;
    double m_top;
    std::optional<Time> m_changedAt;
    std::optional<Time> m_lowSince;
};

} // namespace millrace::desktop
