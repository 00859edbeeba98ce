// Tickets and scans from JSON.
#include "shared/domain/definition_json.h"

#include "shared/domain/json_fields.h"

namespace voelgoed::domain {

using base::JsonPlace;
using base::ObjectReader;

Ticket readTicket(const JsonPlace &place)
{
    ObjectReader reader(place);
    Ticket ticket{.ordinal = {static_cast<std::uint32_t>(reader.require("ordinal").integer(1, kOrdinalMax))},
                  .generation = static_cast<std::uint8_t>(reader.integer("generation", 0, 0, 255)),
                  .code = reader.text("code"),
                  .type = {idIn(reader.require("type"))},
                  .zones = idsOrAll<ZoneId>(reader, "zones"),
                  .gates = idsOrAll<GateId>(reader, "gates"),
                  .state = choiceIn(reader, "state", TicketState::Valid),
                  .validFrom = reader.instant("valid_from"),
                  .validUntil = reader.instant("valid_until"),
                  .pendingOk = reader.boolean("pending_ok"),
                  .blocked = reader.boolean("blocked"),
                  .seat = reader.text("seat"),
                  .holder = reader.text("holder"),
                  .attention = attentionIn(reader),
                  .notes = textsIn(reader, "notes"),
                  .answers = answersIn(reader)};
    if (const auto variant = reader.find("variant"))
        ticket.variant = {idIn(*variant)};
    if (const auto date = reader.find("date"))
        ticket.date = DateId{idIn(*date)};
    if (const auto admits = reader.find("admits"))
        ticket.admits = static_cast<std::uint16_t>(admits->integer(1, UINT16_MAX));
    if (const auto base = reader.find("addon_of"))
        ticket.addonOf = Ordinal{static_cast<std::uint32_t>(base->integer(1, kOrdinalMax))};
    reader.finish();
    // Without zones or gates a ticket is good for all: an empty list says the same.
    if (ticket.zones && ticket.zones->empty())
        ticket.zones.reset();
    if (ticket.gates && ticket.gates->empty())
        ticket.gates.reset();
    return ticket;
}

Scan readScan(const JsonPlace &place, const ExtraFields &extra)
{
    ObjectReader reader(place);
    Scan scan{.at = reader.require("at").instant(),
              .checkpoint = {idIn(reader.require("checkpoint"))},
              .direction = choiceIn(reader, "direction", Direction::Entry),
              .code = reader.require("code").text(4096),
              .count = static_cast<std::uint16_t>(reader.integer("count", 1, 1, UINT16_MAX)),
              .confirmPending = reader.boolean("confirm_pending"),
              .answers = answersIn(reader),
              .test = reader.boolean("test")};
    if (const auto gate = reader.find("gate"))
        scan.gate = {idIn(*gate)};
    if (const auto device = reader.find("device"))
        scan.device = {idIn(*device)};
    if (const auto nonce = reader.find("nonce"))
        scan.nonce = idIn(*nonce);
    if (const auto session = reader.find("session"))
        scan.session = {idIn(*session)};
    if (const auto operatedBy = reader.find("operator"))
        scan.operatedBy = {idIn(*operatedBy)};
    if (const auto override = reader.find("override")) {
        ObjectReader fields(*override);
        scan.override = Override{{idIn(fields.require("by"))}, fields.require("why").text()};
        fields.finish();
        if (scan.override->why.empty())
            override->fail("an override needs a written reason");
    }
    extra(reader);
    reader.finish();
    return scan;
}

} // namespace voelgoed::domain
