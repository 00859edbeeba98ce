#pragma once

#include "server/slices/events/changing.h"

/// What may become of an event's times by saving it, and of an event that is over: its life moves by actions of its
/// own.
namespace voelgoed::events {

/// Conflict, event_over, for one that has ended, is cancelled or archived: it stays as it was.
base::Result<void> notOver(const StoredEvent &event);

/// The times that a change would move, as places of a definition ("event.ends_at", "dates[0].doors_at"; the index is
/// the new one's), and its scanning window ("scan_from"). Dates that are in one of the two only do not count, but for
/// the window.
std::vector<std::string> movedTimes(const StoredEvent &before, const StoredEvent &after);

/// Whether the times of an event may change as they would: a draft's always; else only by who may move events, who
/// says why (Conflict, use_reschedule). A live one never closes sooner that way (Conflict, use_end).
base::Result<void> timesMayMove(const actions::Context &context, const StoredEvent &before, const StoredEvent &after,
                                const std::string &reason);

} // namespace voelgoed::events
