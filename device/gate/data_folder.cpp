#include "device/gate/data_folder.h"

#include "device/core/profile/files.h"

#include <sys/stat.h>

#include <filesystem>

namespace voelgoed::gate {

namespace {

constexpr const char *kIdentity = "/device.json"; // what a device makes first in its folder
constexpr const char *kRescueHere = "/rescue.log";
constexpr const char *kRescuePlace = "/rescue.path"; // the place of a rescue journal that is not here
constexpr std::size_t kPlaceMax = 4'096;             // as long as a path may be

} // namespace

base::Result<DataFolder> DataFolder::take(const std::string &path, Missing missing)
{
    std::error_code failed;
    const bool there = std::filesystem::is_directory(path, failed);
    if (missing == Missing::Refuse && !std::filesystem::exists(path + kIdentity, failed))
        return base::Error{base::ErrorCode::NotFound, path + (there ? ": not a device's folder" : ": no such folder"),
                           "Load an event first: voelgoed-gate load --data " + path + " BUNDLE"};
    if (!there) {
        if (!std::filesystem::create_directories(path, failed) && failed)
            return base::Error{base::ErrorCode::Unavailable, path + ": " + failed.message(), {}};
        ::chmod(path.c_str(), 0700);
    }
    auto lock = profile::FileLock::take(path + "/lock", path + ": a gate is running in this folder");
    if (!lock)
        return lock.error();
    return DataFolder(path, std::move(*lock));
}

base::Result<std::string> DataFolder::rescueFile() const
{
    auto place = profile::readFile(m_path + kRescuePlace, kPlaceMax);
    if (!place && place.error().code == base::ErrorCode::NotFound)
        return m_path + kRescueHere;
    if (!place)
        return place.error();
    std::error_code failed;
    if (!std::filesystem::exists(*place, failed))
        return base::Error{
            base::ErrorCode::NotFound, *place + ": the rescue journal is not there, and it may hold scans",
            "Put its disk back. Or give those scans up: voelgoed-gate run --data " + m_path + " --rescue FILE"};
    return place;
}

base::Result<void> DataFolder::rememberRescue(const std::string &path) const
{
    if (path.size() > kPlaceMax)
        return base::invalid("the rescue journal's path is longer than " + std::to_string(kPlaceMax) + " bytes");
    return profile::writeSecretFile(m_path + kRescuePlace, path);
}

} // namespace voelgoed::gate
