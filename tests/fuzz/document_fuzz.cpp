// Any bytes are a document with pages, or none. Its pages are not rendered: what that takes is bounded from outside.
#include "device/hal/reader/picture.h"
#include "tests/fuzz/fuzz.h"

namespace voelgoed::fuzz {

void fuzzOne(base::ByteView bytes)
{
    if (const auto pages = hal::openPdf(bytes))
        ensure((*pages)->count() > 0 && (*pages)->isDocument(), "a document without pages");
}

} // namespace voelgoed::fuzz
