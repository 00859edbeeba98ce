#include "tests/shared/protocol/sample_exchange.h"

#include "shared/protocol/row.h"

namespace voelgoed::sample {

using namespace domain;
using std::chrono::milliseconds, std::chrono::seconds;

namespace {

base::Instant utc(const char *text)
{
    return *base::parseInstant(text);
}

template <class Array>
Array filled(int first)
{
    Array array{};
    for (std::size_t i = 0; i < array.size(); ++i)
        array[i] = static_cast<std::byte>(first + static_cast<int>(i));
    return array;
}

bitmap::RollingChecksum checksum(int first)
{
    return bitmap::RollingChecksum(filled<bitmap::RollingChecksum::Value>(first));
}

protocol::Chain chainOf(std::vector<Row> rows)
{
    protocol::Chain chain;
    RowHash previous = rows.front().previous;
    for (Row &row : rows) {
        row.previous = previous;
        chain.rows.push_back(protocol::encode(row));
        previous = protocol::hashOf(chain.rows.back());
    }
    chain.head = protocol::signedHead(rows.back().key, previous, signer());
    return chain;
}

Row carriedRow()
{
    Row row = scanRow();
    row.key = {{"another-device"}, {2}, {9}};
    return row;
}

} // namespace

protocol::PassageRecord passage()
{
    return {.row = {{"another-device"}, {2}, {9}},
            .ordinal = {0xABCDEF},
            .checkpoint = {"main"},
            .gate = {"south"},
            .direction = Direction::Exit,
            .count = 3,
            .overridden = true,
            .at = utc("2026-12-05T17:01:58.250Z"),
            .rotatingStep = 58'000'001,
            .withdrawn = true};
}

domain::Row unlistedScan()
{
    domain::Row row = scanRow();
    std::get<domain::ScanRecord>(row.what).unlistedAdmits = 5;
    return row;
}

protocol::PassageRecord unlistedPassage()
{
    protocol::PassageRecord record = passage();
    record.unlistedAdmits = 5;
    return record;
}

protocol::SyncRequest requestAfterFailures()
{
    protocol::SyncRequest asked = request();
    asked.health.failures = 6;
    return asked;
}

protocol::SyncRequest request()
{
    return {.device = {"7b1d2f8e-0000-4000-8000-00000000002a"},
            .event = {"fest"},
            .position = protocol::Position{.epoch = 2,
                                           .sequence = 4'711,
                                           .cursor = {std::byte{1}, std::byte{0}, std::byte{255}},
                                           .checksum = checksum(0x10),
                                           .history = checksum(0x20)},
            .own = {chainOf({scanRow(), undoRow()})},
            .carried = {chainOf({carriedRow()})},
            .shifts = {{.session = {"3f0c1e52-5a44-4d7f-9d43-0f4f7f3a9b11"},
                        .event = {"fest"},
                        .gate = {"north"},
                        .operatedBy = {"sipho"},
                        .openedAt = utc("2026-12-05T15:00:00Z"),
                        .closedAt = utc("2026-12-05T17:02:03.004Z")},
                       {.session = {"b"},
                        .event = {"fest"},
                        .gate = {"north"},
                        .operatedBy = {"thandi"},
                        .openedAt = utc("2026-12-05T17:02:03.004Z"),
                        .closedAt = {}}},
            .health = {.batteryPercent = 81,
                       .charging = true,
                       .storage = protocol::StorageHealth::Rescue,
                       .clock = ClockState::Bracketed,
                       .clockOffset = milliseconds(-86'400'123),
                       .software = "0.4.0",
                       .queued = 1'200,
                       .inDoubt = 2,
                       .network = "wifi",
                       .listMadeAt = utc("2026-12-05T15:30:00Z"),
                       .notAccepted = 7},
            .commands = {{.id = "c-1", .outcome = protocol::CommandOutcome::Refused, .note = "no gate of that name"}},
            .wait = seconds(25),
            .at = utc("2026-12-05T17:02:04Z"),
            .wall = utc("1970-01-01T00:02:04Z"),
            .sinceBoot = seconds(124)};
}

protocol::SyncReply reply()
{
    return {.at = utc("2026-12-05T17:02:04.120Z"),
            .standing = protocol::Standing::Revoked,
            .outcomes = {{.first = {{"7b1d2f8e-0000-4000-8000-00000000002a"}, {7}, {1'234'567}},
                          .count = 2,
                          .outcome = protocol::RowOutcome::Double,
                          .reason = ""},
                         {.first = {{"another-device"}, {2}, {9}},
                          .count = 1,
                          .outcome = protocol::RowOutcome::Quarantined,
                          .reason = "unvouched"}},
            .acknowledged = {{{"7b1d2f8e-0000-4000-8000-00000000002a"}, {7}, {1'234'568}}},
            .feed =
                protocol::FeedSlice{.epoch = 2,
                                    .after = 4'711,
                                    .through = 4'720,
                                    .head = 4'720,
                                    .changes = {{4'713, protocol::DefinitionChange{protocol::encode(definition())}},
                                                {4'714, protocol::TicketChange{protocol::encode(ticket()), "Nomsa D."}},
                                                {4'716, protocol::RowChange{protocol::encode(carriedRow())}},
                                                {4'720, protocol::PassageChange{protocol::encode(passage())}}},
                                    .cursor = {std::byte{9}},
                                    .checksum = checksum(0x30),
                                    .history = checksum(0x40)},
            .snapshot = protocol::SnapshotOrder{protocol::SnapshotReason::Checksum, "/v1/events/fest/snapshot"},
            .commands = {{"c-1", protocol::AssignCommand{{"fest"}, {"south"}, {"main"}, Direction::Exit}},
                         {"c-2", protocol::MessageCommand{"Doors open in five minutes"}},
                         {"c-3", protocol::LockCommand{"Bring it to the office"}},
                         {"c-4", protocol::UnlockCommand{}},
                         {"c-5", protocol::WipeCommand{}}},
            .pause = seconds(3)};
}

protocol::SyncRequest plainRequest()
{
    return {.device = {"d"}};
}

protocol::SyncReply plainReply()
{
    return {.at = utc("2026-12-05T17:02:04.120Z")};
}

protocol::PairingCode pairingCode()
{
    return {.server = "https://gates.example:8443",
            .pin = signer().publicKey(),
            .code = filled<protocol::OneTimeCode>(0xF0)};
}

protocol::Assignment assignment()
{
    return {.organization = {"018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01"},
            .organizationName = "Fees",
            .events = {{"fest"}, {"fest-2"}},
            .gate = {"north"},
            .checkpoint = {"main"},
            .direction = Direction::Exit,
            .sealTo = filled<std::array<std::byte, 32>>(0x70),
            .server = signer().publicKey()};
}

} // namespace voelgoed::sample
