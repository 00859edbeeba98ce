#pragma once

#include "shared/base/instant.h"
#include "shared/domain/ids.h"
#include "shared/domain/zone_table.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What organizers define before doors open, in the words of the admission specification (section 1). These are plain
/// values: compiled into an admission::Rulebook before anything is decided.
namespace voelgoed::domain {

enum class EventStatus { Draft, Published, Live, Ended, Cancelled, Postponed, Archived };

struct Event
{
    EventId id;
    std::string name;
    std::string timezone = "UTC"; ///< IANA name
    std::optional<base::Instant> startsAt;
    std::optional<base::Instant> endsAt;
    std::optional<base::Instant> doorsAt;
    EventStatus status = EventStatus::Live;
    std::optional<base::Instant> rescheduledAt;
    std::optional<base::Instant> scanFrom;  ///< absent: no limit
    std::optional<base::Instant> scanUntil; ///< absent: no limit

    friend bool operator==(const Event &, const Event &) = default;
};

/// One session of a series, or one day of a festival.
struct EventDate
{
    DateId id;
    std::optional<base::Instant> startsAt;
    std::optional<base::Instant> endsAt;
    std::optional<base::Instant> doorsAt;

    friend bool operator==(const EventDate &, const EventDate &) = default;
};

struct TicketType
{
    TicketTypeId id;
    std::string name;
    std::uint16_t admits = 1;                 ///< persons a ticket
    std::optional<std::vector<GateId>> gates; ///< absent: all
    bool attention = false;
    std::vector<std::string> notes; ///< "Wristband: blue"

    friend bool operator==(const TicketType &, const TicketType &) = default;
};

enum class GateState { Open, Closed };
enum class CapacityMode { Warn, Stop };

/// A physical lane of the venue.
struct Gate
{
    GateId id;
    std::string code; ///< unique in the venue
    std::string name;
    GateState state = GateState::Open;
    std::optional<std::uint32_t> capacity;
    CapacityMode capacityMode = CapacityMode::Warn;
    std::vector<CheckpointId> checkpoints; ///< empty: serves all
    bool servesEntry = true;
    bool servesExit = true;

    friend bool operator==(const Gate &, const Gate &) = default;
};

enum class Reentry { Never, AfterExit, Always };

/// A place in the logic where tickets are counted; a ticket is good once on each.
struct Checkpoint
{
    CheckpointId id;
    std::string name;
    std::optional<std::vector<TicketTypeId>> types; ///< absent: all
    std::optional<DateId> date;                     ///< absent: takes every date
    std::optional<ZoneId> zone;
    Reentry reentry = Reentry::Never;
    bool acceptPending = false;
    bool matchAddons = false;
    std::string rules = "null";                  ///< JSON logic (section 4)
    std::optional<std::chrono::seconds> closeAt; ///< local time of day at which all inside are booked out
    std::optional<std::uint32_t> capacity;

    friend bool operator==(const Checkpoint &, const Checkpoint &) = default;
};

enum class QuestionKind { Number, String, Text, Boolean, Choice, MultipleChoice, Date, Time, DateTime, Email };

struct QuestionOption
{
    std::string id;
    std::string label;

    friend bool operator==(const QuestionOption &, const QuestionOption &) = default;
};

struct Question
{
    QuestionId id;
    QuestionKind kind = QuestionKind::String;
    std::string text;
    bool required = false;
    bool atDoor = false;
    std::optional<std::vector<TicketTypeId>> types; ///< absent: all
    std::vector<QuestionOption> options;

    friend bool operator==(const Question &, const Question &) = default;
};

/// What to do with a correctly signed ticket that the list does not hold (it may have been sold a minute ago).
enum class UnlistedPolicy { Admit, AdmitAndFlag, Hold };

/// The event's own answers to questions of risk.
struct Policy
{
    UnlistedPolicy unlisted = UnlistedPolicy::Admit;
    std::optional<base::Milliseconds> listAgeMax; ///< older lists refuse to decide; absent: never too old
    bool namesOnDevices = false;                  ///< whether holders' names may leave the server

    friend bool operator==(const Policy &, const Policy &) = default;
};

/// Everything about an event that its gates need besides its tickets.
struct EventDefinition
{
    Event event;
    ZoneTable zone;
    std::vector<EventDate> dates;
    std::vector<TicketType> types;
    std::vector<Question> questions;
    std::vector<Gate> gates;
    std::vector<Checkpoint> checkpoints;
    Policy policy;

    friend bool operator==(const EventDefinition &, const EventDefinition &) = default;
};

} // namespace voelgoed::domain
