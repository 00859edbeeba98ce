#include "device/core/hal/framer.h"
#include "device/core/profile/identity.h"
#include "device/core/scan/engine.h"
#include "device/hal/os/system_clock.h"
#include "shared/base/crypto/system_random.h"
#include "tests/bench/figure.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>

namespace voelgoed::bench {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kScans = 4'000;

double micros(Clock::time_point since)
{
    return std::chrono::duration<double, std::micro>(Clock::now() - since).count();
}

/// The wall time of a shell command, in seconds; and the most memory that it held, in megabytes.
struct Spent
{
    double seconds = 0;
    double megabytes = 0;
};

Spent timed(const std::string &command)
{
    const auto start = Clock::now();
    const pid_t child = ::fork();
    if (child == 0) {
        ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
        ::_exit(127);
    }
    rusage usage{};
    int status = 0;
    ::wait4(child, &status, 0, &usage);
    if (status != 0)
        std::cerr << "failed: " << command << "\n";
    return {micros(start) / 1e6, static_cast<double>(usage.ru_maxrss) / 1024};
}

std::vector<std::string> column(const std::string &file, std::size_t number, std::size_t most)
{
    std::vector<std::string> values;
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    while (values.size() < most && std::getline(in, line)) {
        std::size_t at = 0;
        for (std::size_t i = 0; i < number; ++i)
            at = line.find(',', at) + 1;
        std::string value = line.substr(at, line.find(',', at) - at);
        std::erase(value, '"');
        values.push_back(value);
    }
    return values;
}

/// A plain append of 4 KiB and an fdatasync, on the same disk, as often as there are scans.
std::vector<double> appends(const std::string &folder)
{
    const int file = ::open((folder + "/append").c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_APPEND, 0600);
    const std::vector<char> page(4'096, 'x');
    std::vector<double> samples;
    for (std::size_t i = 0; i < kScans; ++i) {
        const auto start = Clock::now();
        if (::write(file, page.data(), page.size()) < 0 || ::fdatasync(file) != 0)
            std::abort();
        samples.push_back(micros(start));
    }
    ::close(file);
    return samples;
}

std::vector<double> verifications()
{
    base::SeededRandom random(1);
    const base::SigningKey key = base::SigningKey::generate(random);
    const auto verifying = base::VerifyingKey::fromRaw(key.publicKey());
    const base::Bytes message(60);
    const base::Signature signature = key.sign(message);
    std::vector<double> samples;
    for (int i = 0; i < 2'000; ++i) {
        const auto start = Clock::now();
        if (!verifying->verify(message, signature))
            std::abort();
        samples.push_back(micros(start));
    }
    return samples;
}

/// From the bytes of a line to the durable verdict.
std::vector<double> scans(const std::string &data, const std::vector<std::string> &codes)
{
    hal::SystemClock clock;
    base::SystemRandom random;
    auto identity = profile::loadIdentity(data);
    auto engine =
        scan::Engine::open({.path = data + "/gate.db", .rescue = data + "/rescue.log"}, *identity, clock, random);
    if (!engine || !(*engine)->takePost({.checkpoint = {"main"}, .gate = {"north"}}))
        std::abort();
    hal::Framer framer(domain::Medium::Line);
    std::vector<double> samples;
    for (const std::string &code : codes) {
        const std::string line = code + "\n";
        const auto start = Clock::now();
        for (hal::CodeRead &read : framer.feed(base::bytesOf(line))) {
            const scan::Judged judged = (*engine)->judge({.read = std::move(read)});
            if (!judged.durable || judged.outcome() != domain::Outcome::Admit)
                std::abort();
        }
        samples.push_back(micros(start));
        (*engine)->shown();
    }
    return samples;
}

std::string rounded(double value)
{
    return std::to_string(static_cast<int>(value + 0.5));
}

} // namespace

std::vector<Figure> measureGate(const BenchSettings &settings)
{
    const std::string gate = settings.programs + "/voelgoed-gate";
    const std::string event = settings.folder + "/event";
    const std::string data = settings.folder + "/data";
    const std::string half = std::to_string(settings.tickets / 2);
    timed(gate + " practice --out " + event + " --seed 9 --draw 0 --codes " + std::to_string(kScans) + " --tickets " +
          half + " --foreign " + half + " 2>/dev/null");
    const Spent load = timed(gate + " load --yes --data " + data + " " + event + "/practice.bundle >/dev/null 2>&1");
    const Spent start = timed("echo nobody | " + gate + " run --data " + data + " >/dev/null 2>&1");

    // The disk's speed drifts: baseline and scans take turns.
    std::vector<double> before = appends(settings.folder);
    std::vector<double> foreign = scans(data, column(event + "/guests.csv", 7, kScans));
    std::vector<double> between = appends(settings.folder);
    std::vector<double> own = scans(data, column(event + "/tickets.csv", 2, kScans));
    std::vector<double> after = appends(settings.folder);
    std::vector<double> verify = verifications();
    std::vector<double> disk = before;
    disk.insert(disk.end(), between.begin(), between.end());
    std::vector<double> disk2 = between;
    disk2.insert(disk2.end(), after.begin(), after.end());
    const double verification = percentile(verify, 0.5);
    const double base1 = percentile(disk, 0.5), base2 = percentile(disk2, 0.5);
    return {{.name = "line to durable verdict, foreign code, p50",
             .value = percentile(foreign, 0.5),
             .unit = "us",
             .baseline = base1,
             .goal = 1.2,
             .note = "baseline: 4 KiB append + fdatasync"},
            {.name = "line to durable verdict, foreign code, p99",
             .value = percentile(foreign, 0.99) / 1'000,
             .unit = "ms",
             .goal = 50},
            {.name = "line to durable verdict, signed code, p50",
             .value = percentile(own, 0.5),
             .unit = "us",
             .baseline = base2 + verification,
             .goal = 1.2,
             .note = "baseline: append + one Ed25519 verification, " + rounded(verification) + " us"},
            {.name = "line to durable verdict, signed code, p99",
             .value = percentile(own, 0.99) / 1'000,
             .unit = "ms",
             .goal = 50},
            {.name = "start to first verdict, 1,000,000 tickets", .value = start.seconds, .unit = "s", .goal = 2},
            {.name = "the same, resident", .value = start.megabytes, .unit = "MB", .goal = 200},
            {.name = "load of a bundle with 1,000,000 tickets", .value = load.seconds, .unit = "s", .goal = 15}};
}

} // namespace voelgoed::bench
