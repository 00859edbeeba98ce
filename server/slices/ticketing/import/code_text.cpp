#include "server/slices/ticketing/import/code_text.h"

#include "server/slices/ticketing/import/clean.h"
#include "server/slices/ticketing/import/contents.h"

#include "shared/ticket/foreign.h"
#include "shared/ticket/t1.h"

#include <algorithm>

namespace voelgoed::ticketing::import {

namespace {

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

std::size_t digitsAt(std::string_view text, std::size_t at)
{
    const auto *const begin = text.begin() + std::min(at, text.size());
    return static_cast<std::size_t>(std::find_if_not(begin, text.end(), isDigit) - begin);
}

bool isPoint(std::string_view text, std::size_t at)
{
    return at < text.size() && (text[at] == '.' || text[at] == ',');
}

/// How a number ends that begins with digits: after a decimal point, an E, a plus.
enum class NumberShape { None, Scientific, LooksScientific, Decimal };

NumberShape shapeOf(std::string_view text)
{
    constexpr std::size_t kExponentMax = 3; // more digits are beyond what a spreadsheet takes for a number
    std::size_t at = digitsAt(text, 0);
    if (at == 0 || at == text.size())
        return NumberShape::None;
    const bool point = isPoint(text, at);
    const std::size_t decimals = point ? digitsAt(text, at + 1) : 0;
    if (point) {
        const std::string_view behind = text.substr(at + 1);
        const bool zeros = !behind.empty() && behind.find_first_not_of('0') == std::string_view::npos;
        if (zeros && at >= 5)
            return NumberShape::Decimal;
        at += 1 + decimals;
    }
    if (at >= text.size() || (text[at] != 'E' && text[at] != 'e') || (point && decimals == 0))
        return NumberShape::None;
    const bool plus = at + 1 < text.size() && text[at + 1] == '+';
    const std::size_t exponent = digitsAt(text, at + 1 + (plus ? 1 : 0));
    if (exponent == 0 || exponent > kExponentMax || at + 1 + (plus ? 1 : 0) + exponent != text.size())
        return NumberShape::None;
    return point || plus ? NumberShape::Scientific : NumberShape::LooksScientific;
}

CodeText problem(std::string text, FindingKind kind)
{
    return {.code = std::move(text), .problem = kind, .warnings = {}};
}

bool holdsUrls(System system)
{
    return system == System::Luma;
}

} // namespace

std::optional<std::string> codeInUrl(std::string_view url)
{
    url = url.substr(0, url.find('#'));
    const std::size_t question = std::min(url.find('?'), url.size());
    constexpr std::string_view kParameter = "pk=";
    for (std::size_t at = question; at < url.size();) {
        const std::size_t end = std::min(url.find('&', at + 1), url.size());
        const std::string_view pair = url.substr(at + 1, end - at - 1);
        if (pair.starts_with(kParameter) && pair.size() > kParameter.size())
            return std::string(pair.substr(kParameter.size()));
        at = end;
    }
    const std::string_view path = url.substr(0, question);
    const std::size_t host = path.find("://");
    const std::size_t slash = path.rfind('/');
    if (host == std::string_view::npos || slash <= host + 2 || slash + 1 == path.size())
        return std::nullopt;
    return std::string(path.substr(slash + 1));
}

CodeText readCode(std::string_view cell, const CodeReading &reading)
{
    CodeText result;
    Cleaned cleaned = cleanCell(cell, CellOf::Code);
    if (cleaned.formulaGuard)
        result.warnings.push_back(FindingKind::FormulaGuard);
    if (cleaned.invisible)
        result.warnings.push_back(FindingKind::Invisible);
    if (cleaned.controls)
        result.warnings.push_back(FindingKind::ControlCharacters);
    std::string &text = cleaned.text;
    if (text.size() > ticket::kForeignMax)
        return problem(std::move(text), FindingKind::CodeTooLong);
    if (looksLikeUrl(text)) {
        const bool takeOut = reading.urls == UrlCodes::AsKnown && holdsUrls(reading.system);
        auto inside = takeOut ? codeInUrl(text) : std::optional(text);
        if (!inside)
            return problem(std::move(text), FindingKind::UrlWithoutCode);
        result.warnings.push_back(takeOut ? FindingKind::CodeFromUrl : FindingKind::CodeIsUrl);
        text = std::move(*inside);
    }
    auto code = ticket::cleanForeign(text, ticket::AimMarker::NotSent);
    if (!code)
        return problem(std::move(text), FindingKind::NoCode);
    switch (shapeOf(*code)) {
    case NumberShape::Scientific:
        return problem(std::move(*code), FindingKind::ScientificNotation);
    case NumberShape::Decimal:
        return problem(std::move(*code), FindingKind::DecimalCode);
    case NumberShape::LooksScientific:
        result.warnings.push_back(FindingKind::LooksScientific);
        break;
    case NumberShape::None:
        break;
    }
    if (std::holds_alternative<ticket::T1Code>(ticket::parseT1(*code)))
        return problem(std::move(*code), FindingKind::OwnCode);
    result.code = std::move(*code);
    return result;
}

} // namespace voelgoed::ticketing::import
