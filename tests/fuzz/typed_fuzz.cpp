#include "tests/fuzz/fuzz.h"

#include "shared/ticket/typed.h"

namespace voelgoed::fuzz {

/// What is taken has one canonical form, which is taken, printed and looked up as the same.
void fuzzOne(base::ByteView input)
{
    const auto code = ticket::parseTyped(base::textOf(input));
    if (!code)
        return;
    ensure(code->text.size() == ticket::kTypedLength, "length");
    const auto again = ticket::parseTyped(code->text);
    const auto printed = ticket::parseTyped(ticket::grouped(*code));
    ensure(again && *again == *code && printed && *printed == *code, "a second canonical form");
}

} // namespace voelgoed::fuzz
