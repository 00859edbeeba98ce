#pragma once

#include "server/platform/work/database.h"
#include "server/slices/audit/heads.h"

namespace voelgoed::audit {

/// Seals what no running transaction could still come before, organization by organization, and notes the new heads.
/// How many seals it made. The first failure, after all others were sealed that can be.
async::Task<base::Result<std::size_t>> sealAll(work::Database &database, const base::SigningKey &identity,
                                               Heads &heads);

struct Verification
{
    std::int64_t seals = 0;
    std::int64_t entries = 0;  ///< that seals cover
    std::int64_t unsealed = 0; ///< younger than the last seal
    std::string problem;       ///< empty: every seal and its signature holds
};

/// Recomputes an organization's whole chain. It goes at least as far as `heads` knows, or its end was cut off; what
/// holds is noted there. Reads entries in pages; memory stays small.
async::Task<base::Result<Verification>> verify(work::Database &database, base::Uuid organization,
                                               const base::PublicKey &identity, Heads &heads);

} // namespace voelgoed::audit
