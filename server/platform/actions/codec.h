#pragma once

#include "server/platform/actions/input.h"
#include "server/platform/actions/types.h"

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include <map>
#include <optional>
#include <type_traits>

/// Inputs and outputs of actions are described structs (Boost.Describe): read from JSON with every error named by its
/// place, written as JSON, and described as JSON Schema, all from the one declaration. Members in camelCase are fields
/// in snake_case. Absent is allowed for std::optional, lists, maps, bool and Defaulted; null counts as absent. A field
/// that the struct does not have is an error.
namespace voelgoed::actions {

template <class T>
struct Codec;

template <class T>
T readAs(const Input &input)
{
    return Codec<T>::read(input);
}

template <class T>
base::Json written(const T &value)
{
    return Codec<T>::write(value);
}

template <class T>
base::Json schemaOf()
{
    return Codec<T>::schema();
}

namespace detail {

bool readBool(const Input &input);
std::int64_t readInteger(const Input &input, std::int64_t least, std::int64_t most);
double readNumber(const Input &input);
std::string readText(const Input &input, std::size_t maxBytes);
/// A text with something other than blanks in it.
std::string readReason(const Input &input, std::size_t maxBytes);
base::Uuid readUuid(const Input &input);
base::Instant readInstant(const Input &input);
/// Nothing, and a complaint, for another kind of value or too many.
const boost::json::array *readList(const Input &input, std::size_t maxItems, base::Json &made);
const boost::json::object *readObject(const Input &input);
std::size_t readChoice(const Input &input, const std::vector<std::string> &words);

base::Json textSchema(std::size_t maxBytes);
base::Json reasonSchema(std::size_t maxBytes);
base::Json integerSchema(std::int64_t least, std::int64_t most);
base::Json formatSchema(std::string_view format);
base::Json listSchema(base::Json items, std::size_t maxItems);
base::Json choiceSchema(const std::vector<std::string> &words);

template <class T>
constexpr bool kMayBeAbsent = false;
template <class T>
constexpr bool kMayBeAbsent<std::optional<T>> = true;
template <class T, std::size_t Max>
constexpr bool kMayBeAbsent<List<T, Max>> = true;
template <class T>
constexpr bool kMayBeAbsent<std::vector<T>> = true;
template <class T>
constexpr bool kMayBeAbsent<std::map<std::string, T>> = true;
template <>
inline constexpr bool kMayBeAbsent<bool> = true;
template <class T, auto Value>
constexpr bool kMayBeAbsent<Defaulted<T, Value>> = true;

} // namespace detail

template <>
struct Codec<bool>
{
    static bool read(const Input &input) { return detail::readBool(input); }
    static base::Json write(bool value) { return value; }
    static base::Json schema() { return {{"type", "boolean"}}; }
};

template <class T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
struct Codec<T>
{
    static constexpr std::int64_t kLeast = std::is_signed_v<T> ? std::int64_t{std::numeric_limits<T>::min()} : 0;
    static constexpr std::int64_t kMost = sizeof(T) == 8 ? std::numeric_limits<std::int64_t>::max()
                                                         : static_cast<std::int64_t>(std::numeric_limits<T>::max());
    static T read(const Input &input) { return static_cast<T>(detail::readInteger(input, kLeast, kMost)); }
    static base::Json write(T value) { return value; }
    static base::Json schema() { return detail::integerSchema(kLeast, kMost); }
};

template <>
struct Codec<double>
{
    static double read(const Input &input) { return detail::readNumber(input); }
    static base::Json write(double value) { return value; }
    static base::Json schema() { return {{"type", "number"}}; }
};

template <>
struct Codec<std::string>
{
    static std::string read(const Input &input) { return detail::readText(input, kTextMax); }
    static base::Json write(const std::string &value) { return boost::json::string(value); }
    static base::Json schema() { return detail::textSchema(kTextMax); }
};

template <std::size_t Max>
struct Codec<Text<Max>>
{
    static Text<Max> read(const Input &input) { return {detail::readText(input, Max)}; }
    static base::Json write(const Text<Max> &value) { return boost::json::string(value.value); }
    static base::Json schema() { return detail::textSchema(Max); }
};

template <>
struct Codec<Reason>
{
    static Reason read(const Input &input) { return {detail::readReason(input, Reason::kMax)}; }
    static base::Json write(const Reason &value) { return boost::json::string(value.value); }
    static base::Json schema() { return detail::reasonSchema(Reason::kMax); }
};

template <>
struct Codec<base::Uuid>
{
    static base::Uuid read(const Input &input) { return detail::readUuid(input); }
    static base::Json write(const base::Uuid &value) { return boost::json::string(base::toText(value)); }
    static base::Json schema() { return detail::formatSchema("uuid"); }
};

template <>
struct Codec<base::Instant>
{
    static base::Instant read(const Input &input) { return detail::readInstant(input); }
    static base::Json write(base::Instant value) { return boost::json::string(base::formatInstant(value)); }
    static base::Json schema() { return detail::formatSchema("date-time"); }
};

/// Anything: read by somebody who knows it, such as an event's definition.
template <>
struct Codec<base::Json>
{
    static base::Json read(const Input &input) { return input.json(); }
    static base::Json write(const base::Json &value) { return value; }
    static base::Json schema() { return boost::json::object{}; }
};

template <class T>
struct Codec<std::optional<T>>
{
    static std::optional<T> read(const Input &input)
    {
        if (input.json().is_null())
            return std::nullopt;
        return Codec<T>::read(input);
    }
    static base::Json write(const std::optional<T> &value) { return value ? Codec<T>::write(*value) : base::Json(); }
    static base::Json schema() { return Codec<T>::schema(); }
};

template <class T, auto Value>
struct Codec<Defaulted<T, Value>>
{
    static Defaulted<T, Value> read(const Input &input) { return {Codec<T>::read(input)}; }
    static base::Json write(const Defaulted<T, Value> &value) { return Codec<T>::write(value.value); }
    static base::Json schema()
    {
        base::Json schema = Codec<T>::schema();
        schema.as_object()["default"] = Codec<T>::write(T(Value));
        return schema;
    }
};

template <class T, std::size_t Max>
struct ListCodec
{
    static std::vector<T> read(const Input &input)
    {
        std::vector<T> values;
        base::Json made;
        if (const auto *list = detail::readList(input, Max, made)) {
            values.reserve(list->size());
            for (std::size_t i = 0; i < list->size(); ++i)
                values.push_back(Codec<T>::read(input.item(i, (*list)[i])));
        }
        return values;
    }
    static base::Json write(const std::vector<T> &values)
    {
        boost::json::array list;
        list.reserve(values.size());
        for (const T &value : values)
            list.push_back(Codec<T>::write(value));
        return list;
    }
    static base::Json schema() { return detail::listSchema(Codec<T>::schema(), Max); }
};

template <class T>
struct Codec<std::vector<T>> : ListCodec<T, kListMax>
{};

template <class T, std::size_t Max>
struct Codec<List<T, Max>>
{
    static List<T, Max> read(const Input &input) { return {ListCodec<T, Max>::read(input)}; }
    static base::Json write(const List<T, Max> &list) { return ListCodec<T, Max>::write(list.values); }
    static base::Json schema() { return ListCodec<T, Max>::schema(); }
};

template <class T>
struct Codec<std::map<std::string, T>>
{
    static std::map<std::string, T> read(const Input &input)
    {
        std::map<std::string, T> values;
        if (const auto *object = detail::readObject(input)) {
            if (object->size() > kListMax) {
                input.fail("too_many", "At most " + std::to_string(kListMax) + " fields.");
                return values;
            }
            for (const auto &field : *object)
                values.emplace(std::string(field.key()), Codec<T>::read(input.field(field.key(), field.value())));
        }
        return values;
    }
    static base::Json write(const std::map<std::string, T> &values)
    {
        boost::json::object object;
        for (const auto &[key, value] : values)
            object[key] = Codec<T>::write(value);
        return object;
    }
    static base::Json schema() { return {{"type", "object"}, {"additionalProperties", Codec<T>::schema()}}; }
};

template <class T>
    requires boost::describe::has_describe_enumerators<T>::value
struct Codec<T>
{
    static const std::vector<std::string> &words()
    {
        static const std::vector<std::string> words = [] {
            std::vector<std::string> made;
            boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>(
                [&](auto choice) { made.push_back(wireName(choice.name)); });
            return made;
        }();
        return words;
    }
    static T read(const Input &input) { return static_cast<T>(detail::readChoice(input, words())); }
    static base::Json write(T value) { return boost::json::string(words().at(static_cast<std::size_t>(value))); }
    static base::Json schema() { return detail::choiceSchema(words()); }
};

template <class T>
    requires boost::describe::has_describe_members<T>::value
struct Codec<T>
{
    using Members = boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

    static T read(const Input &input)
    {
        T value{};
        const auto *object = detail::readObject(input);
        if (!object)
            return value;
        std::size_t known = 0;
        boost::mp11::mp_for_each<Members>([&](auto member) {
            using Field = std::remove_cvref_t<decltype(value.*member.pointer)>;
            static const std::string name = wireName(member.name);
            const auto found = object->find(name);
            if (found != object->end())
                ++known;
            if (found != object->end() && !found->value().is_null())
                value.*member.pointer = Codec<Field>::read(input.field(name, found->value()));
            else if (!detail::kMayBeAbsent<Field>)
                input.missing(name);
        });
        if (known != object->size())
            nameUnknown(input, *object);
        return value;
    }
    static base::Json write(const T &value)
    {
        boost::json::object object;
        boost::mp11::mp_for_each<Members>([&](auto member) {
            static const std::string name = wireName(member.name);
            object[name] = written(value.*member.pointer);
        });
        return object;
    }
    static base::Json schema()
    {
        boost::json::object properties;
        boost::json::array required;
        boost::mp11::mp_for_each<Members>([&](auto member) {
            using Field = std::remove_cvref_t<decltype(std::declval<T>().*member.pointer)>;
            properties[wireName(member.name)] = Codec<Field>::schema();
            if (!detail::kMayBeAbsent<Field>)
                required.push_back(boost::json::string(wireName(member.name)));
        });
        boost::json::object schema{{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
        if (!required.empty())
            schema["required"] = required;
        return schema;
    }

private:
    static void nameUnknown(const Input &input, const boost::json::object &object)
    {
        for (const auto &field : object) {
            bool isKnown = false;
            boost::mp11::mp_for_each<Members>(
                [&](auto member) { isKnown = isKnown || wireName(member.name) == std::string_view(field.key()); });
            if (!isKnown)
                input.unknown(field.key());
        }
    }
};

} // namespace voelgoed::actions
