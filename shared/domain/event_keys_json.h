#pragma once

#include "shared/base/json_reader.h"
#include "shared/domain/event_keys.h"

namespace voelgoed::domain {

/// An event's public keys as JSON, for scenarios with signed codes:
///
///     {"organization": UUID, "event": UUID, "short_id": 1, "hours_from": RFC 3339, "types": [ids], "zones": [ids],
///      "slots": [{"slot": 1, "public_key": 64 hex digits, "retired": false}],
///      "rotation_key": 64 hex digits, "rotation_seconds": 30}
///
/// `organization`, `event`, `short_id`, `hours_from` and `slots` have to be there. What does not fit is reported with
/// its place. Keys of other systems, and the key that readings are sealed to, have no place in a scenario.
EventKeys readEventKeys(const base::JsonPlace &place);

} // namespace voelgoed::domain
