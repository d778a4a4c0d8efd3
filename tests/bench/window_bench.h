// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <QJsonObject>

namespace millrace::bench {

struct WindowSettings
{
    double ratePerSecond = 20'000;
    int seconds = 20;
};

/// The desktop's main window with Overview open on an embedded node, while a producer and a worker pass messages at a
/// fixed rate. Limits, on a machine of two cores: lateness of the event loop p99 16 ms and at most 100 ms, each chart
/// painted at 4 Hz or more. Needs a QApplication.
[[nodiscard]] QJsonObject runWindow(const WindowSettings& settings);

} // namespace millrace::bench
