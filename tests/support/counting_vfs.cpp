// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/counting_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <new>

namespace millrace::test {

struct CountingVfs::Shared
{
    sqlite3_vfs vfs{};
    sqlite3_vfs* real = nullptr;
    std::mutex mutex; ///< guards what follows
    std::array<Counts, 3> counts{};
    bool logIsUnsynced = false;
    std::uint64_t largestLog = 0;
    std::uint64_t callsUntilFault = 0; ///< 0 = none is armed
    Fault fault = Fault::Io;
    Lasts lasts = Lasts::Once;
    bool hasFailed = false;
    std::uint64_t retriedSyncs = 0;
    int lastErrno = 0;

    /// Under the mutex. Counts one call; true if it is to fail.
    bool fails()
    {
        if (callsUntilFault == 0)
            return false;
        if (callsUntilFault > 1) {
            --callsUntilFault;
            return false;
        }
        if (lasts == Lasts::Once)
            callsUntilFault = 0;
        hasFailed = true;
        lastErrno = fault == Fault::Io ? EIO : ENOSPC;
        return true;
    }
};

namespace {

using Shared = CountingVfs::Shared;
using File = CountingVfs::File;

/// SQLite allocates this with the real file's bytes behind it.
struct ShimFile
{
    sqlite3_file base;
    Shared* shared;
    File kind;
    bool syncFailed;
};

ShimFile* shim(sqlite3_file* file) { return reinterpret_cast<ShimFile*>(file); }
sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<sqlite3_file*>(shim(file) + 1); }
Shared* sharedOf(sqlite3_vfs* vfs) { return static_cast<Shared*>(vfs->pAppData); }
sqlite3_vfs* realOf(sqlite3_vfs* vfs) { return sharedOf(vfs)->real; }
CountingVfs::Counts& countsOf(sqlite3_file* file)
{
    return shim(file)->shared->counts.at(static_cast<std::size_t>(shim(file)->kind));
}

int closeFile(sqlite3_file* file) { return real(file)->pMethods->xClose(real(file)); }
int readFile(sqlite3_file* file, void* out, int size, sqlite3_int64 at)
{
    return real(file)->pMethods->xRead(real(file), out, size, at);
}
int writeFile(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at)
{
    Shared& shared = *shim(file)->shared;
    const std::scoped_lock lock(shared.mutex);
    if (shared.fails())
        return shared.fault == CountingVfs::Fault::Io ? SQLITE_IOERR_WRITE : SQLITE_FULL;
    CountingVfs::Counts& counts = countsOf(file);
    ++counts.writes;
    counts.bytes += static_cast<std::uint64_t>(size);
    if (shim(file)->kind == File::Log) {
        shared.logIsUnsynced = true;
        shared.largestLog = std::max(shared.largestLog, static_cast<std::uint64_t>(at + size));
    }
    return real(file)->pMethods->xWrite(real(file), bytes, size, at);
}
int truncateFile(sqlite3_file* file, sqlite3_int64 size)
{
    return real(file)->pMethods->xTruncate(real(file), size);
}
int syncFile(sqlite3_file* file, int flags)
{
    Shared& shared = *shim(file)->shared;
    const std::scoped_lock lock(shared.mutex);
    if (shim(file)->syncFailed)
        ++shared.retriedSyncs;
    if (shared.fails()) {
        shim(file)->syncFailed = true;
        return SQLITE_IOERR_FSYNC;
    }
    const int code = real(file)->pMethods->xSync(real(file), flags);
    if (code != SQLITE_OK)
        return code;
    ++countsOf(file).syncs;
    if (shim(file)->kind == File::Log)
        shared.logIsUnsynced = false;
    return SQLITE_OK;
}
int fileSize(sqlite3_file* file, sqlite3_int64* size)
{
    return real(file)->pMethods->xFileSize(real(file), size);
}
int lockFile(sqlite3_file* file, int level) { return real(file)->pMethods->xLock(real(file), level); }
int unlockFile(sqlite3_file* file, int level) { return real(file)->pMethods->xUnlock(real(file), level); }
int isReserved(sqlite3_file* file, int* result)
{
    return real(file)->pMethods->xCheckReservedLock(real(file), result);
}
int controlFile(sqlite3_file* file, int verb, void* argument)
{
    return real(file)->pMethods->xFileControl(real(file), verb, argument);
}
int sectorSize(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }
int characteristics(sqlite3_file* file)
{
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
}
int mapShared(sqlite3_file* file, int page, int size, int extend, void volatile** out)
{
    return real(file)->pMethods->xShmMap(real(file), page, size, extend, out);
}
int lockShared(sqlite3_file* file, int offset, int count, int flags)
{
    return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
void barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }
int unmapShared(sqlite3_file* file, int remove)
{
    return real(file)->pMethods->xShmUnmap(real(file), remove);
}

const sqlite3_io_methods kMethods = [] {
    sqlite3_io_methods methods{};
    methods.iVersion = 2; // with shared memory, without mapped files
    methods.xClose = closeFile;
    methods.xRead = readFile;
    methods.xWrite = writeFile;
    methods.xTruncate = truncateFile;
    methods.xSync = syncFile;
    methods.xFileSize = fileSize;
    methods.xLock = lockFile;
    methods.xUnlock = unlockFile;
    methods.xCheckReservedLock = isReserved;
    methods.xFileControl = controlFile;
    methods.xSectorSize = sectorSize;
    methods.xDeviceCharacteristics = characteristics;
    methods.xShmMap = mapShared;
    methods.xShmLock = lockShared;
    methods.xShmBarrier = barrier;
    methods.xShmUnmap = unmapShared;
    return methods;
}();

int openFile(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* outFlags)
{
    auto* opened = new (file) ShimFile{};
    opened->shared = sharedOf(vfs);
    opened->kind = (flags & SQLITE_OPEN_MAIN_DB) != 0 ? File::Database
        : (flags & SQLITE_OPEN_WAL) != 0              ? File::Log
                                                      : File::Other;
    std::memset(static_cast<void*>(opened + 1), 0, static_cast<std::size_t>(realOf(vfs)->szOsFile));
    const int code = realOf(vfs)->xOpen(realOf(vfs), name, real(file), flags, outFlags);
    // SQLite closes a file exactly if it has methods, also after a failure.
    if (real(file)->pMethods != nullptr)
        opened->base.pMethods = &kMethods;
    return code;
}
int deleteFile(sqlite3_vfs* vfs, const char* name, int syncDirectory)
{
    return realOf(vfs)->xDelete(realOf(vfs), name, syncDirectory);
}
int accessFile(sqlite3_vfs* vfs, const char* name, int flags, int* result)
{
    return realOf(vfs)->xAccess(realOf(vfs), name, flags, result);
}
int fullName(sqlite3_vfs* vfs, const char* name, int size, char* out)
{
    return realOf(vfs)->xFullPathname(realOf(vfs), name, size, out);
}
int randomness(sqlite3_vfs* vfs, int size, char* out)
{
    return realOf(vfs)->xRandomness(realOf(vfs), size, out);
}
int sleepFor(sqlite3_vfs* vfs, int micros) { return realOf(vfs)->xSleep(realOf(vfs), micros); }
int currentTime(sqlite3_vfs* vfs, double* out) { return realOf(vfs)->xCurrentTime(realOf(vfs), out); }
int currentTime64(sqlite3_vfs* vfs, sqlite3_int64* out)
{
    return realOf(vfs)->xCurrentTimeInt64(realOf(vfs), out);
}
int lastError(sqlite3_vfs* vfs, int size, char* out)
{
    Shared& shared = *sharedOf(vfs);
    const std::scoped_lock lock(shared.mutex);
    const int injected = shared.lastErrno;
    return injected != 0 ? injected : realOf(vfs)->xGetLastError(realOf(vfs), size, out);
}

} // namespace

CountingVfs::CountingVfs(std::string name)
    : m_name(std::move(name))
    , m_shared(std::make_unique<Shared>())
{
    sqlite3_vfs* found = sqlite3_vfs_find(nullptr);
    m_shared->real = found;
    sqlite3_vfs& vfs = m_shared->vfs;
    vfs.iVersion = 2;
    vfs.szOsFile = static_cast<int>(sizeof(ShimFile)) + found->szOsFile;
    vfs.mxPathname = found->mxPathname;
    vfs.zName = m_name.c_str();
    vfs.pAppData = m_shared.get();
    vfs.xOpen = openFile;
    vfs.xDelete = deleteFile;
    vfs.xAccess = accessFile;
    vfs.xFullPathname = fullName;
    vfs.xRandomness = randomness;
    vfs.xSleep = sleepFor;
    vfs.xCurrentTime = currentTime;
    vfs.xCurrentTimeInt64 = currentTime64;
    vfs.xGetLastError = lastError;
    sqlite3_vfs_register(&vfs, 0);
}

CountingVfs::~CountingVfs() { sqlite3_vfs_unregister(&m_shared->vfs); }

CountingVfs::Counts CountingVfs::counts(File file) const noexcept
{
    const std::scoped_lock lock(m_shared->mutex);
    return m_shared->counts[static_cast<std::size_t>(file)];
}

bool CountingVfs::logIsUnsynced() const noexcept
{
    const std::scoped_lock lock(m_shared->mutex);
    return m_shared->logIsUnsynced;
}

std::uint64_t CountingVfs::largestLog() const noexcept
{
    const std::scoped_lock lock(m_shared->mutex);
    return m_shared->largestLog;
}

void CountingVfs::failAt(std::uint64_t nth, Fault fault, Lasts lasts)
{
    heal();
    const std::scoped_lock lock(m_shared->mutex);
    m_shared->callsUntilFault = nth;
    m_shared->fault = fault;
    m_shared->lasts = lasts;
}

void CountingVfs::heal() noexcept
{
    const std::scoped_lock lock(m_shared->mutex);
    m_shared->callsUntilFault = 0;
    m_shared->hasFailed = false;
    m_shared->lastErrno = 0;
    m_shared->retriedSyncs = 0;
}

bool CountingVfs::hasFailed() const noexcept
{
    const std::scoped_lock lock(m_shared->mutex);
    return m_shared->hasFailed;
}

std::uint64_t CountingVfs::retriedSyncs() const noexcept
{
    const std::scoped_lock lock(m_shared->mutex);
    return m_shared->retriedSyncs;
}

} // namespace millrace::test
