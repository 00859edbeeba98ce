#include "server/slices/scanning/strays.h"

#include "server/slices/scanning/store.h"

namespace voelgoed::scanning {

using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kKeep{R"(
INSERT INTO scanning.strays (organization_id, id, device, epoch, seq, hash, reason, row, brought_by, received_at)
SELECT app.org(), id, device, epoch, seq, sha256(row), reason, row, $1, $2
FROM unnest($3::uuid[], $4::text[], $5::bigint[], $6::bigint[], $7::text[], $8::bytea[])
    AS new (id, device, epoch, seq, reason, row)
ON CONFLICT (organization_id, device, epoch, seq, hash) DO NOTHING)"};

Task<Result<void>> keepInOrganization(platform::Kernel &kernel, Strays strays)
{
    std::vector<base::Uuid> ids;
    std::vector<std::string> devices, reasons;
    std::vector<std::int64_t> epochs, sequences;
    std::vector<base::ByteView> rows;
    for (const Unusable &row : strays.rows) {
        ids.push_back(base::makeUuid(strays.receivedAt, kernel.random));
        devices.push_back(storedName(row.key.device.text));
        epochs.push_back(row.key.epoch.value);
        sequences.push_back(storedNumber(row.key.sequence));
        reasons.push_back(row.reason);
        rows.push_back(row.bytes);
    }
    auto unit = co_await kernel.database.begin({access::Actor::system(strays.organization, "scans"), {}});
    if (!unit)
        co_return unit.error();
    std::vector<pg::Query> queries;
    queries.push_back({kKeep, pg::Params::of(storedName(strays.broughtBy), strays.receivedAt, ids, devices, epochs,
                                             sequences, reasons, rows)});
    const auto committed = co_await kernel.database.commit(*unit, std::move(queries));
    co_return committed ? Result<void>() : Result<void>(committed.error());
}

} // namespace

Task<Result<void>> setAside(Scanning &scanning, Strays strays)
{
    const auto taken = co_await scanning.lanes.take({.organization = strays.organization,
                                                     .event = strays.event,
                                                     .broughtBy = strays.broughtBy,
                                                     .rows = {},
                                                     .unusable = strays.rows,
                                                     .shifts = {},
                                                     .receivedAt = strays.receivedAt});
    if (taken)
        co_return Result<void>();
    if (taken.error().code != base::ErrorCode::NotFound)
        co_return taken.error();
    co_return co_await keepInOrganization(scanning.kernel, std::move(strays));
}

} // namespace voelgoed::scanning
