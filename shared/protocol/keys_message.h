#pragma once

#include "shared/base/result.h"
#include "shared/domain/event_keys.h"

namespace voelgoed::wire {
class Keys;
}

/// Part of the definition's encoder; nobody outside this folder includes it.
namespace voelgoed::protocol {

void putKeys(const domain::EventKeys &keys, wire::Keys &out);
base::Result<domain::EventKeys> keysOf(const wire::Keys &in);

} // namespace voelgoed::protocol
