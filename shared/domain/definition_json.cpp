#include "shared/domain/definition_json.h"

#include "shared/domain/json_fields.h"

namespace voelgoed::domain {

using base::JsonPlace;
using base::ObjectReader;

namespace {

constexpr std::int64_t kCapacityMax = 10'000'000;

Event readEvent(const JsonPlace &place)
{
    ObjectReader reader(place);
    Event event{.id = {idIn(reader.require("id"))},
                .name = reader.text("name"),
                .timezone = reader.text("timezone", "UTC"),
                .startsAt = reader.instant("starts_at"),
                .endsAt = reader.instant("ends_at"),
                .doorsAt = reader.instant("doors_at"),
                .status = choiceIn(reader, "status", EventStatus::Live),
                .rescheduledAt = reader.instant("rescheduled_at"),
                .scanFrom = reader.instant("scan_from"),
                .scanUntil = reader.instant("scan_until")};
    reader.finish();
    return event;
}

EventDate readDate(const JsonPlace &place)
{
    ObjectReader reader(place);
    EventDate date{.id = {idIn(reader.require("id"))},
                   .startsAt = reader.instant("starts_at"),
                   .endsAt = reader.instant("ends_at"),
                   .doorsAt = reader.instant("doors_at")};
    reader.text("name");
    reader.finish();
    return date;
}

TicketType readType(const JsonPlace &place)
{
    ObjectReader reader(place);
    TicketType type{.id = {idIn(reader.require("id"))},
                    .name = reader.text("name"),
                    .admits = static_cast<std::uint16_t>(reader.integer("admits", 1, 1, UINT16_MAX)),
                    .gates = idsOrAll<GateId>(reader, "gates"),
                    .attention = attentionIn(reader),
                    .notes = textsIn(reader, "notes")};
    reader.finish();
    return type;
}

Gate readGate(const JsonPlace &place)
{
    ObjectReader reader(place);
    Gate gate{.id = {idIn(reader.require("id"))},
              .code = reader.text("code"),
              .name = reader.text("name"),
              .state = choiceIn(reader, "state", GateState::Open),
              .capacity = countIn(reader, "capacity", kCapacityMax),
              .capacityMode = choiceIn(reader, "capacity_mode", CapacityMode::Warn)};
    if (auto checkpoints = idsOrAll<CheckpointId>(reader, "checkpoints"))
        gate.checkpoints = std::move(*checkpoints);
    if (const auto directions = reader.find("directions")) {
        gate.servesEntry = gate.servesExit = false;
        directions->each([&](const JsonPlace &item) {
            const auto direction = fromWord<Direction>(item.text());
            if (!direction)
                item.fail("one of " + std::string(allWords<Direction>()) + " is needed here");
            gate.servesEntry = gate.servesEntry || direction == Direction::Entry;
            gate.servesExit = gate.servesExit || direction == Direction::Exit;
        });
    }
    reader.finish();
    if (gate.name.empty())
        gate.name = gate.code.empty() ? gate.id.text : gate.code;
    return gate;
}

Checkpoint readCheckpoint(const JsonPlace &place)
{
    ObjectReader reader(place);
    Checkpoint checkpoint{.id = {idIn(reader.require("id"))},
                          .name = reader.text("name"),
                          .types = idsOrAll<TicketTypeId>(reader, "types"),
                          .reentry = choiceIn(reader, "reentry", Reentry::Never),
                          .acceptPending = reader.boolean("accept_pending"),
                          .matchAddons = reader.boolean("match_addons"),
                          .capacity = countIn(reader, "capacity", kCapacityMax)};
    if (const auto date = reader.find("date"))
        checkpoint.date = DateId{idIn(*date)};
    if (const auto zone = reader.find("zone"))
        checkpoint.zone = ZoneId{idIn(*zone)};
    if (const auto rules = reader.findAny("rules"))
        checkpoint.rules = base::toText(rules->json);
    if (const auto time = reader.find("close_at"))
        checkpoint.closeAt = timeOfDayIn(*time);
    reader.finish();
    return checkpoint;
}

Question readQuestion(const JsonPlace &place)
{
    ObjectReader reader(place);
    Question question{.id = {idIn(reader.require("id"))},
                      .kind = choiceIn(reader, "kind", QuestionKind::String),
                      .text = reader.text("text"),
                      .required = reader.boolean("required"),
                      .atDoor = reader.boolean("at_door"),
                      .types = idsOrAll<TicketTypeId>(reader, "types")};
    if (const auto options = reader.find("options"))
        options->each([&](const JsonPlace &item) {
            ObjectReader option(item);
            question.options.push_back({idIn(option.require("id")), option.text("label")});
            option.finish();
        });
    reader.finish();
    return question;
}

Policy readPolicy(const JsonPlace &place)
{
    ObjectReader reader(place);
    Policy policy{.unlisted = choiceIn(reader, "unlisted", UnlistedPolicy::Admit),
                  .namesOnDevices = reader.boolean("names_on_devices")};
    if (const auto minutes = countIn(reader, "list_age_max_minutes", 1'000'000))
        policy.listAgeMax = std::chrono::minutes(*minutes);
    reader.finish();
    return policy;
}

template <class Item>
std::vector<Item> listOf(ObjectReader &reader, const char *key, Item (*read)(const JsonPlace &))
{
    std::vector<Item> items;
    if (const auto list = reader.find(key))
        list->each([&](const JsonPlace &item) { items.push_back(read(item)); });
    return items;
}

} // namespace

EventDefinition readDefinition(ObjectReader &reader)
{
    EventDefinition definition;
    definition.event = readEvent(reader.require("event"));
    definition.dates = listOf(reader, "dates", readDate);
    definition.types = listOf(reader, "ticket_types", readType);
    definition.questions = listOf(reader, "questions", readQuestion);
    definition.gates = listOf(reader, "gates", readGate);
    definition.checkpoints = listOf(reader, "checkpoints", readCheckpoint);
    if (const auto policy = reader.find("policy"))
        definition.policy = readPolicy(*policy);
    return definition;
}

} // namespace voelgoed::domain
