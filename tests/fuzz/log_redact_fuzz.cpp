#include "tests/fuzz/fuzz.h"

#include "server/platform/log/redact.h"
#include "server/platform/log/sinks.h"
#include "shared/base/json.h"

namespace voelgoed::fuzz {

/// What was masked stays as it is when it is looked at again, and a line is one line of JSON whatever it says.
void fuzzOne(base::ByteView input)
{
    const std::string_view text = base::textOf(input);
    const std::string once = log::redactedText(text);
    ensure(log::redactedText(once) == once, "something was left to mask");
    log::Entry entry{.category = "fuzz", .message = "x"};
    entry.facts = log::redacted({{text, text}});
    const std::string line = log::jsonLine(entry);
    ensure(base::parseJson(line) && line.find('\n') == std::string::npos, "not one line of JSON");
}

} // namespace voelgoed::fuzz
