#include "shared/domain/json_fields.h"

namespace voelgoed::domain {

std::string idText(const base::JsonPlace &place)
{
    if (const auto *number = place.json.if_int64())
        return std::to_string(*number);
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

std::vector<std::string> textList(base::ObjectReader &fields, std::string_view key)
{
    const auto place = fields.find(key);
    return place ? place->texts(100) : std::vector<std::string>();
}

} // namespace voelgoed::domain
