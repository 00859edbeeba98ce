#include "server/platform/pg/transact.h"

#include "shared/base/crypto/system_random.h"

namespace voelgoed::pg {

base::Milliseconds pauseAfterCollision(int attempt)
{
    constexpr std::uint64_t kStepMs = 8;
    base::SystemRandom random;
    return base::Milliseconds(1 + random.below(kStepMs << attempt));
}

} // namespace voelgoed::pg
