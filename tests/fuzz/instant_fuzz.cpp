#include "tests/fuzz/fuzz.h"

#include "shared/base/instant.h"

namespace voelgoed::fuzz {

/// A moment lies in its range, and its canonical spelling is read as the same moment.
void fuzzOne(base::ByteView input)
{
    const auto at = base::parseInstant(base::textOf(input));
    if (!at)
        return;
    ensure(*at >= base::kFirst && *at <= base::kLatest, "a moment out of range");
    const std::string text = base::formatInstant(*at);
    const auto again = base::parseInstant(text);
    ensure(again && *again == *at && base::formatInstant(*again) == text, "another moment after printing");
}

} // namespace voelgoed::fuzz
