#include "device/gate/data_folder.h"

#include "device/core/profile/files.h"
#include "shared/base/crypto/digest.h"
#include "shared/base/text.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace voelgoed::gate {

namespace {

constexpr const char *kIdentity = "/device.json"; // what a device makes first in its folder
constexpr const char *kFile = "/gate.db";
constexpr const char *kRescueHere = "/rescue.log";
constexpr const char *kRescuePlace = "/rescue.path"; // the place of a rescue journal that is not here
constexpr std::size_t kMemoryDigits = 16;
constexpr std::size_t kPlaceMax = 4'096; // as long as a path may be

/// Why nobody can look into the folder; empty when somebody can, or it is not there.
std::string problemOf(const std::string &path)
{
    if (path.empty())
        return "a folder without a name";
    struct stat status
    {};
    if (::stat((path + kIdentity).c_str(), &status) == 0 || errno == ENOENT)
        return {};
    return std::strerror(errno);
}

/// But for what an attempt that was cut off left behind, and what a file system of its own has.
bool isEmpty(const std::string &path)
{
    std::error_code failed;
    for (const auto &entry : std::filesystem::directory_iterator(path, failed)) {
        const std::string name = entry.path().filename().string();
        const bool begun = name == "lock" || name == "lost+found" || name.starts_with("device.json");
        if (!begun)
            return false;
    }
    return true;
}

} // namespace

base::Result<DataFolder> DataFolder::take(const std::string &path, Missing missing)
{
    const std::string problem = problemOf(path);
    if (!problem.empty())
        return base::Error{base::ErrorCode::Unavailable, path + ": " + problem,
                           problem == std::strerror(EACCES) ? "Run it as the user whose folder this is." : ""};
    std::error_code failed;
    const bool there = std::filesystem::is_directory(path, failed);
    const bool hasIdentity = std::filesystem::exists(path + kIdentity, failed);
    if (!hasIdentity && std::filesystem::exists(path + kFile, failed))
        return base::corrupt(path + kIdentity + ": it is gone, and the device's scans are still here",
                             "Put it back from a copy. Without it nobody can go on with this folder's scans: leave the "
                             "folder as it is, and work on in a new one.");
    if (missing == Missing::Refuse && !hasIdentity)
        return base::Error{base::ErrorCode::NotFound, path + (there ? ": not a device's folder" : ": no such folder"),
                           "Load an event first: voelgoed-gate load --data " + base::shellWord(path) + " BUNDLE"};
    if (there && !hasIdentity && !isEmpty(path))
        return base::Error{base::ErrorCode::Invalid, path + ": there are other files in this folder, and no device's",
                           "Give the device a folder of its own."};
    if (!there) {
        if (!std::filesystem::create_directories(path, failed) && failed)
            return base::Error{base::ErrorCode::Unavailable, path + ": " + failed.message(), {}};
        ::chmod(path.c_str(), 0700);
    }
    auto lock = profile::FileLock::take(path + "/lock", path + ": a gate is running in this folder");
    if (!lock && errno == EROFS)
        return base::Error{
            lock.error().code, lock.error().message,
            "Nothing can be written there. Copy the folder to a disk that can be written, and look at it "
            "there: cp -a " +
                base::shellWord(path) + " COPY"};
    if (!lock)
        return lock.error();
    return DataFolder(path, std::move(*lock));
}

base::Result<std::string> DataFolder::rescueFile() const
{
    auto place = profile::readFile(m_path + kRescuePlace, kPlaceMax);
    if (!place && place.error().code != base::ErrorCode::NotFound)
        return place.error();
    std::error_code failed;
    const bool isNew = !place && !std::filesystem::exists(file(), failed);
    if (!place)
        place = m_path + kRescueHere;
    if (!isNew && !std::filesystem::exists(*place, failed))
        return base::Error{base::ErrorCode::NotFound,
                           *place + ": the rescue journal is not there, and it may hold scans",
                           "Put it back. Or give those scans up: voelgoed-gate run --data " + base::shellWord(m_path) +
                               " --rescue FILE"};
    return place;
}

std::string DataFolder::watchMemory(const std::string &watched) const
{
    std::error_code failed;
    auto path = std::filesystem::weakly_canonical(std::filesystem::absolute(watched, failed), failed);
    const std::string name = failed ? watched : path.string();
    return m_path + "/watched-" + base::toHex(base::sha256(base::bytesOf(name))).substr(0, kMemoryDigits) + ".txt";
}

base::Result<void> DataFolder::rememberRescue(const std::string &path) const
{
    if (path.size() > kPlaceMax)
        return base::invalid("the rescue journal's path is longer than " + std::to_string(kPlaceMax) + " bytes");
    return profile::writeSecretFile(m_path + kRescuePlace, path);
}

} // namespace voelgoed::gate
