// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "transport/zeromq/socket/endpoint.h"

#include <string>

/// The directory of the ipc sockets: only its owner may look into it, which is what keeps others out.
namespace millrace::zeromq {

/// Creates the last component with mode 0700 if it is missing. Errors: Io (not a directory, not ours, or others may
/// look into it: says what to do).
[[nodiscard]] base::Result<void> ensurePrivateDirectory(const std::string& path);

/// Removes the socket files of a node that died. Errors: Busy (a living node serves there), Io (something that is not a
/// socket lies there).
[[nodiscard]] base::Result<void> removeStaleSockets(const EndpointBase& endpoints);
/// Mode 0600. Errors: Io.
[[nodiscard]] base::Result<void> protectSockets(const EndpointBase& endpoints);

} // namespace millrace::zeromq
