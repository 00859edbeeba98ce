#include "shared/domain/definition_json.h"

#include "shared/domain/json_fields.h"

namespace voelgoed::domain {

using base::JsonPlace;
using base::ObjectReader;

namespace {

constexpr std::int64_t kPersonsMax = 65'535;
constexpr std::int64_t kCapacityMax = 0xFFFF'FFFF;
constexpr std::int64_t kListAgeMinutesMax = 366 * 24 * 60;
constexpr std::size_t kItemsMax = 10'000;
constexpr std::size_t kCodeMax = 4'096;

Event readEvent(const JsonPlace &place)
{
    ObjectReader fields(place);
    Event event;
    event.id.text = idText(fields, "id");
    event.name = fields.text("name");
    event.timezone = fields.text("timezone", event.timezone);
    event.startsAt = fields.instant("starts_at");
    event.endsAt = fields.instant("ends_at");
    event.doorsAt = fields.instant("doors_at");
    event.status = choice(fields, "status", event.status);
    event.rescheduledAt = fields.instant("rescheduled_at");
    event.scanFrom = fields.instant("scan_from");
    event.scanUntil = fields.instant("scan_until");
    fields.finish();
    return event;
}

EventDate readDate(const JsonPlace &place)
{
    ObjectReader fields(place);
    EventDate date;
    date.id.text = idText(fields.require("id"));
    date.startsAt = fields.instant("starts_at");
    date.endsAt = fields.instant("ends_at");
    date.doorsAt = fields.instant("doors_at");
    fields.finish();
    return date;
}

TicketType readType(const JsonPlace &place)
{
    ObjectReader fields(place);
    TicketType type;
    type.id.text = idText(fields.require("id"));
    type.name = fields.text("name", type.id.text);
    type.admits = static_cast<std::uint16_t>(fields.integer("admits", 1, 1, kPersonsMax));
    type.gates = idsUnlessEmpty<GateId>(fields, "gates");
    type.attention = fields.boolean("attention");
    type.notes = textList(fields, "notes");
    fields.finish();
    return type;
}

QuestionOption readOption(const JsonPlace &place)
{
    ObjectReader fields(place);
    QuestionOption option;
    option.id = idText(fields.require("id"));
    option.label = fields.text("label", option.id);
    fields.finish();
    return option;
}

Question readQuestion(const JsonPlace &place)
{
    ObjectReader fields(place);
    Question question;
    question.id.text = idText(fields.require("id"));
    question.kind = choiceOf<QuestionKind>(fields.require("kind"));
    question.text = fields.text("text", question.id.text);
    question.required = fields.boolean("required");
    question.atDoor = fields.boolean("at_door");
    question.types = idsOrAll<TicketTypeId>(fields, "types");
    if (const auto options = fields.find("options"))
        options->each([&](const JsonPlace &item) { question.options.push_back(readOption(item)); }, kItemsMax);
    fields.finish();
    return question;
}

void readDirections(ObjectReader &fields, Gate &gate)
{
    const auto place = fields.find("directions");
    if (!place)
        return;
    gate.servesEntry = false;
    gate.servesExit = false;
    place->each([&](const JsonPlace &item) {
        const auto direction = choiceOf<Direction>(item);
        (direction == Direction::Entry ? gate.servesEntry : gate.servesExit) = true;
    });
}

Gate readGate(const JsonPlace &place)
{
    ObjectReader fields(place);
    Gate gate;
    gate.id.text = idText(fields.require("id"));
    gate.code = codeText(fields, "code", kCodeMax);
    gate.name = fields.text("name", gate.id.text);
    gate.state = choice(fields, "state", gate.state);
    gate.capacity = optionalNumber<std::uint32_t>(fields, "capacity", 0, kCapacityMax);
    gate.capacityMode = choice(fields, "capacity_mode", gate.capacityMode);
    if (const auto checkpoints = fields.find("checkpoints"))
        gate.checkpoints = idList<CheckpointId>(*checkpoints);
    readDirections(fields, gate);
    fields.finish();
    return gate;
}

std::optional<std::chrono::seconds> readCloseAt(ObjectReader &fields)
{
    const auto place = fields.find("close_at");
    if (!place)
        return std::nullopt;
    const auto time = base::parseTimeOfDay(place->text());
    if (!time)
        place->fail("a time of day is written HH:MM or HH:MM:SS");
    return time;
}

Checkpoint readCheckpoint(const JsonPlace &place)
{
    ObjectReader fields(place);
    Checkpoint checkpoint;
    checkpoint.id.text = idText(fields.require("id"));
    checkpoint.name = fields.text("name", checkpoint.id.text);
    checkpoint.types = idsOrAll<TicketTypeId>(fields, "types");
    checkpoint.date = optionalId<DateId>(fields, "date");
    checkpoint.zone = optionalId<ZoneId>(fields, "zone");
    checkpoint.reentry = choice(fields, "reentry", checkpoint.reentry);
    checkpoint.acceptPending = fields.boolean("accept_pending");
    checkpoint.matchAddons = fields.boolean("match_addons");
    if (const auto rules = fields.find("rules"))
        checkpoint.rules = base::toText(rules->json);
    checkpoint.closeAt = readCloseAt(fields);
    checkpoint.capacity = optionalNumber<std::uint32_t>(fields, "capacity", 0, kCapacityMax);
    fields.finish();
    return checkpoint;
}

Policy readPolicy(const JsonPlace &place)
{
    ObjectReader fields(place);
    Policy policy;
    policy.unlisted = choice(fields, "unlisted", policy.unlisted);
    if (const auto age = optionalNumber<std::int64_t>(fields, "list_age_max_minutes", 0, kListAgeMinutesMax))
        policy.listAgeMax = std::chrono::minutes(*age);
    policy.namesOnDevices = fields.boolean("names_on_devices");
    fields.finish();
    return policy;
}

template <class Item>
std::vector<Item> listOf(ObjectReader &fields, std::string_view key, Item (*read)(const JsonPlace &))
{
    std::vector<Item> items;
    if (const auto place = fields.find(key))
        place->each([&](const JsonPlace &item) { items.push_back(read(item)); }, kItemsMax);
    return items;
}

} // namespace

EventDefinition readDefinition(ObjectReader &fields)
{
    EventDefinition definition;
    definition.event = readEvent(fields.require("event"));
    definition.dates = listOf(fields, "dates", readDate);
    definition.types = listOf(fields, "ticket_types", readType);
    definition.questions = listOf(fields, "questions", readQuestion);
    definition.gates = listOf(fields, "gates", readGate);
    definition.checkpoints = listOf(fields, "checkpoints", readCheckpoint);
    if (const auto policy = fields.find("policy"))
        definition.policy = readPolicy(*policy);
    return definition;
}

} // namespace voelgoed::domain
