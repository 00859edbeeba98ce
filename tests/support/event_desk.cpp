#include "tests/support/event_desk.h"

#include "server/platform/clock/system_clock.h"
#include "server/platform/work/database.h"
#include "server/slices/scanning/feed.h"
#include "shared/base/crypto/system_random.h"
#include "tests/support/run_task.h"

#include <libpq-fe.h>

#include <memory>

namespace voelgoed::support {

namespace {

protocol::ListedTicket withoutName(protocol::ListedTicket ticket)
{
    ticket.ticket.holder.clear();
    return ticket;
}

} // namespace

void EventDesk::change(const Change &change) const
{
    boost::asio::io_context context(1);
    platform::SystemClock clock;
    base::SystemRandom random;
    pg::Pool pool(context.get_executor(), {.url = m_urls.app, .connections = 1});
    work::Database database({.pool = pool, .clock = clock, .random = random, .wakeRelay = {}, .wakeJobs = {}});
    scanning::Waiting waiting(context.get_executor());
    scanning::Feed feed(waiting);
    const auto run = [&]() -> async::Task<base::Result<void>> {
        auto unit = co_await database.begin({access::Actor::system(m_organization, "a test"), {}});
        if (!unit)
            co_return unit.error();
        const auto changed = co_await change(feed, unit->tx());
        if (!changed)
            co_return changed.error();
        const auto committed = co_await database.commit(*unit);
        if (!committed)
            co_return committed.error();
        co_return base::Result<void>();
    };
    const auto done = test::runTask(context, run());
    base::ensure(static_cast<bool>(done), done ? "" : done.error().message.c_str());
}

void EventDesk::open(base::Uuid event, const protocol::Definition &definition)
{
    change([event](contracts::EventFeed &feed, pg::Tx &tx) { return feed.open(tx, event); });
    put(event, definition);
}

void EventDesk::put(base::Uuid event, const protocol::Definition &definition)
{
    const base::Bytes bytes = protocol::encode(definition);
    change([event, bytes](contracts::EventFeed &feed, pg::Tx &tx) { return feed.putDefinition(tx, event, bytes); });
}

void EventDesk::put(base::Uuid event, const std::vector<protocol::ListedTicket> &tickets)
{
    std::vector<contracts::FeedTicket> changes;
    for (const protocol::ListedTicket &ticket : tickets)
        changes.push_back({ticket.ticket.ordinal, protocol::encode(withoutName(ticket)), ticket.ticket.holder});
    change([event, changes](contracts::EventFeed &feed, pg::Tx &tx) { return feed.putTickets(tx, event, changes); });
}

std::string EventDesk::execute(const std::string &sql) const
{
    const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(m_urls.superuser.c_str()), &PQfinish);
    base::ensure(PQstatus(connection.get()) == CONNECTION_OK, PQerrorMessage(connection.get()));
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()), &PQclear);
    const ExecStatusType status = PQresultStatus(result.get());
    base::ensure(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, PQerrorMessage(connection.get()));
    return PQntuples(result.get()) > 0 && PQnfields(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

} // namespace voelgoed::support
