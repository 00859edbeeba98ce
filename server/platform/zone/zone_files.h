#pragma once

#include "shared/base/bytes.h"

#include <string>

namespace voelgoed::platform {

/// The bytes of a file of the machine's time zone database (domain::readZoneFile reads them; domain::isZoneName says
/// which names are safe to ask for). NotFound for one that the database does not have; Unavailable when there is no
/// database.
base::Result<base::Bytes> zoneFile(const std::string &name);

} // namespace voelgoed::platform
