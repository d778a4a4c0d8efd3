// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace millrace::zeromq {

/// The three sockets of a node.
enum class Plane : std::uint8_t {
    Data,
    Control,
    Telemetry,
};

enum class Scheme : std::uint8_t {
    Inproc,
    Ipc,
};

/// The base that the three endpoints of a node share.
struct EndpointBase
{
    Scheme scheme = Scheme::Inproc;
    std::string address; ///< after `scheme://`: a name, or the path of a socket file without its suffix

    /// For example `ipc:///run/user/1000/millrace/node-control`.
    [[nodiscard]] std::string endpoint(Plane plane) const;
    /// The socket file behind it; empty unless the scheme is ipc.
    [[nodiscard]] std::string path(Plane plane) const;
    [[nodiscard]] std::string toString() const;
};

/// Accepts `inproc://name` and `ipc:///absolute/path`. Errors: Invalid (says what is wrong and what to write
/// instead), Unsupported (a scheme that this version does not speak), Limit (the socket path is too long for the
/// operating system: at most 107 bytes with the longest suffix).
[[nodiscard]] base::Result<EndpointBase> parseEndpointBase(std::string_view text);

/// `-data`, `-control` or `-telemetry`.
[[nodiscard]] std::string_view suffix(Plane plane) noexcept;

} // namespace millrace::zeromq
