#include "tests/fuzz/t1_target.h"

#include "shared/ticket/base45.h"

namespace voelgoed::fuzz {

/// The text itself, the text behind "T1", and base45 alone.
void fuzzOne(base::ByteView input)
{
    const std::string_view text = base::textOf(input);
    checkT1(text);
    checkT1("T1" + std::string(text));
    const auto spelled = ticket::fromBase45(text);
    if (const auto *bytes = std::get_if<base::Bytes>(&spelled))
        ensure(ticket::toBase45(*bytes) == text, "a second spelling of base45");
}

} // namespace voelgoed::fuzz
