#include "device/core/client/resumed_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace voelgoed::client {

namespace {

constexpr std::size_t kVersionMax = 200;

base::Error failure(const std::string &path)
{
    return {base::ErrorCode::Unavailable, path + ": " + std::strerror(errno), {}};
}

std::string versionFileOf(const std::string &path)
{
    return path + ".etag";
}

} // namespace

ResumedFile::~ResumedFile()
{
    if (m_file >= 0)
        ::close(m_file);
}

ResumedFile::Part ResumedFile::part() const
{
    struct stat status
    {};
    if (::stat(m_path.c_str(), &status) != 0 || status.st_size <= 0)
        return {};
    std::ifstream file(versionFileOf(m_path), std::ios::binary);
    std::string version(kVersionMax + 1, '\0');
    file.read(version.data(), static_cast<std::streamsize>(version.size()));
    version.resize(static_cast<std::size_t>(file.gcount()));
    if (version.empty() || version.size() > kVersionMax)
        return {};
    return {static_cast<std::uint64_t>(status.st_size), std::move(version)};
}

base::Result<void> ResumedFile::open(int flags)
{
    m_file = ::open(m_path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
    return m_file < 0 ? base::Result<void>(failure(m_path)) : base::Result<void>();
}

base::Result<void> ResumedFile::begin(const std::string &version)
{
    // The old version's name must not stand beside the new one's first bytes.
    ::unlink(versionFileOf(m_path).c_str());
    if (auto opened = open(O_TRUNC); !opened)
        return opened;
    m_size = 0;
    if (version.empty() || version.size() > kVersionMax)
        return {};
    std::ofstream file(versionFileOf(m_path), std::ios::binary);
    file << version << std::flush;
    return file ? base::Result<void>() : base::Result<void>(failure(versionFileOf(m_path)));
}

base::Result<void> ResumedFile::resume()
{
    m_size = part().size;
    return open(O_APPEND);
}

base::Result<void> ResumedFile::write(base::ByteView bytes)
{
    base::ensure(m_file >= 0, "a file that was not begun");
    while (!bytes.empty()) {
        const ssize_t written = ::write(m_file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return failure(m_path);
        m_size += static_cast<std::uint64_t>(written);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

void ResumedFile::forget()
{
    ::unlink(versionFileOf(m_path).c_str());
    ::unlink(m_path.c_str());
}

} // namespace voelgoed::client
