// A gate's first download, and what the server holds in memory when the gates of ten events have their lists.
#include "tests/bench/server/stage.h"

namespace voelgoed::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kEvents = 10;
constexpr std::uint32_t kTickets = 100'000; ///< of each
constexpr std::uint32_t kMany = 1'000'000;

struct Fetched
{
    double seconds = 0;
    std::string wrong;
};

/// From the start of the program of a gate that has nothing to its saying that it is ready.
Fetched fetch(const Stage &stage, const PairedDevice &device, std::uint32_t tickets)
{
    const auto begun = Clock::now();
    Child gate({stage.program("voelgoed-gate"), "run", "--data", device.folder}, Child::kIntoOutput);
    std::string said;
    while (const auto line = gate.line(std::chrono::minutes(3))) {
        said = *line;
        if (said.starts_with("Ready: "))
            break;
    }
    Fetched fetched{.seconds = std::chrono::duration<double>(Clock::now() - begun).count(), .wrong = {}};
    if (said.find(" " + std::to_string(tickets) + " tickets") == std::string::npos)
        fetched.wrong = "the gate said: " + said;
    gate.closeInput();
    if (gate.end() != 0)
        fetched.wrong += " the gate failed";
    return fetched;
}

Figure figureOf(const std::string &tickets, const Fetched &fetched, double goal)
{
    return {.name = "first download of " + tickets + " tickets, to ready",
            .value = fetched.seconds,
            .unit = "s",
            .goal = goal,
            .note = "the server makes the file first",
            .wrong = fetched.wrong};
}

} // namespace

std::vector<Figure> measureDownload(const BenchSettings &settings)
{
    Stage stage(settings);
    Organization &organization = stage.organization();
    Fetched first;
    Figure resident{.name = "server resident, 1,000,000 tickets in 10 events", .unit = "MB", .goal = 500};
    for (std::size_t i = 0; i < kEvents; ++i) {
        const PairedDevice device = stage.pair(organization, stage.makeEvent(organization, kTickets));
        const Fetched fetched = fetch(stage, device, kTickets);
        if (i == 0)
            first = fetched;
        resident.wrong += fetched.wrong;
    }
    const Resident held = residentOf(stage.server());
    resident.value = held.most;
    resident.note = "the most that it was; " + std::to_string(static_cast<int>(held.now + 0.5)) +
                    " MB when all ten lists had been fetched; without Postgres and Redis";
    const PairedDevice device = stage.pair(organization, stage.makeEvent(organization, kMany));
    const Fetched many = fetch(stage, device, kMany);
    return {figureOf("100,000", first, 3), figureOf("1,000,000", many, 30), resident};
}

} // namespace voelgoed::bench
