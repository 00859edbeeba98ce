#pragma once

#include "server/slices/scanning/delivery.h"
#include "shared/protocol/row.h"

/// Rows as gates make them, for tests of what the server does with them.
namespace voelgoed::support {

inline base::Instant at(const char *time)
{
    return *base::parseInstant(std::string("2026-12-05T") + time + "Z");
}

struct RowSpec
{
    std::string device = "gate-a";
    std::uint64_t sequence = 1;
    std::uint32_t ordinal = 7;
    base::Instant when = at("19:30:00");
    std::string checkpoint = "main";
    std::string outcome = "admit";
    std::string reason = "ok";
    bool test = false;
    std::string override_{};
};

inline domain::Row rowOf(const RowSpec &spec)
{
    domain::ScanRecord scan;
    scan.checkpoint = {spec.checkpoint};
    scan.gate = {"gate of " + spec.device};
    scan.ordinal = {spec.ordinal};
    scan.outcome = spec.outcome;
    scan.reason = spec.reason;
    scan.test = spec.test;
    scan.session = {"shift of " + spec.device};
    if (!spec.override_.empty()) {
        scan.override = domain::Override{{spec.override_}, "a guest of the house"};
        scan.overridden = "already_used";
    }
    return {.key = {{spec.device}, {1}, {spec.sequence}},
            .event = {"018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01"},
            .at = spec.when,
            .wall = spec.when,
            .sinceBoot = std::chrono::hours(1) + std::chrono::milliseconds(spec.sequence),
            .what = std::move(scan)};
}

inline domain::Row undoOf(const RowSpec &spec, const domain::RowKey &undone)
{
    domain::Row row = rowOf(spec);
    row.what = domain::UndoRecord{.row = undone, .by = {"steward"}, .why = "nobody passed", .notPassed = true};
    return row;
}

inline scanning::Brought broughtOf(const domain::Row &row)
{
    base::Bytes bytes = protocol::encode(row);
    const auto hash = protocol::hashOf(bytes);
    return {.bytes = std::move(bytes), .hash = hash, .row = row, .at = row.at};
}

} // namespace voelgoed::support
