// The owner's check 13: fifty devices, of which ten stand at gates where people come through as fast as they can.
#include "tests/bench/server/stage.h"

#include <memory>
#include <thread>

namespace voelgoed::bench {

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t kDevices = 50, kGates = 10;
constexpr std::uint32_t kTickets = 20'000;
constexpr int kScansOfGate = 50; ///< a second
constexpr auto kEvening = 20s;   ///< 10,000 people
constexpr auto kBetween = 1'000'000us / kScansOfGate;
constexpr std::uint32_t kPeople = kGates * kScansOfGate * static_cast<std::uint32_t>(kEvening.count());

double millis(Clock::duration time)
{
    return std::chrono::duration<double, std::milli>(time).count();
}

struct AtGate
{
    std::vector<double> verdicts;
    std::string wrong;
};

/// People come at their time, however long the one before took.
AtGate letIn(Child &gate, std::size_t number, Clock::time_point begin)
{
    AtGate at;
    const std::uint32_t people = kPeople / kGates;
    for (std::uint32_t n = 0; n < people && at.wrong.empty(); ++n) {
        const auto due = begin + n * kBetween + number * kBetween / kGates;
        std::this_thread::sleep_until(due);
        gate.send("CODE-" + std::to_string(1 + number * people + n) + "\n");
        const auto verdict = gate.line();
        at.verdicts.push_back(millis(Clock::now() - due));
        if (!verdict || verdict->find("\"admit\"") == std::string::npos)
            at.wrong = "not admitted: " + verdict.value_or("nothing");
    }
    return at;
}

struct Evening
{
    std::vector<double> verdicts, reads;
    double lastKnown = 0; ///< seconds from the last scan until all are in Postgres
    std::string wrong;
};

Evening spend(const Stage &stage, const Organization &organization, const base::Uuid &event,
              std::vector<std::unique_ptr<Child>> &gates)
{
    std::vector<AtGate> at(kGates);
    std::vector<std::thread> threads;
    const auto begin = Clock::now() + 200ms;
    for (std::size_t i = 0; i < kGates; ++i)
        threads.emplace_back([&, i] { at[i] = letIn(*gates[i], i, begin); });
    Evening evening;
    const std::string path = "/v1/events/" + base::toText(event) + "/occupancy";
    while (Clock::now() < begin + kEvening) {
        const auto asked = Clock::now();
        if (stage.http().get(path, organization.token).status != 200)
            evening.wrong = "the figures cannot be read";
        evening.reads.push_back(millis(Clock::now() - asked));
        std::this_thread::sleep_for(150ms);
    }
    for (std::thread &thread : threads)
        thread.join();
    const auto ended = Clock::now();
    const std::string count = "SELECT count(*) FROM scanning.scans WHERE event_id = '" + base::toText(event) + "'";
    std::string rows;
    while ((rows = organization.desk->execute(count)) != std::to_string(kPeople) && Clock::now() < ended + 60s)
        std::this_thread::sleep_for(10ms);
    evening.lastKnown = millis(Clock::now() - ended) / 1'000;
    if (rows != std::to_string(kPeople))
        evening.wrong = rows + " of " + std::to_string(kPeople) + " scans came";
    for (const AtGate &one : at) {
        evening.verdicts.insert(evening.verdicts.end(), one.verdicts.begin(), one.verdicts.end());
        evening.wrong += one.wrong;
    }
    return evening;
}

} // namespace

std::vector<Figure> measureCrowd(const BenchSettings &settings)
{
    Stage stage(settings);
    Organization &organization = stage.organization();
    const base::Uuid event = stage.makeEvent(organization, kTickets);
    std::vector<std::unique_ptr<Child>> gates;
    for (std::size_t i = 0; i < kDevices; ++i) {
        const PairedDevice device = stage.pair(organization, event, i % 2 == 0 ? "north" : "south");
        stage.fetchList(device);
        gates.push_back(stage.runGate(device));
    }
    Evening evening = spend(stage, organization, event, gates);
    for (const auto &gate : gates)
        gate->closeInput();
    for (const auto &gate : gates)
        evening.wrong += gate->end() == 0 ? "" : " a gate failed";
    const std::string what = "50 devices on this machine, 500 scans/s at 10 of them: ";
    return {{.name = what + "verdict p99",
             .value = percentile(evening.verdicts, 0.99),
             .unit = "ms",
             .goal = 50,
             .note = "from when somebody came; p50 " + std::to_string(percentile(evening.verdicts, 0.5)).substr(0, 4),
             .wrong = evening.wrong},
            {.name = what + "figures read, p99",
             .value = percentile(evening.reads, 0.99),
             .unit = "ms",
             .goal = 150,
             .note = {},
             .wrong = evening.wrong},
            {.name = what + "all known at the server after the last",
             .value = evening.lastKnown,
             .unit = "s",
             .goal = 5,
             .note = {},
             .wrong = evening.wrong}};
}

} // namespace voelgoed::bench
