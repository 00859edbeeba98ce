#include "server/slices/events/zones.h"

#include "server/platform/zone/zone_files.h"
#include "shared/domain/zone_file.h"

namespace voelgoed::events {

base::Result<domain::ZoneTable> Zones::find(const std::string &name)
{
    if (const auto known = m_tables.find(name); known != m_tables.end())
        return known->second;
    if (!domain::isZoneName(name)) {
        return base::Error{base::ErrorCode::NotFound, "no time zone of this name",
                           "Use a name of the IANA database, like Africa/Johannesburg."};
    }
    const auto file = platform::zoneFile(name);
    if (!file)
        return file.error();
    auto table = domain::readZoneFile(name, *file);
    if (table)
        m_tables.emplace(name, *table);
    return table;
}

} // namespace voelgoed::events
