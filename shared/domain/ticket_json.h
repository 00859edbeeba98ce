#pragma once

#include "shared/base/json_reader.h"
#include "shared/domain/scan.h"
#include "shared/domain/ticket.h"

/// Tickets and scans as JSON, in the vocabulary of scenario files (admission specification, sections 1 and 5). What
/// does not fit is reported with its place.
namespace voelgoed::domain {

/// An empty list of zones or gates is there, and good for all of them: one of gates replaces the type's. Answers may be
/// texts, numbers, true or false, or lists of option ids; codes may be whole numbers, for their digits. An ordinal may
/// be 0: what calls "no ticket" by that number is the journal of a device.
Ticket readTicket(const base::JsonPlace &place);

/// Reads the fields of a scan, and leaves the object's other fields to the caller.
Scan readScan(base::ObjectReader &fields);

} // namespace voelgoed::domain
