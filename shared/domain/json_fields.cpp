#include "shared/domain/json_fields.h"

#include <cmath>

namespace voelgoed::domain {

namespace {

/// The digits of a whole number, also of one that is written with a point ("7.0").
std::optional<std::string> digitsOf(const base::Json &json)
{
    if (const auto *number = json.if_int64())
        return std::to_string(*number);
    if (const auto *number = json.if_uint64())
        return std::to_string(*number);
    const auto *number = json.if_double();
    const bool whole = number && std::floor(*number) == *number && std::abs(*number) < 0x1p53;
    return whole ? std::optional(std::to_string(static_cast<std::int64_t>(*number))) : std::nullopt;
}

} // namespace

std::string idText(const base::JsonPlace &place)
{
    if (auto digits = digitsOf(place.json))
        return *std::move(digits);
    std::string text = place.text(kIdMax);
    if (text.empty())
        place.fail("an id is needed here: a text or a whole number");
    return text;
}

std::string idText(base::ObjectReader &fields, std::string_view key)
{
    const auto place = fields.find(key);
    return place && place->json != "" ? idText(*place) : std::string();
}

std::string codeText(base::ObjectReader &fields, std::string_view key, std::size_t maxBytes)
{
    const auto place = fields.find(key);
    if (!place)
        return {};
    auto digits = digitsOf(place->json);
    return digits ? *std::move(digits) : place->text(maxBytes);
}

std::vector<std::string> textList(base::ObjectReader &fields, std::string_view key)
{
    const auto place = fields.find(key);
    return place ? place->texts(100) : std::vector<std::string>();
}

} // namespace voelgoed::domain
