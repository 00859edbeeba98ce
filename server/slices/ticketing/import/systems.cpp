#include "server/slices/ticketing/import/systems.h"

#include <algorithm>

namespace voelgoed::ticketing::import {

namespace {

bool has(std::span<const std::string> headers, std::string_view header)
{
    return std::find(headers.begin(), headers.end(), header) != headers.end();
}

std::size_t knownAmong(const KnownSystem &system, std::span<const std::string> headers)
{
    const auto there = [&](const KnownColumn &column) { return has(headers, column.header); };
    return system.marks.size() + std::count_if(system.columns.begin(), system.columns.end(), there);
}

const KnownSystem *find(System system)
{
    const auto all = knownSystems();
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto &known) { return known.system == system; });
    return found == all.end() ? nullptr : &*found;
}

} // namespace

std::string_view wordOf(System system)
{
    const KnownSystem *known = find(system);
    return known ? known->word : "unknown";
}

std::string_view titleOf(System system)
{
    const KnownSystem *known = find(system);
    return known ? known->title : "a list of its own kind";
}

const KnownSystem *systemOf(std::span<const std::string> foldedHeaders)
{
    const KnownSystem *best = nullptr;
    std::size_t most = 0;
    for (const KnownSystem &system : knownSystems()) {
        const bool marked = std::all_of(system.marks.begin(), system.marks.end(),
                                        [&](std::string_view mark) { return has(foldedHeaders, mark); });
        const std::size_t count = marked ? knownAmong(system, foldedHeaders) : 0;
        if (count > most) {
            best = &system;
            most = count;
        }
    }
    return best;
}

} // namespace voelgoed::ticketing::import
