// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/host/pipeline_host.h"
#include "app/desktop/views/main_window.h"

namespace millrace::desktop {

/// Ties the two together: what the host says, the window shows; when the window closes, the host stops. Both must
/// live until then. Thread: gui.
void connectHost(MainWindow& window, PipelineHost& host);

} // namespace millrace::desktop
