// From a scan at a gate to those who have to know: another gate through its long poll, and who listens to topics.
#include "tests/bench/server/listening_gate.h"
#include "tests/integration/topic_client.h"

#include <random>
#include <thread>

namespace voelgoed::bench {

namespace {

using Clock = std::chrono::steady_clock;
using integration::TopicClient;

constexpr std::uint32_t kScans = 400;
constexpr std::uint32_t kEachOccupancy = 10;  ///< every so-many-th scan is followed to the figures of its gate
constexpr int kPauseMin = 15, kPauseMax = 60; ///< milliseconds between people

double millis(Clock::duration time)
{
    return std::chrono::duration<double, std::milli>(time).count();
}

bool tells(const base::Json &frame, const char *type, const char *field, std::uint32_t value)
{
    if (!TopicClient::isEvent(frame, type))
        return false;
    const auto *told = frame.at("event").at("data").as_object().if_contains(field);
    return told && told->is_number() && told->to_number<std::uint32_t>() >= value;
}

struct Times
{
    std::vector<double> verdict, gate, subscriber, occupancy;
    std::string wrong;
};

Times measure(Child &gate, ListeningGate &other, TopicClient &topics)
{
    Times times;
    std::mt19937 random(1);
    const std::uint64_t before = other.sequence();
    for (std::uint32_t n = 1; n <= kScans && times.wrong.empty(); ++n) {
        std::this_thread::sleep_for(
            std::chrono::milliseconds(std::uniform_int_distribution(kPauseMin, kPauseMax)(random)));
        const auto scanned = Clock::now();
        gate.send("CODE-" + std::to_string(n) + "\n");
        const auto verdict = gate.line();
        times.verdict.push_back(millis(Clock::now() - scanned));
        if (!verdict || verdict->find("\"admit\"") == std::string::npos)
            times.wrong = "not admitted: " + verdict.value_or("nothing");
        const auto told = topics.next(
            [&](const base::Json &frame) { return tells(frame, "scanning.scan_admitted.v1", "ordinal", n); });
        times.subscriber.push_back(millis(Clock::now() - scanned));
        const auto known = other.knownAt(before + n);
        if (!told || !known) {
            times.wrong += told ? "the other gate never knew" : "nothing was told";
            break;
        }
        times.gate.push_back(millis(*known - scanned));
        if (n % kEachOccupancy != 0)
            continue;
        const auto counted = topics.next(
            [&](const base::Json &frame) { return tells(frame, "scanning.occupancy_updated.v1", "entries", n); });
        times.occupancy.push_back(millis(Clock::now() - scanned));
        if (!counted)
            times.wrong = "no occupancy was told";
    }
    return times;
}

Figure figureOf(const std::string &name, std::vector<double> &samples, double share, double goal,
                const std::string &wrong)
{
    return {.name = name,
            .value = percentile(samples, share),
            .unit = "ms",
            .goal = goal,
            .note = std::to_string(samples.size()) + " samples, from the code at the gate",
            .wrong = wrong};
}

} // namespace

std::vector<Figure> measureSpread(const BenchSettings &settings)
{
    Stage stage(settings);
    Organization &organization = stage.organization();
    const base::Uuid event = stage.makeEvent(organization, kScans);
    const PairedDevice north = stage.pair(organization, event), south = stage.pair(organization, event, "south");
    stage.fetchList(north);
    stage.fetchList(south);
    const auto gate = stage.runGate(north);
    ListeningGate other(south);
    TopicClient topics(stage.url(), organization.token);
    topics.subscribe("scanning:event:" + base::toText(event));
    if (!topics.isOpen() || !topics.next("snap"))
        return {failure("scan at a gate to those who have to know", "no topic")};
    Times times = measure(*gate, other, topics);
    gate->closeInput();
    if (gate->end() != 0)
        times.wrong += "the gate failed";
    const std::string known = "scan at gate A, known at gate B";
    return {figureOf("scan at a gate to its verdict, p50", times.verdict, 0.5, 50, times.wrong),
            figureOf(known + ", p50", times.gate, 0.5, 20, times.wrong),
            figureOf(known + ", p99", times.gate, 0.99, 150, times.wrong),
            figureOf("scan to admitted event at a subscriber, p95", times.subscriber, 0.95, 200, times.wrong),
            figureOf("scan to occupancy at a subscriber, p95", times.occupancy, 0.95, 500, times.wrong)};
}

} // namespace voelgoed::bench
