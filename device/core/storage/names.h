#pragma once

#include "shared/base/result.h"

#include <string>

namespace voelgoed::storage {

/// What can be done to the names in a folder, which is more than SQLite's virtual file system offers. Each change is
/// durable once its call returns success; after a failure it has happened or not, never by half.
class Names
{
public:
    virtual ~Names() = default;

    enum class Kind { Nothing, File, Other };
    /// An empty file is a file. What cannot be looked at is Other.
    virtual Kind kindOf(const std::string &path) = 0;
    /// Fine if it is there already.
    virtual base::Result<void> makeFolder(const std::string &path) = 0;
    /// Within one file system; replaces what has the new name.
    virtual base::Result<void> rename(const std::string &from, const std::string &to) = 0;
    /// Fine if it is not there.
    virtual base::Result<void> remove(const std::string &path) = 0;
};

/// The operating system's.
class SystemNames final : public Names
{
public:
    Kind kindOf(const std::string &path) override;
    base::Result<void> makeFolder(const std::string &path) override;
    base::Result<void> rename(const std::string &from, const std::string &to) override;
    base::Result<void> remove(const std::string &path) override;
};

} // namespace voelgoed::storage
