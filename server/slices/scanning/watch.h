#pragma once

#include "server/contracts/alarms.h"
#include "shared/base/json.h"
#include "shared/domain/row.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

/// What an event's scans are watched by: sums over spans of time, and what somebody should look at.
namespace voelgoed::scanning {

/// What is summed, of whom, and from when on. By the corrected time of the scans, so that the order in which they come
/// does not matter.
struct TallyKey
{
    enum class Kind {
        GateMinute, ///< scans at a gate; marked: none
        DeviceHour, ///< scans of a device; marked: those that it could not decide
        EventMinute ///< admissions; marked: doubles among them
    } kind = Kind::GateMinute;
    std::string subject;
    base::Instant since;

    friend auto operator<=>(const TallyKey &, const TallyKey &) = default;
};

struct Tally
{
    std::int64_t total = 0, marked = 0;
};

/// A ticket that was used up, shown again and refused.
struct Repeat
{
    domain::RowKey row;
    std::uint32_t ordinal = 0;
    std::string checkpoint, gate;
    base::Instant at;
};

/// From where on the organization wants to be told of something.
struct Alarms
{
    contracts::AlarmThresholds thresholds;
    std::optional<std::int64_t> eventCapacity; ///< persons; absent: nobody has said
};

/// What the database holds of it that concerns a batch.
struct Watch
{
    Alarms alarms;
    std::map<TallyKey, Tally> tallies;
    std::vector<Repeat> repeats;      ///< of the batch's tickets, an hour around it
    std::set<domain::RowKey> doubled; ///< rows of the batch's tickets that are marked as doubles already
};

/// One situation that somebody should look at, however many rows tell of it.
struct Incident
{
    std::string kind;     ///< a word of the table's
    std::string severity; ///< "info", "warning", "critical"
    std::string subject;  ///< one of a kind is open for each
    base::Instant at;     ///< when it was: an incident that was closed later covers it
    base::Json facts;
    boost::json::object told; ///< fields of the event, flat
    std::string details;      ///< a sentence without names
    bool isNew = true;        ///< false: it is open already, and gets these facts
};

} // namespace voelgoed::scanning
