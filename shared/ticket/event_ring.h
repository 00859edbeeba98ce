#pragma once

#include "shared/domain/event_keys.h"
#include "shared/ticket/key_ring.h"

namespace voelgoed::ticket {

/// The key ring of an event's public keys, as the signed bundle brings them; retired slots are left out. `endsAt` ends
/// codes that are good "to the end of the event". Invalid when a key is no key.
base::Result<KeyRing> ringOf(const domain::EventKeys &keys, std::optional<base::Instant> endsAt);

} // namespace voelgoed::ticket
