#include "tests/fuzz/fuzz.h"

#include "shared/artwork/canvas.h"
#include "shared/base/text.h"

#include <algorithm>

namespace voelgoed::fuzz {

/// What may be drawn is one short line of UTF-8, and stays as it is the next time.
void fuzzOne(base::ByteView input)
{
    const std::string drawn = artwork::drawable(base::textOf(input));
    ensure(base::isUtf8(drawn), "not UTF-8");
    ensure(drawn.size() <= 301 * 4, "too long");
    ensure(std::none_of(drawn.begin(), drawn.end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; }),
           "a control character");
    ensure(artwork::drawable(drawn) == drawn, "drawing what was drawn changes it");
}

} // namespace voelgoed::fuzz
