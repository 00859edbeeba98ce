#include "tests/fuzz/fuzz.h"

#include "shared/ticket/foreign.h"

#include <algorithm>

namespace voelgoed::fuzz {

using ticket::AimMarker;

/// What is kept is short, has no control characters, and is kept as it is the next time.
void fuzzOne(base::ByteView input)
{
    const std::string_view read = base::textOf(input);
    for (const AimMarker marker : {AimMarker::NotSent, AimMarker::Sent}) {
        const auto cleaned = ticket::cleanForeign(read, marker);
        if (!cleaned)
            continue;
        ensure(!cleaned->empty() && cleaned->size() <= read.size() && read.size() <= ticket::kForeignMax, "length");
        ensure(std::none_of(cleaned->begin(), cleaned->end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; }),
               "a control character");
        ensure(cleaned->front() != ' ' && cleaned->back() != ' ', "an outer blank");
        const auto again = ticket::cleanForeign(*cleaned, AimMarker::NotSent);
        ensure(again && *again == *cleaned, "cleaning twice changes it");
        ensure(ticket::foreignHash(*again) == ticket::foreignHash(*cleaned), "one code, two hashes");
    }
}

} // namespace voelgoed::fuzz
