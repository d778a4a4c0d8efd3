// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/message/policy.h"
#include "tests/fuzz/fuzz_input.h"
#include "transport/wire/control_codec.h"

using namespace millrace;

/// Any bytes are a snapshot or an error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto snapshot = wire::parseSnapshot(fuzz::Input(data, size).rest());
    if (!snapshot)
        return 0;
    (void)wire::read(snapshot->total());
    for (const auto& queue : snapshot->queues()) {
        (void)wire::read(queue.sample());
        (void)message::queuePolicyFromJson(queue.policy());
    }
    return 0;
}
