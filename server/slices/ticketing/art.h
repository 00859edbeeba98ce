#pragma once

#include "server/contracts/event_definitions.h"
#include "server/slices/ticketing/store.h"
#include "shared/artwork/ticket_art.h"

namespace voelgoed::ticketing {

/// What is drawn on a ticket: times as they are in the event's zone, and with the zone's name.
artwork::TicketArt artOf(const domain::EventDefinition &event, const StoredTicket &stored, std::string code);

/// "Sat 5 Dec 2026, 14:00".
std::string dayAndTime(const domain::ZoneTable &zone, base::Instant at);

} // namespace voelgoed::ticketing
