#include "server/platform/zone/zone_files.h"

#include <filesystem>
#include <fstream>

namespace voelgoed::platform {

namespace {

constexpr const char *kDatabase = "/usr/share/zoneinfo/";
constexpr std::size_t kFileMax = 64 * 1024;

} // namespace

base::Result<base::Bytes> zoneFile(const std::string &name)
{
    const std::string path = kDatabase + name;
    std::error_code failed;
    if (!std::filesystem::is_regular_file(path, failed)) {
        if (!std::filesystem::is_directory(kDatabase, failed))
            return base::Error{base::ErrorCode::Unavailable, "no time zone database", "Install the package tzdata."};
        return base::Error{base::ErrorCode::NotFound, "no time zone \"" + name + "\"",
                           "Use a name of the IANA database, like Africa/Johannesburg."};
    }
    std::ifstream file(path, std::ios::binary);
    base::Bytes bytes(kFileMax);
    file.read(reinterpret_cast<char *>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    return bytes;
}

} // namespace voelgoed::platform
