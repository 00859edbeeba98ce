#pragma once

#include "shared/base/json_reader.h"
#include "shared/domain/event.h"

/// Event definitions as JSON, in the vocabulary of scenario files (admission specification, sections 1 and 5).
namespace voelgoed::domain {

/// Reads the fields "event", "dates", "ticket_types", "questions", "gates", "checkpoints" and "policy" of an object,
/// and leaves its other fields to the caller. Absent fields take the defaults of section 1; a null is as good as
/// absent; ids may be texts or whole numbers. An unknown field, a wrong type or a number out of range is reported with
/// its place. Whether what refers to something finds it is not checked here (admission::Rulebook::compile does), and
/// the time zone is left to the caller.
EventDefinition readDefinition(base::ObjectReader &fields);

} // namespace voelgoed::domain
