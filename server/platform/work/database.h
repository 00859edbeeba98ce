#pragma once

#include "server/platform/work/unit_of_work.h"
#include "shared/base/clock.h"
#include "shared/base/random.h"

#include <memory>

namespace voelgoed::work {

/// How slices come to their rows: everything in a scope, every change with what it leaves behind. One for each server.
class Database
{
public:
    struct Parts
    {
        pg::Pool &pool;
        base::Clock &clock;
        base::Random &random;
        std::function<void()> wakeRelay; ///< after a commit that left events
        std::function<void()> wakeJobs;  ///< after a commit that left jobs
    };
    explicit Database(Parts parts);
    /// Over connections of its own, with the audit sink that the other one has or is given later.
    Database(Parts parts, const Database &with);

    /// The same for one organization alone: whatever is asked of another one's rows fails, and no transaction goes over
    /// to one. For work that is done in an organization's name and by nobody who would be refused. The copy has the
    /// original's connections, and does not outlive them.
    Database within(const base::Uuid &organization) const;

    /// Set once, by the slice that keeps the audit trail. Without one, nothing that has to be audited can be done.
    void setAuditSink(AuditSink &sink) { *m_audit = &sink; }

    using Who = UnitOfWork::Who;

    /// Runs `change` in a transaction and commits it with what it left behind. Runs it again, up to five times, when
    /// PostgreSQL says that it collided; `change` must therefore have no effect outside the transaction. A failure of
    /// `change` rolls back.
    template <class Value>
    async::Task<base::Result<Value>> transact(Who who,
                                              std::function<async::Task<base::Result<Value>>(UnitOfWork &)> change);

    /// Statements that only read, in one round trip.
    async::Task<base::Result<pg::Rows>> read(const base::Uuid &organization, pg::Sql sql, pg::Params params = {});
    async::Task<base::Result<std::vector<pg::Rows>>> read(const base::Uuid &organization,
                                                          std::vector<pg::Query> queries);

    /// For what commits by itself in ways of its own (batches of many devices): a transaction with nothing around it.
    async::Task<base::Result<UnitOfWork>> begin(Who who);
    /// Writes what the unit left behind, together with `last`, and commits.
    async::Task<base::Result<std::vector<pg::Rows>>> commit(UnitOfWork &unit, std::vector<pg::Query> last = {});

    pg::Pool &pool() { return m_parts.pool; }

private:
    base::Result<void> mayTouch(const base::Uuid &organization) const;
    static bool mayRetry(const base::Error &error, int attempt);
    /// Adds to `last` what writes entries and events into the organization that is entered by then.
    base::Result<void> leaveBehind(const UnitOfWork &unit, const base::Uuid &organization, const Outgoing &outgoing,
                                   std::vector<pg::Query> &last);

    Parts m_parts;
    std::shared_ptr<AuditSink *> m_audit;
    std::optional<base::Uuid> m_only;
};

template <class Value>
async::Task<base::Result<Value>>
Database::transact(Who who, std::function<async::Task<base::Result<Value>>(UnitOfWork &)> change)
{
    for (int attempt = 1;; ++attempt) {
        auto unit = co_await begin(who);
        if (!unit)
            co_return unit.error();
        base::Result<Value> done = co_await change(*unit);
        if (done) {
            const auto committed = co_await commit(*unit);
            if (committed)
                co_return done;
            done = committed.error();
        }
        if (!mayRetry(done.error(), attempt))
            co_return done;
    }
}

} // namespace voelgoed::work
