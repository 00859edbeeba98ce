#pragma once

#include "server/contracts/event_feed.h"
#include "shared/protocol/definition.h"
#include "shared/protocol/ticket.h"

#include <functional>
#include <string>
#include <vector>

namespace voelgoed::support {

/// What the keepers of events and tickets would do, for tests of those who follow them: writes an event's feed into the
/// database of a server that runs, through the contract. From another process than the server's, as a second server
/// would. Everything waits until it is done, and ends the program when it fails.
class EventDesk
{
public:
    /// URLs of the server's database, for its own role and for the superuser.
    struct Urls
    {
        std::string app, superuser;
    };
    EventDesk(Urls urls, base::Uuid organization) : m_urls(std::move(urls)), m_organization(organization) {}

    void open(base::Uuid event, const protocol::Definition &definition);
    void put(base::Uuid event, const protocol::Definition &definition);
    void put(base::Uuid event, const std::vector<protocol::ListedTicket> &tickets);

    /// Runs SQL as the superuser, whom row security does not bind; the first cell of the last result, or "".
    std::string execute(const std::string &sql) const;

private:
    using Change = std::function<async::Task<base::Result<void>>(contracts::EventFeed &, pg::Tx &)>;
    void change(const Change &change) const;

    Urls m_urls;
    base::Uuid m_organization;
};

} // namespace voelgoed::support
