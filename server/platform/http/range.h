#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

namespace voelgoed::http {

struct WholeFile
{
    friend bool operator==(const WholeFile &, const WholeFile &) = default;
};

struct FilePart
{
    std::uint64_t first = 0;
    std::uint64_t size = 0;

    friend bool operator==(const FilePart &, const FilePart &) = default;
};

/// The range lies behind the end: 416.
struct OutOfRange
{
    friend bool operator==(const OutOfRange &, const OutOfRange &) = default;
};

using Slice = std::variant<WholeFile, FilePart, OutOfRange>;

/// What of a file of that size a Range field (RFC 9110, section 14.2) asks for: one range of bytes. Several ranges, and
/// what is no range, give the whole file, as does an If-Range that is not the file's (strong) entity tag.
Slice sliceOf(std::string_view range, std::string_view ifRange, std::string_view entityTag, std::uint64_t size);

/// Whether an If-None-Match names this entity tag (or any, "*"): 304 then. Compared weakly.
bool hasEntityTag(std::string_view ifNoneMatch, std::string_view entityTag);

} // namespace voelgoed::http
