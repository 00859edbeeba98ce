#pragma once

#include "server/platform/pg/pool.h"
#include "server/platform/work/unit_of_work.h"
#include "server/slices/events/schedule.h"
#include "shared/base/json.h"

/// Rows of events.events.
namespace voelgoed::events {

/// Of a definition that is read back: deep enough for any that was taken.
inline constexpr base::JsonLimits kStoredLimits{.depth = 512};

/// What is said of an event beside its definition.
struct Details
{
    std::string description;
    std::optional<base::Uuid> venue, series;
    std::optional<std::int64_t> capacity;
    std::optional<base::Instant> saleFrom, saleUntil;
    Grace grace;

    friend bool operator==(const Details &, const Details &) = default;
};

struct StoredEvent
{
    base::Uuid id{};
    std::int32_t version = 1, definitionVersion = 1;
    domain::EventDefinition
        definition; ///< as the organizer said it; `event.id` is the slug; without the zone's offsets
    Details details;
    Window window;
    std::string postponementReason;
    std::optional<base::Uuid> replacedBy;
    base::Instant createdAt, updatedAt;

    const std::string &slug() const { return definition.event.id.text; }
    domain::EventStatus status() const { return definition.event.status; }
};

enum class Lock {
    None,
    AgainstChange, ///< FOR SHARE
    ToChange,      ///< FOR UPDATE
};

/// One row of storedOf(), or none.
pg::Query selectEvent(const base::Uuid &event, Lock lock = Lock::None);
/// The same unless its version is this one.
pg::Query selectUnless(const base::Uuid &event, std::int32_t version);
pg::Query selectVersion(const base::Uuid &event);

struct Filter
{
    std::optional<base::Uuid> after;
    std::optional<std::vector<base::Uuid>> only; ///< none: all
    std::vector<std::string> statuses;           ///< empty: all
    std::optional<std::string> slug;
    std::int32_t limit = 50;
};
/// Newest first; rows of storedOf(), one more than the limit where there are more.
pg::Query selectEvents(const Filter &filter);

/// Corrupt when the definition cannot be read any more.
base::Result<StoredEvent> storedOf(const pg::Rows::Row &row);

/// One row, or none when its slug is another's.
pg::Query insertEvent(const StoredEvent &event);
/// Writes everything but the id and the time it was made; `version` is the new one.
pg::Query updateEvent(const StoredEvent &event);

/// A failure of the two, in words for clients: slug_taken, illegal_move, no such venue.
base::Error inWords(const base::Error &error);

/// Why a definition was saved.
struct Saved
{
    std::string change; ///< "created", "updated", "rescheduled"
    std::string reason;
};
pg::Query insertVersion(const StoredEvent &event, const Saved &saved, const work::UnitOfWork &unit);

} // namespace voelgoed::events
