#include "server/platform/outbox/reader.h"

namespace voelgoed::outbox {

using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kPlace{"SELECT xid, id FROM platform.outbox_reader($1)"};
constexpr pg::Sql kMove{"SELECT platform.move_outbox_reader($1, $2::text::xid8, $3)"};
constexpr pg::Sql kRead{R"(
SELECT organization_id, xid, id, topic, type, coalesce(event, '') FROM platform.read_outbox($1::text::xid8, $2, $3, $4))"};

} // namespace

Task<Result<Place>> placeOf(work::Database &database, std::string reader)
{
    const auto rows = co_await database.read(work::kPlatform, kPlace, pg::Params::of(reader));
    if (!rows)
        co_return rows.error();
    co_return Place{rows->front().get<std::int64_t>(0), rows->front().get<std::int64_t>(1)};
}

Task<Result<void>> moveTo(work::Database &database, std::string reader, Place place)
{
    const auto moved =
        co_await database.read(work::kPlatform, kMove, pg::Params::of(reader, std::to_string(place.xid), place.id));
    if (!moved)
        co_return moved.error();
    co_return Result<void>();
}

Task<Result<std::vector<Row>>> readBehind(work::Database &database, Place place,
                                          std::optional<std::vector<std::string>> types, int most)
{
    const auto read = co_await database.read(
        work::kPlatform, kRead,
        pg::Params::of(std::to_string(place.xid), place.id, types, static_cast<std::int32_t>(most)));
    if (!read)
        co_return read.error();
    std::vector<Row> rows;
    rows.reserve(read->size());
    for (const auto row : *read) {
        rows.push_back({.organization = row.get<base::Uuid>(0),
                        .place = {row.get<std::int64_t>(1), row.get<std::int64_t>(2)},
                        .topic = row.get<std::string>(3),
                        .type = row.get<std::string>(4),
                        .event = row.get<std::string>(5)});
    }
    co_return rows;
}

} // namespace voelgoed::outbox
