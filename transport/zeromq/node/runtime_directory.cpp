// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/node/runtime_directory_p.h"

#include "transport/zeromq/node/node.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace millrace::zeromq {

namespace {

constexpr Plane kPlanes[] = {Plane::Data, Plane::Control, Plane::Telemetry};

tl::unexpected<base::Error> ioError(const std::string& path, const std::string& what, int number)
{
    return base::fail(base::ErrorCode::Io, "\"" + path + "\" " + what + ": " + std::strerror(number), number);
}

/// True if a process accepts connections at the socket file.
bool isServed(const std::string& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path))
        return false;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    const int connected = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    const bool served = connected == 0 || errno == EAGAIN || errno == EINPROGRESS;
    ::close(fd);
    return served;
}

} // namespace

base::Result<void> ensurePrivateDirectory(const std::string& path)
{
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        return ioError(path, "cannot be created as the directory of the sockets", errno);
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0)
        return ioError(path, "cannot be examined", errno);
    if (!S_ISDIR(status.st_mode)) {
        return base::fail(base::ErrorCode::Io,
                          "\"" + path + "\" is not a directory: remove it, or choose another runtime directory");
    }
    if (status.st_uid != ::geteuid()) {
        return base::fail(base::ErrorCode::Io,
                          "\"" + path + "\" belongs to another user (id " + std::to_string(status.st_uid)
                              + "): choose another runtime directory");
    }
    if ((status.st_mode & 077U) != 0) {
        return base::fail(base::ErrorCode::Io,
                          "\"" + path + "\" may be entered by other users: make it private with chmod 700");
    }
    return {};
}

base::Result<void> removeStaleSockets(const EndpointBase& endpoints)
{
    for (const Plane plane : kPlanes) {
        const std::string path = endpoints.path(plane);
        struct stat status{};
        if (::lstat(path.c_str(), &status) != 0) {
            if (errno == ENOENT)
                continue;
            return ioError(path, "cannot be examined", errno);
        }
        if (!S_ISSOCK(status.st_mode))
            return base::fail(base::ErrorCode::Io, "\"" + path + "\" is in the way of a socket: remove it");
        if (isServed(path)) {
            return base::fail(base::ErrorCode::Busy,
                              "a node that runs already serves at \"" + path + "\": choose another name for this one");
        }
        if (::unlink(path.c_str()) != 0 && errno != ENOENT)
            return ioError(path, "is a socket of a dead node and cannot be removed", errno);
    }
    return {};
}

base::Result<void> protectSockets(const EndpointBase& endpoints)
{
    for (const Plane plane : kPlanes) {
        const std::string path = endpoints.path(plane);
        if (::chmod(path.c_str(), 0600) != 0)
            return ioError(path, "cannot be made private", errno);
    }
    return {};
}

base::Result<std::string> defaultRuntimeDirectory()
{
    const char* runtime = std::getenv("XDG_RUNTIME_DIR"); // NOLINT(concurrency-mt-unsafe): nobody sets it here
    std::string path = runtime != nullptr && runtime[0] == '/'
                           ? std::string(runtime) + "/millrace"
                           : "/tmp/millrace-" + std::to_string(::geteuid());
    if (auto made = ensurePrivateDirectory(path); !made)
        return tl::unexpected(std::move(made.error()));
    return path;
}

} // namespace millrace::zeromq
