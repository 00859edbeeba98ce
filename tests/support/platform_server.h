#pragma once

#include "server/platform/clock/system_clock.h"
#include "server/platform/jobs/runner.h"
#include "server/platform/outbox/relay.h"
#include "shared/base/crypto/system_random.h"
#include "tests/support/memory_socket.h"
#include "tests/support/work_database.h"

#include <list>
#include <memory>

namespace voelgoed::test {

/// What one server has of the platform: several of them in a test are as many servers over one Postgres and one Redis.
struct PlatformServer
{
    struct Given
    {
        std::string postgres, redis;
        outbox::RelayOptions relay{};
        jobs::RunnerOptions runner{};
        topics::PresenceTimes presence{};
        std::size_t connections = 6;
    };

    PlatformServer(boost::asio::io_context &on, Given with)
        : context(on),
          given(std::move(with)),
          name(base::toText(base::makeUuid(clock.now().wall, random))),
          pool(on.get_executor(), {.url = given.postgres, .connections = given.connections, .provedEvery = 1}),
          redis(on.get_executor(), {.url = given.redis}),
          database({.pool = pool,
                    .clock = clock,
                    .random = random,
                    .wakeRelay =
                        [this] {
                            if (relay)
                                relay->wake();
                        },
                    .wakeJobs =
                        [this] {
                            if (runner)
                                runner->wake();
                        }}),
          topics({.executor = on.get_executor(),
                  .redis = redis,
                  .clock = clock,
                  .random = random,
                  .presence = given.presence})
    {
        outbox::addDeliveryJob(jobs, consumers);
    }

    ~PlatformServer()
    {
        for (Client &client : clients)
            client.socket.goAway();
        runUntil(context, [this] { return topics.sockets() == 0; });
        if (runner)
            runTask(context, runner->stop(base::Milliseconds(5'000)));
        if (relay)
            runTask(context, relay->stop());
    }

    /// Each relay and each runner is another server to the others, also when it comes after one here.
    void startRelay()
    {
        relay = std::make_unique<outbox::Relay>(outbox::Relay::Parts{.executor = context.get_executor(),
                                                                     .database = database,
                                                                     .redis = freshRedis(),
                                                                     .topics = topics,
                                                                     .consumers = consumers,
                                                                     .jobs = jobs,
                                                                     .clock = clock,
                                                                     .owner = freshName(),
                                                                     .options = given.relay,
                                                                     .trouble = {}});
        relay->start();
    }

    void startRunner()
    {
        runner = std::make_unique<jobs::Runner>(jobs::Runner::Parts{.executor = context.get_executor(),
                                                                    .database = database,
                                                                    .registry = jobs,
                                                                    .clock = clock,
                                                                    .random = random,
                                                                    .redis = &freshRedis(),
                                                                    .worker = freshName(),
                                                                    .options = given.runner,
                                                                    .observe = {},
                                                                    .trouble = {}});
        runner->start();
    }

    /// Somebody with a socket at this server. Stays as long as the server.
    MemorySocket &connect(access::Actor actor)
    {
        Client &client = clients.emplace_back(context.get_executor());
        async::start(context.get_executor(), "a socket", topics.serve(std::move(actor), client.socket));
        return client.socket;
    }

    /// Commits a change in an organization. After a failure it waits until PostgreSQL is back.
    base::Result<bool> change(const base::Uuid &organization, std::function<void(work::UnitOfWork &)> what)
    {
        const std::function<async::Task<base::Result<bool>>(work::UnitOfWork &)> run =
            [what](work::UnitOfWork &unit) -> async::Task<base::Result<bool>> {
            what(unit);
            co_return true;
        };
        auto done = runTask(context, database.transact<bool>({access::Actor::system(organization, "test"), {}}, run));
        if (!done)
            runUntil(context, [this] { return !pool.isAway(); });
        return done;
    }

    redis::Client &freshRedis()
    {
        return clientsOfRedis.emplace_back(context.get_executor(), redis::Options{.url = given.redis});
    }
    std::string freshName() { return name + "-" + std::to_string(++names); }

    struct Client
    {
        explicit Client(const async::Executor &executor) : socket(executor) {}
        MemorySocket socket;
    };

    boost::asio::io_context &context;
    Given given;
    platform::SystemClock clock;
    base::SystemRandom random;
    std::string name;
    pg::Pool pool;
    redis::Client redis;
    std::list<redis::Client> clientsOfRedis;
    int names = 0;
    work::Database database;
    topics::Topics topics;
    outbox::Consumers consumers;
    jobs::Registry jobs;
    std::list<Client> clients;
    std::unique_ptr<outbox::Relay> relay;
    std::unique_ptr<jobs::Runner> runner;
};

} // namespace voelgoed::test
