#include "device/core/zone/system_zone.h"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace voelgoed::zone {

namespace {

constexpr const char *kDatabase = "/usr/share/zoneinfo/";
constexpr std::size_t kFileMax = 64 * 1024;

} // namespace

base::Result<domain::ZoneTable> loadZone(const std::string &name, const domain::Years &years)
{
    const std::string path = kDatabase + name;
    std::error_code failed;
    if (!domain::isZoneName(name) || !std::filesystem::is_regular_file(path, failed)) {
        if (!std::filesystem::is_directory(kDatabase, failed))
            return base::Error{base::ErrorCode::Unavailable, "no time zone database", "Install the package tzdata."};
        return base::Error{base::ErrorCode::NotFound, "no time zone \"" + name + "\"",
                           "Use a name of the IANA database, like Africa/Johannesburg."};
    }
    std::ifstream file(path, std::ios::binary);
    std::string bytes(kFileMax, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    return domain::readZoneFile(name, base::bytesOf(bytes), years);
}

} // namespace voelgoed::zone
