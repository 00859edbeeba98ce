#pragma once

#include "server/platform/work/unit_of_work.h"
#include "server/slices/events/store.h"

/// What others are told of an event, on events:event:{id} and events:org:{org}: flat, below 1 KB, no names of people.
namespace voelgoed::events {

void tellCreated(work::UnitOfWork &unit, const StoredEvent &event);
void tellDefinition(work::UnitOfWork &unit, const StoredEvent &event);
/// A move, and what it means: published, cancelled, postponed.
void tellMove(work::UnitOfWork &unit, const StoredEvent &event, domain::EventStatus from, const std::string &reason);
void tellRescheduled(work::UnitOfWork &unit, const StoredEvent &before, const StoredEvent &after);
void tellGate(work::UnitOfWork &unit, const StoredEvent &event, const domain::Gate &gate);

/// The beginning of a text that takes at most so many bytes as JSON, cut between two characters.
std::string cutForJson(std::string_view text, std::size_t maxBytes);

} // namespace voelgoed::events
