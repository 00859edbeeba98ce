#pragma once

#include "server/platform/actions/registry.h"
#include "server/platform/jobs/registry.h"

/// What people may do with jobs: those of their own organization.
namespace voelgoed::jobs {

/// As jobs.state has them, but that 'discarded' is what was tried too often, and stays.
enum class StateWord { Available, Scheduled, Executing, Retryable, Completed, Cancelled, Discarded };
BOOST_DESCRIBE_ENUM(StateWord, Available, Scheduled, Executing, Retryable, Completed, Cancelled, Discarded)

struct ListJobs
{
    std::optional<StateWord> state;
    std::optional<actions::Text<100>> queue;
    std::optional<actions::Text<100>> kind;
    std::optional<actions::Text<100>> after; ///< `next` of the page before
    actions::Defaulted<std::int32_t, 50> limit;
};
BOOST_DESCRIBE_STRUCT(ListJobs, (), (state, queue, kind, after, limit))

struct OneJob
{
    base::Uuid job{};
};
BOOST_DESCRIBE_STRUCT(OneJob, (), (job))

struct JobShown
{
    base::Uuid id{};
    std::string queue, kind, state;
    base::Json args;
    std::int32_t priority = 0, attempt = 0, maxAttempts = 0;
    double progress = 0; ///< 0 to 1
    base::Json errors;   ///< of the latest attempts: at, attempt, message
    base::Json result;
    std::vector<base::Uuid> after;
    base::Instant createdAt, runAt;
    std::optional<base::Instant> finishedAt;
};
BOOST_DESCRIBE_STRUCT(JobShown, (),
                      (id, queue, kind, state, args, priority, attempt, maxAttempts, progress, errors, result, after,
                       createdAt, runAt, finishedAt))

struct JobPage
{
    std::vector<JobShown> data; ///< latest first
    bool hasMore = false;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(JobPage, (), (data, hasMore, next))

async::Task<base::Result<JobPage>> listJobs(actions::Context &context, Registry &registry, ListJobs in);
async::Task<base::Result<JobShown>> showJob(actions::Context &context, Registry &registry, OneJob in);
/// One that waits runs now; one that was discarded or called off begins anew.
async::Task<base::Result<JobShown>> retryJob(actions::Context &context, Registry &registry, OneJob in);
/// One that runs is asked to stop, and what it does from here on is not kept.
async::Task<base::Result<JobShown>> cancelJob(actions::Context &context, Registry &registry, OneJob in);

/// jobs.list, jobs.show, jobs.retry, jobs.cancel, for those who may manage jobs. A job's error texts are for them, so
/// that handlers write what people may read.
void addJobActions(actions::Registry &actions, Registry &registry);

} // namespace voelgoed::jobs
