#pragma once

#include "server/platform/actions/codec.h"
#include "shared/domain/event.h"

/// Choices of definitions as inputs and outputs of actions spell them: in the words of domain/words.h.
namespace voelgoed::domain {

BOOST_DESCRIBE_ENUM(EventStatus, Draft, Published, Live, Ended, Cancelled, Postponed, Archived)
BOOST_DESCRIBE_ENUM(GateState, Open, Closed)
BOOST_DESCRIBE_ENUM(CapacityMode, Warn, Stop)

} // namespace voelgoed::domain
