#pragma once

#include "shared/base/json_reader.h"
#include "shared/domain/words.h"

#include <optional>
#include <string>
#include <vector>

/// What the JSON readers of this folder share; nobody else includes it. Everything that does not fit is reported to the
/// place, and an empty value handed out in its stead.
namespace voelgoed::domain {

/// Longer ids are nobody's.
inline constexpr std::size_t kIdMax = 256;

/// An id: a text, or a whole number for its digits. Never empty.
std::string idText(const base::JsonPlace &place);
/// Empty when the field is absent or an empty text.
std::string idText(base::ObjectReader &fields, std::string_view key);

template <class Id>
std::optional<Id> optionalId(base::ObjectReader &fields, std::string_view key)
{
    const auto place = fields.find(key);
    return place ? std::optional<Id>(Id{idText(*place)}) : std::nullopt;
}

template <class Id>
std::vector<Id> idList(const base::JsonPlace &place)
{
    std::vector<Id> ids;
    place.each([&](const base::JsonPlace &item) { ids.push_back({idText(item)}); }, 10'000);
    return ids;
}

/// The text of a code: also a whole number, for its digits. Empty when the field is absent.
std::string codeText(base::ObjectReader &fields, std::string_view key, std::size_t maxBytes);

/// A list of ids; nothing where the field is absent or says "all".
template <class Id>
std::optional<std::vector<Id>> idsOrAll(base::ObjectReader &fields, std::string_view key)
{
    const auto place = fields.find(key);
    if (!place || place->json == "all")
        return std::nullopt;
    return idList<Id>(*place);
}

/// The same, where an empty list, too, leaves everything open.
template <class Id>
std::optional<std::vector<Id>> idsUnlessEmpty(base::ObjectReader &fields, std::string_view key)
{
    auto ids = idsOrAll<Id>(fields, key);
    if (ids && ids->empty())
        ids.reset();
    return ids;
}

template <class Choice>
Choice choiceOf(const base::JsonPlace &place)
{
    const std::string text = place.text();
    if (const auto choice = fromWord<Choice>(text))
        return *choice;
    std::string words;
    for (const std::string_view word : wordsOf<Choice>())
        words += (words.empty() ? "" : ", ") + std::string(word);
    place.fail("\"" + text.substr(0, 40) + "\" is none of " + words);
    return Choice{};
}

template <class Choice>
Choice choice(base::ObjectReader &fields, std::string_view key, Choice fallback)
{
    const auto place = fields.find(key);
    return place ? choiceOf<Choice>(*place) : fallback;
}

template <class Number>
std::optional<Number> optionalNumber(base::ObjectReader &fields, std::string_view key, std::int64_t least,
                                     std::int64_t most)
{
    const auto place = fields.find(key);
    return place ? std::optional<Number>(static_cast<Number>(place->integer(least, most))) : std::nullopt;
}

std::vector<std::string> textList(base::ObjectReader &fields, std::string_view key);

} // namespace voelgoed::domain
