#include "tests/fuzz/fuzz.h"

#include "server/slices/ticketing/import/dialect.h"
#include "server/slices/ticketing/import/encoding.h"

#include "shared/base/text.h"

#include <algorithm>

namespace voelgoed::fuzz {

using namespace ticketing::import;

namespace {

/// Every byte of the text is in a record, between two, or in the sep= line; every field is UTF-8 and within the limits.
void readAll(std::string_view text, const CsvStart &start)
{
    const CsvLimits limits{.columns = 20, .fieldBytes = 200, .recordBytes = 500, .records = 100};
    CsvReader reader(text, start, limits);
    std::size_t line = start.place.line;
    std::size_t records = 0;
    for (;;) {
        const auto record = reader.next();
        if (!record)
            return ensure(!record.error().message.empty(), "a failure without a word");
        if (!*record)
            break;
        ++records;
        ensure((*record)->line >= line && !(*record)->fields.empty(), "a record's place");
        line = (*record)->line;
        ensure((*record)->fields.size() <= limits.columns, "columns");
        ensure((*record)->raw.data() >= text.data() &&
                   (*record)->raw.data() + (*record)->raw.size() <= text.data() + text.size(),
               "the row as written is a piece of the text");
        for (const Field &field : (*record)->fields) {
            ensure(field.line >= line && field.text.size() <= limits.fieldBytes, "a field");
            ensure(base::isUtf8(field.text), "a field that is not UTF-8");
        }
    }
    const LineEnds &ends = reader.lineEnds();
    const std::size_t ended = ends.lf + ends.crlf + ends.cr;
    ensure(records == ended || records == ended + 1, "records and their ends");
}

} // namespace

void fuzzOne(base::ByteView input)
{
    const std::string_view bytes = base::textOf(input);
    const auto text = decode(bytes);
    if (!text)
        return ensure(!text.error().message.empty(), "a failure without a word");
    ensure(base::isUtf8(text->view()), "not UTF-8");
    ensure(text->view().find('\0') == std::string_view::npos, "a NUL");
    for (const auto &given : {std::optional<Separator>(), std::optional(Separator::Pipe)}) {
        const auto dialect = dialectOf(text->view(), given);
        if (dialect)
            readAll(text->view(), dialect->start);
    }
}

} // namespace voelgoed::fuzz
