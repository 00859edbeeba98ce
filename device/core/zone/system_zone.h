#pragma once

#include "shared/domain/zone_table.h"

#include <string>

namespace voelgoed::zone {

/// The years whose changes of the clocks a table holds, both included: the database's listed ones (for most zones up to
/// 2037), and behind them those that its rule for all later years makes. After the last one its offset stays.
struct Years
{
    int from = 1970;
    int to = 2100;
};

/// The offsets of an IANA time zone ("Europe/Berlin", also its aliases) from the machine's time zone database. NotFound
/// for a name that the database does not have; Unavailable when there is no database.
base::Result<domain::ZoneTable> loadZone(const std::string &name, const Years &years = {});

} // namespace voelgoed::zone
