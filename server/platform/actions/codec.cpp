#include "server/platform/actions/codec.h"

#include "shared/base/text.h"

#include <charconv>
#include <cmath>

namespace voelgoed::actions::detail {

namespace json = boost::json;

namespace {

/// A text of a URL as the number that it spells; nothing for anything else.
template <class Number>
std::optional<Number> spelt(const Input &input)
{
    const auto *text = input.json().if_string();
    if (!input.isFromUrl() || !text)
        return std::nullopt;
    Number number{};
    const auto end = text->data() + text->size();
    const auto read = std::from_chars(text->data(), end, number);
    return read.ec == std::errc() && read.ptr == end ? std::optional(number) : std::nullopt;
}

} // namespace

bool readBool(const Input &input)
{
    if (const auto *value = input.json().if_bool())
        return *value;
    if (const auto *text = input.json().if_string(); text && input.isFromUrl() && (*text == "true" || *text == "false"))
        return *text == "true";
    input.fail("not_boolean", "This has to be true or false.");
    return false;
}

std::int64_t readInteger(const Input &input, std::int64_t least, std::int64_t most)
{
    std::optional<std::int64_t> number;
    if (const auto *value = input.json().if_int64())
        number = *value;
    else if (const auto *text = spelt<std::int64_t>(input) ? &input.json() : nullptr; text)
        number = spelt<std::int64_t>(input);
    if (!number) {
        input.fail("not_integer", "This has to be a whole number.");
        return least;
    }
    if (*number < least || *number > most) {
        input.fail("out_of_range",
                   "This has to lie between " + std::to_string(least) + " and " + std::to_string(most) + ".");
        return least;
    }
    return *number;
}

double readNumber(const Input &input)
{
    if (input.json().is_number())
        return input.json().to_number<double>();
    if (const auto number = spelt<double>(input); number && std::isfinite(*number))
        return *number;
    input.fail("not_number", "This has to be a number.");
    return 0;
}

std::string readText(const Input &input, std::size_t maxBytes)
{
    const auto *text = input.json().if_string();
    if (!text) {
        input.fail("not_text", "This has to be a text.");
        return {};
    }
    if (text->size() > maxBytes) {
        input.fail("too_long", "At most " + std::to_string(maxBytes) + " bytes.");
        return {};
    }
    if (text->find('\0') != json::string::npos) {
        input.fail("control_character", "A text holds no NUL.");
        return {};
    }
    return std::string(*text);
}

std::string readReason(const Input &input, std::size_t maxBytes)
{
    std::string text = readText(input, maxBytes);
    if (input.json().is_string() && text.find_first_not_of(" \t\r\n\v\f") == std::string::npos)
        input.fail("required", "Say why.");
    return text;
}

base::Uuid readUuid(const Input &input)
{
    const auto *text = input.json().if_string();
    const auto uuid = text ? base::uuidFrom(*text) : std::nullopt;
    if (!uuid)
        input.fail("not_uuid", "This has to be a UUID.");
    return uuid.value_or(base::Uuid{});
}

base::Instant readInstant(const Input &input)
{
    const auto *text = input.json().if_string();
    const auto instant = text ? base::instantFrom(*text) : std::nullopt;
    if (!instant || *instant < base::kEarliest) {
        input.fail("not_time", "This has to be a time as in 2026-12-05T11:00:00Z.");
        return {};
    }
    return *instant;
}

const json::array *readList(const Input &input, std::size_t maxItems, base::Json &made)
{
    const auto *list = input.json().if_array();
    if (!list && input.isFromUrl()) {
        made = json::array{input.json()};
        list = &made.as_array();
    }
    if (!list) {
        input.fail("not_list", "This has to be a list.");
        return nullptr;
    }
    if (list->size() > maxItems) {
        input.fail("too_many", "At most " + std::to_string(maxItems) + " items.");
        return nullptr;
    }
    return list;
}

const json::object *readObject(const Input &input)
{
    const auto *object = input.json().if_object();
    if (!object)
        input.fail("not_object", "This has to be an object.");
    return object;
}

std::size_t readChoice(const Input &input, const std::vector<std::string> &words)
{
    if (const auto *text = input.json().if_string()) {
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (words[i] == std::string_view(*text))
                return i;
        }
    }
    std::string list;
    for (const std::string &word : words)
        list += (list.empty() ? "" : ", ") + word;
    input.fail("not_a_choice", "This has to be one of: " + list + ".");
    return 0;
}

base::Json textSchema(std::size_t maxBytes)
{
    return {{"type", "string"}, {"maxLength", maxBytes}};
}

base::Json reasonSchema(std::size_t maxBytes)
{
    return {{"type", "string"}, {"minLength", 1}, {"maxLength", maxBytes}, {"pattern", "[^\\s]"}};
}

base::Json integerSchema(std::int64_t least, std::int64_t most)
{
    return {{"type", "integer"}, {"minimum", least}, {"maximum", most}};
}

base::Json formatSchema(std::string_view format)
{
    return {{"type", "string"}, {"format", json::string(format)}};
}

base::Json listSchema(base::Json items, std::size_t maxItems)
{
    return {{"type", "array"}, {"items", std::move(items)}, {"maxItems", maxItems}};
}

base::Json choiceSchema(const std::vector<std::string> &words)
{
    json::array list;
    for (const std::string &word : words)
        list.push_back(json::string(word));
    return {{"type", "string"}, {"enum", std::move(list)}};
}

} // namespace voelgoed::actions::detail
