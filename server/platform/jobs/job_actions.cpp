#include "server/platform/jobs/job_actions.h"

#include <algorithm>

namespace voelgoed::jobs {

using actions::Context;
using async::Task;
using base::Result;

namespace {

constexpr pg::Sql kList{R"(
SELECT id, queue, kind, state, args, priority, attempt, max_attempts, progress::float8, errors, result, after_ids,
       created_at, run_at, finished_at
FROM platform.jobs
WHERE organization_id = app.org() AND ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR queue = $2)
  AND ($3::text IS NULL OR kind = $3)
  AND ($4::uuid IS NULL OR (created_at, id) < (SELECT b.created_at, b.id FROM platform.jobs b
                                               WHERE b.organization_id = app.org() AND b.id = $4))
ORDER BY created_at DESC, id DESC LIMIT $5)"};
constexpr pg::Sql kShow{R"(
SELECT id, queue, kind, state, args, priority, attempt, max_attempts, progress::float8, errors, result, after_ids,
       created_at, run_at, finished_at
FROM platform.jobs WHERE organization_id = app.org() AND id = $1)"};
/// What had its tries, or was called off, has as many as are its kind's before it. Attempts are counted on: an old one
/// that still runs must not be taken for a new one.
constexpr pg::Sql kRetry{R"(
UPDATE platform.jobs
SET state = 'available', run_at = now(), finished_at = NULL, progress = 0,
    max_attempts = CASE WHEN state IN ('discarded', 'cancelled') THEN attempt + coalesce($2, max_attempts)
                        ELSE max_attempts END
WHERE organization_id = app.org() AND id = $1 AND state IN ('scheduled', 'retryable', 'discarded', 'cancelled'))"};
constexpr pg::Sql kCancel{R"(
UPDATE platform.jobs SET state = 'cancelled', finished_at = now(), lease_until = NULL, worker = NULL
WHERE organization_id = app.org() AND id = $1 AND state IN ('available', 'scheduled', 'executing', 'retryable'))"};

base::Json jsonOf(const std::optional<pg::Jsonb> &text)
{
    auto json = text ? base::parseJson(text->text) : base::Result<base::Json>(base::Json());
    return json ? *std::move(json) : base::Json();
}

JobShown shownOf(const pg::Rows::Row &row)
{
    return {.id = row.get<base::Uuid>(0),
            .queue = row.get<std::string>(1),
            .kind = row.get<std::string>(2),
            .state = row.get<std::string>(3),
            .args = jsonOf(row.get<pg::Jsonb>(4)),
            .priority = row.get<std::int32_t>(5),
            .attempt = row.get<std::int32_t>(6),
            .maxAttempts = row.get<std::int32_t>(7),
            .progress = row.get<double>(8),
            .errors = jsonOf(row.get<pg::Jsonb>(9)),
            .result = jsonOf(row.get<std::optional<pg::Jsonb>>(10)),
            .after = row.get<std::vector<base::Uuid>>(11),
            .createdAt = row.get<base::Instant>(12),
            .runAt = row.get<base::Instant>(13),
            .finishedAt = row.get<std::optional<base::Instant>>(14)};
}

template <std::size_t Max>
std::optional<std::string> textOf(const std::optional<actions::Text<Max>> &text)
{
    return text ? std::optional(text->value) : std::nullopt;
}

Task<Result<JobShown>> find(Context &context, base::Uuid id)
{
    const auto rows = co_await context.run(kShow, pg::Params::of(id));
    if (!rows)
        co_return rows.error();
    if (rows->empty())
        co_return actions::notFound("job");
    co_return shownOf(rows->front());
}

void leaveTrail(Context &context, const JobShown &before, std::string_view after)
{
    context.audit({.action = {},
                   .subjectType = "job",
                   .subject = base::toText(before.id),
                   .before = {{"state", before.state}, {"kind", before.kind}},
                   .after = {{"state", after}},
                   .reason = {}});
}

} // namespace

Task<Result<JobPage>> listJobs(Context &context, Registry &, ListJobs in)
{
    std::optional<base::Uuid> after;
    if (in.after) {
        after = base::uuidFrom(in.after->value);
        if (!after)
            co_return context.reject("/after", "not_a_cursor", "This is not what a page before gave as next.");
    }
    std::optional<std::string> state;
    if (in.state)
        state = std::string(actions::written(*in.state).as_string());
    const std::int32_t limit = std::clamp(in.limit.value, 1, 100);
    const auto rows =
        co_await context.run(kList, pg::Params::of(state, textOf(in.queue), textOf(in.kind), after, limit + 1));
    if (!rows)
        co_return rows.error();
    JobPage page;
    for (std::size_t i = 0; i < rows->size() && i < static_cast<std::size_t>(limit); ++i)
        page.data.push_back(shownOf((*rows)[i]));
    page.hasMore = rows->size() > page.data.size();
    if (page.hasMore)
        page.next = base::toText(page.data.back().id);
    co_return page;
}

Task<Result<JobShown>> showJob(Context &context, Registry &, OneJob in)
{
    co_return co_await find(context, in.job);
}

Task<Result<JobShown>> retryJob(Context &context, Registry &registry, OneJob in)
{
    const auto before = co_await find(context, in.job);
    if (!before)
        co_return before.error();
    const auto *known = registry.find(before->kind);
    const auto tries = known ? std::optional<std::int32_t>(known->kind.maxAttempts) : std::nullopt;
    const auto retried = co_await context.run(kRetry, pg::Params::of(in.job, tries));
    if (!retried) {
        if (pg::SqlState::isUniqueViolation(retried.error(), "jobs_unique"))
            co_return actions::conflict("already_waiting", "Another job of the same kind and purpose waits already.");
        co_return retried.error();
    }
    if (retried->touched() == 0)
        co_return actions::conflict("wrong_state", "The job runs, is about to, or has been done.");
    leaveTrail(context, *before, "available");
    co_return co_await find(context, in.job);
}

Task<Result<JobShown>> cancelJob(Context &context, Registry &, OneJob in)
{
    const auto before = co_await find(context, in.job);
    if (!before)
        co_return before.error();
    const auto cancelled = co_await context.run(kCancel, pg::Params::of(in.job));
    if (!cancelled)
        co_return cancelled.error();
    if (cancelled->touched() == 0)
        co_return actions::conflict("wrong_state", "The job has ended already.");
    leaveTrail(context, *before, "cancelled");
    co_return co_await find(context, in.job);
}

void addJobActions(actions::Registry &actions, Registry &registry)
{
    using access::Permission;
    using access::Policy;
    using http::Method;
    const auto change = [](const char *name, const char *route, const char *summary) {
        return actions::Declaration{.name = name,
                                    .method = Method::Post,
                                    .route = route,
                                    .summary = summary,
                                    .policy = Policy::may(Permission::ManageJobs),
                                    .effect = actions::Effect::Writes,
                                    .audited = actions::Audited::Yes,
                                    .load = actions::LoadClass::Write};
    };
    actions.add({.name = "jobs.list",
                 .method = Method::Get,
                 .route = "/v1/jobs",
                 .summary = "The organization's jobs, latest first",
                 .policy = Policy::may(Permission::ManageJobs)},
                registry, &listJobs);
    actions.add({.name = "jobs.show",
                 .method = Method::Get,
                 .route = "/v1/jobs/{job}",
                 .summary = "One job: how far it is, and what went wrong",
                 .policy = Policy::may(Permission::ManageJobs)},
                registry, &showJob);
    actions.add(change("jobs.retry", "/v1/jobs/{job}/retry", "Runs a job now, also one that was given up"), registry,
                &retryJob);
    actions.add(change("jobs.cancel", "/v1/jobs/{job}/cancel", "Calls a job off, also one that runs"), registry,
                &cancelJob);
}

} // namespace voelgoed::jobs
