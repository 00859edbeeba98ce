#include "device/gate/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace voelgoed::gate {

namespace {

constexpr const char *kIdentity = "/device.json"; // what a device makes first in its folder

} // namespace

base::Result<DataFolder> DataFolder::take(const std::string &path, Missing missing)
{
    std::error_code failed;
    const bool there = std::filesystem::is_directory(path, failed);
    if (missing == Missing::Refuse && !std::filesystem::exists(path + kIdentity, failed))
        return base::Error{base::ErrorCode::NotFound, path + (there ? ": not a device's folder" : ": no such folder"),
                           "Load an event first: voelgoed-gate load --data " + path + " BUNDLE"};
    if (!there) {
        if (!std::filesystem::create_directories(path, failed) && failed)
            return base::Error{base::ErrorCode::Unavailable, path + ": " + failed.message(), {}};
        ::chmod(path.c_str(), 0700);
    }
    const int lock = ::open((path + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0)
        return base::Error{base::ErrorCode::Unavailable, path + "/lock: " + std::strerror(errno), {}};
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
        ::close(lock);
        return base::Error{base::ErrorCode::Conflict, path + ": a gate is running in this folder", {}};
    }
    return DataFolder(path, lock);
}

DataFolder::~DataFolder()
{
    if (m_lock >= 0)
        ::close(m_lock);
}

DataFolder::DataFolder(DataFolder &&other) noexcept : m_path(std::move(other.m_path)), m_lock(other.m_lock)
{
    other.m_lock = -1;
}

} // namespace voelgoed::gate
