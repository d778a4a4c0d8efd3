// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/store_port.h"
#include "core/store/connection_p.h"

namespace millrace::store {

/// Raises the epoch, durably, and streams everything that scheduling needs. Errors: Io, StoreFull, Corrupt.
[[nodiscard]] base::Result<void> loadAll(Connection& connection, bool stoppedCleanly, engine::LoadSink& sink);

} // namespace millrace::store
