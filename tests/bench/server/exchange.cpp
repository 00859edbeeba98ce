// Scans up: committed and acknowledged, beside a plain INSERT of the same rows.
#include "tests/bench/server/baseline.h"
#include "tests/bench/server/scans.h"
#include "tests/bench/server/sender.h"

#include <algorithm>

namespace voelgoed::bench {

namespace {

constexpr std::size_t kRounds = 3;
constexpr std::size_t kGates = 8, kBatches = 10, kRows = 500; ///< of one event, in a round
constexpr std::size_t kOrganizations = 4, kEventsOfEach = 4;  ///< with a gate each
constexpr std::size_t kScans = kGates * kBatches * kRows;
constexpr std::size_t kSpreadBatches = kGates * kBatches / (kOrganizations * kEventsOfEach);

/// Gates and the tickets that they have not scanned yet.
struct Party
{
    std::vector<PairedDevice> devices;
    std::vector<ScanMaker> makers;
    std::size_t batches = 0; ///< of a gate in a round
    bool oneEvent = false;   ///< then each gate has tickets of its own
    std::size_t round = 0;

    std::vector<Requests> next()
    {
        std::vector<Requests> all;
        const std::size_t each = batches * kRows;
        for (std::size_t i = 0; i < makers.size(); ++i) {
            const std::size_t others = oneEvent ? i * each * kRounds : 0;
            all.push_back(makers[i].make({.firstOrdinal = static_cast<std::uint32_t>(1 + others + round * each),
                                          .firstSequence = 1 + round * each,
                                          .batches = batches,
                                          .rows = kRows}));
        }
        ++round;
        return all;
    }
};

Party partyOf(std::vector<PairedDevice> devices, std::size_t batches, bool oneEvent)
{
    Party party{.devices = std::move(devices), .makers = {}, .batches = batches, .oneEvent = oneEvent};
    for (const PairedDevice &device : party.devices)
        party.makers.emplace_back(device);
    return party;
}

struct Round
{
    double perSecond = 0, p99 = 0;
    std::string wrong;
};

Round bring(const Stage &stage, Party &party)
{
    const std::vector<Requests> requests = party.next();
    Sent sent = sendAll(stage.port(), requests);
    std::size_t accepted = 0;
    std::string other;
    for (const auto &answers : sent.answers) {
        for (const std::string &answer : answers) {
            const std::size_t rows = acceptedIn(answer);
            accepted += rows;
            if (rows != kRows && other.empty())
                other = ", another answer: " + answer.substr(0, 12) + " " +
                        answer.substr(answer.rfind("\r\n\r\n") + 4, 200);
        }
    }
    Round round{
        .perSecond = static_cast<double>(kScans) / sent.seconds, .p99 = percentile(sent.took, 0.99), .wrong = {}};
    if (accepted != kScans)
        round.wrong = std::to_string(accepted) + " of " + std::to_string(kScans) + " scans acknowledged" + other;
    return round;
}

std::string rounded(double value)
{
    return std::to_string(static_cast<long>(value + 0.5));
}

} // namespace

std::vector<Figure> measureExchange(const BenchSettings &settings)
{
    Stage stage(settings);
    const base::Uuid event = stage.makeEvent(stage.organization(), kScans * kRounds);
    std::vector<PairedDevice> gates, spread;
    for (std::size_t i = 0; i < kGates; ++i)
        gates.push_back(stage.pair(stage.organization(), event, i % 2 == 0 ? "north" : "south"));
    for (std::size_t i = 0; i < kOrganizations * kEventsOfEach; ++i) {
        Organization &organization = stage.organization(static_cast<int>(1 + i % kOrganizations));
        spread.push_back(stage.pair(organization, stage.makeEvent(organization, kSpreadBatches * kRows * kRounds)));
    }
    Party one = partyOf(std::move(gates), kBatches, true);
    Party many = partyOf(std::move(spread), kSpreadBatches, false);
    // The disk's speed drifts, and others use the machine: all three take turns, and the best of each counts.
    double best = 0, bestSpread = 0, bestPlain = 0, p99 = 0;
    std::string wrong;
    for (std::size_t round = 0; round < kRounds; ++round) {
        const Round here = bring(stage, one), there = bring(stage, many);
        const auto plain = insertedPerSecond(stage.superuser(), event);
        wrong += here.wrong + there.wrong + (plain ? "" : plain.error().message);
        if (here.perSecond > best)
            p99 = here.p99;
        best = std::max(best, here.perSecond);
        bestSpread = std::max(bestSpread, there.perSecond);
        bestPlain = std::max(bestPlain, plain.valueOr(0));
    }
    const std::string kept = stage.organization().desk->execute(
        "SELECT count(*) FROM scanning.scans WHERE event_id = '" + base::toText(event) + "'");
    if (kept != std::to_string(kScans * kRounds))
        wrong += kept + " rows are in Postgres";
    return {
        {.name = "exchange: scans of 8 gates, committed and acknowledged",
         .value = best,
         .unit = "scans/s",
         .baseline = bestPlain,
         .goal = 0.4,
         .note = "baseline: INSERT … SELECT unnest, 500 rows a commit; an exchange of 500: p99 " + rounded(p99) + " ms",
         .wrong = wrong,
         .better = Figure::Better::More},
        {.name = "the same, over 4 organizations with 4 events each",
         .value = bestSpread,
         .unit = "scans/s",
         .baseline = best,
         .goal = 0.9,
         .note = "baseline: the row above",
         .wrong = wrong,
         .better = Figure::Better::More}};
}

} // namespace voelgoed::bench
