#include "server/slices/events/notices.h"

#include "shared/domain/words.h"

namespace voelgoed::events {

namespace {

namespace json = boost::json;

/// Of a text within an event, so that the whole stays below 1 KB.
constexpr std::size_t kTextMax = 200;

base::Json momentOf(const std::optional<base::Instant> &at)
{
    return at ? base::Json(json::string(base::formatInstant(*at))) : base::Json();
}

base::Json idOf(const std::optional<base::Uuid> &id)
{
    return id ? base::Json(json::string(base::toText(*id))) : base::Json();
}

void tell(work::UnitOfWork &unit, const StoredEvent &event, const char *type, json::object data)
{
    const std::string id = base::toText(event.id);
    data["event_id"] = json::string(id);
    data["version"] = event.version;
    for (const std::string &topic : {"events:event:" + id, "events:org:" + base::toText(unit.organization())})
        unit.emit({.topic = topic, .type = type, .subject = id, .data = data});
}

} // namespace

void tellCreated(work::UnitOfWork &unit, const StoredEvent &event)
{
    tell(unit, event, "events.created.v1", {{"slug", event.slug()}});
}

void tellDefinition(work::UnitOfWork &unit, const StoredEvent &event)
{
    tell(unit, event, "events.definition_changed.v1", {{"definition_version", event.definitionVersion}});
}

void tellMove(work::UnitOfWork &unit, const StoredEvent &event, domain::EventStatus from, const std::string &reason)
{
    const domain::Event &said = event.definition.event;
    tell(unit, event, "events.status_changed.v1",
         {{"old_status", json::string(domain::wordFor(from))},
          {"new_status", json::string(domain::wordFor(said.status))},
          {"rescheduled_at", momentOf(said.rescheduledAt)},
          {"replaced_by_event_id", idOf(event.replacedBy)}});
    if (said.status == domain::EventStatus::Published) {
        tell(unit, event, "events.published.v1",
             {{"name", cutForJson(said.name, kTextMax)},
              {"starts_at", momentOf(said.startsAt)},
              {"ends_at", momentOf(said.endsAt)},
              {"capacity", event.details.capacity ? base::Json(*event.details.capacity) : base::Json()}});
    }
    if (said.status == domain::EventStatus::Cancelled || said.status == domain::EventStatus::Postponed) {
        const char *type =
            said.status == domain::EventStatus::Cancelled ? "events.cancelled.v1" : "events.postponed.v1";
        tell(unit, event, type, {{"reason", cutForJson(reason, kTextMax)}});
    }
}

void tellRescheduled(work::UnitOfWork &unit, const StoredEvent &before, const StoredEvent &after)
{
    tell(unit, after, "events.rescheduled.v1",
         {{"old_starts_at", momentOf(before.definition.event.startsAt)},
          {"new_starts_at", momentOf(after.definition.event.startsAt)}});
}

void tellGate(work::UnitOfWork &unit, const StoredEvent &event, const domain::Gate &gate)
{
    tell(unit, event, "events.gate_state_changed.v1",
         {{"gate_id", cutForJson(gate.id.text, kTextMax)}, {"state", json::string(domain::wordFor(gate.state))}});
}

std::string cutForJson(std::string_view text, std::size_t maxBytes)
{
    const auto isInside = [&](std::size_t at) { return at < text.size() && (text[at] & '\xC0') == '\x80'; };
    for (std::size_t length = std::min(text.size(), maxBytes);; --length) {
        while (length > 0 && isInside(length))
            --length;
        const std::string cut(text.substr(0, length));
        if (length == 0 || base::toText(json::string(cut)).size() <= maxBytes + 2)
            return cut;
    }
}

} // namespace voelgoed::events
