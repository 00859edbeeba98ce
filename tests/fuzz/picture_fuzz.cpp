// Any bytes are a picture within the limits, or none.
#include "device/hal/reader/picture.h"
#include "tests/fuzz/fuzz.h"

namespace voelgoed::fuzz {

void fuzzOne(base::ByteView bytes)
{
    for (const auto decode : {hal::decodePng, hal::decodeJpeg, hal::decodeWebp}) {
        if (const auto pixels = decode(bytes))
            base::ensure(std::int64_t{pixels->rows} * pixels->cols <= hal::kPixelsMax, "a picture beyond the limit");
    }
}

} // namespace voelgoed::fuzz
