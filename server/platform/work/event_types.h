#pragma once

#include "shared/base/json.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voelgoed::work {

/// A field of an event's data.
struct EventField
{
    enum class Kind { Text, Id, Time, Integer, Boolean };
    enum class Presence {
        Always,
        Sometimes ///< or null
    };

    std::string_view name;
    Kind kind = Kind::Text; ///< Id: a UUID
    std::string_view says;  ///< what it means, for who follows the event
    Presence presence = Presence::Always;
};

/// What is known of all events of one type. Its version changes when a field goes or means something else; what is
/// added changes nothing.
struct EventType
{
    std::string_view type; ///< "events.published.v1"
    std::string_view says; ///< what happened
    std::vector<EventField> fields;
    std::vector<std::string_view> topics{}; ///< where it is told: "events:event:{event}"
};

/// All types of events that a server tells, with what they hold: what /v1/schemas and the webhooks of /v1/openapi.json
/// are made of. Filled while slices are made.
class EventTypes
{
public:
    /// Two of one name, a name without slice or version, or two fields of one name are a bug.
    void add(EventType type);
    void add(std::vector<EventType> types);

    const std::map<std::string, EventType, std::less<>> &all() const { return m_types; }
    const EventType *find(std::string_view type) const;

    /// What is wrong with an event's data: a type that is not known, a field that its type has not, lacks or has as
    /// something else.
    std::optional<std::string> complaintAbout(std::string_view type, const base::Json &data) const;

private:
    std::map<std::string, EventType, std::less<>> m_types;
};

/// The data of an event of this type, as JSON Schema 2020-12. It allows fields that it does not name: later versions of
/// the server may tell more.
base::Json schemaOf(const EventType &type);

/// The whole of an event of this type: a CloudEvent whose `data` is as schemaOf() has it.
base::Json envelopeSchemaOf(const EventType &type);

std::string_view word(EventField::Kind kind); ///< "text", "id", "time", "integer", "boolean"

} // namespace voelgoed::work
