#pragma once

#include "shared/domain/zone_table.h"

#include <map>
#include <string>

namespace voelgoed::events {

/// Time zones of the machine's database, each read once. The server's thread.
class Zones
{
public:
    /// NotFound for a name that the database does not have.
    base::Result<domain::ZoneTable> find(const std::string &name);

private:
    std::map<std::string, domain::ZoneTable> m_tables;
};

} // namespace voelgoed::events
