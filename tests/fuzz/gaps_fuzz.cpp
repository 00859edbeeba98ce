// A list of lost rows has one spelling, is in order, and does not overlap.
#include "device/core/journal/gap_text.h"
#include "tests/fuzz/fuzz.h"

namespace voelgoed::fuzz {

void fuzzOne(base::ByteView bytes)
{
    const std::string text(base::textOf(bytes));
    const auto gaps = journal::parseGaps(text);
    if (!gaps)
        return;
    ensure(journal::textOf(*gaps) == text, "two spellings of one list");
    for (std::size_t i = 0; i < gaps->size(); ++i) {
        const journal::Gap &gap = (*gaps)[i];
        ensure(gap.first <= gap.last && (i == 0 || (*gaps)[i - 1].last < gap.first), "out of order");
    }
}

} // namespace voelgoed::fuzz
