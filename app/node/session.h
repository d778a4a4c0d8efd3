// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/node/commands.h"
#include "core/base/result.h"
#include "transport/zeromq/link/link.h"

#include <filesystem>
#include <memory>

namespace millrace::node {

/// A link to a node, with what must outlive it.
struct Session
{
    std::shared_ptr<zmq::context_t> context;
    zeromq::Link link;
    [[nodiscard]] client::Pipeline& pipeline() { return *link.pipeline; }
};

/// `given`, or the default data directory. Errors: NotFound.
[[nodiscard]] base::Result<std::filesystem::path> dataDirectory(const std::string& given);

/// Opens a link to the target's node. Errors: NotFound (no node holds the directory), Invalid, Io.
[[nodiscard]] base::Result<std::unique_ptr<Session>> openSession(const Target& target);

} // namespace millrace::node
