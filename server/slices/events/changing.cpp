#include "server/slices/events/changing.h"

#include "server/slices/events/checking.h"
#include "server/slices/events/notices.h"
#include "server/slices/events/own.h"
#include "shared/domain/words.h"

namespace voelgoed::events {

using actions::Context;
using async::Task;
using base::Result;

namespace {

Task<Result<StoredEvent>> loadBy(Context &context, pg::Query query)
{
    const auto rows = co_await context.run(query.sql, std::move(query.params));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return actions::notFound("event");
    co_return storedOf(rows->front());
}

boost::json::object statusOf(const StoredEvent &event)
{
    const domain::Event &said = event.definition.event;
    boost::json::object status{{"status", boost::json::string(domain::wordFor(said.status))}};
    if (said.rescheduledAt)
        status["rescheduled_at"] = boost::json::string(base::formatInstant(*said.rescheduledAt));
    if (event.replacedBy)
        status["replaced_by"] = boost::json::string(base::toText(*event.replacedBy));
    return status;
}

} // namespace

Task<Result<void>> mayAdd(Context &context, Events &events)
{
    const auto status = co_await events.needs.organizations.statusIn(context.tx());
    if (!status)
        co_return status.error();
    if (*status != contracts::OrganizationStatus::Active) {
        co_return actions::forbidden("organization_suspended",
                                     "Nothing new can be set up while the organization is suspended.");
    }
    co_return Result<void>();
}

Task<Result<StoredEvent>> loadEvent(Context &context, Events &events, base::Uuid event)
{
    if (const auto sees = co_await seesEvent(context, events.needs.badges, event); !sees)
        co_return sees.error();
    co_return co_await loadBy(context, selectEvent(event));
}

Task<Result<StoredEvent>> loadToChange(Context &context, base::Uuid event)
{
    auto stored = co_await loadBy(context, selectEvent(event, Lock::ToChange));
    if (!stored)
        co_return stored.error();
    const auto expected = context.expectedVersion();
    if (expected && *expected != stored->version)
        co_return actions::preconditionFailed();
    co_return stored;
}

Task<Result<StoredEvent>> write(work::UnitOfWork &unit, Events &events, StoredEvent changed, std::optional<Saved> saved)
{
    ++changed.version;
    changed.updatedAt = unit.now();
    changed.window = windowOf(changed.definition, changed.details.grace);
    if (saved)
        ++changed.definitionVersion;
    std::vector<pg::Query> queries{updateEvent(changed)};
    if (saved)
        queries.push_back(insertVersion(changed, *saved, unit));
    const auto written = co_await unit.tx().run(std::move(queries));
    if (!written)
        co_return inWords(written.error());
    const bool isNewlySaid = saved && saved->change == "updated";
    const auto put = co_await events.known.putIntoFeed(
        unit.tx(), changed, isNewlySaid ? KnownEvents::Names::Fit : KnownEvents::Names::AsTheyAre);
    if (!put)
        co_return put.error();
    unit.afterCommit(
        [&events, organization = unit.organization(), id = changed.id] { events.forget(organization, id); });
    co_return changed;
}

Task<Result<StoredEvent>> writeMove(work::UnitOfWork &unit, Events &events, Move move)
{
    if (move.after.status() == move.before.status())
        co_return actions::conflict("illegal_move", "The event is there already.");
    const std::string_view to = domain::wordFor(move.after.status());
    auto after = co_await write(unit, events, std::move(move.after), std::move(move.saved));
    if (!after && after.error().word == "illegal_move") {
        co_return actions::conflict("illegal_move", "An event that is " +
                                                        std::string(domain::wordFor(move.before.status())) +
                                                        " cannot become " + std::string(to) + " now.");
    }
    if (!after)
        co_return after.error();
    tellMove(unit, *after, move.before.status(), move.reason);
    unit.audit(entryOf(*after, statusOf(move.before), statusOf(*after), move.reason));
    co_return after;
}

base::Error rejected(Context &context, const base::Error &error)
{
    const std::size_t colon = error.message.find(": ");
    if (error.code != base::ErrorCode::Invalid || colon == std::string::npos)
        return error;
    const std::string what = error.message.substr(colon + 2);
    const char *code = what == "unknown field" ? "unknown_field" : what == "is missing" ? "required" : "invalid";
    return context.reject(pointerOf(std::string_view(error.message).substr(0, colon)), code, what);
}

work::AuditEntry entryOf(const StoredEvent &event, base::Json before, base::Json after, std::string reason)
{
    return {.action = {},
            .subjectType = "event",
            .subject = base::toText(event.id),
            .before = std::move(before),
            .after = std::move(after),
            .reason = std::move(reason)};
}

} // namespace voelgoed::events
