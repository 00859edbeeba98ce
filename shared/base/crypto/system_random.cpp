#include "shared/base/crypto/system_random.h"

#include "shared/base/ensure.h"

#include <openssl/rand.h>

#include <algorithm>

namespace voelgoed::base {

void SystemRandom::fill(std::span<std::byte> out)
{
    constexpr std::size_t kOnce = 1 << 20; // RAND_bytes takes an int
    while (!out.empty()) {
        const std::size_t count = std::min(out.size(), kOnce);
        const int done = RAND_bytes(reinterpret_cast<unsigned char *>(out.data()), static_cast<int>(count));
        ensure(done == 1, "the operating system has no random numbers");
        out = out.subspan(count);
    }
}

} // namespace voelgoed::base
