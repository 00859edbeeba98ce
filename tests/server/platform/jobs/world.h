#pragma once

#include "server/platform/jobs/cron.h"
#include "server/platform/jobs/job_actions.h"
#include "tests/support/platform_server.h"
#include "tests/support/redis_process.h"

#include <QtTest/QtTest>

#undef emit // Qt's word for nothing, and a function of ours

namespace voelgoed::test {

inline const base::Uuid kOne = uuidOf(1);
inline const base::Uuid kOther = uuidOf(2);

using jobs::Attempt;
using jobs::Outcome;

/// Servers over one Postgres (and one Redis, or none), and what their jobs noted.
class World
{
public:
    explicit World(Postgres &postgres, const std::string &redis = "redis://127.0.0.1:1", int servers = 1,
                   jobs::RunnerOptions runner = {})
        : database(postgres)
    {
        for (int i = 0; i < servers; ++i) {
            PlatformServer &server = m_servers.emplace_back(
                context, PlatformServer::Given{.postgres = database.url(), .redis = redis, .runner = runner});
            server.jobs.addQueue({.name = "default", .limit = 4});
        }
    }

    PlatformServer &server(std::size_t number = 0) { return *std::next(m_servers.begin(), std::ptrdiff_t(number)); }

    /// A kind of which each attempt is noted, and then ended by `outcome`.
    void add(jobs::Kind kind, std::function<base::Result<Outcome>(Attempt &)> outcome, std::size_t at = 0)
    {
        server(at).jobs.add(std::move(kind), [this, outcome](Attempt &attempt) -> async::Task<base::Result<Outcome>> {
            noted.push_back(attempt.text("n"));
            co_return outcome(attempt);
        });
    }
    void addDone(const char *name = "count", std::size_t at = 0)
    {
        add(
            {.name = name, .queue = "default"}, [](Attempt &) { return Outcome(jobs::Done{}); }, at);
    }

    work::Job make(const char *kind, const std::string &n, std::size_t at = 0)
    {
        return server(at).jobs.make(kind, {{"n", n}});
    }
    void enqueue(work::Job job, const base::Uuid &organization = kOne, std::size_t at = 0)
    {
        const auto done =
            server(at).change(organization, [&](work::UnitOfWork &unit) { unit.enqueue(std::move(job)); });
        base::ensure(bool(done), done ? "" : done.error().message.c_str());
    }

    /// One word of the first job that there is: "state", "attempt", …
    std::string ask(const std::string &what, const std::string &where = "true")
    {
        return database.execute("SELECT " + what + " FROM platform.jobs WHERE " + where +
                                " ORDER BY created_at, id LIMIT 1");
    }
    std::string count(const std::string &where = "true")
    {
        return database.execute("SELECT count(*) FROM platform.jobs WHERE " + where);
    }
    /// Everything that waits is due now.
    void hurry() { database.execute("UPDATE platform.jobs SET run_at = now() WHERE finished_at IS NULL"); }

    template <class Condition>
    void until(Condition condition)
    {
        runUntil(context, std::move(condition));
    }

    boost::asio::io_context context;
    WorkDatabase database;
    std::vector<std::string> noted;

private:
    std::list<PlatformServer> m_servers;
};

} // namespace voelgoed::test
