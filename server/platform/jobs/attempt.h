#pragma once

#include "server/platform/work/database.h"

#include <variant>

namespace voelgoed::jobs {

// How an attempt ended that did not fail.
struct Done
{
    base::Json result{}; ///< for people and for who reads the job; no secrets
};
/// Not now: again after a while, and this was no attempt.
struct Snooze
{
    base::Milliseconds forSoLong{};
};
/// It is not needed any more.
struct CallOff
{
    std::string why;
};
/// It can never be done: no further attempts, and people see it.
struct GiveUp
{
    std::string why;
};
using Outcome = std::variant<Done, Snooze, CallOff, GiveUp>;

/// One attempt at a job, as its handler sees it. Lives as long as the handler runs.
class Attempt
{
public:
    struct Job
    {
        base::Uuid organization{};
        base::Uuid id{};
        std::string kind;
        base::Json args;
        int attempt = 1;
        int maxAttempts = 1;
        base::Instant createdAt;
    };
    Attempt(work::Database &database, Job job, std::string worker);

    const Job &job() const { return m_job; }
    const base::Json &args() const { return m_job.args; }
    /// One of the args; empty or zeros when it is no such thing.
    std::string text(std::string_view name) const;
    base::Uuid uuid(std::string_view name) const;

    /// A job of an organization reaches that one's rows and no other's; one of the platform's goes where it has to.
    work::Database &database() { return m_own ? *m_own : m_database; }
    /// The system, in the job's organization.
    work::Database::Who who() const;

    /// From 0 to 1, for people who wait. Written now and then.
    async::Task<void> progress(double part);

    /// Somebody called the job off, it took too long, its lease lapsed, or the server stops. Long handlers ask now and
    /// then, and return Snooze{} to be taken up again where that still counts.
    bool shouldStop() const { return m_shouldStop; }
    void askToStop() { m_shouldStop = true; }

private:
    work::Database &m_database;
    std::optional<work::Database> m_own; ///< of a job of an organization
    Job m_job;
    std::string m_worker;
    std::chrono::steady_clock::time_point m_lastWritten{};
    bool m_shouldStop = false;
};

} // namespace voelgoed::jobs
