// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/socket/endpoint.h"

#include <sys/un.h>

#include <algorithm>

namespace millrace::zeromq {

namespace {

constexpr std::string_view kInproc = "inproc://";
constexpr std::string_view kIpc = "ipc://";
constexpr std::size_t kMaxSocketPath = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::size_t kMaxInprocName = 200;

std::string quoted(std::string_view text)
{
    return "\"" + std::string(text.substr(0, kMaxInprocName)) + "\"";
}

bool isPrintable(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > 0x20; });
}

base::Result<EndpointBase> parseIpc(std::string_view path)
{
    if (path.empty() || path.front() != '/' || path.back() == '/' || path.find('\0') != path.npos) {
        return base::fail(base::ErrorCode::Invalid,
                          "endpoint " + quoted(path) + " must be the absolute path of socket files "
                          "without their suffix, for example ipc:///run/user/1000/millrace/node");
    }
    const std::size_t longest = path.size() + suffix(Plane::Telemetry).size();
    if (longest > kMaxSocketPath) {
        return base::fail(base::ErrorCode::Limit,
                          "the socket path " + quoted(path) + " would have " + std::to_string(longest)
                              + " bytes with its suffix; the operating system allows "
                              + std::to_string(kMaxSocketPath) + ": choose a shorter runtime directory or name");
    }
    return EndpointBase{Scheme::Ipc, std::string(path)};
}

} // namespace

std::string_view suffix(Plane plane) noexcept
{
    switch (plane) {
    case Plane::Data: return "-data";
    case Plane::Control: return "-control";
    case Plane::Telemetry: return "-telemetry";
    }
    return {};
}

std::string EndpointBase::endpoint(Plane plane) const
{
    return toString() + std::string(suffix(plane));
}

std::string EndpointBase::path(Plane plane) const
{
    return scheme == Scheme::Ipc ? address + std::string(suffix(plane)) : std::string();
}

std::string EndpointBase::toString() const
{
    return std::string(scheme == Scheme::Ipc ? kIpc : kInproc) + address;
}

base::Result<EndpointBase> parseEndpointBase(std::string_view text)
{
    if (text.starts_with(kIpc))
        return parseIpc(text.substr(kIpc.size()));
    if (text.starts_with(kInproc)) {
        const std::string_view name = text.substr(kInproc.size());
        if (!name.empty() && name.size() <= kMaxInprocName && isPrintable(name))
            return EndpointBase{Scheme::Inproc, std::string(name)};
        return base::fail(base::ErrorCode::Invalid,
                          "endpoint " + quoted(text) + " needs a name of 1 to 200 characters after inproc://");
    }
    if (text.starts_with("tcp://")) {
        return base::fail(base::ErrorCode::Unsupported,
                          "endpoint " + quoted(text)
                              + ": this version reaches nodes of the same machine only; use ipc://");
    }
    return base::fail(base::ErrorCode::Invalid,
                      "endpoint " + quoted(text) + " must begin with ipc:// or inproc://");
}

} // namespace millrace::zeromq
