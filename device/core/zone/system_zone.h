#pragma once

#include "shared/domain/zone_file.h"

#include <string>

namespace voelgoed::zone {

/// The offsets of an IANA time zone ("Europe/Berlin", also its aliases) from the machine's time zone database. NotFound
/// for a name that the database does not have; Unavailable when there is no database.
base::Result<domain::ZoneTable> loadZone(const std::string &name, const domain::Years &years = {});

} // namespace voelgoed::zone
