#pragma once

#include "shared/base/bytes.h"

#include <cstdint>
#include <string>

namespace voelgoed::client {

/// A file that is downloaded in as many attempts as it takes. What there is of it, and which version that is (the
/// server's ETag, in a file beside it), is all that is kept between them. One thread.
class ResumedFile
{
public:
    explicit ResumedFile(std::string path) : m_path(std::move(path)) {}
    ~ResumedFile();

    ResumedFile(const ResumedFile &) = delete;
    ResumedFile &operator=(const ResumedFile &) = delete;

    struct Part
    {
        std::uint64_t size = 0; ///< 0: nothing to go on from
        std::string version;

        friend bool operator==(const Part &, const Part &) = default;
    };
    /// What an earlier attempt left.
    Part part() const;

    /// Begins anew with this version; empty: it cannot be resumed.
    base::Result<void> begin(const std::string &version);
    /// Goes on behind what there is.
    base::Result<void> resume();
    base::Result<void> write(base::ByteView bytes);
    /// Bytes that are in the file.
    std::uint64_t size() const { return m_size; }

    /// Throws away what there is.
    void forget();

private:
    base::Result<void> open(int flags);

    std::string m_path;
    int m_file = -1;
    std::uint64_t m_size = 0;
};

} // namespace voelgoed::client
