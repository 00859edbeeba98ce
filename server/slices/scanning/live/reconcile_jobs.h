#pragma once

#include "server/slices/scanning/live/mirror.h"
#include "server/slices/scanning/scanning.h"

namespace voelgoed::scanning {

/// `scanning.reconcile` {"event"}: an event's counters in Postgres and its figures in Redis, compared with its scans
/// and set right; one at a time for an event. `scanning.reconcile_all`: one for each event that was scanned in the last
/// two days, of all organizations; every hour.
void addReconcileJobs(Scanning &scanning, Mirror &mirror);

} // namespace voelgoed::scanning
