#include "device/core/profile/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace voelgoed::profile {

namespace {

/// Closes what it holds.
class Descriptor
{
public:
    explicit Descriptor(int fd) : m_fd(fd) {}
    ~Descriptor()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;

    int get() const { return m_fd; }
    bool isOpen() const { return m_fd >= 0; }

private:
    int m_fd;
};

base::Error failure(const std::string &path)
{
    const auto code = errno == ENOENT ? base::ErrorCode::NotFound : base::ErrorCode::Unavailable;
    return {code, path + ": " + std::strerror(errno), {}};
}

base::Result<void> writeAll(const Descriptor &file, std::string_view contents, const std::string &path)
{
    while (!contents.empty()) {
        const ssize_t written = ::write(file.get(), contents.data(), contents.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return failure(path);
        contents.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

} // namespace

base::Result<std::string> readFile(const std::string &path, std::size_t maxBytes)
{
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.isOpen())
        return failure(path);
    std::string contents;
    char buffer[16384];
    for (;;) {
        const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failure(path);
        if (got == 0)
            return contents;
        contents.append(buffer, static_cast<std::size_t>(got));
        if (contents.size() > maxBytes)
            return base::invalid(path + ": longer than " + std::to_string(maxBytes) + " bytes");
    }
}

base::Result<void> writeSecretFile(const std::string &path, std::string_view contents)
{
    const std::string temporary = path + ".new";
    {
        const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (!file.isOpen() || ::fchmod(file.get(), 0600) != 0)
            return failure(temporary);
        if (auto written = writeAll(file, contents, temporary); !written)
            return written;
        if (::fsync(file.get()) != 0)
            return failure(temporary);
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0)
        return failure(path);
    const std::string folder = path.substr(0, path.find_last_of('/') + 1);
    const Descriptor directory(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.isOpen() || ::fsync(directory.get()) != 0)
        return failure(folder);
    return {};
}

base::Result<PlacedFile> PlacedFile::at(const std::string &path)
{
    struct stat status
    {};
    if (::stat(path.c_str(), &status) != 0)
        return failure(path);
    return PlacedFile(path, status.st_dev, status.st_ino);
}

bool PlacedFile::isThere() const
{
    struct stat status
    {};
    return ::stat(m_path.c_str(), &status) == 0 && status.st_dev == m_device && status.st_ino == m_number;
}

} // namespace voelgoed::profile
