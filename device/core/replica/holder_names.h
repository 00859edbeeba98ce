#pragma once

#include "device/core/replica/replica.h"
#include "shared/base/crypto/digest.h"
#include "shared/base/random.h"

namespace voelgoed::replica {

/// Encrypts names under the device's data key, bound to their tickets. Borrows the random numbers.
SealName sealNamesWith(const base::Digest &dataKey, base::Random &random);

} // namespace voelgoed::replica
