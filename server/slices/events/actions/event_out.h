#pragma once

#include "server/slices/events/changing.h"
#include "server/slices/events/words.h"

/// An event as actions answer it.
namespace voelgoed::events {

struct EventOut
{
    base::Uuid id{};
    std::string slug, name, description;
    domain::EventStatus status = domain::EventStatus::Draft;
    bool onSale = false; ///< by status and sale window, now
    std::string timezone;
    std::optional<base::Instant> startsAt, endsAt, doorsAt;
    std::optional<base::Instant> scanFrom, scanUntil; ///< as devices have them
    std::optional<base::Instant> saleFrom, saleUntil;
    std::int32_t opensBeforeMinutes = 0, closesAfterMinutes = 0;
    std::optional<std::int64_t> capacity;
    std::optional<base::Uuid> venue, series;
    std::optional<base::Instant> rescheduledAt;
    std::string postponementReason;
    std::optional<base::Uuid> replacedBy;
    std::int32_t version = 1, definitionVersion = 1;
    base::Instant createdAt, updatedAt;
};
BOOST_DESCRIBE_STRUCT(EventOut, (),
                      (id, slug, name, description, status, onSale, timezone, startsAt, endsAt, doorsAt, scanFrom,
                       scanUntil, saleFrom, saleUntil, opensBeforeMinutes, closesAfterMinutes, capacity, venue, series,
                       rescheduledAt, postponementReason, replacedBy, version, definitionVersion, createdAt, updatedAt))

bool isOnSaleAt(const StoredEvent &event, base::Instant now);
EventOut outOf(const StoredEvent &event, base::Instant now);
/// The same as an answer, with its ETag.
EventOut answer(actions::Context &context, const StoredEvent &event);

struct DetailsIn
{
    std::optional<actions::Text<4000>> description;
    std::optional<base::Uuid> venue, series;
    std::optional<std::int64_t> capacity;
    std::optional<base::Instant> saleFrom, saleUntil;
    std::optional<std::int32_t> opensBeforeMinutes, closesAfterMinutes; ///< at most a week; absent: 240 and 120
};
BOOST_DESCRIBE_STRUCT(DetailsIn, (),
                      (description, venue, series, capacity, saleFrom, saleUntil, opensBeforeMinutes,
                       closesAfterMinutes))

/// Invalid, with the field named below `pointer` ("" or "/details"), for what is out of range.
base::Result<Details> detailsOf(actions::Context &context, const DetailsIn &in, const std::string &pointer);

/// A definition's fields, each as it stands in the file.
struct DefinitionIn
{
    base::Json event;
    std::optional<base::Json> dates, ticketTypes, questions, gates, checkpoints, policy;
};
BOOST_DESCRIBE_STRUCT(DefinitionIn, (), (event, dates, ticketTypes, questions, gates, checkpoints, policy))

/// Read and checked. What is wrong is named by its JSON pointer.
base::Result<domain::EventDefinition> definitionOf(actions::Context &context, Events &events, const DefinitionIn &in);

inline constexpr std::size_t kDefinitionMax = std::size_t{1} << 20; ///< bytes of a body that holds one

} // namespace voelgoed::events
