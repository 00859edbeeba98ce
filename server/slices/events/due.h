#pragma once

#include "server/slices/events/events.h"

namespace voelgoed::events {

/// Moves what is due, of all organizations: published events, and postponed ones with a new date, to live when scanning
/// begins; live ones to ended when it is over. Each in a transaction of its own, as the system; one that was moved
/// meanwhile is left alone. What cannot be moved does not stop the others, and its failure is given back.
async::Task<base::Result<void>> moveDue(Events &events);

} // namespace voelgoed::events
