#include "tests/fuzz/fuzz.h"

#include <cstddef>
#include <cstdint>

/// libFuzzer's entry point (llvm.org/docs/LibFuzzer.html).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    voelgoed::fuzz::fuzzOne(std::as_bytes(std::span(data, size)));
    return 0;
}
