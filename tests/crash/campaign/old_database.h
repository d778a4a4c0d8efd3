// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/crash/campaign/campaign.h"

namespace millrace::crash {

/// Starts a node on a database of an earlier schema, that holds a thousand messages, and lets it die while it moves it to
/// its own; then starts it again, and compares what it delivers by value. Throws Violation.
void killInMigration(zmq::context_t& context,
                     const std::filesystem::path& where,
                     simulation::Chance& chance,
                     Figures& figures);

} // namespace millrace::crash
