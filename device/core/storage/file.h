#pragma once

#include "shared/base/bytes.h"
#include "shared/base/result.h"

#include <cstdint>
#include <memory>
#include <string>

struct sqlite3_file;

namespace voelgoed::storage {

/// A flat file, opened through the same virtual file system as the database, so that whatever happens to one disk in a
/// test happens to both. One thread.
class File
{
public:
    static base::Result<std::unique_ptr<File>> open(const std::string &path, const std::string &vfs);
    /// Whether there is something of that name. An empty file counts as none.
    static base::Result<bool> exists(const std::string &path, const std::string &vfs);
    ~File();

    File(const File &) = delete;
    File &operator=(const File &) = delete;

    base::Result<std::uint64_t> size();
    /// Bytes past the end read as zeros.
    base::Result<base::Bytes> read(std::uint64_t offset, std::size_t count);
    base::Result<void> write(std::uint64_t offset, base::ByteView bytes);
    /// What was written before is durable once this returns success.
    base::Result<void> sync();
    /// Writes everything again and syncs it. After a sync that failed the system may show bytes that are not on the
    /// disk and that no later sync brings there: this does.
    base::Result<void> renew();

private:
    File() = default;

    std::string m_name;
    const char *m_path = nullptr;
    std::unique_ptr<std::byte[]> m_memory;
    sqlite3_file *m_file = nullptr;
};

} // namespace voelgoed::storage
