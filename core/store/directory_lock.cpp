// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/store/sqlite_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>

namespace millrace::store {

using base::ErrorCode;
using base::fail;
namespace fs = std::filesystem;

namespace {

constexpr const char* kLockName = "millrace.lock";
constexpr std::size_t kMaxLockFileBytes = 4096;

tl::unexpected<base::Error> systemError(const std::string& what, const fs::path& path, int number)
{
    const bool isFull = number == ENOSPC || number == EDQUOT;
    return fail(isFull ? ErrorCode::StoreFull : ErrorCode::Io,
                what + " \"" + path.string() + "\": " + std::strerror(number)
                    + (isFull ? "; free some space, or choose another directory with --data"
                              : "; choose another directory with --data, or one that this user may write"),
                number);
}

/// Locks of the open file description: a second open in this process is refused too, and closing an
/// unrelated descriptor of the file does not drop the lock.
struct flock wholeFile() noexcept
{
    struct flock lock{};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
}

std::string oneLine(std::string text)
{
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20)
            c = ' ';
    }
    return text;
}

std::string encodeHolder(const Holder& holder)
{
    return "pid=" + std::to_string(holder.pid) + "\nprogram=" + oneLine(holder.program)
        + "\nhost=" + oneLine(holder.host) + "\nsince_us=" + std::to_string(holder.sinceUs)
        + "\nendpoints=" + oneLine(holder.endpoints) + "\n";
}

void toNumber(std::string_view text, std::int64_t& number)
{
    std::from_chars(text.data(), text.data() + text.size(), number);
}

Holder decodeHolder(std::string_view text)
{
    Holder holder;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos)
            continue;
        const std::string_view key = line.substr(0, equals);
        const std::string_view value = line.substr(equals + 1);
        if (key == "pid")
            toNumber(value, holder.pid);
        else if (key == "program")
            holder.program = value;
        else if (key == "host")
            holder.host = value;
        else if (key == "since_us")
            toNumber(value, holder.sinceUs);
        else if (key == "endpoints")
            holder.endpoints = value;
    }
    return holder;
}

Holder readHolder(int fd)
{
    std::array<char, kMaxLockFileBytes> bytes{};
    const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), 0);
    return decodeHolder({bytes.data(), got > 0 ? static_cast<std::size_t>(got) : 0});
}

base::Result<void> writeHolder(int fd, const fs::path& path, const Holder& holder)
{
    const std::string text = encodeHolder(holder);
    if (text.size() > kMaxLockFileBytes)
        return fail(ErrorCode::Limit, "what is to be written into \"" + path.string() + "\" is too long");
    // Written before it is cut, so that a reader in between finds the new text and a rest.
    const ssize_t written = ::pwrite(fd, text.data(), text.size(), 0);
    if (written != static_cast<ssize_t>(text.size()))
        return systemError("cannot write", path, written < 0 ? errno : ENOSPC);
    if (::ftruncate(fd, static_cast<off_t>(text.size())) != 0)
        return systemError("cannot write", path, errno);
    return {};
}

base::Result<void> makeDirectory(const fs::path& directory)
{
    std::error_code error;
    if (fs::is_directory(directory, error))
        return {};
    const fs::path parent = fs::absolute(directory, error).parent_path();
    fs::create_directories(parent, error);
    if (error)
        return systemError("cannot create the directory", parent, error.value());
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
        return systemError("cannot create the data directory", directory, errno);
    return {};
}

} // namespace

base::Result<std::unique_ptr<DirectoryLock>> DirectoryLock::acquire(const fs::path& directory, Holder self)
{
    if (auto made = makeDirectory(directory); !made)
        return tl::unexpected<base::Error>(std::move(made).error());
    std::unique_ptr<DirectoryLock> lock(new DirectoryLock);
    lock->m_path = directory / kLockName;
    lock->m_self = std::move(self);
    lock->m_fd = ::open(lock->m_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock->m_fd < 0)
        return systemError("cannot open the lock of the data directory", lock->m_path, errno);

    struct flock wanted = wholeFile();
    if (::fcntl(lock->m_fd, F_OFD_SETLK, &wanted) != 0) {
        if (errno != EAGAIN && errno != EACCES)
            return systemError("cannot lock", lock->m_path, errno);
        const Holder other = readHolder(lock->m_fd);
        std::string context = "the data directory \"" + directory.string() + "\" is in use by "
            + (other.program.empty() ? "another program" : other.program) + ", process "
            + std::to_string(other.pid);
        if (!other.host.empty())
            context += " on " + other.host;
        context += ": stop it, attach to it, or choose another directory";
        return fail(ErrorCode::Busy, std::move(context));
    }
    if (auto written = writeHolder(lock->m_fd, lock->m_path, lock->m_self); !written)
        return tl::unexpected<base::Error>(std::move(written).error());
    return lock;
}

base::Result<Holder> DirectoryLock::holder(const fs::path& directory)
{
    const fs::path path = directory / kLockName;
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return fail(ErrorCode::NotFound, "nobody uses the data directory \"" + directory.string() + "\"");
    if (fd < 0)
        return systemError("cannot read", path, errno);
    struct flock wanted = wholeFile();
    const int code = ::fcntl(fd, F_OFD_GETLK, &wanted); // asks without taking it
    const int number = errno;
    const Holder found = readHolder(fd);
    ::close(fd);
    if (code != 0)
        return systemError("cannot ask for the lock", path, number);
    if (wanted.l_type == F_UNLCK)
        return fail(ErrorCode::NotFound, "nobody uses the data directory \"" + directory.string() + "\"");
    return found;
}

base::Result<void> DirectoryLock::announce(const std::string& endpoints)
{
    m_self.endpoints = endpoints;
    return writeHolder(m_fd, m_path, m_self);
}

DirectoryLock::~DirectoryLock()
{
    if (m_fd >= 0)
        ::close(m_fd);
}

} // namespace millrace::store
