// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QCoroTask>
#include <QString>

namespace millrace::desktop {

class MainWindow;

/// Runs the demo in `window`, whose pipeline must be open, goes through every page and writes a picture of each, in
/// light and in dark, as `<page>-<theme>.png` into `directory` (created if missing): 8 files.
/// Errors: Timeout (a page never came to show what it should: says which), Io.
[[nodiscard]] QCoro::Task<base::Result<void>> takeScreenshots(MainWindow* window, QString directory);

} // namespace millrace::desktop
