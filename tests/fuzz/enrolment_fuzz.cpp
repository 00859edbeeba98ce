// Whatever pairing.json holds, it is refused, or says the same when it is written and read again.
#include "device/core/profile/enrolment.h"
#include "tests/fuzz/fuzz.h"

namespace voelgoed::fuzz {

void fuzzOne(base::ByteView bytes)
{
    const auto enrolment = profile::parseEnrolment(std::string(base::textOf(bytes)));
    if (!enrolment)
        return;
    const auto again = profile::parseEnrolment(profile::printEnrolment(*enrolment));
    ensure(again && *again == *enrolment, "a device that belongs somewhere else");
    ensure(static_cast<bool>(protocol::checkServerAddress(enrolment->server)), "no server's address");
}

} // namespace voelgoed::fuzz
