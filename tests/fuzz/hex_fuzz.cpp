#include "tests/fuzz/fuzz.h"

#include <algorithm>

namespace voelgoed::fuzz {

/// A text that is taken is a spelling of its bytes but for the case of letters; any bytes have a spelling.
void fuzzOne(base::ByteView input)
{
    std::string text(base::textOf(input));
    if (const auto bytes = base::fromHex(text)) {
        std::transform(text.begin(), text.end(), text.begin(),
                       [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
        ensure(base::toHex(*bytes) == text, "a second spelling");
    }
    const auto back = base::fromHex(base::toHex(input));
    ensure(back && std::equal(back->begin(), back->end(), input.begin(), input.end()), "bytes do not come back");
}

} // namespace voelgoed::fuzz
