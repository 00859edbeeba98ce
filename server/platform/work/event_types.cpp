#include "server/platform/work/event_types.h"

#include "server/platform/work/envelope.h"
#include "shared/base/ensure.h"

#include <algorithm>
#include <set>

namespace voelgoed::work {

namespace json = boost::json;

namespace {

constexpr std::string_view kDialect = "https://json-schema.org/draft/2020-12/schema";

bool isNamed(std::string_view type)
{
    const std::size_t first = type.find('.'), last = type.rfind('.');
    return first != type.npos && first > 0 && last > first + 1 && type.substr(last).starts_with(".v") &&
           type.size() > last + 2;
}

bool isOf(EventField::Kind kind, const base::Json &value)
{
    switch (kind) {
    case EventField::Kind::Text:
        return value.is_string();
    case EventField::Kind::Id:
        return value.is_string() && base::uuidFrom(std::string_view(value.get_string()));
    case EventField::Kind::Time:
        return value.is_string() && base::instantFrom(std::string_view(value.get_string()));
    case EventField::Kind::Integer:
        return value.is_int64() || value.is_uint64();
    case EventField::Kind::Boolean:
        return value.is_bool();
    }
    return false;
}

json::object schemaOf(const EventField &field)
{
    json::object schema;
    const auto typed = [&](std::string_view type) {
        if (field.presence == EventField::Presence::Always)
            schema["type"] = type;
        else
            schema["type"] = json::array{type, "null"};
    };
    switch (field.kind) {
    case EventField::Kind::Text:
        typed("string");
        break;
    case EventField::Kind::Id:
        typed("string");
        schema["format"] = "uuid";
        break;
    case EventField::Kind::Time:
        typed("string");
        schema["format"] = "date-time";
        break;
    case EventField::Kind::Integer:
        typed("integer");
        break;
    case EventField::Kind::Boolean:
        typed("boolean");
        break;
    }
    schema["description"] = field.says;
    return schema;
}

} // namespace

std::string_view word(EventField::Kind kind)
{
    switch (kind) {
    case EventField::Kind::Text:
        return "text";
    case EventField::Kind::Id:
        return "id";
    case EventField::Kind::Time:
        return "time";
    case EventField::Kind::Integer:
        return "integer";
    case EventField::Kind::Boolean:
        return "boolean";
    }
    return {};
}

void EventTypes::add(EventType type)
{
    const std::string name(type.type);
    base::ensure(isNamed(name), ("a type of events without slice or version: " + name).c_str());
    std::set<std::string_view> names;
    for (const EventField &field : type.fields)
        base::ensure(names.insert(field.name).second, ("a field that is there twice: " + name).c_str());
    base::ensure(m_types.emplace(name, std::move(type)).second,
                 ("a type of events that is there twice: " + name).c_str());
}

void EventTypes::add(std::vector<EventType> types)
{
    for (EventType &type : types)
        add(std::move(type));
}

const EventType *EventTypes::find(std::string_view type) const
{
    const auto found = m_types.find(type);
    return found == m_types.end() ? nullptr : &found->second;
}

std::optional<std::string> EventTypes::complaintAbout(std::string_view type, const base::Json &data) const
{
    const EventType *known = find(type);
    if (!known)
        return std::string(type) + " is not registered";
    if (!data.is_object())
        return std::string(type) + " has no data";
    const json::object &object = data.get_object();
    const auto wrong = [&](std::string_view field, const char *what) {
        return std::string(type) + "/" + std::string(field) + " " + what;
    };
    for (const EventField &field : known->fields) {
        const auto *value = object.if_contains(field.name);
        const bool isThere = value && !value->is_null();
        if (!isThere && field.presence == EventField::Presence::Always)
            return wrong(field.name, "is missing");
        if (isThere && !isOf(field.kind, *value))
            return wrong(field.name, "is of another kind than registered");
    }
    for (const auto &field : object) {
        const bool isKnown = std::any_of(known->fields.begin(), known->fields.end(), [&](const EventField &each) {
            return each.name == std::string_view(field.key());
        });
        if (!isKnown)
            return wrong(field.key(), "is not registered");
    }
    return {};
}

base::Json schemaOf(const EventType &type)
{
    json::object properties;
    json::array required;
    for (const EventField &field : type.fields) {
        properties[field.name] = schemaOf(field);
        if (field.presence == EventField::Presence::Always)
            required.push_back(json::string(field.name));
    }
    json::object schema{{"$schema", kDialect}, {"$id", schemaPathOf(type.type)},
                        {"title", type.type},  {"description", type.says},
                        {"type", "object"},    {"properties", std::move(properties)}};
    if (!required.empty())
        schema["required"] = std::move(required);
    return schema;
}

base::Json envelopeSchemaOf(const EventType &type)
{
    const json::value text{{"type", "string"}}, uuid{{"type", "string"}, {"format", "uuid"}},
        reference{{"type", "string"}, {"format", "uri-reference"}};
    json::object data = schemaOf(type).as_object();
    data.erase("$schema");
    data.erase("$id");
    return {{"type", "object"},
            {"required",
             {"specversion", "id", "source", "type", "subject", "time", "dataschema", "organizationid", "traceparent",
              "data"}},
            {"properties",
             {{"specversion", {{"const", "1.0"}}},
              {"id", uuid},
              {"source", reference},
              {"type", {{"const", type.type}}},
              {"subject", text},
              {"time", {{"type", "string"}, {"format", "date-time"}}},
              {"dataschema", reference},
              {"organizationid", uuid},
              {"traceparent", text},
              {"requestid", text},
              {"seq", {{"type", "integer"}}},
              {"data", std::move(data)}}}};
}

} // namespace voelgoed::work
