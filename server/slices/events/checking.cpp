#include "server/slices/events/checking.h"

#include "shared/admission/rulebook.h"
#include "shared/base/json_reader.h"
#include "shared/domain/definition_json.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <set>

namespace voelgoed::events {

using base::Result;
using domain::EventDefinition;

namespace {

constexpr std::size_t kZonesMax = 16; ///< the bits of a signed code's zone mask

std::string at(const char *list, std::size_t index, const char *field)
{
    return std::string(list) + "[" + std::to_string(index) + "]." + field;
}

Result<void> inOrder(const std::optional<base::Instant> &first, const std::optional<base::Instant> &second,
                     const std::string &place, const char *what)
{
    if (first && second && *first >= *second)
        return base::invalid(place + ": " + what);
    return {};
}

/// People's years. Rescheduling adds to moments that were read, so that both ends are to be looked at.
Result<void> inOurYears(const std::optional<base::Instant> &moment, const std::string &place)
{
    if (moment && *moment < base::kEarliest)
        return base::invalid(place + ": lies before 1970");
    if (moment && *moment > base::kLatest)
        return base::invalid(place + ": lies after the year 9999");
    return {};
}

Result<void> timesHold(const EventDefinition &definition)
{
    const domain::Event &event = definition.event;
    for (const auto &[moment, place] : {std::pair(event.startsAt, "event.starts_at"),
                                        {event.endsAt, "event.ends_at"},
                                        {event.doorsAt, "event.doors_at"},
                                        {event.scanFrom, "event.scan_from"},
                                        {event.scanUntil, "event.scan_until"}}) {
        if (const auto held = inOurYears(moment, place); !held)
            return held;
    }
    for (const Result<void> &held :
         {inOrder(event.startsAt, event.endsAt, "event.ends_at", "the end does not come after the start"),
          inOrder(event.doorsAt, event.endsAt, "event.doors_at", "doors do not open before the end"),
          inOrder(event.scanFrom, event.scanUntil, "event.scan_until", "scanning ends before it begins")}) {
        if (!held)
            return held;
    }
    for (std::size_t i = 0; i < definition.dates.size(); ++i) {
        const domain::EventDate &date = definition.dates[i];
        for (const auto &[moment, field] :
             {std::pair(date.startsAt, "starts_at"), {date.endsAt, "ends_at"}, {date.doorsAt, "doors_at"}}) {
            if (const auto held = inOurYears(moment, at("dates", i, field)); !held)
                return held;
        }
        const auto held =
            inOrder(date.startsAt, date.endsAt, at("dates", i, "ends_at"), "the end does not come after the start");
        if (!held)
            return held;
    }
    return {};
}

Result<void> codesAreTheirOwn(const EventDefinition &definition)
{
    std::set<std::string_view> codes;
    for (std::size_t i = 0; i < definition.gates.size(); ++i) {
        const std::string &code = definition.gates[i].code;
        if (!code.empty() && !codes.insert(code).second)
            return base::invalid(at("gates", i, "code") + ": is there twice");
    }
    std::set<std::string_view> zones;
    for (std::size_t i = 0; i < definition.checkpoints.size(); ++i) {
        const auto &zone = definition.checkpoints[i].zone;
        if (zone && zones.insert(zone->view()).second && zones.size() > kZonesMax)
            return base::invalid(at("checkpoints", i, "zone") + ": more than " + std::to_string(kZonesMax) + " zones");
    }
    return {};
}

std::optional<std::string> nulWithin(const base::Json &json, const std::string &place)
{
    const auto has = [](std::string_view text) { return text.find('\0') != std::string_view::npos; };
    if (const auto *text = json.if_string())
        return has(*text) ? std::optional(place) : std::nullopt;
    if (const auto *list = json.if_array()) {
        for (std::size_t i = 0; i < list->size(); ++i) {
            if (auto found = nulWithin((*list)[i], place + "[" + std::to_string(i) + "]"))
                return found;
        }
    }
    if (const auto *object = json.if_object()) {
        for (const auto &field : *object) {
            if (has(field.key()))
                return place;
            const std::string inner = (place.empty() ? "" : place + ".") + std::string(field.key());
            if (auto found = nulWithin(field.value(), inner))
                return found;
        }
    }
    return std::nullopt;
}

template <class Item>
void addMissing(const std::vector<Item> &before, const std::vector<Item> &after, const char *what,
                std::vector<std::string> &missing)
{
    for (const Item &item : before) {
        if (std::none_of(after.begin(), after.end(), [&](const Item &other) { return other.id == item.id; }))
            missing.push_back(std::string(what) + " " + item.id.text);
    }
}

} // namespace

Result<EventDefinition> readDefinition(const base::Json &object)
{
    if (const auto place = placeOfNul(object))
        return base::invalid(*place + ": a text holds no NUL");
    base::JsonFailure failure;
    const base::JsonPlace place{object, {}, failure};
    base::ObjectReader fields(place);
    EventDefinition definition = domain::readDefinition(fields);
    fields.finish();
    if (failure.happened())
        return *failure.error();
    return definition;
}

Result<EventDefinition> checked(EventDefinition definition, Zones &zones)
{
    auto zone = zones.find(definition.event.timezone);
    if (!zone && zone.error().code == base::ErrorCode::NotFound)
        return base::invalid("event.timezone: " + zone.error().message, zone.error().hint);
    if (!zone)
        return zone.error();
    definition.zone = std::move(*zone);
    if (const auto held = timesHold(definition); !held)
        return held.error();
    if (const auto held = codesAreTheirOwn(definition); !held)
        return held.error();
    const auto rulebook = admission::Rulebook::compile(definition);
    if (!rulebook)
        return rulebook.error();
    return definition;
}

std::optional<std::string> placeOfNul(const base::Json &json)
{
    return nulWithin(json, {});
}

std::string pointerOf(std::string_view place)
{
    std::string pointer = "/";
    for (const char c : place) {
        if (c == '.' || c == '[')
            pointer.push_back('/');
        else if (c == '~')
            pointer += "~0";
        else if (c == '/')
            pointer += "~1";
        else if (c != ']')
            pointer.push_back(c);
    }
    return pointer;
}

std::vector<std::string> missingIds(const EventDefinition &before, const EventDefinition &after)
{
    std::vector<std::string> missing;
    addMissing(before.types, after.types, "ticket type", missing);
    addMissing(before.dates, after.dates, "date", missing);
    addMissing(before.gates, after.gates, "gate", missing);
    addMissing(before.checkpoints, after.checkpoints, "checkpoint", missing);
    return missing;
}

} // namespace voelgoed::events
