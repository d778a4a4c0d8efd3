// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Named places at which a test lets the process die, as SIGKILL does: MILLRACE_FAILPOINT=<name>:<n> kills it when it
/// comes to the place for the n-th time. They are in builds with tests alone; elsewhere nothing is left of them.
#ifdef MR_FAILPOINTS
namespace millrace::base {

/// Thread: any. The environment is read at the first call.
void passFailpoint(const char* name) noexcept;

} // namespace millrace::base
#define MR_FAILPOINT(name) ::millrace::base::passFailpoint(name)
#else
#define MR_FAILPOINT(name) static_cast<void>(0)
#endif
