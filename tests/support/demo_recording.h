// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transport/client/recorded_pipeline.h"

#include <cstddef>
#include <cstdint>

namespace millrace::tests {

struct DemoRecordingShape
{
    std::size_t snapshots = 300; ///< one each 200 ms
    std::size_t deadLetters = 400;
    std::int64_t endUs = 1'790'000'000'000'000; ///< UTC of the last snapshot
};

/// Six queues with plausible figures, an hour of points, and dead letters in five groups, one of which consists
/// of hostile text. The same shape always yields the same recording.
[[nodiscard]] client::Recording makeDemoRecording(DemoRecordingShape shape = {});

} // namespace millrace::tests
