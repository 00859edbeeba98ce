#include "shared/admission/decide.h"
#include "tests/bench/figure.h"
#include "tests/support/allocations.h"

#include <chrono>

namespace voelgoed::bench {

using namespace domain;

namespace {

constexpr int kCalls = 200'000;
constexpr int kRefusals = 2'000;

base::Instant utc(const char *text)
{
    return *base::parseInstant(text);
}

/// Twenty types, six gates, and a rule with fifteen conditions and values that asks for the history.
EventDefinition realisticEvent()
{
    EventDefinition event;
    event.event = {.id = {"fest"},
                   .name = "Fest",
                   .timezone = "Africa/Johannesburg",
                   .startsAt = utc("2026-12-05T12:00:00Z"),
                   .endsAt = utc("2026-12-06T02:00:00Z"),
                   .doorsAt = utc("2026-12-05T10:00:00Z")};
    event.zone = *ZoneTable::make("Africa/Johannesburg", std::chrono::hours(2), {});
    for (int i = 1; i <= 20; ++i)
        event.types.push_back({.id = {std::to_string(i)}, .name = "Type " + std::to_string(i)});
    event.checkpoints = {
        {.id = {"main"},
         .name = "Main",
         .reentry = Reentry::AfterExit,
         .rules = R"({"and":[{"or":[{"inList":[{"var":"product"},{"objectList":[{"lookup":["product","3","A"]},
            {"lookup":["product","7","B"]}]}]},{"isAfter":[{"var":"now"},{"buildTime":["customtime","12:00"]},10]}]},
            {"<":[{"var":"entries_today"},5]},{">=":[{"var":"minutes_since_last_entry"},3]},
            {"isBefore":[{"var":"now"},{"buildTime":["date_to"]},null]}]})",
         .closeAt = std::chrono::hours(4),
         .capacity = 50'000}};
    for (int i = 1; i <= 6; ++i)
        event.gates.push_back(
            {.id = {"g" + std::to_string(i)}, .name = "Gate " + std::to_string(i), .checkpoints = {{"main"}}});
    return event;
}

} // namespace

std::vector<Figure> measureDecide()
{
    const auto book = *admission::Rulebook::compile(realisticEvent());
    const Ticket ticket{.ordinal = {77},
                        .type = {"7"},
                        .zones = {},
                        .gates = {{{"g1"}, {"g4"}}},
                        .validFrom = utc("2026-12-05T08:00:00Z")};
    const admission::Candidates candidates{.tickets = {{.ticket = ticket}}};
    std::vector<Passage> history;
    for (int i = 0; i < 4; ++i) // in, out, in, out
        history.push_back({.at = utc("2026-12-05T10:00:00Z") + std::chrono::minutes(20 * i),
                           .device = "d1",
                           .sequence = {static_cast<std::uint64_t>(i)},
                           .gate = "g1",
                           .direction = i % 2 == 0 ? Direction::Entry : Direction::Exit});
    const std::span<const Passage> spans[] = {history};
    const admission::State state{.histories = spans, .insideHere = 12'000};
    const Scan scan{.at = utc("2026-12-05T13:00:00Z"),
                    .checkpoint = {"main"},
                    .gate = {"g4"},
                    .device = {"d2"},
                    .code = "x",
                    .nonce = "1"};
    Scan late = scan;
    late.at = utc("2026-12-06T02:30:00Z");
    std::vector<double> nanos;
    nanos.reserve(kCalls);
    std::vector<double> refusals;
    refusals.reserve(kRefusals);
    int admitted = 0;
    const std::uint64_t before = support::allocations();
    for (int i = 0; i < kCalls; ++i) {
        const auto start = std::chrono::steady_clock::now();
        admitted += admission::decide(book, candidates, state, scan).admits();
        nanos.push_back(std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count());
    }
    // Too late for everybody: every way out is tried, and there is none.
    int refused = 0;
    for (int i = 0; i < kRefusals; ++i) {
        const auto start = std::chrono::steady_clock::now();
        refused += admission::decide(book, candidates, state, late).reason == Reason::Rules;
        refusals.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
    }
    const double allocations = static_cast<double>(support::allocations() - before);
    const double p99 = percentile(nanos, 0.99) / 1'000;
    return {{.name = "decide() with a realistic rule, p99",
             .value = p99,
             .unit = "us",
             .goal = 2,
             .note = "p50 " + std::to_string(percentile(nanos, 0.5)) + " ns",
             .wrong = admitted == kCalls ? "" : "not admitted"},
            {.name = "decide() refusing by it, every way out tried, p99",
             .value = percentile(refusals, 0.99),
             .unit = "us",
             .goal = 1'000,
             .wrong = refused == kRefusals ? "" : "not refused"},
            {.name = "decide() with a realistic rule, allocations", .value = allocations, .unit = "", .goal = 0}};
}

} // namespace voelgoed::bench
