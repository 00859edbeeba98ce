#pragma once

#include "server/platform/actions/context.h"
#include "server/slices/events/events.h"

/// One change of an event: its row locked, written, told to its devices, its caches and whoever listens, and audited.
namespace voelgoed::events {

/// Nothing is set up or sold while the organization is suspended; what there is goes on. Forbidden.
async::Task<base::Result<void>> mayAdd(actions::Context &context, Events &events);

/// For reading. NotFound as for an event that is not there.
async::Task<base::Result<StoredEvent>> loadEvent(actions::Context &context, Events &events, base::Uuid event);
/// Locked, and of the version that If-Match names, where it names one.
async::Task<base::Result<StoredEvent>> loadToChange(actions::Context &context, base::Uuid event);

/// Writes what became of a locked event under its next version, with a row of event_versions where its definition was
/// saved anew, and the definition into its feed. The event as it is then.
async::Task<base::Result<StoredEvent>> write(work::UnitOfWork &unit, Events &events, StoredEvent changed,
                                             std::optional<Saved> saved = {});

/// Moves a locked event, with whatever else was changed in it; tells and audits it.
struct Move
{
    StoredEvent before, after;
    std::string reason;
    std::optional<Saved> saved{};
};
async::Task<base::Result<StoredEvent>> writeMove(work::UnitOfWork &unit, Events &events, Move move);

/// An Invalid whose message begins with a place of a definition, as clients get it: under its JSON pointer.
base::Error rejected(actions::Context &context, const base::Error &error);

work::AuditEntry entryOf(const StoredEvent &event, base::Json before, base::Json after, std::string reason);

} // namespace voelgoed::events
