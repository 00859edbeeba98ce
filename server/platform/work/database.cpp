#include "server/platform/work/database.h"

#include "server/platform/work/envelope.h"
#include "shared/base/ensure.h"

namespace voelgoed::work {

using async::Task;
using base::Result;

namespace {

constexpr int kAttemptsMax = 5;

constexpr pg::Sql kPutEvents{R"(
INSERT INTO platform.outbox (organization_id, topic, event)
SELECT app.org(), topic, event::json FROM unnest($1::text[], $2::text[]) AS new (topic, event))"};

constexpr pg::Sql kPutJobs{R"(
INSERT INTO platform.jobs (organization_id, id, queue, kind, args, run_at, unique_key, priority, max_attempts, state,
                           after_ids, after_rule)
SELECT app.org(), id, queue, kind, args::jsonb, coalesce(run_at, now()), nullif(unique_key, ''), priority, max_attempts,
       CASE WHEN run_at > now() THEN 'scheduled' ELSE 'available' END, after_ids::uuid[], after_rule
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::int[], $8::int[],
            $9::text[], $10::text[])
     AS new (id, queue, kind, args, run_at, unique_key, priority, max_attempts, after_ids, after_rule)
ON CONFLICT DO NOTHING)"};

const char *word(AfterRule rule)
{
    switch (rule) {
    case AfterRule::Success:
        return "success";
    case AfterRule::Failure:
        return "failure";
    case AfterRule::End:
        return "end";
    }
    return "";
}

/// An array as PostgreSQL writes it: arrays of arrays cannot be taken apart there.
std::string arrayOf(const std::vector<base::Uuid> &ids)
{
    std::string text = "{";
    for (const base::Uuid &id : ids)
        text += (text.size() > 1 ? "," : "") + base::toText(id);
    return text + "}";
}

pg::Query putJobs(const std::vector<Job> &jobs, base::Instant now, base::Random &random)
{
    std::vector<base::Uuid> ids;
    std::vector<std::string> queues, kinds, args, keys, afters, rules;
    std::vector<std::optional<base::Instant>> times;
    std::vector<std::int32_t> priorities, attempts;
    for (const Job &job : jobs) {
        base::ensure(job.after.size() <= kAfterMax, "a job that waits for too many");
        ids.push_back(job.id ? *job.id : base::makeUuid(now, random));
        queues.push_back(job.queue);
        kinds.push_back(job.kind);
        args.push_back(base::toText(job.args));
        times.push_back(job.runAt);
        keys.push_back(job.uniqueKey);
        priorities.push_back(job.priority);
        attempts.push_back(job.maxAttempts);
        afters.push_back(arrayOf(job.after));
        rules.emplace_back(word(job.afterRule));
    }
    return {kPutJobs, pg::Params::of(ids, queues, kinds, args, times, keys, priorities, attempts, afters, rules)};
}

} // namespace

Database::Database(Parts parts) : m_parts(std::move(parts)), m_audit(std::make_shared<AuditSink *>(nullptr)) {}

Database::Database(Parts parts, const Database &with) : m_parts(std::move(parts)), m_audit(with.m_audit) {}

Database Database::within(const base::Uuid &organization) const
{
    Database one = *this;
    one.m_only = organization;
    return one;
}

Result<void> Database::mayTouch(const base::Uuid &organization) const
{
    if (!m_only || *m_only == organization)
        return {};
    return base::Error{base::ErrorCode::Internal,
                       "work for organization " + base::toText(*m_only) + " asked for rows of " +
                           base::toText(organization),
                       {}};
}

bool Database::mayRetry(const base::Error &error, int attempt)
{
    return attempt < kAttemptsMax && pg::SqlState::isCollision(error);
}

Task<Result<UnitOfWork>> Database::begin(Who who)
{
    const base::Uuid organization = who.actor.organization.value_or(kPlatform);
    if (const auto may = mayTouch(organization); !may)
        co_return may.error();
    auto tx = co_await m_parts.pool.begin(pg::Scope::of(organization));
    if (!tx)
        co_return tx.error();
    const auto reach = m_only ? UnitOfWork::Reach::OneOrganization : UnitOfWork::Reach::AsTheActor;
    co_return UnitOfWork(std::move(*tx), std::move(who), m_parts.clock.now().wall, reach);
}

Result<void> Database::leaveBehind(const UnitOfWork &unit, const base::Uuid &organization, const Outgoing &outgoing,
                                   std::vector<pg::Query> &last)
{
    for (const AuditEntry &entry : outgoing.audits) {
        if (!*m_audit) {
            return base::Error{base::ErrorCode::Unavailable,
                               "nothing keeps the audit trail, so " + entry.action + " cannot be done",
                               {}};
        }
        (*m_audit)->record(entry, {unit.actor(), unit.requestId(), unit.now(), organization}, last);
    }
    if (outgoing.events.empty())
        return {};
    std::vector<std::string> topics, events;
    Postmark postmark{
        .organization = organization, .at = unit.now(), .requestId = unit.requestId(), .trace = unit.trace()};
    for (const Event &event : outgoing.events) {
        postmark.id = base::makeUuid(unit.now(), m_parts.random);
        if (postmark.trace.isNone())
            postmark.trace = stepOf({}, postmark.id);
        topics.push_back(event.topic);
        events.push_back(envelope(event, postmark));
    }
    last.push_back({kPutEvents, pg::Params::of(topics, events)});
    return {};
}

Task<Result<std::vector<pg::Rows>>> Database::commit(UnitOfWork &unit, std::vector<pg::Query> last)
{
    const Outgoing &outgoing = unit.outgoing();
    const std::size_t asked = last.size();
    if (const auto left = leaveBehind(unit, unit.organization(), outgoing, last); !left)
        co_return left.error();
    if (!outgoing.jobs.empty())
        last.push_back(putJobs(outgoing.jobs, unit.now(), m_parts.random));
    bool leavesEvents = !outgoing.events.empty();
    // Last of all: nothing of the unit's own comes behind it.
    for (const auto &[organization, there] : unit.allElsewhere()) {
        last.push_back(enterQuery(organization));
        if (const auto left = leaveBehind(unit, organization, there, last); !left)
            co_return left.error();
        leavesEvents = leavesEvents || !there.events.empty();
    }
    auto done = co_await unit.tx().runAndCommit(std::move(last));
    if (!done)
        co_return done.error();
    if (leavesEvents && m_parts.wakeRelay)
        m_parts.wakeRelay();
    if (!outgoing.jobs.empty() && m_parts.wakeJobs)
        m_parts.wakeJobs();
    done->resize(asked);
    co_return done;
}

Task<Result<pg::Rows>> Database::read(const base::Uuid &organization, pg::Sql sql, pg::Params params)
{
    if (const auto may = mayTouch(organization); !may)
        co_return may.error();
    co_return co_await m_parts.pool.once(pg::Scope::of(organization), sql, std::move(params));
}

Task<Result<std::vector<pg::Rows>>> Database::read(const base::Uuid &organization, std::vector<pg::Query> queries)
{
    if (const auto may = mayTouch(organization); !may)
        co_return may.error();
    co_return co_await m_parts.pool.once(pg::Scope::of(organization), std::move(queries));
}

} // namespace voelgoed::work
