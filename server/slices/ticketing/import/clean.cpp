#include "server/slices/ticketing/import/clean.h"

#include "server/slices/ticketing/import/utf8.h"

#include <algorithm>
#include <array>

namespace voelgoed::ticketing::import {

namespace {

constexpr std::string_view kFormulaSigns = "=+-@";

/// Blanks that are no U+0020 (Unicode, general category Zs), the non-breaking ones among them.
bool isOddBlank(std::uint32_t value)
{
    return value == 0xA0 || value == 0x1680 || (value >= 0x2000 && value <= 0x200A) || value == 0x202F ||
           value == 0x205F || value == 0x3000;
}

bool isJoiner(std::uint32_t value)
{
    return value == 0x200C || value == 0x200D || (value >= 0xFE00 && value <= 0xFE0F);
}

/// Characters that nothing is drawn for, and those that turn the direction of the text around them.
bool isInvisible(std::uint32_t value)
{
    return value == 0xAD || value == 0x34F || value == 0x61C || value == 0x115F || value == 0x1160 || value == 0x180E ||
           (value >= 0x200B && value <= 0x200F) || (value >= 0x202A && value <= 0x202E) ||
           (value >= 0x2060 && value <= 0x206F) || value == 0x3164 || (value >= 0xFE00 && value <= 0xFE0F) ||
           value == 0xFEFF || (value >= 0xE0000 && value <= 0xE0FFF);
}

bool isLineEnd(std::uint32_t value)
{
    return value == '\t' || value == '\n' || value == '\r' || value == 0x0B || value == 0x0C || value == 0x85 ||
           value == 0x2028 || value == 0x2029;
}

bool isControl(std::uint32_t value)
{
    return value < 0x20 || (value >= 0x7F && value <= 0x9F);
}

bool isPlain(char c)
{
    return c >= 0x20 && c < 0x7F;
}

std::string_view withoutBlanks(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(' ');
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

bool isGuarded(std::string_view cell)
{
    return cell.size() > 1 && (cell[0] == '\t' || cell[0] == '\'') &&
           kFormulaSigns.find(cell[1]) != std::string_view::npos;
}

/// Latin letters U+00C0 to U+017F without what is above, below or across them.
constexpr std::string_view kBase = "aaaaaaaceeeeiiiidnooooo*ouuuuytsaaaaaaaceeeeiiiidnooooo/ouuuuyty"
                                   "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
                                   "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static_assert(kBase.size() == 0x180 - 0xC0);

void appendFolded(std::string &text, std::uint32_t value)
{
    if (value == 0xDF)
        text += "ss";
    else if (value == 0xC6 || value == 0xE6)
        text += "ae";
    else if (value == 0x152 || value == 0x153)
        text += "oe";
    else if (value >= 0xC0 && value < 0x180)
        text += kBase[value - 0xC0];
    else if (value >= 'A' && value <= 'Z')
        text += static_cast<char>(value - 'A' + 'a');
    else if (value < 0x300 || value > 0x36F) // accents that stand alone
        appendUtf8(text, value);
}

} // namespace

Cleaned cleanCell(std::string_view cell, CellOf of)
{
    Cleaned result;
    std::string_view rest = withoutBlanks(cell);
    if (isGuarded(rest)) {
        result.formulaGuard = true;
        rest = withoutBlanks(rest.substr(1));
    }
    if (std::all_of(rest.begin(), rest.end(), isPlain)) {
        result.text = rest;
        return result;
    }
    for (std::size_t at = 0; at < rest.size();) {
        const CodePoint point = codePointAt(rest, at);
        if (isLineEnd(point.value) || isControl(point.value)) {
            result.controls = true;
            // A line end of two characters is one blank.
            const bool more = !result.text.empty() && result.text.back() == ' ';
            if (isLineEnd(point.value) && of == CellOf::Words && !more)
                result.text += ' ';
        } else if (isOddBlank(point.value)) {
            result.invisible = true;
            result.text += ' ';
        } else if (isInvisible(point.value) && !(of == CellOf::Words && isJoiner(point.value))) {
            result.invisible = true;
        } else {
            result.text += rest.substr(at, std::max<std::size_t>(point.length, 1));
        }
        at += std::max<std::size_t>(point.length, 1);
    }
    result.text = std::string(withoutBlanks(result.text));
    return result;
}

bool isBlank(std::string_view cell)
{
    if (std::any_of(cell.begin(), cell.end(), [](char c) { return c > 0x20 && c < 0x7F; }))
        return false;
    return cleanCell(cell, CellOf::Code).text.empty();
}

std::string folded(std::string_view text)
{
    const std::string clean = cleanCell(text).text;
    std::string result;
    for (std::size_t at = 0; at < clean.size();) {
        const CodePoint point = codePointAt(clean, at);
        if (point.value == ' ' || point.value == '_') {
            if (!result.empty() && result.back() != ' ')
                result += ' ';
        } else if (!isInvisible(point.value)) {
            appendFolded(result, point.value);
        }
        at += std::max<std::size_t>(point.length, 1);
    }
    if (!result.empty() && result.back() == ' ')
        result.pop_back();
    return result;
}

} // namespace voelgoed::ticketing::import
