#pragma once

#include "shared/base/bytes.h"
#include "shared/domain/zone_table.h"

#include <string>
#include <string_view>

/// Time zones as a machine's database holds them: a compiled file for each name (TZif, RFC 8536).
namespace voelgoed::domain {

/// The years whose changes of the clocks a table holds, both included: those that the file lists (for most zones up to
/// 2037), and behind them those that its rule for all later years makes. After the last one its offset stays.
struct Years
{
    int from = 1970;
    int to = 2100;
};

/// Whether a text may name a zone, and so a file below the database's folder: "Europe/Berlin", "Etc/GMT+5". No dots, no
/// path out of the folder, none of the database's other files ("posixrules", "right/…").
bool isZoneName(std::string_view text);

/// The offsets that a file tells. Corrupt for what is no such file, or one that contradicts itself; Unsupported for one
/// of the first version, which knows nothing beyond 2037. `years` lie within 1900 and 2200.
base::Result<ZoneTable> readZoneFile(const std::string &name, base::ByteView file, const Years &years = {});

} // namespace voelgoed::domain
