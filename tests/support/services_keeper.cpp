// Keeps a private Postgres and Redis in the folder that it is given, as the server does, until it is killed.
#include "server/platform/supervisor/private_postgres.h"
#include "server/platform/supervisor/private_redis.h"

#include <boost/asio/io_context.hpp>

#include <cstdio>

using namespace voelgoed;

int main(int count, char **words)
{
    if (count != 2)
        return 2;
    const std::string folder = words[1];
    boost::asio::io_context context;
    auto postgres = supervisor::PrivatePostgres::at(context.get_executor(), {.folder = folder + "/postgres"});
    auto redis = supervisor::PrivateRedis::at(context.get_executor(), {.folder = folder + "/redis"});
    if (!postgres || !redis)
        return 3;
    async::start(context.get_executor(), "start", [&]() -> async::Task<void> {
        const auto first = co_await (*postgres)->start();
        const auto second = co_await (*redis)->start();
        std::puts(first && second ? "ready" : "failed");
        std::fflush(stdout);
    });
    context.run();
    return 0;
}
