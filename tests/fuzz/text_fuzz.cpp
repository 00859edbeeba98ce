#include "tests/fuzz/fuzz.h"

#include "shared/base/text.h"

#include <algorithm>

namespace voelgoed::fuzz {

/// Whatever comes in, what may be shown is short UTF-8 without control characters.
void fuzzOne(base::ByteView input)
{
    const std::string_view text = base::textOf(input);
    const std::string shown = base::printable(text, 200);
    ensure(shown.size() <= 200 + 16, "too long");
    ensure(base::isUtf8(shown), "not UTF-8");
    ensure(std::none_of(shown.begin(), shown.end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; }),
           "a control character");
    if (shown.size() <= 100)
        ensure(base::printable(shown, 200) == shown, "showing what was shown changes it");
    const std::string_view inner = base::trimmed(text);
    ensure(base::trimmed(inner) == inner, "trimming twice changes it");
}

} // namespace voelgoed::fuzz
