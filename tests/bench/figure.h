#pragma once

#include <algorithm>
#include <string>
#include <vector>

/// What `./run bench` prints: figures, each beside a baseline of the same run.
namespace voelgoed::bench {

struct Figure
{
    std::string name;
    double value = 0;
    std::string unit;
    double baseline = 0; ///< in the same unit; 0: the goal is absolute
    double goal = 0;     ///< for value / baseline, or for the value where there is no baseline
    std::string note;
    std::string wrong{}; ///< what came out that should not have: nothing is met by being wrong quickly
    enum class Better { Less, More } better = Better::Less;

    double ratio() const { return baseline > 0 ? value / baseline : 0; }
    bool isMet() const
    {
        const double reached = baseline > 0 ? ratio() : value;
        return wrong.empty() && (better == Better::Less ? reached <= goal : reached >= goal);
    }
    std::string remark() const { return wrong.empty() ? note : "WRONG: " + wrong; }
};

/// Something could not be measured at all.
inline Figure failure(const std::string &name, const std::string &why)
{
    return {.name = name, .unit = "", .note = {}, .wrong = why};
}

/// The value below which `share` of the samples lie; 0 where there are none. Sorts them.
inline double percentile(std::vector<double> &samples, double share)
{
    if (samples.empty())
        return 0;
    std::sort(samples.begin(), samples.end());
    const auto at = static_cast<std::size_t>(share * static_cast<double>(samples.size()));
    return samples[std::min(at, samples.size() - 1)];
}

/// A folder for the figures that need a disk, removed afterwards by whoever made it.
struct BenchSettings
{
    std::string folder;
    std::string programs; ///< where voelgoed-gate and voelgoed-reader are
    std::uint32_t tickets = 1'000'000;
};

std::vector<Figure> measureDecide();
std::vector<Figure> measureIndex(const BenchSettings &settings);
std::vector<Figure> measureGate(const BenchSettings &settings);
/// A small answer of the server's HTTP, beside nginx serving a file of equal size.
std::vector<Figure> measureHttp(const BenchSettings &settings);
/// Codes of twelve kinds on pictures spoiled in 28 ways, read through the reader's process; the baseline is plain
/// ReadBarcodes with the formats of tickets.
std::vector<Figure> measureQuality(const BenchSettings &settings);
std::vector<Figure> measureReader(const BenchSettings &settings);

// The real server, with a Postgres and a Redis of its own, over real HTTP: tests/bench/server/.

/// Scans of eight gates of one event, and of sixteen events of four organizations, brought and acknowledged.
std::vector<Figure> measureExchange(const BenchSettings &settings);
/// First downloads of 100,000 and 1,000,000 tickets, and what the server holds in memory when ten events were fetched.
std::vector<Figure> measureDownload(const BenchSettings &settings);
/// From a scan at a gate to its knowledge at another one, and at those who listen to topics.
std::vector<Figure> measureSpread(const BenchSettings &settings);
/// Claims in Redis.
std::vector<Figure> measureClaims();
/// A read by somebody who signed in, beside nginx.
std::vector<Figure> measureReads(const BenchSettings &settings);
/// A guest list of 100,000.
std::vector<Figure> measureImport(const BenchSettings &settings);
/// An evening of ten gates and fifty devices, pressed together.
std::vector<Figure> measureCrowd(const BenchSettings &settings);

} // namespace voelgoed::bench
