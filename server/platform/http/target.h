#pragma once

#include "server/platform/http/problem.h"

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace voelgoed::http {

inline constexpr std::size_t kTargetMax = 8 * 1024;
inline constexpr std::size_t kQueryMax = 100; ///< parameters

/// What a request asks for, decoded.
struct Target
{
    std::string path;
    std::vector<std::string> segments;
    std::vector<std::pair<std::string, std::string>> query;

    friend bool operator==(const Target &, const Target &) = default;
};

/// Reads a target in origin form ("/a/b?x=1"), or in absolute form ("http://host/a") when its host is `host`. One
/// spelling of a path, so that nothing behind can see another one than what was checked: refused are dot segments
/// (with or without ";"), "//", slashes and backslashes in any disguise, percent signs that decode to further percent
/// codes, control characters, what is not UTF-8, fragments, and more than the limits allow. In the query "+" is a
/// blank, and codes may hide codes.
std::variant<Target, Refusal> parseTarget(std::string_view target, std::string_view host);

} // namespace voelgoed::http
