#include "tests/fuzz/fuzz.h"

#include "shared/domain/zone_file.h"

namespace voelgoed::fuzz {

/// A file that is taken gives a table that answers.
void fuzzOne(base::ByteView input)
{
    const auto table = domain::readZoneFile("X", input);
    if (!table)
        return;
    ensure(table->transitions().size() <= domain::ZoneTable::kMaxTransitions, "too many changes");
    for (const auto &transition : table->transitions())
        ensure(table->offsetAt(transition.at) == transition.offset, "a change that does not hold");
}

} // namespace voelgoed::fuzz
