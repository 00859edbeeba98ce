#include "server/slices/ticketing/import/encoding.h"

#include "server/slices/ticketing/import/place.h"
#include "server/slices/ticketing/import/utf8.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace voelgoed::ticketing::import {

namespace {

constexpr std::uint32_t kMark = 0xFEFF;
constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr std::string_view kUtf16LeMark = "\xFF\xFE";
constexpr std::string_view kUtf16BeMark = "\xFE\xFF";
constexpr std::size_t kSample = 4096;

/// Windows-1252 at 0x80 to 0x9F (Unicode's CP1252.TXT); 0 where it defines nothing. The rest is Latin-1.
constexpr std::array<std::uint32_t, 32> kWindows1252{0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                     0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                                     0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                     0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

const char kNulHint[] = "Text has no NULs. Export the list once more, as CSV.";
const char kMarkHint[] = "Two files were put together. Import them one after the other.";
const char kMixedHint[] = "Export the list once more, as UTF-8, or say which encoding it is in.";
const char kCutHint[] = "The file was cut off. Export or copy it once more.";

/// An error at a character of `before`'s end: what was read so far, in UTF-8.
base::Error at(std::string_view before, const std::string &what, const char *hint)
{
    const std::size_t line = lineEndsIn(before) + 1;
    const std::size_t start = before.find_last_of("\r\n");
    const std::string_view thisLine = start == std::string_view::npos ? before : before.substr(start + 1);
    const auto follows = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
    const auto characters = thisLine.size() - std::count_if(thisLine.begin(), thisLine.end(), follows) + 1;
    return base::invalid("line " + std::to_string(line) + ", character " + std::to_string(characters) + ": " + what,
                         hint);
}

std::string hex(std::uint32_t value, int digits)
{
    char text[16];
    std::snprintf(text, sizeof text, "%0*X", digits, value);
    return text;
}

/// What is wrong in a well-formed UTF-8 text: a NUL or a mark in the middle.
base::Result<void> checkCharacters(std::string_view text)
{
    if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos)
        return at(text.substr(0, nul), "a NUL", kNulHint);
    if (const std::size_t mark = text.find(kUtf8Mark); mark != std::string_view::npos)
        return at(text.substr(0, mark), "a byte order mark in the middle of the file", kMarkHint);
    return {};
}

/// How much of a text is UTF-8.
struct Utf8Census
{
    std::size_t characters = 0; ///< of more than one byte
    std::size_t wrongBytes = 0;
    std::size_t firstWrong = 0;
};

Utf8Census census(std::string_view text)
{
    Utf8Census found;
    for (std::size_t i = endOfAscii(text, 0); i < text.size(); i = endOfAscii(text, i)) {
        const CodePoint point = codePointAt(text, i);
        if (point.length > 1)
            ++found.characters;
        if (point.length == 0 && found.wrongBytes++ == 0)
            found.firstWrong = i;
        i += std::max<std::size_t>(point.length, 1);
    }
    return found;
}

base::Result<Text> borrowed(std::string_view text)
{
    if (const auto fine = checkCharacters(text); !fine)
        return fine.error();
    Text result;
    result.borrow(text);
    return result;
}

base::Error notUtf8(std::string_view text, std::size_t wrong, const char *what)
{
    const auto byte = static_cast<unsigned char>(text[wrong]);
    const std::size_t length = byte < 0xC2 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    const std::string_view tail = text.substr(wrong + 1);
    const bool cut = tail.size() + 1 < length && std::all_of(tail.begin(), tail.end(), [](char c) { return c < 0; });
    if (cut)
        return at(text.substr(0, wrong), "the file ends in the middle of a character", kCutHint);
    return at(text.substr(0, wrong), "byte 0x" + hex(byte, 2) + what, kMixedHint);
}

base::Result<Text> fromWindows1252(std::string_view bytes)
{
    std::string text;
    text.reserve(bytes.size() + bytes.size() / 8);
    for (std::size_t i = 0; i < bytes.size();) {
        const std::size_t end = endOfAscii(bytes, i);
        text.append(bytes.substr(i, end - i));
        if (end == bytes.size())
            break;
        const auto byte = static_cast<unsigned char>(bytes[end]);
        const std::uint32_t value = byte >= 0x80 && byte < 0xA0 ? kWindows1252[byte - 0x80] : byte;
        if (byte == 0)
            return at(text, "a NUL", kNulHint);
        if (value == 0)
            return at(text, "byte 0x" + hex(byte, 2) + " is neither UTF-8 nor Windows-1252", kMixedHint);
        appendUtf8(text, value);
        i = end + 1;
    }
    Text result;
    result.encoding = Encoding::Windows1252;
    result.own(std::move(text));
    return result;
}

base::Result<Text> fromUtf16(std::string_view bytes, Encoding encoding)
{
    const std::size_t high = encoding == Encoding::Utf16Le ? 1 : 0;
    const auto unit = [&](std::size_t i) -> std::uint32_t {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i + high])) << 8 |
               static_cast<unsigned char>(bytes[i + 1 - high]);
    };
    std::string text;
    text.reserve(bytes.size() / 2 + bytes.size() / 16);
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
        if (i + 1 == bytes.size())
            return at(text, "the file ends in the middle of a character", kCutHint);
        std::uint32_t value = unit(i);
        if (value >= 0xD800 && value <= 0xDFFF) {
            const std::uint32_t low = value < 0xDC00 && i + 3 < bytes.size() ? unit(i + 2) : 0;
            if (low < 0xDC00 || low > 0xDFFF)
                return at(text, "half of a surrogate pair (U+" + hex(value, 4) + ")", kMixedHint);
            value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
            i += 2;
        }
        if (value == 0)
            return at(text, "a NUL", kNulHint);
        if (value == kMark)
            return at(text, "a byte order mark in the middle of the file", kMarkHint);
        appendUtf8(text, value);
    }
    Text result;
    result.encoding = encoding;
    result.own(std::move(text));
    return result;
}

/// UTF-16 without a mark: separators, digits and line ends leave every other byte zero, and never the ones between.
std::optional<Encoding> utf16ByZeros(std::string_view bytes)
{
    const std::string_view sample = bytes.substr(0, kSample);
    std::array<std::size_t, 2> zeros{};
    for (std::size_t i = 0; i < sample.size(); ++i)
        zeros[i % 2] += sample[i] == 0;
    const std::size_t enough = sample.size() / 2 * 3 / 10;
    if (sample.size() < 4 || bytes.size() % 2 != 0)
        return std::nullopt;
    if (zeros[1] > enough && zeros[0] * 20 < zeros[1])
        return Encoding::Utf16Le;
    if (zeros[0] > enough && zeros[1] * 20 < zeros[0])
        return Encoding::Utf16Be;
    return std::nullopt;
}

base::Result<Text> decodeAs(std::string_view bytes, Encoding encoding)
{
    switch (encoding) {
    case Encoding::Utf8: {
        const Utf8Census found = census(bytes);
        if (found.wrongBytes > 0)
            return notUtf8(bytes, found.firstWrong, " is not UTF-8");
        return borrowed(bytes);
    }
    case Encoding::Utf16Le:
    case Encoding::Utf16Be:
        return fromUtf16(bytes, encoding);
    case Encoding::Windows1252:
        return fromWindows1252(bytes);
    }
    base::ensure(false, "an encoding");
    return base::invalid("encoding");
}

base::Result<Text> guessed(std::string_view bytes)
{
    if (const auto utf16 = utf16ByZeros(bytes))
        return fromUtf16(bytes, *utf16);
    const Utf8Census found = census(bytes);
    if (found.wrongBytes == 0)
        return borrowed(bytes);
    // What accidentally reads as UTF-8 is rare in Windows-1252: more right than wrong is UTF-8 that was spoilt.
    if (found.characters > found.wrongBytes)
        return notUtf8(bytes, found.firstWrong, " in a file that is UTF-8 otherwise");
    return fromWindows1252(bytes);
}

struct Marked
{
    Encoding encoding;
    std::size_t length;
};

std::optional<Marked> markOf(std::string_view bytes)
{
    if (bytes.starts_with(kUtf8Mark))
        return Marked{Encoding::Utf8, kUtf8Mark.size()};
    if (bytes.starts_with(kUtf16LeMark))
        return Marked{Encoding::Utf16Le, kUtf16LeMark.size()};
    if (bytes.starts_with(kUtf16BeMark))
        return Marked{Encoding::Utf16Be, kUtf16BeMark.size()};
    return std::nullopt;
}

} // namespace

std::string_view nameOf(Encoding encoding)
{
    switch (encoding) {
    case Encoding::Utf8:
        return "UTF-8";
    case Encoding::Utf16Le:
        return "UTF-16LE";
    case Encoding::Utf16Be:
        return "UTF-16BE";
    case Encoding::Windows1252:
        return "Windows-1252";
    }
    return {};
}

base::Result<Encoding> encodingNamed(std::string_view name)
{
    std::string plain;
    for (const char c : name) {
        if (c != '-' && c != '_' && c != ' ')
            plain += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    if (plain == "utf8" || plain == "ascii")
        return Encoding::Utf8;
    if (plain == "utf16le" || plain == "utf16")
        return Encoding::Utf16Le;
    if (plain == "utf16be")
        return Encoding::Utf16Be;
    if (plain == "windows1252" || plain == "cp1252" || plain == "latin1" || plain == "iso88591")
        return Encoding::Windows1252;
    return base::invalid("unknown encoding", "Known are utf-8, utf-16le, utf-16be and windows-1252.");
}

base::Result<Text> decode(std::string_view bytes, std::optional<Encoding> given)
{
    using namespace std::string_view_literals;
    if (bytes.size() > kFileMax)
        return base::invalid("the file is longer than " + grouped(kFileMax) + " bytes", "Import it in parts.");
    if (bytes.starts_with("\xFF\xFE\0\0"sv) || bytes.starts_with("\0\0\xFE\xFF"sv))
        return base::unsupported("the file is UTF-32", "Save it as UTF-8.");
    const auto marked = markOf(bytes);
    if (marked && given && *given != marked->encoding)
        return base::invalid("the file begins with the mark of " + std::string(nameOf(marked->encoding)) + ", not of " +
                             std::string(nameOf(*given)));
    if (!marked)
        return given ? decodeAs(bytes, *given) : guessed(bytes);
    auto text = decodeAs(bytes.substr(marked->length), marked->encoding);
    if (text)
        text->mark = ByteOrderMark::Present;
    return text;
}

} // namespace voelgoed::ticketing::import
