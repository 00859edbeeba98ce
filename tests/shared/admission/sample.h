#pragma once

#include "shared/admission/decide.h"

#include <string>
#include <vector>

/// A small event to vary, and the inputs of one decision with an owner for everything that they borrow.
namespace voelgoed::admission::sample {

inline base::Instant at(std::string_view text)
{
    return *base::parseInstant(text);
}

/// Doors 11:00 UTC (13:00 there), end 22:00 UTC; two types, two gates, one checkpoint "main" that takes all.
inline domain::EventDefinition definition()
{
    domain::EventDefinition d;
    d.event = {.id = {"fest"},
               .name = "Fest",
               .timezone = "Africa/Johannesburg",
               .startsAt = at("2026-12-05T12:00:00Z"),
               .endsAt = at("2026-12-05T22:00:00Z"),
               .doorsAt = at("2026-12-05T11:00:00Z")};
    d.zone = *domain::ZoneTable::make("Africa/Johannesburg", std::chrono::hours(2), {});
    d.types = {{.id = {"adult"}, .name = "Adult"}, {.id = {"family"}, .name = "Family", .admits = 4}};
    d.gates = {{.id = {"north"}, .code = "A", .name = "North"}, {.id = {"south"}, .code = "B", .name = "South"}};
    d.checkpoints = {{.id = {"main"}, .name = "Main"}};
    return d;
}

inline domain::Passage entered(std::string_view moment, std::uint16_t count = 1)
{
    return {.at = at(moment), .device = "d1", .gate = "north", .count = count};
}

inline domain::Passage left(std::string_view moment, std::uint16_t count = 1)
{
    domain::Passage passage = entered(moment, count);
    passage.direction = domain::Direction::Exit;
    return passage;
}

/// Everything that one decision takes. By default a valid ticket of an adult at the north gate at 11:30, who would be
/// admitted.
struct Inputs
{
    domain::EventDefinition event = definition();
    std::vector<Candidate> tickets{{.ticket = {.ordinal = {7}, .type = {"adult"}}}};
    domain::Reason problem = domain::Reason::Unknown;
    std::vector<std::vector<domain::Passage>> histories{{}};
    State state;
    domain::Scan scan{
        .at = at("2026-12-05T11:30:00Z"), .checkpoint = {"main"}, .gate = {"north"}, .device = {"d1"}, .nonce = "n1"};

    domain::Ticket &ticket() { return tickets.front().ticket; }
    domain::Checkpoint &checkpoint() { return event.checkpoints.front(); }
    std::vector<domain::Passage> &history() { return histories.front(); }
};

/// A decision and the rulebook that it borrows from.
struct Decided
{
    Rulebook rulebook;
    domain::Verdict verdict;
};

/// `inputs` must outlive what is returned.
inline Decided decided(const Inputs &inputs)
{
    auto rulebook = Rulebook::compile(inputs.event);
    base::ensure(static_cast<bool>(rulebook), rulebook ? "" : rulebook.error().message.c_str());
    Decided result{std::move(*rulebook), {}};
    std::vector<std::span<const domain::Passage>> spans(inputs.histories.begin(), inputs.histories.end());
    State state = inputs.state;
    state.histories = spans;
    result.verdict = decide(result.rulebook, {inputs.tickets, inputs.problem}, state, inputs.scan);
    return result;
}

inline std::string reasonOf(const Inputs &inputs)
{
    return std::string(domain::word(decided(inputs).verdict.reason));
}

} // namespace voelgoed::admission::sample
