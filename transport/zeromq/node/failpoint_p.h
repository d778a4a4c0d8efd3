// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

/// Places where a test makes a node die or fail. Without an armed point they cost one relaxed load for each commit.
namespace millrace::zeromq {

enum class Failpoint : std::uint8_t {
    None,
    BeforeCommit,          ///< the process dies: nothing of the step is on disk
    AfterCommitBeforeSend, ///< the process dies: the step is on disk, nobody was told
    CommitFails,           ///< the commit reports an I/O error and changes nothing
    OpenFails,             ///< the store cannot be opened
    CommitFailsThenOpen,   ///< the same, and the store cannot be opened again at the first try
};

/// The point acts once, at its `skip`+1st commit that has something to say.
void armFailpoint(Failpoint point, std::uint32_t skip = 0) noexcept;
/// From the environment: MILLRACE_FAILPOINT=before-commit, after-commit-before-send or commit-fails, followed by `:SKIP`
/// if it should act later.
void armFailpointFromEnvironment() noexcept;
/// True, once, if `point` is armed and its time has come. Thread: broker.
[[nodiscard]] bool failpointReached(Failpoint point) noexcept;
/// Ends the process at once, as SIGKILL does.
[[noreturn]] void dieHere() noexcept;

} // namespace millrace::zeromq
