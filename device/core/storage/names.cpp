#include "device/core/storage/names.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace voelgoed::storage {

using base::Result;

namespace {

base::Error failure(const std::string &path)
{
    return {base::ErrorCode::Unavailable, path + ": " + std::strerror(errno), {}};
}

std::string folderOf(const std::string &path)
{
    const std::size_t slash = path.find_last_of('/');
    return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

Result<void> syncFolder(const std::string &folder)
{
    const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return failure(folder);
    const Result<void> synced = ::fsync(directory) == 0 ? Result<void>() : Result<void>(failure(folder));
    ::close(directory);
    return synced;
}

} // namespace

Names::Kind SystemNames::kindOf(const std::string &path)
{
    struct stat found
    {};
    if (::stat(path.c_str(), &found) != 0)
        return errno == ENOENT ? Kind::Nothing : Kind::Other;
    return S_ISREG(found.st_mode) ? Kind::File : Kind::Other;
}

Result<void> SystemNames::makeFolder(const std::string &path)
{
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        return failure(path);
    return syncFolder(folderOf(path));
}

Result<void> SystemNames::rename(const std::string &from, const std::string &to)
{
    if (::rename(from.c_str(), to.c_str()) != 0)
        return failure(from);
    if (auto synced = syncFolder(folderOf(to)); !synced)
        return synced;
    return syncFolder(folderOf(from));
}

Result<void> SystemNames::remove(const std::string &path)
{
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        return failure(path);
    return syncFolder(folderOf(path));
}

} // namespace voelgoed::storage
