#include "tests/fuzz/fuzz.h"

#include "shared/admission/rules.h"

#include <array>

namespace voelgoed::fuzz {

namespace {

using admission::RuleAnswer;
using admission::RuleFacts;
using admission::Rules;

domain::ZoneTable berlin()
{
    using std::chrono::hours;
    const auto utc = [](const char *text) { return *base::parseInstant(text); };
    return *domain::ZoneTable::make("Europe/Berlin", hours(1),
                                    {{utc("2026-03-29T01:00:00Z"), hours(2)}, {utc("2026-10-25T01:00:00Z"), hours(1)}});
}

} // namespace

/// Rules that compile are evaluated at any moment, with the same answer twice, and compile again when they were printed
/// anew; what is not true has an explanation, and each line of the tree shows something.
void fuzzOne(base::ByteView input)
{
    if (input.size() > 8192)
        return;
    const std::string_view text = base::textOf(input);
    const auto rules = Rules::compile(text);
    if (!rules)
        return;
    const auto json = base::parseJson(text, {.depth = 512});
    ensure(static_cast<bool>(json), "rules of a text that is no JSON");
    const auto again = Rules::compile(base::toText(*json));
    ensure(static_cast<bool>(again), "printed anew, the rules are refused");

    static const domain::ZoneTable zone = berlin();
    const base::Instant first = *base::parseInstant("2026-10-25T00:30:00Z");
    const std::array<domain::Passage, 3> history{
        {{.at = first, .gate = "g"},
         {.at = first + std::chrono::hours(1), .direction = domain::Direction::Exit},
         {.at = first + std::chrono::hours(30), .count = 2}}};
    for (const base::Instant now : {base::kEarliest, first + std::chrono::hours(31), base::kLatest}) {
        const RuleFacts facts{.now = now,
                              .zone = zone,
                              .product = "1",
                              .variation = {},
                              .gate = now == base::kLatest ? "g" : "",
                              .history = history,
                              .dateFrom = first,
                              .dateTo = {},
                              .dateAdmission = {},
                              .closed = {}};
        const RuleAnswer answer = rules->evaluate(facts);
        ensure(answer == rules->evaluate(facts), "two answers to one question");
        if (answer != RuleAnswer::True)
            ensure(rules->explain(facts).phrase != domain::Phrase::None, "a refusal without an explanation");
        const auto lines = rules->lines(facts);
        ensure(lines.empty() == rules->empty(), "a tree without lines");
        for (const auto &line : lines)
            ensure(!line.text.empty() && line.depth >= 0 && line.depth <= 40, "a line that shows nothing");
    }
}

} // namespace voelgoed::fuzz
