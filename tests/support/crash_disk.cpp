#include "tests/support/crash_disk.h"

#include "shared/base/ensure.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>

namespace voelgoed::support {

/// What SQLite allocates for an open file.
struct CrashDisk::Handle
{
    sqlite3_file base;
    CrashDisk *disk;
    std::shared_ptr<Data> *data;
    std::string *path;
};

/// The functions that SQLite calls, with access to the disk's insides.
struct CrashDisk::Door
{
    static Handle &handle(sqlite3_file *file) { return *reinterpret_cast<Handle *>(file); }
    static CrashDisk &disk(sqlite3_vfs *vfs) { return *static_cast<CrashDisk *>(vfs->pAppData); }

    static int close(sqlite3_file *file)
    {
        delete handle(file).data;
        delete handle(file).path;
        return SQLITE_OK;
    }

    static int read(sqlite3_file *file, void *out, int count, sqlite3_int64 offset)
    {
        Handle &h = handle(file);
        if (const int code = h.disk->passes(); code != SQLITE_OK)
            return SQLITE_IOERR_READ;
        const auto &bytes = (*h.data)->current;
        const auto from = static_cast<std::size_t>(offset);
        const auto wanted = static_cast<std::size_t>(count);
        const std::size_t there = from >= bytes.size() ? 0 : std::min(wanted, bytes.size() - from);
        if (there > 0)
            std::memcpy(out, bytes.data() + from, there);
        if (there == wanted)
            return SQLITE_OK;
        std::memset(static_cast<std::byte *>(out) + there, 0, wanted - there);
        return SQLITE_IOERR_SHORT_READ;
    }

    static int write(sqlite3_file *file, const void *in, int count, sqlite3_int64 offset)
    {
        Handle &h = handle(file);
        if (h.disk->passes() != SQLITE_OK)
            return SQLITE_IOERR_WRITE;
        if (h.disk->m_readOnly && h.disk->m_readOnly(*h.path))
            return SQLITE_IOERR_WRITE;
        auto &bytes = (*h.data)->current;
        const std::size_t end = static_cast<std::size_t>(offset) + static_cast<std::size_t>(count);
        if (end > bytes.size()) {
            if (h.disk->used() + (end - bytes.size()) > h.disk->m_capacity)
                return SQLITE_FULL;
            bytes.resize(end);
        }
        std::memcpy(bytes.data() + offset, in, static_cast<std::size_t>(count));
        const auto *from = static_cast<const std::byte *>(in);
        (*h.data)->pending.push_back({static_cast<std::uint64_t>(offset), {from, from + count}});
        return SQLITE_OK;
    }

    static int truncate(sqlite3_file *file, sqlite3_int64 size)
    {
        Handle &h = handle(file);
        if (h.disk->passes() != SQLITE_OK || (h.disk->m_readOnly && h.disk->m_readOnly(*h.path)))
            return SQLITE_IOERR_TRUNCATE;
        auto &data = **h.data;
        if (static_cast<std::size_t>(size) < data.current.size())
            data.current.resize(static_cast<std::size_t>(size));
        data.pending.push_back({static_cast<std::uint64_t>(size), {}});
        return SQLITE_OK;
    }

    static int sync(sqlite3_file *file, int)
    {
        Handle &h = handle(file);
        auto &data = **h.data;
        if (h.disk->passes() != SQLITE_OK) {
            if (!h.disk->m_dark) {
                for (const Pending &write : data.pending)
                    h.disk->applyTorn(data, write);
                data.pending.clear();
            }
            return SQLITE_IOERR_FSYNC;
        }
        if (h.disk->m_lying)
            return SQLITE_OK;
        for (const Pending &write : data.pending)
            applyWhole(data, write);
        data.pending.clear();
        data.existsDurably = true;
        return SQLITE_OK;
    }

    static int fileSize(sqlite3_file *file, sqlite3_int64 *size)
    {
        *size = static_cast<sqlite3_int64>((*handle(file).data)->current.size());
        return handle(file).disk->m_dark ? SQLITE_IOERR_FSTAT : SQLITE_OK;
    }

    static int lock(sqlite3_file *, int) { return SQLITE_OK; }
    static int checkReserved(sqlite3_file *, int *held)
    {
        *held = 0;
        return SQLITE_OK;
    }
    static int control(sqlite3_file *, int, void *) { return SQLITE_NOTFOUND; }
    static int sectorSize(sqlite3_file *file) { return static_cast<int>(handle(file).disk->m_sector); }
    static int characteristics(sqlite3_file *) { return 0; }

    static int open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *outFlags)
    {
        file->pMethods = nullptr;
        CrashDisk &d = disk(vfs);
        if (d.passes() != SQLITE_OK)
            return SQLITE_CANTOPEN;
        const std::string name = path ? path : "temporary";
        auto &slot = d.m_files[name];
        if (!slot || !slot->exists) {
            if ((flags & SQLITE_OPEN_CREATE) == 0)
                return SQLITE_CANTOPEN;
            if (d.m_readOnly && d.m_readOnly(name))
                return SQLITE_CANTOPEN;
            if (!slot)
                slot = std::make_shared<Data>();
            slot->exists = true;
        }
        Handle &h = handle(file);
        h.disk = &d;
        h.data = new std::shared_ptr<Data>(slot);
        h.path = new std::string(name);
        static const sqlite3_io_methods kMethods{
            1,       close,         read,    write,      truncate,        sync,    fileSize, lock,
            lock,    checkReserved, control, sectorSize, characteristics, nullptr, nullptr,  nullptr,
            nullptr, nullptr,       nullptr};
        h.base.pMethods = &kMethods;
        if (outFlags)
            *outFlags = flags;
        return SQLITE_OK;
    }

    static int remove(sqlite3_vfs *vfs, const char *path, int syncDirectory)
    {
        CrashDisk &d = disk(vfs);
        if (d.passes() != SQLITE_OK)
            return SQLITE_IOERR_DELETE;
        if (d.m_readOnly && d.m_readOnly(path))
            return SQLITE_IOERR_DELETE;
        const auto found = d.m_files.find(path);
        if (found == d.m_files.end() || !found->second->exists)
            return SQLITE_IOERR_DELETE_NOENT;
        found->second->exists = false;
        found->second->current.clear();
        found->second->pending.push_back({0, {}});
        if (syncDirectory != 0 && !d.m_lying) {
            *found->second = {};
            found->second->exists = false;
        }
        return SQLITE_OK;
    }

    static int access(sqlite3_vfs *vfs, const char *path, int, int *result)
    {
        CrashDisk &d = disk(vfs);
        if (d.passes() != SQLITE_OK)
            return SQLITE_IOERR_ACCESS;
        const auto found = d.m_files.find(path);
        *result = found != d.m_files.end() && found->second->exists ? 1 : 0;
        return SQLITE_OK;
    }

    static int fullPath(sqlite3_vfs *, const char *path, int size, char *out)
    {
        sqlite3_snprintf(size, out, "%s", path);
        return SQLITE_OK;
    }

    static int randomness(sqlite3_vfs *vfs, int count, char *out)
    {
        disk(vfs).m_random.fill(std::as_writable_bytes(std::span(out, static_cast<std::size_t>(count))));
        return count;
    }
    static int sleep(sqlite3_vfs *, int micros) { return micros; }
    static int currentTime(sqlite3_vfs *, double *julian)
    {
        *julian = 2'461'000.5;
        return SQLITE_OK;
    }
    static int lastError(sqlite3_vfs *, int, char *) { return 0; }
};

CrashDisk::CrashDisk(std::string name, std::uint64_t seed, std::size_t sectorSize)
    : m_name(std::move(name)), m_vfs(std::make_unique<sqlite3_vfs>()), m_random(seed), m_sector(sectorSize)
{
    sqlite3_initialize();
    *m_vfs = {};
    m_vfs->iVersion = 1;
    m_vfs->szOsFile = sizeof(Handle);
    m_vfs->mxPathname = 256;
    m_vfs->zName = m_name.c_str();
    m_vfs->pAppData = this;
    m_vfs->xOpen = Door::open;
    m_vfs->xDelete = Door::remove;
    m_vfs->xAccess = Door::access;
    m_vfs->xFullPathname = Door::fullPath;
    m_vfs->xRandomness = Door::randomness;
    m_vfs->xSleep = Door::sleep;
    m_vfs->xCurrentTime = Door::currentTime;
    m_vfs->xGetLastError = Door::lastError;
    base::ensure(sqlite3_vfs_register(m_vfs.get(), 0) == SQLITE_OK, "the crash disk could not be registered");
}

CrashDisk::~CrashDisk()
{
    sqlite3_vfs_unregister(m_vfs.get());
}

int CrashDisk::passes()
{
    ++m_calls;
    if (m_calls >= m_cutAt)
        m_dark = true;
    if (m_dark)
        return SQLITE_IOERR;
    const bool fails = m_failing == Failing::Once ? m_calls == m_failAt : m_calls >= m_failAt;
    if (fails) {
        m_failed = true;
        return SQLITE_IOERR;
    }
    return SQLITE_OK;
}

void CrashDisk::failAt(std::uint64_t calls, Failing how)
{
    m_failAt = calls == 0 ? UINT64_MAX : m_calls + calls;
    m_failing = how;
    m_failed = false;
}

void CrashDisk::applyWhole(Data &data, const Pending &write)
{
    auto &bytes = data.durable;
    if (write.bytes.empty()) {
        bytes.resize(std::min<std::size_t>(bytes.size(), write.offset));
        return;
    }
    bytes.resize(std::max<std::size_t>(bytes.size(), write.offset + write.bytes.size()));
    std::copy(write.bytes.begin(), write.bytes.end(), bytes.begin() + static_cast<std::ptrdiff_t>(write.offset));
}

void CrashDisk::applyTorn(Data &data, const Pending &write)
{
    auto &bytes = data.durable;
    if (write.bytes.empty()) {
        if (m_random.below(2) == 0 && write.offset < bytes.size())
            bytes.resize(write.offset);
        return;
    }
    // Sector by sector: there, missing, or torn inside.
    for (std::uint64_t at = 0; at < write.bytes.size();) {
        const std::uint64_t place = write.offset + at;
        std::uint64_t length = std::min<std::uint64_t>(m_sector - place % m_sector, write.bytes.size() - at);
        const std::uint64_t fate = m_random.below(8);
        const std::uint64_t kept = fate < 4 ? length : fate < 7 ? 0 : m_random.below(length + 1);
        if (kept > 0) {
            if (place + kept > bytes.size())
                bytes.resize(place + kept);
            std::copy_n(write.bytes.begin() + static_cast<std::ptrdiff_t>(at), kept,
                        bytes.begin() + static_cast<std::ptrdiff_t>(place));
        }
        at += length;
    }
}

void CrashDisk::settle(Data &data)
{
    const bool removed = !data.exists && (!data.existsDurably || m_random.below(2) == 0);
    const bool neverThere = !data.existsDurably && m_random.below(2) == 0; // the directory did not learn of it
    if (removed || neverThere) {
        data = {};
        data.exists = false;
        return;
    }
    for (const Pending &write : data.pending)
        applyTorn(data, write);
    data.exists = true;
    data.existsDurably = true;
    data.pending.clear();
    data.current = data.durable;
}

void CrashDisk::reboot()
{
    for (auto &[path, data] : m_files)
        settle(*data);
    m_dark = false;
    m_cutAt = UINT64_MAX;
    m_failAt = UINT64_MAX;
}

bool CrashDisk::rename(const std::string &from, const std::string &to)
{
    const bool wasDark = m_dark;
    const bool passed = passes() == SQLITE_OK;
    const bool happensAnyway = !passed && !wasDark && m_random.below(2) == 0;
    const auto found = m_files.find(from);
    const bool refused = m_readOnly && (m_readOnly(from) || m_readOnly(to));
    if ((!passed && !happensAnyway) || refused || found == m_files.end() || !found->second->exists)
        return false;
    found->second->existsDurably = true;
    m_files[to] = found->second;
    m_files.erase(from);
    return passed;
}

bool CrashDisk::remove(const std::string &path)
{
    if (m_readOnly && m_readOnly(path))
        return false;
    const int code = Door::remove(m_vfs.get(), path.c_str(), 1);
    return code == SQLITE_OK || code == SQLITE_IOERR_DELETE_NOENT;
}

std::vector<std::byte> *CrashDisk::contents(const std::string &path)
{
    const auto found = m_files.find(path);
    return found == m_files.end() || !found->second->exists ? nullptr : &found->second->current;
}

std::uint64_t CrashDisk::used() const
{
    std::uint64_t total = 0;
    for (const auto &[path, data] : m_files)
        total += data->exists ? data->current.size() : 0;
    return total;
}

} // namespace voelgoed::support
