#pragma once

#include "server/contracts/event_definitions.h"
#include "server/contracts/organizations.h"
#include "server/slices/scanning/event_key.h"
#include "server/slices/scanning/store.h"

#include <deque>

namespace voelgoed::scanning {

/// What became of a delivery, and where the feed stands behind it.
struct Taken
{
    std::vector<Settled> settled;
    std::int64_t head = 0;
};

/// What a transaction of scans came to, for those who keep copies of it or tell it. To be looked at and not kept.
struct Committed
{
    const base::Uuid &organization;
    const base::Uuid &event;
    const Plan &plan;
    const Standing &standing;
    const admission::Rulebook *rulebook; ///< or none
};

/// The way of scans into the database. Deliveries of one event wait for each other and go in together, as one
/// transaction: under load a batch of many devices costs little more than one of one. Answered after the commit, and
/// not before. The server's thread.
class Lanes
{
public:
    struct Parts
    {
        async::Executor executor;
        work::Database &database;
        base::Random &random;
        Waiting &waiting;
        contracts::Organizations &organizations;
    };
    explicit Lanes(Parts parts);

    /// What goes along in the transaction; may run more than once. And what is done after each commit of scans.
    struct Followers
    {
        std::function<void(work::UnitOfWork &unit, const base::Uuid &event, const Plan &plan)> within;
        std::function<void(const Committed &committed)> after;
    };
    void follow(Followers followers) { m_followers = std::move(followers); }

    /// Fails as the database does; then nothing of the delivery was taken, or it can be told by a repetition. A row
    /// that makes a statement fail is found and quarantined, so that it does not keep the others back.
    async::Task<base::Result<Taken>> take(Delivery delivery);

    /// A row that was made in this transaction, which holds its event's feed: written down as those of deliveries are,
    /// and committed with it.
    async::Task<base::Result<void>> commit(work::UnitOfWork &unit, base::Uuid event, Brought brought, Alarms alarms);
    /// What a batch of the event is held against; to be asked before a transaction is begun.
    async::Task<Alarms> alarmsOf(base::Uuid organization, base::Uuid event);
    /// Who knows how many an event holds. Before anything is served; without it no event is ever full.
    void useEvents(contracts::EventDefinitions &events) { m_events = &events; }

    std::size_t waiting() const { return m_waiting; }

private:
    struct Ticket
    {
        explicit Ticket(const async::Executor &executor) : done(executor) {}
        Delivery delivery;
        async::Event done;
        std::optional<base::Result<Taken>> result;
    };
    struct Lane
    {
        std::deque<std::shared_ptr<Ticket>> queue;
        bool isRunning = false;
    };

    async::Task<void> run(EventKey key);
    /// Again, when it got into another transaction's way.
    async::Task<base::Result<std::vector<Taken>>> takeTogether(const std::vector<std::shared_ptr<Ticket>> &tickets);
    async::Task<base::Result<std::vector<Taken>>> takeOnce(const std::vector<std::shared_ptr<Ticket>> &tickets);
    async::Task<base::Result<void>> write(work::UnitOfWork &unit, const Batch &batch, const Facts &facts,
                                          const Plan &plan);
    async::Task<void> takeApart(const std::vector<std::shared_ptr<Ticket>> &tickets);

    Parts m_parts;
    contracts::EventDefinitions *m_events = nullptr;
    Followers m_followers;
    Rulebooks m_rulebooks;
    std::map<EventKey, Lane> m_lanes;
    std::size_t m_waiting = 0;
};

} // namespace voelgoed::scanning
