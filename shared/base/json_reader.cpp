#include "shared/base/json_reader.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cmath>

namespace voelgoed::base {

namespace {

const Json kNull = nullptr;

std::string pathOf(const std::string &parent, std::string_view key)
{
    return parent.empty() ? std::string(key) : parent + "." + std::string(key);
}

} // namespace

void JsonFailure::report(const std::string &place, std::string_view what)
{
    if (!m_error)
        m_error = invalid((place.empty() ? std::string("the document") : place) + ": " + std::string(what));
}

void JsonFailure::pass(const Error &error, const std::string &prefix)
{
    if (m_error)
        return;
    m_error = error;
    m_error->message = prefix + error.message;
}

std::string JsonPlace::text(std::size_t maxBytes) const
{
    const auto *string = json.if_string();
    if (!string) {
        fail("a text is needed here");
        return {};
    }
    if (string->size() > maxBytes) {
        fail("longer than " + std::to_string(maxBytes) + " bytes");
        return {};
    }
    return {string->data(), string->size()};
}

bool JsonPlace::boolean() const
{
    const bool *value = json.if_bool();
    if (!value)
        fail("true or false is needed here");
    return value && *value;
}

std::int64_t JsonPlace::integer(std::int64_t least, std::int64_t most) const
{
    std::optional<std::int64_t> value;
    if (const auto *number = json.if_int64())
        value = *number;
    else if (const auto *written = json.if_double(); written && std::floor(*written) == *written)
        value = std::abs(*written) < 0x1p53 ? static_cast<std::int64_t>(*written) : std::optional<std::int64_t>();
    if (!value || *value < least || *value > most) {
        fail("a whole number from " + std::to_string(least) + " to " + std::to_string(most) + " is needed here");
        return least;
    }
    return *value;
}

Instant JsonPlace::instant() const
{
    const auto *string = json.if_string();
    if (!string) {
        fail("a date and time is needed here");
        return {};
    }
    const auto at = parseInstant({string->data(), string->size()});
    if (!at) {
        fail(at.error().message);
        return {};
    }
    return *at;
}

std::vector<std::string> JsonPlace::texts(std::size_t maxItems) const
{
    std::vector<std::string> result;
    each([&](const JsonPlace &item) { result.push_back(item.text()); }, maxItems);
    return result;
}

void JsonPlace::eachField(const std::function<void(std::string_view, const JsonPlace &)> &field,
                          std::size_t maxFields) const
{
    const auto *object = json.if_object();
    if (!object) {
        fail("an object is needed here");
        return;
    }
    if (object->size() > maxFields) {
        fail("more than " + std::to_string(maxFields) + " fields");
        return;
    }
    for (const auto &entry : *object) {
        if (failure.happened())
            return;
        const std::string_view key = entry.key();
        field(key, JsonPlace{entry.value(), pathOf(path, key), failure});
    }
}

void JsonPlace::each(const std::function<void(const JsonPlace &)> &item, std::size_t maxItems) const
{
    const auto *array = json.if_array();
    if (!array) {
        fail("a list is needed here");
        return;
    }
    if (array->size() > maxItems) {
        fail("more than " + std::to_string(maxItems) + " items");
        return;
    }
    for (std::size_t i = 0; i < array->size() && !failure.happened(); ++i)
        item(JsonPlace{(*array)[i], path + "[" + std::to_string(i) + "]", failure});
}

ObjectReader::ObjectReader(const JsonPlace &place) : m_place(place), m_object(place.json.if_object())
{
    if (!m_object)
        place.fail("an object is needed here");
}

std::optional<JsonPlace> ObjectReader::findAny(std::string_view key)
{
    m_asked.emplace(key);
    const Json *value = m_object ? m_object->if_contains(key) : nullptr;
    if (!value)
        return std::nullopt;
    return std::optional<JsonPlace>(std::in_place, *value, pathOf(m_place.path, key), m_place.failure);
}

std::optional<JsonPlace> ObjectReader::find(std::string_view key)
{
    auto place = findAny(key);
    if (place && place->json.is_null())
        place.reset();
    return place;
}

JsonPlace ObjectReader::require(std::string_view key)
{
    auto place = find(key);
    if (place)
        return *place;
    m_place.failure.report(pathOf(m_place.path, key), "is missing");
    return {kNull, pathOf(m_place.path, key), m_place.failure};
}

std::string ObjectReader::text(std::string_view key, std::string fallback)
{
    const auto place = find(key);
    return place ? place->text() : std::move(fallback);
}

bool ObjectReader::boolean(std::string_view key, bool fallback)
{
    const auto place = find(key);
    return place ? place->boolean() : fallback;
}

std::int64_t ObjectReader::integer(std::string_view key, std::int64_t fallback, std::int64_t least, std::int64_t most)
{
    const auto place = find(key);
    return place ? place->integer(least, most) : fallback;
}

std::optional<Instant> ObjectReader::instant(std::string_view key)
{
    const auto place = find(key);
    if (!place)
        return std::nullopt;
    return place->instant();
}

void ObjectReader::finish()
{
    if (!m_object)
        return;
    for (const auto &field : *m_object) {
        const std::string_view key = field.key();
        if (!m_asked.contains(key)) {
            m_place.failure.report(pathOf(m_place.path, key), "unknown field");
            return;
        }
    }
}

} // namespace voelgoed::base
