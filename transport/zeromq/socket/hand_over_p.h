// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

namespace millrace::zeromq {

/// libzmq orders what was done before a send before what is done after the receive. ThreadSanitizer, for which libzmq is
/// not built, does not know that; whoever sends or receives tells it. Without it these do nothing. Thread: any.
#ifdef __SANITIZE_THREAD__
inline char g_handOver; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
inline void beforeHandOver() { __tsan_release(&g_handOver); }
inline void afterHandOver() { __tsan_acquire(&g_handOver); }
#else
inline void beforeHandOver() {}
inline void afterHandOver() {}
#endif

} // namespace millrace::zeromq
