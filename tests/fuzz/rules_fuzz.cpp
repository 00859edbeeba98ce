#include "tests/fuzz/fuzz.h"

#include "shared/admission/rules.h"

namespace voelgoed::fuzz {

namespace {

using admission::RuleAnswer;
using admission::Rules;

base::Instant utc(std::string_view text)
{
    return *base::parseInstant(text);
}

/// Guests of many kinds: with and without a gate, a history, a date and a closing.
std::vector<admission::RuleFacts> guests(const domain::ZoneTable &zone, std::span<const domain::Passage> history)
{
    const admission::RuleFacts bare{.now = utc("2026-03-29T00:30:00Z"),
                                    .zone = zone,
                                    .product = {},
                                    .variation = {},
                                    .gate = {},
                                    .history = {},
                                    .dateFrom = {},
                                    .dateTo = {},
                                    .dateAdmission = {},
                                    .closed = {}};
    const admission::RuleFacts full{.now = utc("2026-10-25T01:30:00Z"),
                                    .zone = zone,
                                    .product = "1",
                                    .variation = "7",
                                    .gate = "g1",
                                    .history = history,
                                    .dateFrom = utc("2026-10-25T00:00:00Z"),
                                    .dateTo = utc("2026-10-25T09:00:00Z"),
                                    .dateAdmission = utc("2026-10-24T22:00:00Z"),
                                    .closed = utc("2026-10-25T00:30:00Z")};
    const admission::RuleFacts first{.now = base::kEarliest,
                                     .zone = zone,
                                     .product = "2",
                                     .variation = {},
                                     .gate = "g2",
                                     .history = history,
                                     .dateFrom = base::kLatest,
                                     .dateTo = {},
                                     .dateAdmission = base::kEarliest,
                                     .closed = {}};
    return {bare, full, first};
}

} // namespace

/// What compiles answers everybody, the same each time, shows a tree of its size, explains itself, and holds just as
/// much inside an "and" of its own.
void fuzzOne(base::ByteView input)
{
    const std::string text(base::textOf(input));
    const auto rules = Rules::compile(text);
    if (!rules)
        return;
    static const auto zone = *domain::ZoneTable::make(
        "Europe/Berlin", std::chrono::hours(1),
        {{utc("2026-03-29T01:00:00Z"), std::chrono::hours(2)}, {utc("2026-10-25T01:00:00Z"), std::chrono::hours(1)}});
    const domain::Passage history[]{
        {.at = utc("2026-10-24T21:00:00Z"), .device = "d"},
        {.at = utc("2026-10-25T00:15:00Z"), .device = "d", .direction = domain::Direction::Exit},
        {.at = utc("2026-10-25T01:15:00Z"), .device = "d", .count = 3}};
    const auto wrapped = Rules::compile(R"({"and":[)" + (rules->empty() ? R"({"or":[]})" : text) + "]}");
    for (const admission::RuleFacts &facts : guests(zone, history)) {
        const RuleAnswer answer = rules->evaluate(facts);
        ensure(rules->evaluate(facts) == answer, "another answer to the same question");
        ensure(!rules->empty() || answer == RuleAnswer::True, "no rules, and somebody refused");
        ensure(!wrapped || wrapped->evaluate(facts) == answer, "another answer inside an and");
        const auto lines = rules->lines(facts);
        ensure(lines.size() <= Rules::kNodesMax && lines.empty() == rules->empty(), "a tree of another size");
        ensure(lines.empty() || lines.front().answer == answer, "the tree shows another answer");
        for (const admission::RuleLine &line : lines)
            ensure(line.depth >= 0 && line.depth <= static_cast<int>(Rules::kDepthMax), "deeper than allowed");
        if (answer != RuleAnswer::True)
            ensure(rules->explain(facts).phrase != domain::Phrase::None, "a refusal without a reason");
    }
}

} // namespace voelgoed::fuzz
