#include "tests/fuzz/fuzz.h"
#include "tests/shared/ticket/sample_ring.h"

#include "shared/ticket/pretix_sig1.h"

namespace voelgoed::fuzz {

/// The input as a code, which has one spelling, and as a payload that was signed, which is read or refused.
void fuzzOne(base::ByteView input)
{
    static const base::VerifyingKey key = ticket::sample::publicHalf(ticket::sample::signingKey());
    const std::string_view text = base::textOf(input);
    const auto envelope = ticket::parsePretix(text);
    if (envelope)
        ensure(ticket::printPretix(*envelope) == text, "a second spelling");
    const auto verified = ticket::verifyPretix(text, key);
    ensure(verified || envelope || verified.error().code == base::ErrorCode::Invalid, "an error of another kind");
    const auto ticket = ticket::readPretixPayload(input);
    if (!ticket)
        ensure(ticket.error().code == base::ErrorCode::Corrupt, "an error of another kind");
    (void)ticket::pretixKey(text);
}

} // namespace voelgoed::fuzz
