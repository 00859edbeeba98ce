#pragma once

#include "shared/base/json_reader.h"
#include "shared/domain/event.h"
#include "shared/domain/scan.h"
#include "shared/domain/ticket.h"

/// Definitions, tickets and scans as people write them: JSON in the words of the admission specification (sections 1 and
/// 5). Absent fields take their defaults; an unknown field, a wrong type, a value out of range is reported with its
/// place ("tickets[3].state"). Ids may be texts or whole numbers: 1 is "1".
namespace voelgoed::domain {

/// The fields event, dates, ticket_types, questions, gates, checkpoints and policy of an object that may hold more. The
/// zone is left for whoever has a time zone database. References between them are checked by admission::Rulebook.
EventDefinition readDefinition(base::ObjectReader &reader);

Ticket readTicket(const base::JsonPlace &place);

/// A scan; fields that belong to whoever reads it ("expect") are for `extra` to ask for.
using ExtraFields = std::function<void(base::ObjectReader &)>;
Scan readScan(const base::JsonPlace &place, const ExtraFields &extra);

} // namespace voelgoed::domain
