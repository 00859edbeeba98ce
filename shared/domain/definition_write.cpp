#include "shared/domain/definition_write.h"

#include "shared/domain/words.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace voelgoed::domain {

namespace {

namespace json = boost::json;

constexpr json::string_view kAll = "all";
/// Deep enough for any rules that a reader takes.
constexpr base::JsonLimits kRulesLimits{.depth = 512};

json::string text(std::string_view value)
{
    return json::string(value);
}

void put(json::object &object, const char *key, const std::optional<base::Instant> &at)
{
    if (at)
        object[key] = text(base::formatInstant(*at));
}

void put(json::object &object, const char *key, const std::optional<std::uint32_t> &number)
{
    if (number)
        object[key] = *number;
}

template <class Choice>
json::string choice(Choice value)
{
    return text(wordFor(value));
}

template <class Id>
json::array list(const std::vector<Id> &ids)
{
    json::array array;
    for (const Id &id : ids)
        array.push_back(text(id.view()));
    return array;
}

template <class Id>
base::Json listOrAll(const std::optional<std::vector<Id>> &ids)
{
    return ids ? base::Json(list(*ids)) : base::Json(kAll);
}

template <class Item>
json::array each(const std::vector<Item> &items, json::object (*write)(const Item &))
{
    json::array array;
    for (const Item &item : items)
        array.push_back(write(item));
    return array;
}

json::object writeEvent(const Event &event)
{
    json::object object;
    if (!event.id.empty())
        object["id"] = text(event.id.view());
    object["name"] = text(event.name);
    object["timezone"] = text(event.timezone);
    put(object, "starts_at", event.startsAt);
    put(object, "ends_at", event.endsAt);
    put(object, "doors_at", event.doorsAt);
    object["status"] = choice(event.status);
    put(object, "rescheduled_at", event.rescheduledAt);
    put(object, "scan_from", event.scanFrom);
    put(object, "scan_until", event.scanUntil);
    return object;
}

json::object writeDate(const EventDate &date)
{
    json::object object{{"id", text(date.id.view())}};
    put(object, "starts_at", date.startsAt);
    put(object, "ends_at", date.endsAt);
    put(object, "doors_at", date.doorsAt);
    return object;
}

json::object writeType(const TicketType &type)
{
    json::object object{{"id", text(type.id.view())}, {"name", text(type.name)}, {"admits", type.admits}};
    object["gates"] = listOrAll(type.gates);
    object["attention"] = type.attention;
    json::array notes;
    for (const std::string &note : type.notes)
        notes.push_back(text(note));
    object["notes"] = std::move(notes);
    return object;
}

json::object writeOption(const QuestionOption &option)
{
    return {{"id", text(option.id)}, {"label", text(option.label)}};
}

json::object writeQuestion(const Question &question)
{
    json::object object{{"id", text(question.id.view())}, {"kind", choice(question.kind)}};
    object["text"] = text(question.text);
    object["required"] = question.required;
    object["at_door"] = question.atDoor;
    object["types"] = listOrAll(question.types);
    object["options"] = each(question.options, writeOption);
    return object;
}

json::object writeGate(const Gate &gate)
{
    json::object object{{"id", text(gate.id.view())}, {"code", text(gate.code)}, {"name", text(gate.name)}};
    object["state"] = choice(gate.state);
    put(object, "capacity", gate.capacity);
    object["capacity_mode"] = choice(gate.capacityMode);
    object["checkpoints"] = list(gate.checkpoints);
    json::array directions;
    if (gate.servesEntry)
        directions.push_back("entry");
    if (gate.servesExit)
        directions.push_back("exit");
    object["directions"] = std::move(directions);
    return object;
}

json::object writeCheckpoint(const Checkpoint &checkpoint)
{
    json::object object{{"id", text(checkpoint.id.view())}, {"name", text(checkpoint.name)}};
    object["types"] = listOrAll(checkpoint.types);
    if (checkpoint.date)
        object["date"] = text(checkpoint.date->view());
    if (checkpoint.zone)
        object["zone"] = text(checkpoint.zone->view());
    object["reentry"] = choice(checkpoint.reentry);
    object["accept_pending"] = checkpoint.acceptPending;
    object["match_addons"] = checkpoint.matchAddons;
    auto rules = base::parseJson(checkpoint.rules, kRulesLimits);
    object["rules"] = rules ? std::move(*rules) : base::Json(text(checkpoint.rules));
    if (checkpoint.closeAt)
        object["close_at"] = text(formatTimeOfDay(*checkpoint.closeAt));
    put(object, "capacity", checkpoint.capacity);
    return object;
}

json::object writePolicy(const Policy &policy)
{
    json::object object{{"unlisted", choice(policy.unlisted)}};
    if (policy.listAgeMax)
        object["list_age_max_minutes"] = std::chrono::ceil<std::chrono::minutes>(*policy.listAgeMax).count();
    object["names_on_devices"] = policy.namesOnDevices;
    return object;
}

} // namespace

std::string formatTimeOfDay(std::chrono::seconds sinceMidnight)
{
    const auto two = [](std::int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); };
    const std::int64_t seconds = sinceMidnight.count();
    std::string time = two(seconds / 3600) + ":" + two(seconds / 60 % 60);
    return seconds % 60 == 0 ? time : time + ":" + two(seconds % 60);
}

base::Json writeDefinition(const EventDefinition &definition)
{
    return json::object{{"event", writeEvent(definition.event)},
                        {"dates", each(definition.dates, writeDate)},
                        {"ticket_types", each(definition.types, writeType)},
                        {"questions", each(definition.questions, writeQuestion)},
                        {"gates", each(definition.gates, writeGate)},
                        {"checkpoints", each(definition.checkpoints, writeCheckpoint)},
                        {"policy", writePolicy(definition.policy)}};
}

} // namespace voelgoed::domain
