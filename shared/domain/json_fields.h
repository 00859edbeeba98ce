#pragma once

#include "shared/base/json_reader.h"
#include "shared/domain/ids.h"
#include "shared/domain/words.h"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// Fields that several of the readers of definition_json.h share; internal to this folder.
namespace voelgoed::domain {

/// A text or a whole number; never empty.
std::string idIn(const base::JsonPlace &place);

/// A list of ids; nothing when it is absent or "all".
std::optional<std::vector<std::string>> idTextsIn(base::ObjectReader &reader, std::string_view key);

template <class Id>
std::optional<std::vector<Id>> idsOrAll(base::ObjectReader &reader, std::string_view key)
{
    const auto texts = idTextsIn(reader, key);
    if (!texts)
        return std::nullopt;
    std::vector<Id> ids;
    for (const std::string &text : *texts)
        ids.push_back({text});
    return ids;
}

template <class Choice>
Choice choiceIn(base::ObjectReader &reader, std::string_view key, Choice fallback)
{
    const auto place = reader.find(key);
    if (!place)
        return fallback;
    const auto choice = fromWord<Choice>(place->text());
    if (!choice)
        place->fail("one of " + std::string(allWords<Choice>()) + " is needed here");
    return choice.value_or(fallback);
}

std::optional<std::uint32_t> countIn(base::ObjectReader &reader, std::string_view key, std::int64_t most);
std::vector<std::string> textsIn(base::ObjectReader &reader, std::string_view key);

/// true, false, or a text that says what to attend to (then it is a note, too).
bool attentionIn(base::ObjectReader &reader);

/// "HH:MM" or "HH:MM:SS".
std::chrono::seconds timeOfDayIn(const base::JsonPlace &place);

/// {"q1": "true"}: texts; booleans and numbers are taken as their texts, lists as their items joined by commas.
std::map<QuestionId, std::string> answersIn(base::ObjectReader &reader);

} // namespace voelgoed::domain
