#include "server/slices/scanning/lane.h"

#include "server/platform/pg/sql_state.h"
#include "server/slices/scanning/overrides.h"
#include "server/slices/scanning/store_incidents.h"

namespace voelgoed::scanning {

using async::Task;
using base::Result;

namespace {

constexpr std::size_t kRowsTogether = 4'000;

constexpr int kAttemptsMax = 5; ///< when transactions got into each other's way

/// Something about the rows, and not about the database: with fewer of them it may go well.
bool isOfTheRows(const base::Error &error)
{
    return error.code == base::ErrorCode::Invalid || error.code == base::ErrorCode::Conflict;
}

std::size_t rowsOf(const Delivery &delivery)
{
    return delivery.rows.size() + delivery.unusable.size();
}

} // namespace

Lanes::Lanes(Parts parts) : m_parts(std::move(parts)) {}

Task<Result<Taken>> Lanes::take(Delivery delivery)
{
    const auto ticket = std::make_shared<Ticket>(m_parts.executor);
    const EventKey key{delivery.organization, delivery.event};
    ticket->delivery = std::move(delivery);
    Lane &lane = m_lanes[key];
    lane.queue.push_back(ticket);
    ++m_waiting;
    if (!lane.isRunning) {
        lane.isRunning = true;
        async::start(m_parts.executor, "scanning lane", run(key));
    }
    co_await ticket->done.wait();
    --m_waiting;
    co_return std::move(*ticket->result);
}

Task<void> Lanes::run(EventKey key)
{
    // What is ready at this moment may come along.
    co_await async::yield();
    for (;;) {
        Lane &lane = m_lanes[key];
        if (lane.queue.empty()) {
            m_lanes.erase(key);
            co_return;
        }
        std::vector<std::shared_ptr<Ticket>> tickets;
        std::size_t rows = 0;
        while (!lane.queue.empty() &&
               (tickets.empty() || rows + rowsOf(lane.queue.front()->delivery) <= kRowsTogether)) {
            rows += rowsOf(lane.queue.front()->delivery);
            tickets.push_back(std::move(lane.queue.front()));
            lane.queue.pop_front();
        }
        auto taken = co_await takeTogether(tickets);
        if (taken) {
            for (std::size_t i = 0; i < tickets.size(); ++i)
                tickets[i]->result = std::move((*taken)[i]);
        } else if (tickets.size() > 1 && isOfTheRows(taken.error())) {
            for (const auto &ticket : tickets) {
                auto alone = co_await takeTogether({ticket});
                if (alone)
                    ticket->result = std::move(alone->front());
                else if (isOfTheRows(alone.error()))
                    co_await takeApart({ticket});
                else
                    ticket->result = alone.error();
            }
        } else if (isOfTheRows(taken.error())) {
            co_await takeApart(tickets);
        } else {
            for (const auto &ticket : tickets)
                ticket->result = taken.error();
        }
        for (const auto &ticket : tickets)
            ticket->done.notify();
    }
}

/// Row by row; what fails alone is quarantined.
Task<void> Lanes::takeApart(const std::vector<std::shared_ptr<Ticket>> &tickets)
{
    const auto ticket = tickets.front();
    Delivery whole = ticket->delivery;
    Taken all;
    for (std::size_t i = 0; i < whole.rows.size(); ++i) {
        ticket->delivery.rows = {whole.rows[i]};
        ticket->delivery.unusable.clear();
        if (i > 0)
            ticket->delivery.shifts.clear();
        auto one = co_await takeTogether({ticket});
        if (!one && isOfTheRows(one.error())) {
            ticket->delivery.unusable = {{whole.rows[i].bytes, whole.rows[i].row.key, "refused_by_database"}};
            ticket->delivery.rows.clear();
            one = co_await takeTogether({ticket});
        }
        if (!one) {
            ticket->result = one.error();
            co_return;
        }
        all.head = one->front().head;
        all.settled.insert(all.settled.end(), one->front().settled.begin(), one->front().settled.end());
    }
    ticket->delivery.rows.clear();
    ticket->delivery.unusable = whole.unusable;
    if (!whole.unusable.empty()) {
        auto rest = co_await takeTogether({ticket});
        if (!rest) {
            ticket->result = rest.error();
            co_return;
        }
        all.settled.insert(all.settled.end(), rest->front().settled.begin(), rest->front().settled.end());
    }
    ticket->result = std::move(all);
}

Task<Result<std::vector<Taken>>> Lanes::takeTogether(const std::vector<std::shared_ptr<Ticket>> &tickets)
{
    for (int attempt = 1;; ++attempt) {
        auto taken = co_await takeOnce(tickets);
        if (taken || attempt == kAttemptsMax || !pg::SqlState::isCollision(taken.error()))
            co_return taken;
    }
}

Task<Result<std::vector<Taken>>> Lanes::takeOnce(const std::vector<std::shared_ptr<Ticket>> &tickets)
{
    const Delivery &first = tickets.front()->delivery;
    const Alarms alarms = co_await alarmsOf(first.organization, first.event);
    auto unit = co_await m_parts.database.begin({access::Actor::system(first.organization, "scans"), {}});
    if (!unit)
        co_return unit.error();
    Batch batch{.event = first.event, .rows = {}, .unusable = {}, .shifts = {}, .receivedAt = first.receivedAt};
    for (const auto &ticket : tickets) {
        base::ensure(ticket->delivery.organization == first.organization && ticket->delivery.event == first.event,
                     "rows of two events in one transaction");
        for (const Brought &brought : ticket->delivery.rows)
            batch.rows.push_back(&brought);
        for (const Unusable &unusable : ticket->delivery.unusable)
            batch.unusable.emplace_back(&unusable, ticket->delivery.broughtBy);
        for (const protocol::ShiftNote &shift : ticket->delivery.shifts)
            batch.shifts.push_back({ticket->delivery.broughtBy, shift});
        batch.said[ticket->delivery.broughtBy] = {ticket->delivery.queued, ticket->delivery.failures};
    }
    auto facts = co_await loadFacts(unit->tx(), batch.event, batch.rows, m_rulebooks);
    if (!facts)
        co_return facts.error();
    facts->watch.alarms = alarms;
    Plan plan = planBatch(*facts, batch.rows, batch.receivedAt);
    if (const auto found = co_await findIncidents(unit->tx(), *facts, batch, plan); !found)
        co_return found.error();
    const auto written = co_await write(*unit, batch, *facts, plan);
    if (!written)
        co_return written.error();
    std::vector<Taken> taken;
    auto settled = plan.settled.begin();
    for (const auto &ticket : tickets) {
        const auto end = settled + static_cast<std::ptrdiff_t>(ticket->delivery.rows.size());
        taken.push_back({.settled = {settled, end}, .head = plan.head});
        for (const Unusable &unusable : ticket->delivery.unusable)
            taken.back().settled.push_back({unusable.key, protocol::RowOutcome::Quarantined, unusable.reason});
        settled = end;
    }
    co_return taken;
}

Task<Result<void>> Lanes::write(work::UnitOfWork &unit, const Batch &batch, const Facts &facts, const Plan &plan)
{
    Writing writing = statementsFor(plan, batch, m_parts.random);
    for (work::AuditEntry &entry : overrideEntries(batch.event, plan))
        unit.audit(std::move(entry));
    if (m_followers.within)
        m_followers.within(unit, batch.event, plan);
    const auto committed = co_await m_parts.database.commit(unit, std::exchange(writing.queries, {}));
    if (!committed)
        co_return committed.error();
    if (plan.head != facts.head)
        m_parts.waiting.wake(batch.event);
    Standing standing = standingFrom(writing, *committed);
    const std::map<GateKey, GateDelta> after = occupancyAfter(facts, plan);
    for (const GateCount &count : standing.gates)
        standing.through[count.of.gate] = throughGate(after, count.of.gate);
    standing.inside = std::max<std::int64_t>(insideEvent(after, facts.rulebook.get(), batch.receivedAt), 0);
    if (m_followers.after && (standing.batch > 0 || !standing.shifts.empty()))
        m_followers.after({.organization = unit.organization(),
                           .event = batch.event,
                           .plan = plan,
                           .standing = standing,
                           .rulebook = facts.rulebook.get()});
    co_return Result<void>();
}

Task<Alarms> Lanes::alarmsOf(base::Uuid organization, base::Uuid event)
{
    Alarms alarms;
    if (const auto set = co_await m_parts.organizations.alarms(organization))
        alarms.thresholds = *set;
    if (!m_events)
        co_return alarms;
    const auto known = co_await m_events->find(organization, event);
    if (known && *known)
        alarms.eventCapacity = (*known)->capacity;
    co_return alarms;
}

Task<Result<void>> Lanes::commit(work::UnitOfWork &unit, base::Uuid event, Brought brought, Alarms alarms)
{
    const std::vector<const Brought *> rows{&brought};
    auto facts = co_await loadFacts(unit.tx(), event, rows, m_rulebooks);
    if (!facts)
        co_return facts.error();
    facts->watch.alarms = alarms;
    Plan plan = planBatch(*facts, rows, unit.now());
    const Batch batch{.event = event, .rows = rows, .unusable = {}, .shifts = {}, .receivedAt = unit.now()};
    if (const auto found = co_await findIncidents(unit.tx(), *facts, batch, plan); !found)
        co_return found.error();
    co_return co_await write(unit, batch, *facts, plan);
}

} // namespace voelgoed::scanning
