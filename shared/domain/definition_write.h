#pragma once

#include "shared/base/json.h"
#include "shared/domain/event.h"

/// Event definitions as JSON, in the vocabulary that readDefinition() reads.
namespace voelgoed::domain {

/// An object with "event", "dates", "ticket_types", "questions", "gates", "checkpoints" and "policy", which reads back
/// to an equal definition: choices are written also where they are the default, what is absent is left out. Not in it:
/// the zone's offsets, which go by the zone's name; an empty list of a type's gates, which is read as all gates; parts
/// of a minute of the list's age, which is rounded up. Rules that are no JSON are written as a text, which no rulebook
/// takes.
base::Json writeDefinition(const EventDefinition &definition);

/// "04:30", with seconds where it has some: as parseTimeOfDay() reads it.
std::string formatTimeOfDay(std::chrono::seconds sinceMidnight);

} // namespace voelgoed::domain
