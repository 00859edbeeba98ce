#pragma once

#include "shared/base/json_reader.h"
#include "shared/domain/scan.h"
#include "shared/domain/ticket.h"

/// Tickets and scans as JSON, in the vocabulary of scenario files (admission specification, sections 1 and 5). What
/// does not fit is reported with its place.
namespace voelgoed::domain {

/// Empty lists of zones or gates leave all of them open, as absent ones do. Answers may be texts, numbers, true or
/// false, or lists of option ids.
Ticket readTicket(const base::JsonPlace &place);

/// Reads the fields of a scan, and leaves the object's other fields to the caller.
Scan readScan(base::ObjectReader &fields);

} // namespace voelgoed::domain
