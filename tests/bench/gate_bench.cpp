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
constexpr std::size_t kRows = 20'000; ///< of the journal with which a gate starts

double micros(Clock::time_point since)
{
    return std::chrono::duration<double, std::micro>(Clock::now() - since).count();
}

/// What a shell command took, until its first line and until its end; and the most memory that it held.
struct Spent
{
    double toFirstLine = 0; ///< seconds
    double seconds = 0;
    double megabytes = 0;
    std::string firstLine;
    std::string wrong; ///< how it ended, if not well
};

Spent timed(const std::string &command)
{
    Spent spent;
    int pipe[2];
    if (::pipe(pipe) != 0)
        std::abort();
    const auto start = Clock::now();
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(pipe[1], STDOUT_FILENO);
        ::close(pipe[0]);
        ::close(pipe[1]);
        ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
        ::_exit(127);
    }
    ::close(pipe[1]);
    bool ended = false;
    char byte = 0;
    while (::read(pipe[0], &byte, 1) == 1) {
        if (byte == '\n' && !ended) {
            ended = true;
            spent.toFirstLine = micros(start) / 1e6;
        } else if (!ended) {
            spent.firstLine += byte;
        }
    }
    ::close(pipe[0]);
    rusage usage{};
    int status = 0;
    ::wait4(child, &status, 0, &usage);
    spent.seconds = micros(start) / 1e6;
    spent.megabytes = static_cast<double>(usage.ru_maxrss) / 1024;
    if (status != 0)
        spent.wrong = "it failed: " + command;
    return spent;
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

struct Scans
{
    std::vector<double> micros{};
    std::size_t notAdmitted = 0;

    std::string wrong() const
    {
        if (micros.size() != kScans)
            return "only " + std::to_string(micros.size()) + " scans";
        return notAdmitted == 0 ? "" : std::to_string(notAdmitted) + " not admitted durably";
    }
};

/// From the bytes of a line to the durable verdict, and what the gate does then before it takes the next line.
Scans scans(const std::string &data, const std::vector<std::string> &codes)
{
    hal::SystemClock clock;
    base::SystemRandom random;
    Scans all;
    const auto identity = profile::loadIdentity(data);
    if (!identity)
        return all;
    auto engine =
        scan::Engine::open({.path = data + "/gate.db", .rescue = data + "/rescue.log"}, *identity, clock, random);
    if (!engine || !(*engine)->takePost({.checkpoint = {"main"}, .gate = {"north"}}))
        return all;
    hal::Framer framer(domain::Medium::Line);
    for (const std::string &code : codes) {
        const std::string line = code + "\n";
        const auto start = Clock::now();
        for (hal::CodeRead &read : framer.feed(base::bytesOf(line))) {
            const scan::Judged judged = (*engine)->judge({.read = std::move(read)});
            all.notAdmitted += judged.durable && judged.outcome() == domain::Outcome::Admit ? 0U : 1U;
        }
        (*engine)->shown();
        all.micros.push_back(micros(start));
    }
    return all;
}

/// A gate with a day's journal starts, and admits somebody who was not there yet.
Spent start(const std::string &gate, const std::string &data, const std::string &code)
{
    Spent spent =
        timed("printf '%s\\n' '" + code + "' | " + gate + " run --gate north --data " + data + " 2>/dev/null");
    if (spent.wrong.empty() && spent.firstLine.find("GO") == std::string::npos)
        spent.wrong = "not admitted";
    return spent;
}

/// Rows that say no, until there are so many.
std::string fillJournal(const std::string &gate, const std::string &data, const std::string &lines)
{
    std::ofstream codes(lines);
    for (std::size_t n = 2 * kScans; n < kRows; ++n)
        codes << "nobody-" << n << "\n";
    codes.close();
    const std::string run = timed(gate + " run --gate north --data " + data + " <" + lines + " 2>/dev/null").wrong;
    const Spent rows = timed(gate + " export --data " + data + " | wc -l");
    if (!run.empty() || !rows.wrong.empty())
        return run + rows.wrong;
    return std::atol(rows.firstLine.c_str()) >= static_cast<long>(kRows) ? "" : "the journal has too few rows";
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
    const Spent made = timed(gate + " practice --out " + event + " --seed 9 --draw 0 --codes " +
                             std::to_string(kScans + 1) + " --tickets " + half + " --foreign " + half + " 2>/dev/null");
    const Spent load = timed(gate + " load --yes --data " + data + " " + event + "/practice.bundle 2>/dev/null");
    std::vector<std::string> guests = column(event + "/guests.csv", 7, kScans);
    std::vector<std::string> tickets = column(event + "/tickets.csv", 2, kScans + 1);
    if (!made.wrong.empty() || !load.wrong.empty() || tickets.size() != kScans + 1)
        return {failure("a gate with 1,000,000 tickets", made.wrong + load.wrong + " no event")};
    const std::string newcomer = tickets.back();
    tickets.pop_back();

    // The disk's speed drifts: baseline and scans take turns.
    std::vector<double> before = appends(settings.folder);
    Scans foreign = scans(data, guests);
    std::vector<double> between = appends(settings.folder);
    Scans own = scans(data, tickets);
    std::vector<double> after = appends(settings.folder);
    std::vector<double> verify = verifications();
    std::vector<double> disk = before;
    disk.insert(disk.end(), between.begin(), between.end());
    std::vector<double> disk2 = between;
    disk2.insert(disk2.end(), after.begin(), after.end());
    const std::string filled = fillJournal(gate, data, settings.folder + "/lines");
    const Spent first = start(gate, data, newcomer);
    const double verification = percentile(verify, 0.5);
    const double base1 = percentile(disk, 0.5), base2 = percentile(disk2, 0.5);
    return {{.name = "line to durable verdict, foreign code, p50",
             .value = percentile(foreign.micros, 0.5),
             .unit = "us",
             .baseline = base1,
             .goal = 1.2,
             .note = "baseline: 4 KiB append + fdatasync",
             .wrong = foreign.wrong()},
            {.name = "line to durable verdict, foreign code, p99",
             .value = percentile(foreign.micros, 0.99) / 1'000,
             .unit = "ms",
             .goal = 50,
             .wrong = foreign.wrong()},
            {.name = "line to durable verdict, signed code, p50",
             .value = percentile(own.micros, 0.5),
             .unit = "us",
             .baseline = base2 + verification,
             .goal = 1.2,
             .note = "baseline: append + one Ed25519 verification, " + rounded(verification) + " us",
             .wrong = own.wrong()},
            {.name = "line to durable verdict, signed code, p99",
             .value = percentile(own.micros, 0.99) / 1'000,
             .unit = "ms",
             .goal = 50,
             .wrong = own.wrong()},
            {.name = "start to first verdict, 1,000,000 tickets",
             .value = first.toFirstLine,
             .unit = "s",
             .goal = 2,
             .note = "with a journal of 20,000 rows",
             .wrong = filled + first.wrong},
            {.name = "the same, resident",
             .value = first.megabytes,
             .unit = "MB",
             .goal = 200,
             .wrong = filled + first.wrong},
            {.name = "load of a bundle with 1,000,000 tickets", .value = load.seconds, .unit = "s", .goal = 15}};
}

} // namespace voelgoed::bench
