#include "tests/fuzz/fuzz.h"

#include "shared/base/json.h"
#include "shared/base/text.h"

#include <algorithm>
#include <cmath>

namespace voelgoed::fuzz {

namespace {

/// Equal, but for the last digits of numbers with a fraction: Boost.JSON 1.81 does not round those exactly.
bool isSame(const base::Json &a, const base::Json &b)
{
    if (a.kind() != b.kind())
        return false;
    if (a.is_double())
        return std::abs(a.get_double() - b.get_double()) <= std::abs(a.get_double()) * 1e-14;
    if (a.is_array()) {
        const auto &left = a.get_array();
        const auto &right = b.get_array();
        return std::equal(left.begin(), left.end(), right.begin(), right.end(), isSame);
    }
    if (a.is_object()) {
        const auto &left = a.get_object();
        const auto &right = b.get_object();
        return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](const auto &one, const auto &other) {
            return one.key() == other.key() && isSame(one.value(), other.value());
        });
    }
    return a == b;
}

} // namespace

/// What is taken prints as one line of UTF-8 that is taken again and means the same.
void fuzzOne(base::ByteView input)
{
    const base::JsonLimits limits{.bytes = 8192, .depth = 32, .values = 1000};
    const auto json = base::parseJson(base::textOf(input), limits);
    if (!json)
        return;
    ensure(input.size() <= limits.bytes, "more bytes than allowed");
    const std::string text = base::toText(*json);
    ensure(base::isUtf8(text) && text.find('\n') == std::string::npos, "not one line of UTF-8");
    const auto again = base::parseJson(text);
    ensure(again && isSame(*json, *again), "another meaning after printing");
}

} // namespace voelgoed::fuzz
