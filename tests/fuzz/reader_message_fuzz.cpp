// What the barcode reader says is taken only in the one way in which it is written.
#include "device/hal/reader/message.h"
#include "tests/fuzz/fuzz.h"

namespace voelgoed::fuzz {

void fuzzOne(base::ByteView bytes)
{
    if (const auto answer = hal::decodeAnswer(bytes))
        base::ensure(base::textOf(hal::encode(*answer)) == base::textOf(bytes), "two spellings of one answer");
    if (const auto request = hal::decodeRequest(bytes))
        base::ensure(base::textOf(hal::encode(*request)) == base::textOf(bytes), "two spellings of one request");
}

} // namespace voelgoed::fuzz
