#pragma once

#include "shared/base/bytes.h"
#include "shared/base/result.h"

#include <cstdint>
#include <string>

namespace voelgoed::hal {

/// A picture as it was when it was looked at: its bytes in memory that nobody can change any more, whatever becomes of
/// the file. Moved, not copied; what it holds goes with it.
class PictureFile
{
public:
    static constexpr std::int64_t kSizeMax = 64 << 20; ///< bytes

    /// Reads a file to its end. NotFound when there is none; Unsupported when it is a folder, a pipe or a device, which
    /// is not opened; Invalid when it is empty or too large; Conflict when somebody writes to it meanwhile; Unavailable
    /// when it cannot be read.
    static base::Result<PictureFile> read(const std::string &path);

    /// A frame's pixels, row by row without gaps. `stride`: bytes from one row to the next.
    static base::Result<PictureFile> of(const std::byte *pixels, int width, int height, int stride);

    PictureFile(PictureFile &&other) noexcept;
    PictureFile &operator=(PictureFile &&other) noexcept;
    ~PictureFile();

    /// For messages. What lies there now may be another.
    const std::string &path() const { return m_path; }
    /// A sealed memory file.
    int descriptor() const { return m_descriptor; }
    /// Of the file that was read, at that time.
    std::int64_t size() const { return m_size; }
    std::int64_t changedSeconds() const { return m_seconds; }
    std::int64_t changedNanos() const { return m_nanos; }
    /// So many bytes from there, fewer at the end.
    base::Bytes bytesAt(std::int64_t offset, std::size_t most) const;

private:
    PictureFile(std::string path, int descriptor) : m_path(std::move(path)), m_descriptor(descriptor) {}

    std::string m_path;
    int m_descriptor = -1;
    std::int64_t m_size = 0;
    std::int64_t m_seconds = 0;
    std::int64_t m_nanos = 0;
};

} // namespace voelgoed::hal
