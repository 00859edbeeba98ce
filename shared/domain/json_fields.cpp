#include "shared/domain/json_fields.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace voelgoed::domain {

using base::JsonPlace;
using base::ObjectReader;

std::string idIn(const JsonPlace &place)
{
    if (place.json.is_int64())
        return std::to_string(place.json.get_int64());
    std::string id = place.text(256);
    if (id.empty())
        place.fail("an id is needed here");
    return id;
}

std::optional<std::vector<std::string>> idTextsIn(ObjectReader &reader, std::string_view key)
{
    const auto place = reader.find(key);
    if (!place || (place->json.is_string() && place->text() == "all"))
        return std::nullopt;
    std::vector<std::string> ids;
    place->each([&](const JsonPlace &item) { ids.push_back(idIn(item)); }, 10'000);
    return ids;
}

std::optional<std::uint32_t> countIn(ObjectReader &reader, std::string_view key, std::int64_t most)
{
    const auto place = reader.find(key);
    if (!place)
        return std::nullopt;
    return static_cast<std::uint32_t>(place->integer(0, most));
}

std::vector<std::string> textsIn(ObjectReader &reader, std::string_view key)
{
    const auto place = reader.find(key);
    return place ? place->texts() : std::vector<std::string>();
}

bool attentionIn(ObjectReader &reader)
{
    const auto place = reader.find("attention");
    if (!place)
        return false;
    return place->json.is_string() ? !place->text().empty() : place->boolean();
}

std::chrono::seconds timeOfDayIn(const JsonPlace &place)
{
    const std::string text = place.text();
    const bool shape = (text.size() == 5 || text.size() == 8) && text[2] == ':' && (text.size() == 5 || text[5] == ':');
    int parts[3] = {0, 0, 0};
    bool digits = shape;
    for (std::size_t i = 0; digits && i < text.size(); ++i) {
        if (i % 3 == 2)
            continue;
        digits = text[i] >= '0' && text[i] <= '9';
        parts[i / 3] = parts[i / 3] * 10 + (text[i] - '0');
    }
    if (!digits || parts[0] > 23 || parts[1] > 59 || parts[2] > 59) {
        place.fail("a time of day is written HH:MM or HH:MM:SS");
        return {};
    }
    return std::chrono::hours(parts[0]) + std::chrono::minutes(parts[1]) + std::chrono::seconds(parts[2]);
}

namespace {

std::string answerText(const JsonPlace &place)
{
    if (place.json.is_bool() || place.json.is_number())
        return base::toText(place.json);
    if (place.json.is_null())
        return {};
    if (!place.json.is_array())
        return place.text(16'384);
    std::string joined;
    place.each([&](const JsonPlace &item) { joined += (joined.empty() ? "" : ",") + idIn(item); }, 1'000);
    return joined;
}

} // namespace

std::map<QuestionId, std::string> answersIn(ObjectReader &reader)
{
    std::map<QuestionId, std::string> answers;
    const auto place = reader.find("answers");
    if (!place)
        return answers;
    const auto *object = place->json.if_object();
    if (!object) {
        place->fail("an object is needed here");
        return answers;
    }
    for (const auto &field : *object) {
        const std::string key(field.key());
        answers[QuestionId{key}] = answerText({field.value(), place->path + "." + key, place->failure});
    }
    return answers;
}

} // namespace voelgoed::domain
