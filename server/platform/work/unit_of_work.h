#pragma once

#include "server/platform/pg/pool.h"
#include "server/platform/work/outgoing.h"
#include "server/platform/work/trace.h"

#include <functional>
#include <map>

namespace voelgoed::work {

/// The organization under whose id the platform keeps what belongs to none.
inline constexpr base::Uuid kPlatform{};

/// From this statement on the rows of this organization are seen, to the end of its transaction.
pg::Query enterQuery(const base::Uuid &organization);

/// One transaction of one actor, and what it leaves behind. Made by Database, for an action, a job or a consumer.
class UnitOfWork
{
public:
    /// For whom it is made.
    struct Who
    {
        access::Actor actor;
        std::string requestId;
        Trace trace{}; ///< that its events are of; none: they begin one
    };
    enum class Reach { AsTheActor, OneOrganization };
    UnitOfWork(pg::Tx tx, Who who, base::Instant now, Reach reach = Reach::AsTheActor);

    pg::Tx &tx() { return m_tx; }
    const access::Actor &actor() const { return m_who.actor; }
    const std::string &requestId() const { return m_who.requestId; }
    const Trace &trace() const { return m_who.trace; }
    base::Instant now() const { return m_now; }
    /// Whose rows this transaction sees.
    const base::Uuid &organization() const { return m_organization; }
    /// For what makes or moves an organization: from here on this one's rows are seen, and no other's. Only for the
    /// system and platform administrators.
    async::Task<base::Result<void>> enter(base::Uuid organization);
    /// The same for who proved, with a secret that the organization gave out, that it lets him in.
    async::Task<base::Result<void>> enterAsInvited(base::Uuid organization);

    /// For who proved in this transaction who he is: what it leaves behind is his from here on.
    void becomes(access::Actor actor) { m_who.actor = std::move(actor); }

    void emit(Event event) { m_outgoing.events.push_back(std::move(event)); }
    void enqueue(Job job) { m_outgoing.jobs.push_back(std::move(job)); }
    void audit(AuditEntry entry) { m_outgoing.audits.push_back(std::move(entry)); }
    /// After the commit only: caches change, then notices go out.
    void afterCommit(std::function<void()> action) { m_tx.afterCommit(std::move(action)); }

    Outgoing &outgoing() { return m_outgoing; }
    /// What it leaves behind in another organization, in the same transaction: of a change that concerns several. Only
    /// for the system and platform administrators. Its entries name their actions themselves; jobs are none of it.
    Outgoing &elsewhere(const base::Uuid &organization);
    const std::map<base::Uuid, Outgoing> &allElsewhere() const { return m_elsewhere; }

private:
    void mayEnterAny() const;

    pg::Tx m_tx;
    Who m_who;
    base::Uuid m_organization;
    base::Instant m_now;
    Reach m_reach;
    Outgoing m_outgoing;
    std::map<base::Uuid, Outgoing> m_elsewhere;
};

} // namespace voelgoed::work
