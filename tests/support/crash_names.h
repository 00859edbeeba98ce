#pragma once

#include "device/core/storage/names.h"
#include "tests/support/crash_disk.h"

#include <set>

namespace voelgoed::support {

/// The names on a crash disk.
class CrashNames final : public storage::Names
{
public:
    explicit CrashNames(CrashDisk &disk) : m_disk(disk) {}

    Kind kindOf(const std::string &path) override
    {
        if (m_disk.isDark())
            return Kind::Other;
        return m_disk.contents(path) ? Kind::File : Kind::Nothing;
    }
    base::Result<void> makeFolder(const std::string &path) override
    {
        m_folders.insert(path);
        return answer(!m_disk.isDark());
    }
    base::Result<void> rename(const std::string &from, const std::string &to) override
    {
        return answer(m_disk.rename(from, to));
    }
    base::Result<void> remove(const std::string &path) override { return answer(m_disk.remove(path)); }

    const std::set<std::string> &folders() const { return m_folders; }

private:
    static base::Result<void> answer(bool done)
    {
        return done ? base::Result<void>() : base::Error{base::ErrorCode::Unavailable, "the disk failed", {}};
    }

    CrashDisk &m_disk;
    std::set<std::string> m_folders;
};

} // namespace voelgoed::support
