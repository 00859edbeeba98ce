#include "tests/fuzz/fuzz.h"

#include <algorithm>

namespace voelgoed::fuzz {

/// A text that is taken is the one spelling of its bytes; any bytes have a spelling.
void fuzzOne(base::ByteView input)
{
    const std::string_view text = base::textOf(input);
    if (const auto bytes = base::fromBase64(text))
        ensure(base::toBase64(*bytes) == text, "a second spelling");
    const auto back = base::fromBase64(base::toBase64(input));
    ensure(back && std::equal(back->begin(), back->end(), input.begin(), input.end()), "bytes do not come back");
}

} // namespace voelgoed::fuzz
