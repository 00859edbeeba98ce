// Whatever device.json holds, it is refused, or a device that is the same when it is written and read again.
#include "device/core/profile/identity.h"
#include "tests/fuzz/fuzz.h"

namespace voelgoed::fuzz {

void fuzzOne(base::ByteView bytes)
{
    const auto identity = profile::parseIdentity(std::string(base::textOf(bytes)), "device.json");
    if (!identity)
        return ensure(identity.error().code == base::ErrorCode::Corrupt, "a broken identity is something else");
    const std::string printed = profile::printIdentity(*identity);
    const auto again = profile::parseIdentity(printed, "device.json");
    ensure(again && again->device == identity->device && again->dataKey == identity->dataKey &&
               again->signing.publicKey() == identity->signing.publicKey() && profile::printIdentity(*again) == printed,
           "a device becomes another one");
}

} // namespace voelgoed::fuzz
