#pragma once

#include "server/platform/work/database.h"

namespace voelgoed::outbox {

/// Where a reader of the outbox is: the last row that it has dealt with.
struct Place
{
    std::int64_t xid = 0;
    std::int64_t id = 0;

    friend auto operator<=>(const Place &, const Place &) = default;
};

struct Row
{
    base::Uuid organization{};
    Place place;
    std::string topic, type;
    std::string event; ///< empty: of another type than was asked for
};

/// Where `reader` has come to; from its first use on it is known, and nothing is pruned that it has not read.
async::Task<base::Result<Place>> placeOf(work::Database &database, std::string reader);
async::Task<base::Result<void>> moveTo(work::Database &database, std::string reader, Place place);

/// Rows behind a place, in order, at most `most`; none that a transaction which still runs could come before. Of other
/// types than `types` (nothing: all) only the last one looked at is among them.
async::Task<base::Result<std::vector<Row>>> readBehind(work::Database &database, Place place,
                                                       std::optional<std::vector<std::string>> types, int most);

} // namespace voelgoed::outbox
