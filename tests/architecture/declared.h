#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

/// What sources declare in texts, which are read as they stand.
namespace voelgoed::architecture {

/// Types of events ("events.published.v1") that slices name: where they are registered, in the slice's event_types.cpp,
/// and anywhere else. With the slices' folders.
struct EventNames
{
    std::map<std::string, std::set<std::string>> registered, told; ///< folders by type
};
EventNames eventNames(const std::filesystem::path &root);

/// A line for each metric that product code declares, in order: "vg_jobs gauge queue,state".
std::set<std::string> metricLines(const std::filesystem::path &root);

} // namespace voelgoed::architecture
