#pragma once

#include "shared/base/bytes.h"
#include "shared/base/ensure.h"

namespace voelgoed::fuzz {

using base::ensure;

/// What each target defines: reads the input with one parser, and ends the program (ensure) where what was read does
/// not hold what the parser promises. Keeps nothing from one call to the next.
void fuzzOne(base::ByteView input);

} // namespace voelgoed::fuzz
