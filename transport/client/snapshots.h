// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transport/client/pipeline.h"

#include <QFuture>

#include <chrono>
#include <cstdint>

namespace millrace::client {

using base::Result;

inline constexpr std::chrono::milliseconds kSnapshotWait{5000};

/// The newest snapshot, as soon as there is one whose number is above `after`; that may be at once.
/// Errors: Timeout (the node does not answer). Thread: the one that owns the pipeline.
[[nodiscard]] QFuture<Result<SnapshotPtr>>
snapshotAfter(Pipeline* pipeline,
              std::uint64_t after,
              std::chrono::milliseconds timeout = kSnapshotWait);

} // namespace millrace::client
