// Fields that clients write: ranges lie within the file, and no list of codings or tags does harm.
#include "server/platform/http/coding.h"
#include "server/platform/http/range.h"
#include "tests/fuzz/fuzz.h"

namespace voelgoed::fuzz {

void fuzzOne(base::ByteView input)
{
    const std::string_view text = base::textOf(input);
    for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1000}, UINT64_MAX / 2}) {
        const auto slice = http::sliceOf(text, {}, "\"a\"", size);
        if (const auto *part = std::get_if<http::FilePart>(&slice))
            ensure(part->size > 0 && part->first < size && part->size <= size - part->first, "outside of the file");
    }
    const bool named = http::hasEntityTag(text, "\"a\"");
    ensure(!named || text.find("\"a\"") != std::string_view::npos || text.find('*') != std::string_view::npos,
           "a tag that nobody named");
    if (const auto coding = http::acceptedCoding(text))
        ensure(http::codingFrom(http::word(*coding)) == coding, "a coding without a name");
}

} // namespace voelgoed::fuzz
