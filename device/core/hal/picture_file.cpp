#include "device/core/hal/picture_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace voelgoed::hal {

using base::ErrorCode;
using base::Result;

namespace {

base::Error failure(const std::string &path)
{
    const bool isGone = errno == ENOENT || errno == ENOTDIR;
    return {isGone ? ErrorCode::NotFound : ErrorCode::Unavailable, path + ": " + std::strerror(errno), {}};
}

/// Closes what it holds.
struct Descriptor
{
    int number = -1;

    ~Descriptor()
    {
        if (number >= 0)
            ::close(number);
    }
};

/// Nobody can change it while the reader looks at it.
void seal(int memory)
{
    ::fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
}

bool isSame(const struct stat &one, const struct stat &other)
{
    return one.st_size == other.st_size && one.st_mtim.tv_sec == other.st_mtim.tv_sec &&
           one.st_mtim.tv_nsec == other.st_mtim.tv_nsec;
}

} // namespace

Result<PictureFile> PictureFile::read(const std::string &path)
{
    // Looked at before it is opened: opening a pipe or a device can do something.
    struct stat status
    {};
    if (::stat(path.c_str(), &status) != 0)
        return failure(path);
    if (!S_ISREG(status.st_mode))
        return base::unsupported(path + ": not a file");
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (file.number < 0 || ::fstat(file.number, &status) != 0)
        return failure(path);
    if (!S_ISREG(status.st_mode))
        return base::unsupported(path + ": not a file");
    if (status.st_size == 0)
        return base::invalid(path + ": empty");
    if (status.st_size > kSizeMax)
        return base::invalid(path + ": too large");
    PictureFile picture(path, ::memfd_create("picture", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (picture.m_descriptor < 0)
        return failure(path);
    off_t copied = 0;
    while (copied < status.st_size) {
        const ssize_t sent =
            ::sendfile(picture.m_descriptor, file.number, nullptr, static_cast<std::size_t>(status.st_size - copied));
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return failure(path);
        if (sent == 0)
            break;
        copied += sent;
    }
    struct stat after
    {};
    if (::fstat(file.number, &after) != 0)
        return failure(path);
    if (copied != status.st_size || !isSame(status, after))
        return base::Error{ErrorCode::Conflict, path + ": somebody is writing to it", {}};
    seal(picture.m_descriptor);
    picture.m_size = status.st_size;
    picture.m_seconds = status.st_mtim.tv_sec;
    picture.m_nanos = status.st_mtim.tv_nsec;
    return picture;
}

Result<PictureFile> PictureFile::of(const std::byte *pixels, int width, int height, int stride)
{
    PictureFile picture("frame", ::memfd_create("frame", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    const auto row = static_cast<std::size_t>(width);
    const std::size_t size = row * static_cast<std::size_t>(height);
    if (picture.m_descriptor < 0 || ::ftruncate(picture.m_descriptor, static_cast<off_t>(size)) != 0)
        return failure(picture.m_path);
    // Rows that lie one behind the other go in one piece.
    const std::size_t piece = stride == width ? size : row;
    for (std::size_t at = 0; at < size; at += piece) {
        const std::byte *from = pixels + static_cast<std::ptrdiff_t>(at / row) * stride;
        if (::pwrite(picture.m_descriptor, from, piece, static_cast<off_t>(at)) != static_cast<ssize_t>(piece))
            return failure(picture.m_path);
    }
    seal(picture.m_descriptor);
    picture.m_size = static_cast<std::int64_t>(size);
    return picture;
}

PictureFile::PictureFile(PictureFile &&other) noexcept
    : m_path(std::move(other.m_path)),
      m_descriptor(std::exchange(other.m_descriptor, -1)),
      m_size(other.m_size),
      m_seconds(other.m_seconds),
      m_nanos(other.m_nanos)
{}

PictureFile &PictureFile::operator=(PictureFile &&other) noexcept
{
    std::swap(m_path, other.m_path);
    std::swap(m_descriptor, other.m_descriptor);
    std::swap(m_size, other.m_size);
    std::swap(m_seconds, other.m_seconds);
    std::swap(m_nanos, other.m_nanos);
    return *this;
}

PictureFile::~PictureFile()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

base::Bytes PictureFile::bytesAt(std::int64_t offset, std::size_t most) const
{
    base::Bytes bytes(most);
    const ssize_t got = ::pread(m_descriptor, bytes.data(), most, offset);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
}

} // namespace voelgoed::hal
