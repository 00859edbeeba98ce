#pragma once

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
    /// ever had it, and that may not be changed.
    static base::Result<DataFolder> take(const std::string &path, Missing missing);

    ~DataFolder();
    DataFolder(DataFolder &&other) noexcept;
    DataFolder &operator=(DataFolder &&) = delete;

    const std::string &path() const { return m_path; }
    std::string file() const { return m_path + "/gate.db"; }
    std::string rescueFile() const { return m_path + "/rescue.log"; }
    std::string watchMemory() const { return m_path + "/watched.txt"; }

private:
    DataFolder(std::string path, int lock) : m_path(std::move(path)), m_lock(lock) {}

    std::string m_path;
    int m_lock;
};

} // namespace voelgoed::gate
