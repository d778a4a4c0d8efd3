// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/charts/segments.h"

#include <cmath>

namespace millrace::desktop {

std::vector<std::span<const telemetry::Point>>
splitRuns(std::span<const telemetry::Point> points, PointFigure figure, std::int64_t maxGapUs)
{
    std::vector<std::span<const telemetry::Point>> runs;
    std::size_t begin = 0;
    const auto close = [&](std::size_t end) {
        if (end > begin)
            runs.push_back(points.subspan(begin, end - begin));
    };
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (!std::isfinite(points[i].*figure)) {
            close(i);
            begin = i + 1;
        } else if (i > begin && points[i].atUs - points[i - 1].atUs > maxGapUs) {
            close(i);
            begin = i;
        }
    }
    close(points.size());
    return runs;
}

std::int64_t maxGapFor(std::int64_t spanUs)
{
    constexpr std::int64_t kSecond = 1'000'000;
    return spanUs > 600 * kSecond ? 30 * kSecond : 3 * kSecond;
}

} // namespace millrace::desktop
