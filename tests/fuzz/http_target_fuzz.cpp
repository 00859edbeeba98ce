// A target that is taken has one path, without anything that a file system or a proxy would read otherwise.
#include "server/platform/http/target.h"
#include "shared/base/text.h"
#include "tests/fuzz/fuzz.h"

#include <algorithm>

namespace voelgoed::fuzz {

namespace {

bool isClean(std::string_view text)
{
    return base::isUtf8(text) && std::none_of(text.begin(), text.end(),
                                              [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

} // namespace

void fuzzOne(base::ByteView input)
{
    const std::string_view text = base::textOf(input);
    const auto read = http::parseTarget(text, "test");
    const auto *target = std::get_if<http::Target>(&read);
    if (!target)
        return ensure(std::get<http::Refusal>(read).status / 100 == 4, "refused as something else");
    ensure(text.size() <= http::kTargetMax && target->query.size() <= http::kQueryMax, "more than allowed");
    ensure(target->path.starts_with('/') && isClean(target->path), "a path that is none");
    std::string joined;
    for (const std::string &segment : target->segments) {
        ensure(segment != "." && segment != ".." && !segment.starts_with("..;"), "a dot segment");
        ensure(segment.find_first_of("/\\") == std::string::npos, "a slash in a segment");
        joined += "/" + segment;
    }
    ensure(target->path == (joined.empty() ? "/" : joined), "the path is not its segments");
    ensure(target->path.find("//") == std::string::npos, "an empty segment");
    for (const auto &[name, value] : target->query)
        ensure(isClean(name) && isClean(value), "a query that is none");
}

} // namespace voelgoed::fuzz
