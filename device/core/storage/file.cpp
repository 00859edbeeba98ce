#include "device/core/storage/file.h"

#include <sqlite3.h>

#include <algorithm>

namespace voelgoed::storage {

namespace {

constexpr std::size_t kPiece = 64 << 10; // SQLite's write() takes 128 kB at once for nothing

base::Error failure(const std::string &path, std::string_view doing, int code)
{
    const bool full = (code & 0xFF) == SQLITE_FULL;
    return {base::ErrorCode::Unavailable, path + ": " + std::string(doing) + ": " + sqlite3_errstr(code),
            full ? "The disk is full. Make room (a device takes 4 MB, and its list), then try again." : ""};
}

} // namespace

base::Result<bool> File::exists(const std::string &path, const std::string &vfs)
{
    sqlite3_initialize();
    sqlite3_vfs *system = sqlite3_vfs_find(vfs.empty() ? nullptr : vfs.c_str());
    base::ensure(system != nullptr, "a virtual file system that was never registered");
    int there = 0;
    if (const int code = system->xAccess(system, path.c_str(), SQLITE_ACCESS_EXISTS, &there); code != SQLITE_OK)
        return failure(path, "look for", code);
    return there != 0;
}

base::Result<std::unique_ptr<File>> File::open(const std::string &path, const std::string &vfs)
{
    sqlite3_initialize();
    sqlite3_vfs *system = sqlite3_vfs_find(vfs.empty() ? nullptr : vfs.c_str());
    base::ensure(system != nullptr, "a virtual file system that was never registered");
    std::unique_ptr<File> file(new File);
    file->m_name = path;
    // SQLite wants names in a layout of its own, with parameters behind them.
    file->m_path = sqlite3_create_filename(path.c_str(), "", "", 0, nullptr);
    if (!file->m_path)
        return failure(path, "open", SQLITE_NOMEM);
    file->m_memory = std::make_unique<std::byte[]>(static_cast<std::size_t>(system->szOsFile));
    auto *handle = reinterpret_cast<sqlite3_file *>(file->m_memory.get());
    // Of the kinds that SQLite knows this is the one that depends on no other file, and whose folder is synced with it.
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_SUPER_JOURNAL;
    const int code = system->xOpen(system, file->m_path, handle, flags, nullptr);
    if (code != SQLITE_OK) {
        if (handle->pMethods)
            handle->pMethods->xClose(handle);
        return failure(path, "open", code);
    }
    file->m_file = handle;
    return file;
}

File::~File()
{
    if (m_file)
        m_file->pMethods->xClose(m_file);
    if (m_path)
        sqlite3_free_filename(const_cast<char *>(m_path));
}

base::Result<std::uint64_t> File::size()
{
    sqlite3_int64 size = 0;
    const int code = m_file->pMethods->xFileSize(m_file, &size);
    if (code != SQLITE_OK)
        return failure(m_name, "size", code);
    return static_cast<std::uint64_t>(size);
}

base::Result<base::Bytes> File::read(std::uint64_t offset, std::size_t count)
{
    base::Bytes bytes(count);
    const int code =
        m_file->pMethods->xRead(m_file, bytes.data(), static_cast<int>(count), static_cast<sqlite3_int64>(offset));
    if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ)
        return failure(m_name, "read", code);
    return bytes;
}

base::Result<void> File::write(std::uint64_t offset, base::ByteView bytes)
{
    for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
        const base::ByteView piece = bytes.subspan(at, std::min(kPiece, bytes.size() - at));
        const int code = m_file->pMethods->xWrite(m_file, piece.data(), static_cast<int>(piece.size()),
                                                  static_cast<sqlite3_int64>(offset + at));
        if (code != SQLITE_OK)
            return failure(m_name, "write", code);
    }
    return {};
}

base::Result<void> File::sync()
{
    const int code = m_file->pMethods->xSync(m_file, SQLITE_SYNC_NORMAL);
    if (code != SQLITE_OK)
        return failure(m_name, "sync", code);
    return {};
}

base::Result<void> File::renew()
{
    const auto size = this->size();
    if (!size)
        return size.error();
    for (std::uint64_t at = 0; at < *size; at += kPiece) {
        const auto piece = read(at, static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, *size - at)));
        if (!piece)
            return piece.error();
        if (auto written = write(at, *piece); !written)
            return written;
    }
    return sync();
}

} // namespace voelgoed::storage
