// voelgoed-bench [--json] [PART…]: how fast and how well, against a baseline measured in the same run. The parts are
// decide, index, gate, reader, http, quality and server; of the last one also exchange, download, spread, claims,
// reads, import and crowd alone. All but `quality` if none is named. Exit status 1 if a goal was missed.
#include "tests/bench/figure.h"

#include "shared/base/json.h"

#include <boost/json/object.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <string_view>
#include <unistd.h>

using namespace voelgoed::bench;

namespace {

void printLine(const Figure &figure)
{
    const boost::json::object json{{"name", figure.name},         {"value", figure.value},   {"unit", figure.unit},
                                   {"baseline", figure.baseline}, {"ratio", figure.ratio()}, {"goal", figure.goal},
                                   {"met", figure.isMet()},       {"note", figure.remark()}};
    std::cout << voelgoed::base::toText(json) << "\n" << std::flush;
}

void printRow(const Figure &figure)
{
    char row[512];
    if (figure.baseline > 0)
        std::snprintf(row, sizeof row, "%-60s %10.2f %-8s baseline %10.2f  ratio %5.2f  goal %5.2f  %s",
                      figure.name.c_str(), figure.value, figure.unit.c_str(), figure.baseline, figure.ratio(),
                      figure.goal, figure.isMet() ? "met" : "MISSED");
    else
        std::snprintf(row, sizeof row, "%-60s %10.2f %-8s %36s goal %5.2f  %s", figure.name.c_str(), figure.value,
                      figure.unit.c_str(), "", figure.goal, figure.isMet() ? "met" : "MISSED");
    std::cout << row << (figure.remark().empty() ? "" : "  (" + figure.remark() + ")") << "\n" << std::flush;
}

} // namespace

int main(int argc, char **argv)
{
    const std::vector<std::string_view> words(argv + 1, argv + argc);
    const auto said = [&](std::string_view word) { return std::find(words.begin(), words.end(), word) != words.end(); };
    const bool json = said("--json");
    const auto wanted = [&](std::string_view part) { return words.size() == (json ? 1U : 0U) || said(part); };
    const auto ofServer = [&](std::string_view part) { return wanted(part) || said("server"); };
    const auto programs = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    // On the disk that the build is on: a memory file system would measure nothing.
    const auto folder = programs.parent_path() / ("bench-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    const BenchSettings settings{.folder = folder.string(), .programs = programs.string()};
    bool met = true;
    const auto print = [&](const std::vector<Figure> &figures) {
        for (const Figure &figure : figures) {
            json ? printLine(figure) : printRow(figure);
            met = met && figure.isMet();
        }
    };
    if (wanted("decide"))
        print(measureDecide());
    if (wanted("index"))
        print(measureIndex(settings));
    if (wanted("gate"))
        print(measureGate(settings));
    if (wanted("reader"))
        print(measureReader(settings));
    if (wanted("http"))
        print(measureHttp(settings));
    if (ofServer("claims"))
        print(measureClaims());
    if (ofServer("exchange"))
        print(measureExchange(settings));
    if (ofServer("download"))
        print(measureDownload(settings));
    if (ofServer("spread"))
        print(measureSpread(settings));
    if (ofServer("reads"))
        print(measureReads(settings));
    if (ofServer("import"))
        print(measureImport(settings));
    if (ofServer("crowd"))
        print(measureCrowd(settings));
    if (said("quality")) // takes minutes
        print(measureQuality(settings));
    std::filesystem::remove_all(folder);
    return met ? 0 : 1;
}
