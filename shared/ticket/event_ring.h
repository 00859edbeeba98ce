#pragma once

#include "shared/domain/event_keys.h"
#include "shared/domain/ticket.h"
#include "shared/ticket/t1.h"

namespace voelgoed::ticket {

/// The key ring of an event's public keys, as the signed bundle brings them. `endsAt` ends codes that are good "to the
/// end of the event". Invalid when a key is no key.
base::Result<KeyRing> ringOf(const domain::EventKeys &keys, std::optional<base::Instant> endsAt);

/// The ticket of a code that no list holds, as far as the code itself tells: its type, window and zones. The type stays
/// empty where the event's table has no such index.
domain::Ticket ticketOf(const T1Claims &claims, const domain::EventKeys &keys, const KeyRing &ring);

} // namespace voelgoed::ticket
