#pragma once

#include "server/slices/events/zones.h"
#include "shared/base/json.h"
#include "shared/domain/event.h"

#include <string>
#include <string_view>

/// From what an organizer sent to a definition that devices may get.
namespace voelgoed::events {

/// Reads the fields of a definition out of an object. Invalid with the place named ("gates[1].code: …") for what
/// domain::readDefinition() refuses and for unknown fields.
base::Result<domain::EventDefinition> readDefinition(const base::Json &object);

/// Fills in the zone's offsets. Invalid with the place named when something refers to what is not there, rules do not
/// compile, times contradict each other, two gates have one code, there are more zones than a signed code can name, the
/// time zone is unknown, or a moment lies before 1970 or after 9999.
base::Result<domain::EventDefinition> checked(domain::EventDefinition definition, Zones &zones);

/// The first text with a NUL in it, which Postgres does not keep; its place, or nothing.
std::optional<std::string> placeOfNul(const base::Json &json);

/// "gates[1].code" as "/gates/1/code".
std::string pointerOf(std::string_view place);

/// What is in the one and not in the other, in the order of the first.
std::vector<std::string> missingIds(const domain::EventDefinition &before, const domain::EventDefinition &after);

} // namespace voelgoed::events
