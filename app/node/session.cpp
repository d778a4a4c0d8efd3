// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/node/session.h"

#include "app/config/paths.h"
#include "core/store/sqlite_store.h"

#include <zmq.hpp>

namespace millrace::node {

namespace {

base::Result<std::string> endpointOf(const Target& target)
{
    if (!target.endpoint.empty())
        return target.endpoint;
    const auto directory = dataDirectory(target.data);
    if (!directory)
        return tl::unexpected(directory.error());
    const auto holder = store::DirectoryLock::holder(*directory);
    if (!holder) {
        if (holder.error().code != base::ErrorCode::NotFound)
            return tl::unexpected(holder.error());
        return base::fail(base::ErrorCode::NotFound,
                          "no node runs on " + directory->string()
                              + ": start one with `millrace-node serve --data "
                              + directory->string()
                              + "`, or name another with --data or --endpoint");
    }
    if (holder->endpoints.empty()) {
        return base::fail(base::ErrorCode::NotFound,
                          directory->string() + " is held by " + holder->program + " (process "
                              + std::to_string(holder->pid)
                              + "), which other processes cannot reach");
    }
    return holder->endpoints;
}

} // namespace

base::Result<std::filesystem::path> dataDirectory(const std::string& given)
{
    if (!given.empty())
        return std::filesystem::path(given);
    return config::defaultDataDirectory();
}

base::Result<std::unique_ptr<Session>> openSession(const Target& target)
{
    auto endpoint = endpointOf(target);
    if (!endpoint)
        return tl::unexpected(endpoint.error());
    auto session = std::make_unique<Session>();
    session->context = std::make_shared<zmq::context_t>();
    zeromq::LinkOptions options;
    options.endpoint = *endpoint;
    auto link = zeromq::openLink(session->context, std::move(options));
    if (!link)
        return tl::unexpected(link.error());
    session->link = std::move(*link);
    return session;
}

} // namespace millrace::node
