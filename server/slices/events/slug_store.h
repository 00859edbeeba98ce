#pragma once

#include "server/platform/pg/pool.h"

#include <functional>
#include <string>

/// Short names as they are given out: each is there once in its organization.
namespace voelgoed::events {

enum class Slugs { OfEvents, OfVenues };

struct WantedSlug
{
    Slugs of;
    std::string slug;
    bool isGiven = false; ///< somebody said it; else it was made of a name, and gives way
};

/// Inserts a row under a slug, and its rows are what `insert` returns: none where the slug is another's. A slug that
/// was given is that or none (Conflict, slug_taken); any other gives way to the first of itself, "-2", "-3", … that is
/// free, also when somebody takes that one at the same moment.
async::Task<base::Result<pg::Rows>> insertUnder(pg::Tx &tx, WantedSlug wanted,
                                                std::function<pg::Query(const std::string &slug)> insert);

} // namespace voelgoed::events
