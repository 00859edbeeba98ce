#include "tests/fuzz/t1_target.h"

#include "shared/ticket/decimal.h"

#include <algorithm>

namespace voelgoed::fuzz {

/// The text behind "17", and each input as 80 bytes: whatever they are, their digits spell them.
void fuzzOne(base::ByteView input)
{
    checkT1("17" + std::string(base::textOf(input)));
    std::array<std::byte, ticket::kDecimalBytes> bytes{};
    std::copy_n(input.begin(), std::min(input.size(), bytes.size()), bytes.begin());
    const std::string digits = ticket::toDecimal(bytes);
    const auto spelled = ticket::fromDecimal(digits);
    const auto *back = std::get_if<std::array<std::byte, ticket::kDecimalBytes>>(&spelled);
    ensure(back != nullptr && *back == bytes, "bytes that do not come back from digits");
    checkT1("17" + digits);
}

} // namespace voelgoed::fuzz
