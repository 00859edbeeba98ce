#include "tests/fuzz/fuzz.h"

#include "server/slices/ticketing/import/report.h"

#include "shared/base/text.h"
#include "shared/ticket/foreign.h"

#include <set>

namespace voelgoed::fuzz {

using namespace ticketing::import;

/// Whatever a file holds: each guest has a code that a gate could read, and no two have the same; the counts add up;
/// what is printed is printable.
void fuzzOne(base::ByteView input)
{
    ImportRequest request;
    request.guests.questions = {{.id = {"diet"}, .text = "Diet"}, {.id = {"shirt"}, .text = "T-shirt size"}};
    const auto outcome = readGuestList(base::textOf(input), request);
    if (!outcome)
        return ensure(!outcome.error().message.empty() && base::isUtf8(outcome.error().message), "the failure's words");
    const GuestList &list = outcome->list;
    std::set<domain::CodeHash> hashes;
    for (const Guest &guest : list.guests) {
        const auto cleaned = ticket::cleanForeign(guest.code, ticket::AimMarker::NotSent);
        ensure(cleaned && *cleaned == guest.code, "a code that a gate would read in another way");
        ensure(ticket::foreignHash(guest.code) == guest.hash, "another code's hash");
        ensure(hashes.insert(guest.hash).second, "one code of two guests");
        ensure(guest.admits > 0 && base::isUtf8(guest.holder), "a guest");
    }
    const Counts &counts = list.counts;
    ensure(counts.guests == list.guests.size(), "guests are counted");
    ensure(counts.guests == counts.valid + counts.pending + counts.unapproved + counts.cancelled, "by their states");
    ensure(counts.rows == counts.guests + counts.badRows + counts.passedOver, "every row is one of three");
    ensure((counts.badRows == 0) == (list.findings.total(Severity::Error) == 0), "a bad row has an error");
    const std::string text = toText(*outcome);
    ensure(base::isUtf8(text) && text.find('\x1b') == std::string::npos, "printable");
    ensure(!base::toText(toJson(*outcome)).empty(), "the report");
}

} // namespace voelgoed::fuzz
