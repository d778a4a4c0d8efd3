// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/crash_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <new>

namespace millrace::simulation {

namespace {

constexpr std::size_t kSector = 512;
constexpr std::size_t kLocks = SQLITE_SHM_NLOCK;

using Place = CrashVfs::Place;

} // namespace

struct CrashVfs::Inode
{
    struct Span { std::size_t at = 0, size = 0; };

    std::string name;
    std::string now;     ///< what the process sees
    std::string durable; ///< what the last sync made safe
    std::vector<Span> unsynced;
    Place place = Place::Database;

    // locks of the file and of the log's index
    int readers = 0;
    const void* reserved = nullptr;
    const void* exclusive = nullptr;
    std::vector<std::unique_ptr<char[]>> regions;
    int mapped = 0;
    std::array<int, kLocks> shmShared{};
    std::array<const void*, kLocks> shmExclusive{};

    void makeDurable()
    {
        durable.resize(now.size());
        for (const Span& span : unsynced) {
            if (span.at < now.size()) // it may have been cut off since
                std::memcpy(durable.data() + span.at, now.data() + span.at, std::min(span.size, now.size() - span.at));
        }
        unsynced.clear();
    }
};

struct CrashVfs::Shared
{
    sqlite3_vfs vfs{};
    CrashVfs* disk = nullptr;
    int lastErrno = 0;

    // ---- what SQLite calls
    struct File
    {
        sqlite3_file base;
        Shared* shared;
        Inode* inode;
        std::shared_ptr<Inode>* keep;
        int level;
        bool isMapped;
        unsigned heldShared, heldExclusive;
    };
    static File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
    static CrashVfs& diskOf(sqlite3_file* file) { return *of(file).shared->disk; }
    static CrashVfs& diskOf(sqlite3_vfs* vfs) { return *static_cast<Shared*>(vfs->pAppData)->disk; }
    static const sqlite3_io_methods& methods();

    static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* outFlags);
    static int remove(sqlite3_vfs* vfs, const char* name, int syncDirectory);
    static int access(sqlite3_vfs* vfs, const char* name, int flags, int* result);
    static int fullName(sqlite3_vfs* vfs, const char* name, int size, char* out);
    static int randomness(sqlite3_vfs* vfs, int size, char* out);
    static int sleep(sqlite3_vfs*, int micros) { return micros; }
    static int currentTime(sqlite3_vfs*, double* out) { return *out = 2'461'000.0, SQLITE_OK; }
    static int currentTime64(sqlite3_vfs*, sqlite3_int64* out) { return *out = 212'630'400'000'000, SQLITE_OK; }
    static int lastError(sqlite3_vfs* vfs, int, char*) { return static_cast<Shared*>(vfs->pAppData)->lastErrno; }

    static int close(sqlite3_file* file);
    static int read(sqlite3_file* file, void* out, int size, sqlite3_int64 at);
    static int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at);
    static int truncate(sqlite3_file* file, sqlite3_int64 size);
    static int sync(sqlite3_file* file, int flags);
    static int size(sqlite3_file* file, sqlite3_int64* out);
    static int lock(sqlite3_file* file, int level);
    static int unlock(sqlite3_file* file, int level);
    static int isReserved(sqlite3_file* file, int* result);
    static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
    static int sectorSize(sqlite3_file*) { return 4096; }
    static int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }
    static int shmMap(sqlite3_file* file, int page, int bytes, int extend, void volatile** out);
    static int shmLock(sqlite3_file* file, int offset, int count, int flags);
    static void shmBarrier(sqlite3_file*) {}
    static int shmUnmap(sqlite3_file* file, int remove);
};

/// @returns what the call must return, or SQLITE_OK if it goes through.
int CrashVfs::refuses(Place place, bool isSync)
{
    if (m_isDead)
        return isSync ? SQLITE_IOERR_FSYNC : SQLITE_IOERR_WRITE;
    if (m_left == 0)
        return SQLITE_OK;
    if (m_left > 1) {
        --m_left;
        return SQLITE_OK;
    }
    if (m_breaks == Breaks::Sync && !isSync)
        return SQLITE_OK;
    if ((m_breaks == Breaks::Write || m_breaks == Breaks::Space) && isSync)
        return SQLITE_OK;
    m_left = 0;
    m_shared->lastErrno = m_breaks == Breaks::Space ? ENOSPC : EIO;
    const Breaks how = m_breaks;
    if (how == Breaks::Kill) {
        m_isDead = true;
        m_diedAt = place;
        return isSync ? SQLITE_IOERR_FSYNC : SQLITE_IOERR_WRITE;
    }
    if (m_counts != nullptr)
        ++(*m_counts)[how == Breaks::Sync ? Fault::SyncFailed : how == Breaks::Space ? Fault::NoSpace : Fault::WriteFailed];
    return how == Breaks::Sync ? SQLITE_IOERR_FSYNC : how == Breaks::Space ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

int CrashVfs::Shared::open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* outFlags)
{
    auto* opened = new (file) File{};
    CrashVfs& disk = diskOf(vfs);
    const std::string key = name == nullptr ? "(temporary)" : name;
    auto found = disk.m_files.find(key);
    if (found == disk.m_files.end()) {
        if ((flags & SQLITE_OPEN_CREATE) == 0 || disk.m_isDead)
            return SQLITE_CANTOPEN;
        auto created = std::make_shared<Inode>();
        created->name = key;
        created->place = (flags & SQLITE_OPEN_WAL) != 0 ? Place::Log : Place::Database;
        found = disk.m_files.insert_or_assign(key, std::move(created)).first;
    }
    opened->shared = static_cast<Shared*>(vfs->pAppData);
    opened->keep = new std::shared_ptr<Inode>(found->second);
    opened->inode = opened->keep->get();
    opened->base.pMethods = &methods();
    if (outFlags != nullptr)
        *outFlags = flags;
    return SQLITE_OK;
}

int CrashVfs::Shared::remove(sqlite3_vfs* vfs, const char* name, int syncDirectory)
{
    CrashVfs& disk = diskOf(vfs);
    if (disk.m_isDead)
        return SQLITE_IOERR_DELETE;
    if (disk.m_files.erase(name) == 0)
        return SQLITE_IOERR_DELETE_NOENT;
    if (syncDirectory != 0)
        disk.m_durable.erase(name);
    return SQLITE_OK;
}

int CrashVfs::Shared::access(sqlite3_vfs* vfs, const char* name, int /*flags*/, int* result)
{
    *result = diskOf(vfs).m_files.contains(name) ? 1 : 0;
    return SQLITE_OK;
}

int CrashVfs::Shared::fullName(sqlite3_vfs* /*vfs*/, const char* name, int size, char* out)
{
    const std::size_t length = std::strlen(name);
    if (length + 1 > static_cast<std::size_t>(size))
        return SQLITE_CANTOPEN;
    std::memcpy(out, name, length + 1);
    return SQLITE_OK;
}

int CrashVfs::Shared::randomness(sqlite3_vfs* vfs, int size, char* out)
{
    for (int i = 0; i < size; ++i)
        out[i] = static_cast<char>(diskOf(vfs).m_chance.next() & 0x7FU);
    return size;
}

int CrashVfs::Shared::close(sqlite3_file* file)
{
    File& self = of(file);
    unlock(file, SQLITE_LOCK_NONE);
    shmUnmap(file, 0);
    delete self.keep;
    self.keep = nullptr;
    return SQLITE_OK;
}

int CrashVfs::Shared::read(sqlite3_file* file, void* out, int size, sqlite3_int64 at)
{
    const std::string& bytes = of(file).inode->now;
    const auto from = static_cast<std::size_t>(at);
    const auto wanted = static_cast<std::size_t>(size);
    const std::size_t got = from >= bytes.size() ? 0 : std::min(wanted, bytes.size() - from);
    std::memcpy(out, bytes.data() + (got == 0 ? 0 : from), got);
    if (got == wanted)
        return SQLITE_OK;
    std::memset(static_cast<char*>(out) + got, 0, wanted - got);
    return SQLITE_IOERR_SHORT_READ;
}

int CrashVfs::Shared::write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at)
{
    Inode& inode = *of(file).inode;
    const auto from = static_cast<std::size_t>(at);
    auto count = static_cast<std::size_t>(size);
    const bool wasDead = diskOf(file).m_isDead;
    const int refused = diskOf(file).refuses(inode.place, false);
    // A process that is killed leaves the write that it was in half done, and a disk that is full or fails may, too.
    if (refused != SQLITE_OK && !wasDead)
        count /= 2;
    else if (refused != SQLITE_OK)
        return refused;
    if (count == 0)
        return refused;
    if (inode.now.size() < from + count)
        inode.now.resize(from + count);
    std::memcpy(inode.now.data() + from, bytes, count);
    inode.unsynced.push_back({from, count});
    return refused;
}

int CrashVfs::Shared::truncate(sqlite3_file* file, sqlite3_int64 size)
{
    Inode& inode = *of(file).inode;
    if (const int refused = diskOf(file).refuses(inode.place, false); refused != SQLITE_OK)
        return refused;
    inode.now.resize(static_cast<std::size_t>(size));
    return SQLITE_OK;
}

int CrashVfs::Shared::sync(sqlite3_file* file, int /*flags*/)
{
    CrashVfs& disk = diskOf(file);
    Inode& inode = *of(file).inode;
    if (const int refused = disk.refuses(inode.place, true); refused != SQLITE_OK)
        return refused;
    inode.makeDurable();
    disk.m_durable[inode.name] = *of(file).keep;
    ++disk.m_syncs;
    return SQLITE_OK;
}

int CrashVfs::Shared::size(sqlite3_file* file, sqlite3_int64* out)
{
    *out = static_cast<sqlite3_int64>(of(file).inode->now.size());
    return SQLITE_OK;
}

int CrashVfs::Shared::lock(sqlite3_file* file, int level)
{
    File& self = of(file);
    Inode& inode = *self.inode;
    const auto isOthers = [&](const void* holder) { return holder != nullptr && holder != &self; };
    if (self.level >= level)
        return SQLITE_OK;
    if (isOthers(inode.exclusive) || (level >= SQLITE_LOCK_RESERVED && isOthers(inode.reserved)))
        return SQLITE_BUSY;
    if (self.level == SQLITE_LOCK_NONE)
        ++inode.readers;
    if (level >= SQLITE_LOCK_RESERVED)
        inode.reserved = &self;
    self.level = std::max(self.level, std::min(level, SQLITE_LOCK_RESERVED));
    if (level >= SQLITE_LOCK_PENDING) {
        if (inode.readers > 1)
            return SQLITE_BUSY;
        inode.exclusive = &self;
        self.level = level;
    }
    return SQLITE_OK;
}

int CrashVfs::Shared::unlock(sqlite3_file* file, int level)
{
    File& self = of(file);
    Inode& inode = *self.inode;
    if (inode.exclusive == &self)
        inode.exclusive = nullptr;
    if (inode.reserved == &self)
        inode.reserved = nullptr;
    if (self.level > SQLITE_LOCK_NONE && level == SQLITE_LOCK_NONE)
        --inode.readers;
    self.level = std::min(self.level, level);
    return SQLITE_OK;
}

int CrashVfs::Shared::isReserved(sqlite3_file* file, int* result)
{
    *result = of(file).inode->reserved != nullptr ? 1 : 0;
    return SQLITE_OK;
}

int CrashVfs::Shared::shmMap(sqlite3_file* file, int page, int bytes, int extend, void volatile** out)
{
    File& self = of(file);
    Inode& inode = *self.inode;
    if (!self.isMapped) {
        self.isMapped = true;
        ++inode.mapped;
    }
    *out = nullptr;
    const auto index = static_cast<std::size_t>(page);
    if (inode.regions.size() <= index && extend == 0)
        return SQLITE_OK;
    while (inode.regions.size() <= index)
        inode.regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(bytes)));
    *out = inode.regions[index].get();
    return SQLITE_OK;
}

int CrashVfs::Shared::shmLock(sqlite3_file* file, int offset, int count, int flags)
{
    File& self = of(file);
    Inode& inode = *self.inode;
    for (int i = offset; i < offset + count && (flags & SQLITE_SHM_LOCK) != 0; ++i) {
        const auto slot = static_cast<std::size_t>(i);
        const bool isOthers = inode.shmExclusive[slot] != nullptr && inode.shmExclusive[slot] != &self;
        const int sharedByMe = (self.heldShared >> slot) & 1U ? 1 : 0;
        if (isOthers || ((flags & SQLITE_SHM_EXCLUSIVE) != 0 && inode.shmShared[slot] > sharedByMe))
            return SQLITE_BUSY;
    }
    for (int i = offset; i < offset + count; ++i) {
        const auto slot = static_cast<std::size_t>(i);
        const unsigned bit = 1U << slot;
        const bool takes = (flags & SQLITE_SHM_LOCK) != 0;
        if ((flags & SQLITE_SHM_EXCLUSIVE) != 0) {
            inode.shmExclusive[slot] = takes ? &self : nullptr;
            self.heldExclusive = takes ? self.heldExclusive | bit : self.heldExclusive & ~bit;
        } else if (takes != ((self.heldShared & bit) != 0)) {
            inode.shmShared[slot] += takes ? 1 : -1;
            self.heldShared ^= bit;
        }
    }
    return SQLITE_OK;
}

int CrashVfs::Shared::shmUnmap(sqlite3_file* file, int /*remove*/)
{
    File& self = of(file);
    if (!self.isMapped)
        return SQLITE_OK;
    for (int slot = 0; slot < SQLITE_SHM_NLOCK; ++slot) {
        if ((self.heldShared >> slot) & 1U)
            shmLock(file, slot, 1, SQLITE_SHM_UNLOCK | SQLITE_SHM_SHARED);
        if ((self.heldExclusive >> slot) & 1U)
            shmLock(file, slot, 1, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
    }
    self.isMapped = false;
    if (--self.inode->mapped == 0)
        self.inode->regions.clear();
    return SQLITE_OK;
}

const sqlite3_io_methods& CrashVfs::Shared::methods()
{
    static const sqlite3_io_methods kMethods = [] {
        sqlite3_io_methods all{};
        all.iVersion = 2; // with shared memory, without mapped files
        all.xClose = close;
        all.xRead = read;
        all.xWrite = write;
        all.xTruncate = truncate;
        all.xSync = sync;
        all.xFileSize = size;
        all.xLock = lock;
        all.xUnlock = unlock;
        all.xCheckReservedLock = isReserved;
        all.xFileControl = control;
        all.xSectorSize = sectorSize;
        all.xDeviceCharacteristics = characteristics;
        all.xShmMap = shmMap;
        all.xShmLock = shmLock;
        all.xShmBarrier = shmBarrier;
        all.xShmUnmap = shmUnmap;
        return all;
    }();
    return kMethods;
}

CrashVfs::CrashVfs(std::string name)
    : m_name(std::move(name))
    , m_shared(std::make_unique<Shared>())
{
    m_shared->disk = this;
    sqlite3_vfs& vfs = m_shared->vfs;
    vfs.iVersion = 2;
    vfs.szOsFile = static_cast<int>(sizeof(Shared::File));
    vfs.mxPathname = 512;
    vfs.zName = m_name.c_str();
    vfs.pAppData = m_shared.get();
    vfs.xOpen = Shared::open;
    vfs.xDelete = Shared::remove;
    vfs.xAccess = Shared::access;
    vfs.xFullPathname = Shared::fullName;
    vfs.xRandomness = Shared::randomness;
    vfs.xSleep = Shared::sleep;
    vfs.xCurrentTime = Shared::currentTime;
    vfs.xCurrentTimeInt64 = Shared::currentTime64;
    vfs.xGetLastError = Shared::lastError;
    sqlite3_vfs_register(&vfs, 1);
}

CrashVfs::~CrashVfs() { sqlite3_vfs_unregister(&m_shared->vfs); }

void CrashVfs::reset(const std::string& file, const std::string& content, std::uint64_t seed)
{
    m_files.clear();
    m_durable.clear();
    auto inode = std::make_shared<Inode>();
    inode->name = file;
    inode->now = content;
    inode->durable = content;
    m_durable[file] = inode;
    m_files[file] = std::move(inode);
    m_chance = Chance(seed);
    m_left = 0;
    m_isDead = false;
    m_diedAt = Place::Nowhere;
    sqlite3_randomness(0, nullptr); // begins anew, from randomness() above
}

void CrashVfs::breakAt(std::uint64_t nth, Breaks how)
{
    m_left = nth;
    m_breaks = how;
}

void CrashVfs::revive() noexcept
{
    m_isDead = false;
    m_diedAt = Place::Nowhere;
    m_left = 0;
}

void CrashVfs::cutPower(Chance& chance)
{
    // Names that no sync of their file has covered may be there or not.
    std::map<std::string, std::shared_ptr<Inode>> left = m_durable;
    for (const auto& [name, inode] : m_files) {
        if (!left.contains(name) || left[name] != inode) {
            if (chance.hits(500))
                left[name] = inode;
        }
    }
    for (auto entry = left.begin(); entry != left.end();) {
        const bool wasRemoved = !m_files.contains(entry->first);
        entry = wasRemoved && chance.hits(500) ? left.erase(entry) : std::next(entry);
    }
    const std::uint64_t mood = chance.below(4); // all, nothing, or sector by sector
    for (auto& [name, inode] : left) {
        std::string after = inode->durable;
        const std::size_t sizeNow = inode->now.size();
        if (sizeNow < after.size() && chance.hits(500))
            after.resize(sizeNow); // a truncation that reached the disk
        for (const Inode::Span& span : inode->unsynced) {
            const std::size_t end = std::min(span.at + span.size, sizeNow);
            for (std::size_t at = span.at; at < end; at += kSector - at % kSector) {
                const std::size_t size = std::min(kSector - at % kSector, end - at);
                const bool isKept = mood == 0 || (mood != 1 && chance.hits(500));
                if (!isKept) {
                    ++(*m_counts)[Fault::SectorDropped];
                    continue;
                }
                const bool isTorn = mood == 3 && size > 1 && chance.hits(100);
                if (isTorn)
                    ++(*m_counts)[Fault::SectorTorn];
                const std::size_t kept = isTorn ? size / 2 : size;
                if (after.size() < at + kept)
                    after.resize(at + kept);
                std::memcpy(after.data() + at, inode->now.data() + at, kept);
            }
        }
        inode->now = after;
        inode->durable = std::move(after);
        inode->unsynced.clear();
    }
    m_files = left;
    m_durable = std::move(left);
}

} // namespace millrace::simulation
