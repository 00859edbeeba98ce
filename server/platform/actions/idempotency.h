#pragma once

#include "server/platform/actions/context.h"
#include "shared/base/crypto/digest.h"

namespace voelgoed::actions {

/// A key that a client gave to a request so that repeating it has the effect of once
/// (draft-ietf-httpapi-idempotency-key- header). The claim lies in the transaction that has the effect: a repeat that
/// comes meanwhile waits for it, one that comes later gets the same answer, and a failure leaves nothing.
struct IdempotencyClaim
{
    std::string key;
    std::string actor; ///< kind and id of who asks
    std::string route;
    base::Digest fingerprint{}; ///< of what was asked
};

inline constexpr std::size_t kIdempotencyKeyMax = 255;
inline constexpr std::chrono::hours kIdempotencyKept{48};

/// Nothing: the claim is ours, go on. Else what was answered before. Conflict with the word `idempotency_key_reused`
/// when something else was asked under this key, and with `idempotency_key_used` when the answer was for one look only.
async::Task<base::Result<std::optional<Encoded>>> claim(Context &context, const IdempotencyClaim &claim);

/// Keeps the answer, in the same transaction.
async::Task<base::Result<void>> keep(Context &context, const IdempotencyClaim &claim, const Encoded &answer);

/// Forgets what has lapsed, of all organizations.
async::Task<base::Result<void>> pruneIdempotency(work::Database &database);

} // namespace voelgoed::actions
