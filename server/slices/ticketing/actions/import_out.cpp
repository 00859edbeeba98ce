#include "server/slices/ticketing/actions/import_out.h"

#include "server/slices/ticketing/import/report.h"
#include "shared/domain/words.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace voelgoed::ticketing {

namespace {

constexpr std::size_t kNamed = 30; ///< errors that an answer tells one by one, and types

/// The first `most` bytes at the most, in whole ranges, of sorted ordinals, and how many of them these are.
std::pair<std::string, std::size_t> rangesOf(std::span<const std::uint32_t> ordinals, std::size_t most)
{
    std::string text;
    std::size_t told = 0;
    while (told < ordinals.size()) {
        std::size_t last = told;
        while (last + 1 < ordinals.size() && ordinals[last + 1] == ordinals[last] + 1)
            ++last;
        std::string range = (told == 0 ? "" : ", ") + std::to_string(ordinals[told]);
        if (last != told)
            range += "-" + std::to_string(ordinals[last]);
        if (text.size() + range.size() > most)
            break;
        text += range;
        told = last + 1;
    }
    return {std::move(text), told};
}

void addTypes(std::vector<Refusal> &refusals, const Merged &merged)
{
    import::Lines others = merged.moreTypes.lines;
    for (std::size_t i = 0; i < merged.unknownTypes.size(); ++i) {
        const UnknownType &type = merged.unknownTypes[i];
        if (i >= kNamed) {
            others.add(type.lines);
            continue;
        }
        refusals.push_back({"/lines/" + std::to_string(type.lines.first()), "unknown_type",
                            (type.name.empty() ? std::string("The row names no ticket type")
                                               : "The event has no ticket type \"" + type.name + "\"") +
                                " (" + std::to_string(type.rows) + " rows: " + type.lines.text() + ")."});
    }
    if (merged.unknownTypes.size() > kNamed) {
        const std::size_t more = merged.unknownTypes.size() - kNamed + merged.moreTypes.types;
        refusals.push_back(
            {"/lines", "unknown_type",
             std::to_string(more) + " other types that the event does not have, rows: " + others.text() + "."});
    }
}

} // namespace

ImportOut outOf(const import::Outcome &outcome, const Merged &merged)
{
    ImportOut out{.added = merged.added.size(),
                  .changed = merged.changed.size(),
                  .unchanged = merged.unchanged,
                  .leftOut = outcome.list.counts.badRows + merged.moreTypes.rows,
                  .unknownTypes = {},
                  .moreUnknownTypes = {merged.moreTypes.types, merged.moreTypes.rows, merged.moreTypes.lines.text()},
                  .report = import::toJson(outcome)};
    for (const UnknownType &type : merged.unknownTypes) {
        out.leftOut += type.rows;
        out.unknownTypes.push_back({type.name, type.rows, type.lines.first(), type.lines.text()});
    }
    return out;
}

std::vector<Refusal> refusalsOf(const import::Outcome &outcome, const Merged &merged)
{
    std::vector<Refusal> refusals;
    addTypes(refusals, merged);
    const import::Findings &findings = outcome.list.findings;
    std::size_t named = 0;
    std::map<import::FindingKind, std::size_t> told;
    for (const import::Finding &finding : findings.all()) {
        if (import::severityOf(finding.kind) != import::Severity::Error || named++ >= kNamed)
            continue;
        ++told[finding.kind];
        refusals.push_back({"/lines/" + std::to_string(finding.place.line), std::string(import::wordOf(finding.kind)),
                            finding.sentence});
    }
    for (std::size_t i = 0; i <= static_cast<std::size_t>(import::kLastFindingKind); ++i) {
        const auto kind = static_cast<import::FindingKind>(i);
        if (import::severityOf(kind) == import::Severity::Error && findings.total(kind) > told[kind])
            refusals.push_back({"/lines", std::string(import::wordOf(kind)),
                                std::to_string(findings.total(kind)) + " rows in all: " +
                                    findings.linesOf(kind).text() + ". " + std::string(import::adviceOn(kind))});
    }
    return refusals;
}

base::Json stateChangesJson(const Merged &merged)
{
    using domain::TicketState;
    std::map<std::pair<TicketState, TicketState>, std::vector<std::uint32_t>> moves;
    for (const StateChange &change : merged.stateChanges) {
        const domain::Ticket &ticket = merged.changed.at(change.index).ticket;
        moves[{change.before, ticket.state}].push_back(ticket.ordinal.value);
    }
    boost::json::array list;
    for (auto &[states, ordinals] : moves) {
        std::sort(ordinals.begin(), ordinals.end());
        const auto [text, told] = rangesOf(ordinals, kOrdinalsBytesMax);
        boost::json::object move{{"from", domain::wordFor(states.first)},
                                 {"to", domain::wordFor(states.second)},
                                 {"tickets", ordinals.size()},
                                 {"ordinals", text}};
        if (told < ordinals.size())
            move["more_tickets"] = ordinals.size() - told;
        list.push_back(std::move(move));
    }
    return list;
}

} // namespace voelgoed::ticketing
