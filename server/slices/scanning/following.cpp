#include "server/slices/scanning/following.h"

#include "server/slices/scanning/reading.h"
#include "server/slices/scanning/store_incidents.h"
#include "shared/protocol/cursor.h"

#include <variant>

namespace voelgoed::scanning {

using async::Task;
using base::Result;

namespace {

/// Where the device stands, or why it has to begin anew.
std::variant<Stand, protocol::SnapshotReason> standOf(const protocol::Position &position,
                                                      const base::Uuid &organization, const base::Uuid &event,
                                                      const base::Digest &key)
{
    if (position.cursor.empty())
        return protocol::SnapshotReason::First;
    const auto point = protocol::openCursor(position.cursor, cursorScope(organization, event), key);
    if (!point || point->sequence > position.sequence || point->epoch != position.epoch)
        return protocol::SnapshotReason::Cursor;
    return Stand{.epoch = static_cast<std::int32_t>(point->epoch),
                 .after = static_cast<std::int64_t>(point->sequence),
                 .list = position.checksum,
                 .history = position.history};
}

Task<Result<void>> raiseChecksum(Scanning &scanning, access::Actor device, base::Uuid event)
{
    const std::string id = base::toText(device.id);
    auto unit = co_await scanning.kernel.database.begin({access::Actor::system(*device.organization, "checksums"), {}});
    if (!unit)
        co_return unit.error();
    const auto raised =
        co_await raiseIncident(*unit, event,
                               {.kind = "checksum",
                                .severity = "warning",
                                .subject = id,
                                .at = unit->now(),
                                .facts = {{"device", id}, {"gate", device.device->gate}},
                                .told = {{"device_id", id}},
                                .details = "A device held another list than it was sent, and gets it anew."},
                               scanning.kernel.random);
    if (!raised)
        co_return raised.error();
    const auto committed = co_await scanning.kernel.database.commit(*unit);
    co_return committed ? Result<void>() : Result<void>(committed.error());
}

} // namespace

Task<Result<Followed>> followFeed(Scanning &scanning, access::Actor device, base::Uuid event,
                                  protocol::Position position)
{
    const base::Uuid organization = *device.organization;
    const auto stand = standOf(position, organization, event, scanning.kernel.cursorKey);
    const std::string path = "/v1/events/" + base::toText(event) + "/snapshot";
    if (const auto *reason = std::get_if<protocol::SnapshotReason>(&stand))
        co_return Followed{.feed = {}, .snapshot = protocol::SnapshotOrder{*reason, path}};
    auto reading = co_await readFeed(scanning.kernel.database, organization, event, std::get<Stand>(stand),
                                     scanning.kernel.cursorKey);
    if (!reading)
        co_return reading.error();
    if (reading->snapshot == protocol::SnapshotReason::Checksum) {
        if (const auto raised = co_await raiseChecksum(scanning, device, event); !raised)
            co_return raised.error();
    }
    Followed followed{.feed = std::move(reading->slice), .snapshot = {}};
    if (reading->snapshot)
        followed.snapshot = protocol::SnapshotOrder{*reading->snapshot, path};
    co_return followed;
}

} // namespace voelgoed::scanning
