#pragma once

#include "device/core/profile/file_lock.h"
#include "shared/base/result.h"

#include <string>

namespace voelgoed::gate {

/// A device's folder and who may touch its file. One program has it to itself for as long as this lives; others talk to
/// that program through the socket in the folder.
class DataFolder
{
public:
    enum class Missing { Create, Refuse };

    /// Conflict when a running program has the folder: talk to it instead. NotFound when it is not there, or no device
    /// ever had it, and that may not be changed. Corrupt when a device had it, and who that was is gone.
    static base::Result<DataFolder> take(const std::string &path, Missing missing);

    const std::string &path() const { return m_path; }
    std::string file() const { return m_path + "/gate.db"; }
    /// Where the rescue journal is: in the folder, unless rememberRescue() named another place. NotFound when it was
    /// there and now is not: somebody took its medium out, or made room.
    base::Result<std::string> rescueFile() const;
    /// From now on the rescue journal is at this place. Durable.
    base::Result<void> rememberRescue(const std::string &path) const;
    /// Where it is remembered which pictures of a watched folder were read: a file for each folder, however it is
    /// named.
    std::string watchMemory(const std::string &watched) const;
    /// Where an older version remembered that for all of them together.
    std::string oldWatchMemory() const { return m_path + "/watched.txt"; }

private:
    DataFolder(std::string path, profile::FileLock lock) : m_path(std::move(path)), m_lock(std::move(lock)) {}

    std::string m_path;
    profile::FileLock m_lock;
};

} // namespace voelgoed::gate
