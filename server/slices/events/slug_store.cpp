#include "server/slices/events/slug_store.h"

#include "server/platform/actions/context.h"
#include "server/slices/events/slug.h"

#include <set>

namespace voelgoed::events {

using async::Task;
using base::Error;
using base::Result;

namespace {

constexpr int kNumberedMax = 1'000;
constexpr int kTriesMax = 100; ///< each is lost to another one who got in

constexpr pg::Sql kOfEvents{R"(
SELECT slug FROM events.events WHERE organization_id = app.org() AND slug = ANY ($1))"};
constexpr pg::Sql kOfVenues{R"(
SELECT slug FROM events.venues WHERE organization_id = app.org() AND slug = ANY ($1))"};

pg::Sql takenOf(Slugs of)
{
    switch (of) {
    case Slugs::OfEvents:
        return kOfEvents;
    case Slugs::OfVenues:
        return kOfVenues;
    }
    return kOfEvents;
}

Error taken(const WantedSlug &wanted)
{
    const std::string one = wanted.of == Slugs::OfEvents ? "event" : "venue";
    return actions::conflict("slug_taken", wanted.isGiven ? "Another " + one + " has this short name."
                                                          : "Too many " + one + "s have a short name like this.");
}

Task<Result<std::string>> freeOne(pg::Tx &tx, const WantedSlug &wanted)
{
    std::vector<std::string> all{wanted.slug};
    for (int number = 2; number <= kNumberedMax; ++number)
        all.push_back(numbered(wanted.slug, number));
    const auto rows = co_await tx.run(takenOf(wanted.of), pg::Params::of(all));
    if (!rows)
        co_return rows.error();
    std::set<std::string> others;
    for (const auto row : *rows)
        others.insert(row.get<std::string>(0));
    for (const std::string &candidate : all) {
        if (!others.contains(candidate))
            co_return candidate;
    }
    co_return taken(wanted);
}

} // namespace

Task<Result<pg::Rows>> insertUnder(pg::Tx &tx, WantedSlug wanted,
                                   std::function<pg::Query(const std::string &slug)> insert)
{
    for (int i = 0; i < kTriesMax; ++i) {
        Result<std::string> slug = wanted.slug;
        if (!wanted.isGiven)
            slug = co_await freeOne(tx, wanted);
        if (!slug)
            co_return slug.error();
        pg::Query query = insert(*slug);
        auto rows = co_await tx.run(query.sql, std::move(query.params));
        if (!rows || !rows->empty())
            co_return rows;
        // What is seen from now on has the one that was faster.
        if (wanted.isGiven)
            break;
    }
    co_return taken(wanted);
}

} // namespace voelgoed::events
