#pragma once

#include "shared/base/result.h"

#include <string>

namespace voelgoed::profile {

/// A file that no other process takes for as long as this lives. The kernel gives it back when the process ends,
/// however it ends.
class FileLock
{
public:
    /// Makes the file, readable by its owner alone, if it is not there. Conflict, with `taken` as its message, when
    /// another process has it.
    static base::Result<FileLock> take(const std::string &path, const std::string &taken);

    ~FileLock();
    FileLock(FileLock &&other) noexcept;
    FileLock &operator=(FileLock &&other) noexcept;

private:
    explicit FileLock(int descriptor) : m_descriptor(descriptor) {}

    int m_descriptor;
};

} // namespace voelgoed::profile
