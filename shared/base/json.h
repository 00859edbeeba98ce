#pragma once

#include "shared/base/result.h"

#include <boost/json/value.hpp>

#include <cstddef>
#include <string_view>

namespace voelgoed::base {

using Json = boost::json::value;

struct JsonLimits
{
    std::size_t bytes = std::size_t{64} << 20;
    std::size_t depth = 64;
    std::size_t values = 8'000'000;
};

/// Reads one JSON text (RFC 8259, UTF-8). Stricter than the standard asks, since two readers must never see two things
/// in one text: a repeated key, a number that no double can hold, anything after the value, or more than the limits
/// allow is Invalid, with line and column named.
Result<Json> parseJson(std::string_view text, const JsonLimits &limits = {});

/// One line, keys in the order in which they were put.
std::string toText(const Json &json);

} // namespace voelgoed::base
