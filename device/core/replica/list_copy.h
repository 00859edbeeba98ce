#pragma once

#include "device/core/replica/replica.h"

namespace voelgoed::replica {

/// Carries the list that is in force into another file, whose tables are there and empty. The source was verified by
/// the caller; what it holds is taken byte for byte.
base::Result<void> copyList(storage::Database &from, const Replica &source, storage::Database &to);

} // namespace voelgoed::replica
