#include "server/platform/work/trace.h"

#include "shared/base/bytes.h"

#include <algorithm>

namespace voelgoed::work {

namespace {

constexpr std::size_t kLength = 55; // of version 00, and at least of any other
constexpr std::size_t kIdAt = 3, kSpanAt = 36, kFlagsAt = 53;

int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; // in lower case, says the standard
}

/// Whether all of it was digits.
template <std::size_t Size>
bool readHex(std::string_view text, std::array<std::byte, Size> &out)
{
    for (std::size_t i = 0; i < Size; ++i) {
        const int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = static_cast<std::byte>(high * 16 + low);
    }
    return true;
}

template <std::size_t Size>
bool isZero(const std::array<std::byte, Size> &bytes)
{
    return bytes == std::array<std::byte, Size>{};
}

} // namespace

std::optional<Trace> traceFrom(std::string_view text)
{
    if (text.size() < kLength || text[2] != '-' || text[kSpanAt - 1] != '-' || text[kFlagsAt - 1] != '-')
        return {};
    std::array<std::byte, 1> version{}, flags{};
    Trace trace;
    if (!readHex(text, version) || !readHex(text.substr(kIdAt), trace.id) ||
        !readHex(text.substr(kSpanAt), trace.span) || !readHex(text.substr(kFlagsAt), flags))
        return {};
    // Later versions may have more behind the same beginning; ff is none.
    const bool isLonger = text.size() > kLength;
    if (version[0] == std::byte{0xff} || (isLonger && (version[0] == std::byte{0} || text[kLength] != '-')))
        return {};
    if (isZero(trace.id) || isZero(trace.span))
        return {};
    // Of the flags version 00 knows one: somebody records this trace.
    trace.flags = static_cast<std::uint8_t>(flags[0] & std::byte{1});
    return trace;
}

Trace stepOf(const std::optional<Trace> &caller, const base::Uuid &fresh)
{
    Trace trace = caller.value_or(Trace{});
    if (!caller)
        std::copy(fresh.begin(), fresh.end(), trace.id.begin());
    // The half of a UUID that is drawn; its first bits are never all zero.
    std::copy(fresh.begin() + 8, fresh.end(), trace.span.begin());
    return trace;
}

std::string traceparentOf(const Trace &trace)
{
    std::string text;
    text.reserve(kLength);
    text.append("00-").append(base::toHex(trace.id)).append("-").append(base::toHex(trace.span));
    return text.append(trace.flags & 1 ? "-01" : "-00");
}

std::string traceIdOf(const Trace &trace)
{
    return base::toHex(trace.id);
}

} // namespace voelgoed::work
