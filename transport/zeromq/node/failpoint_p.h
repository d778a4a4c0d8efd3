// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

/// Places where a test makes a node's store fail. Without an armed point they cost one relaxed load for each commit.
/// Those where it dies are in core/base/failpoint.h.
namespace millrace::zeromq {

enum class Failpoint : std::uint8_t {
    None,
    CommitFails,           ///< the commit reports an I/O error and changes nothing
    OpenFails,             ///< the store cannot be opened
    CommitFailsThenOpen,   ///< the same, and the store cannot be opened again at the first try
};

/// The point acts once, at its `skip`+1st commit that has something to say.
void armFailpoint(Failpoint point, std::uint32_t skip = 0) noexcept;
/// True, once, if `point` is armed and its time has come. Thread: broker.
[[nodiscard]] bool failpointReached(Failpoint point) noexcept;

} // namespace millrace::zeromq
