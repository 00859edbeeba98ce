#include "shared/protocol/definition.h"

#include "shared/protocol/definition.pb.h"
#include "shared/protocol/keys_message.h"
#include "shared/protocol/wire.h"

#include <limits>

namespace voelgoed::protocol {

using namespace domain;
using base::Result;

namespace {

std::optional<base::Instant> instant(bool present, std::int64_t millis)
{
    if (!present)
        return std::nullopt;
    return base::instantFromMillis(millis);
}

template <class Id>
std::vector<Id> idsOf(const google::protobuf::RepeatedPtrField<std::string> &texts)
{
    std::vector<Id> ids;
    ids.reserve(static_cast<std::size_t>(texts.size()));
    for (const std::string &text : texts)
        ids.push_back({text});
    return ids;
}

template <class Id>
std::optional<std::vector<Id>> idsOf(bool present, const wire::Texts &texts)
{
    if (!present)
        return std::nullopt;
    return idsOf<Id>(texts.items());
}

void putEvent(const Event &event, wire::Event &out)
{
    out.set_id(event.id.text);
    out.set_name(event.name);
    out.set_timezone(event.timezone);
    if (event.startsAt)
        out.set_starts_at_ms(base::millisOf(*event.startsAt));
    if (event.endsAt)
        out.set_ends_at_ms(base::millisOf(*event.endsAt));
    if (event.doorsAt)
        out.set_doors_at_ms(base::millisOf(*event.doorsAt));
    out.set_status(static_cast<std::uint32_t>(event.status));
    if (event.rescheduledAt)
        out.set_rescheduled_at_ms(base::millisOf(*event.rescheduledAt));
    if (event.scanFrom)
        out.set_scan_from_ms(base::millisOf(*event.scanFrom));
    if (event.scanUntil)
        out.set_scan_until_ms(base::millisOf(*event.scanUntil));
}

Result<Event> eventOf(const wire::Event &in)
{
    const auto status = choice(in.status(), EventStatus::Archived, "event status");
    if (!status)
        return status.error();
    return Event{.id = {in.id()},
                 .name = in.name(),
                 .timezone = in.timezone(),
                 .startsAt = instant(in.has_starts_at_ms(), in.starts_at_ms()),
                 .endsAt = instant(in.has_ends_at_ms(), in.ends_at_ms()),
                 .doorsAt = instant(in.has_doors_at_ms(), in.doors_at_ms()),
                 .status = *status,
                 .rescheduledAt = instant(in.has_rescheduled_at_ms(), in.rescheduled_at_ms()),
                 .scanFrom = instant(in.has_scan_from_ms(), in.scan_from_ms()),
                 .scanUntil = instant(in.has_scan_until_ms(), in.scan_until_ms())};
}

void putZone(const ZoneTable &zone, wire::Zone &out)
{
    out.set_name(zone.name());
    out.set_initial_offset_seconds(static_cast<std::int32_t>(zone.initialOffset().count()));
    for (const ZoneTable::Transition &transition : zone.transitions()) {
        wire::ZoneTransition *added = out.add_transitions();
        added->set_at_ms(base::millisOf(transition.at));
        added->set_offset_seconds(static_cast<std::int32_t>(transition.offset.count()));
    }
}

Result<ZoneTable> zoneOf(const wire::Zone &in)
{
    std::vector<ZoneTable::Transition> transitions;
    for (const wire::ZoneTransition &transition : in.transitions())
        transitions.push_back(
            {base::instantFromMillis(transition.at_ms()), std::chrono::seconds(transition.offset_seconds())});
    return ZoneTable::make(in.name(), std::chrono::seconds(in.initial_offset_seconds()), std::move(transitions));
}

void putType(const TicketType &type, wire::TicketType &out)
{
    out.set_id(type.id.text);
    out.set_name(type.name);
    out.set_admits(type.admits);
    if (type.gates) {
        wire::Texts *texts = out.mutable_gates();
        for (const GateId &gate : *type.gates)
            texts->add_items(gate.text);
    }
    out.set_attention(type.attention);
    for (const std::string &note : type.notes)
        out.add_notes(note);
}

Result<TicketType> typeOf(const wire::TicketType &in)
{
    if (in.admits() > std::numeric_limits<std::uint16_t>::max())
        return base::invalid("ticket type " + in.id() + ": admits too many");
    return TicketType{.id = {in.id()},
                      .name = in.name(),
                      .admits = static_cast<std::uint16_t>(in.admits()),
                      .gates = idsOf<GateId>(in.has_gates(), in.gates()),
                      .attention = in.attention(),
                      .notes = {in.notes().begin(), in.notes().end()}};
}

void putGate(const Gate &gate, wire::Gate &out)
{
    out.set_id(gate.id.text);
    out.set_code(gate.code);
    out.set_name(gate.name);
    out.set_state(static_cast<std::uint32_t>(gate.state));
    if (gate.capacity)
        out.set_capacity(*gate.capacity);
    out.set_capacity_mode(static_cast<std::uint32_t>(gate.capacityMode));
    for (const CheckpointId &checkpoint : gate.checkpoints)
        out.add_checkpoints(checkpoint.text);
    out.set_serves_entry(gate.servesEntry);
    out.set_serves_exit(gate.servesExit);
}

Result<Gate> gateOf(const wire::Gate &in)
{
    const auto state = choice(in.state(), GateState::Closed, "gate state");
    const auto mode = choice(in.capacity_mode(), CapacityMode::Stop, "gate capacity mode");
    if (!state)
        return state.error();
    if (!mode)
        return mode.error();
    Gate gate{.id = {in.id()},
              .code = in.code(),
              .name = in.name(),
              .state = *state,
              .capacityMode = *mode,
              .checkpoints = idsOf<CheckpointId>(in.checkpoints()),
              .servesEntry = in.serves_entry(),
              .servesExit = in.serves_exit()};
    if (in.has_capacity())
        gate.capacity = in.capacity();
    return gate;
}

void putCheckpoint(const Checkpoint &checkpoint, wire::Checkpoint &out)
{
    out.set_id(checkpoint.id.text);
    out.set_name(checkpoint.name);
    if (checkpoint.types) {
        wire::Texts *texts = out.mutable_types();
        for (const TicketTypeId &type : *checkpoint.types)
            texts->add_items(type.text);
    }
    if (checkpoint.date)
        out.set_date(checkpoint.date->text);
    if (checkpoint.zone)
        out.set_zone(checkpoint.zone->text);
    out.set_reentry(static_cast<std::uint32_t>(checkpoint.reentry));
    out.set_accept_pending(checkpoint.acceptPending);
    out.set_match_addons(checkpoint.matchAddons);
    out.set_rules(checkpoint.rules);
    if (checkpoint.closeAt)
        out.set_close_at_seconds(static_cast<std::uint32_t>(checkpoint.closeAt->count()));
    if (checkpoint.capacity)
        out.set_capacity(*checkpoint.capacity);
}

Result<Checkpoint> checkpointOf(const wire::Checkpoint &in)
{
    const auto reentry = choice(in.reentry(), Reentry::Always, "re-entry mode");
    if (!reentry)
        return reentry.error();
    if (in.close_at_seconds() >= 86'400)
        return base::invalid("checkpoint " + in.id() + ": closes after the end of the day");
    Checkpoint checkpoint{.id = {in.id()},
                          .name = in.name(),
                          .types = idsOf<TicketTypeId>(in.has_types(), in.types()),
                          .reentry = *reentry,
                          .acceptPending = in.accept_pending(),
                          .matchAddons = in.match_addons(),
                          .rules = in.rules()};
    if (in.has_date())
        checkpoint.date = DateId{in.date()};
    if (in.has_zone())
        checkpoint.zone = ZoneId{in.zone()};
    if (in.has_close_at_seconds())
        checkpoint.closeAt = std::chrono::seconds(in.close_at_seconds());
    if (in.has_capacity())
        checkpoint.capacity = in.capacity();
    return checkpoint;
}

void putQuestion(const Question &question, wire::Question &out)
{
    out.set_id(question.id.text);
    out.set_kind(static_cast<std::uint32_t>(question.kind));
    out.set_text(question.text);
    out.set_required(question.required);
    out.set_at_door(question.atDoor);
    if (question.types) {
        wire::Texts *texts = out.mutable_types();
        for (const TicketTypeId &type : *question.types)
            texts->add_items(type.text);
    }
    for (const domain::QuestionOption &option : question.options) {
        wire::QuestionOption *added = out.add_options();
        added->set_id(option.id);
        added->set_label(option.label);
    }
}

Result<Question> questionOf(const wire::Question &in)
{
    const auto kind = choice(in.kind(), QuestionKind::Email, "question kind");
    if (!kind)
        return kind.error();
    Question question{.id = {in.id()},
                      .kind = *kind,
                      .text = in.text(),
                      .required = in.required(),
                      .atDoor = in.at_door(),
                      .types = idsOf<TicketTypeId>(in.has_types(), in.types())};
    for (const wire::QuestionOption &option : in.options())
        question.options.push_back({option.id(), option.label()});
    return question;
}

} // namespace

base::Bytes encode(const Definition &definition)
{
    const EventDefinition &event = definition.event;
    wire::Definition out;
    putEvent(event.event, *out.mutable_event());
    putZone(event.zone, *out.mutable_zone());
    for (const EventDate &date : event.dates) {
        wire::EventDate *added = out.add_dates();
        added->set_id(date.id.text);
        if (date.startsAt)
            added->set_starts_at_ms(base::millisOf(*date.startsAt));
        if (date.endsAt)
            added->set_ends_at_ms(base::millisOf(*date.endsAt));
        if (date.doorsAt)
            added->set_doors_at_ms(base::millisOf(*date.doorsAt));
    }
    for (const TicketType &type : event.types)
        putType(type, *out.add_types());
    for (const Question &question : event.questions)
        putQuestion(question, *out.add_questions());
    for (const Gate &gate : event.gates)
        putGate(gate, *out.add_gates());
    for (const Checkpoint &checkpoint : event.checkpoints)
        putCheckpoint(checkpoint, *out.add_checkpoints());
    wire::Policy *policy = out.mutable_policy();
    policy->set_unlisted(static_cast<std::uint32_t>(event.policy.unlisted));
    if (event.policy.listAgeMax)
        policy->set_list_age_max_ms(event.policy.listAgeMax->count());
    policy->set_names_on_devices(event.policy.namesOnDevices);
    putKeys(definition.keys, *out.mutable_keys());
    return serialised(out);
}

base::Result<Definition> decodeDefinition(base::ByteView bytes)
{
    const auto in = parsedInAnySpelling<wire::Definition>(bytes, "event definition");
    if (!in)
        return in.error();
    auto event = eventOf(in->event());
    if (!event)
        return event.error();
    auto zone = zoneOf(in->zone());
    if (!zone)
        return zone.error();
    const auto unlisted = choice(in->policy().unlisted(), UnlistedPolicy::Hold, "policy for unlisted tickets");
    if (!unlisted)
        return unlisted.error();
    auto keys = keysOf(in->keys());
    if (!keys)
        return keys.error();
    Definition result{.event = {.event = std::move(*event), .zone = std::move(*zone)}, .keys = std::move(*keys)};
    result.event.policy = {.unlisted = *unlisted, .namesOnDevices = in->policy().names_on_devices()};
    if (in->policy().has_list_age_max_ms())
        result.event.policy.listAgeMax = base::Milliseconds(in->policy().list_age_max_ms());
    for (const wire::EventDate &date : in->dates())
        result.event.dates.push_back({.id = {date.id()},
                                      .startsAt = instant(date.has_starts_at_ms(), date.starts_at_ms()),
                                      .endsAt = instant(date.has_ends_at_ms(), date.ends_at_ms()),
                                      .doorsAt = instant(date.has_doors_at_ms(), date.doors_at_ms())});
    const auto each = [](const auto &messages, auto convert, auto &values) -> Result<void> {
        for (const auto &message : messages) {
            auto value = convert(message);
            if (!value)
                return value.error();
            values.push_back(std::move(*value));
        }
        return {};
    };
    if (auto done = each(in->types(), typeOf, result.event.types); !done)
        return done.error();
    if (auto done = each(in->questions(), questionOf, result.event.questions); !done)
        return done.error();
    if (auto done = each(in->gates(), gateOf, result.event.gates); !done)
        return done.error();
    if (auto done = each(in->checkpoints(), checkpointOf, result.event.checkpoints); !done)
        return done.error();
    if (const auto one = isCanonical(*in, bytes, encode(result), "event definition"); !one)
        return one.error();
    return result;
}

} // namespace voelgoed::protocol
