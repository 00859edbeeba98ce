// A set of ordinals has one spelling.
#include "shared/bitmap/bitmap.h"
#include "tests/fuzz/fuzz.h"

namespace voelgoed::fuzz {

void fuzzOne(base::ByteView bytes)
{
    if (const auto set = bitmap::Bitmap::parse(bytes))
        base::ensure(base::textOf(set->serialise()) == base::textOf(bytes), "two spellings of one set");
}

} // namespace voelgoed::fuzz
