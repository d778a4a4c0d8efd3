// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/telemetry/time_series.h"

#include <cstdint>
#include <span>
#include <vector>

namespace millrace::desktop {

using PointFigure = float telemetry::Point::*;

/// Runs of points between which the line must break: where `figure` is NaN or infinite, and where more than `maxGapUs`
/// lies between two points. Each run has at least one point.
[[nodiscard]] std::vector<std::span<const telemetry::Point>>
splitRuns(std::span<const telemetry::Point> points, PointFigure figure, std::int64_t maxGapUs);

/// The longest distance of two points that still belong together when `spanUs` are shown: three steps of what the
/// pipeline keeps for that long.
[[nodiscard]] std::int64_t maxGapFor(std::int64_t spanUs);

} // namespace millrace::desktop
