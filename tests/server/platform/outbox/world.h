#pragma once

#include "server/platform/topics/keys.h"
#include "tests/support/platform_server.h"
#include "tests/support/redis_process.h"

#include <QtTest/QtTest>

#undef emit // Qt's word for nothing, and a function of ours

namespace voelgoed::test {

inline const base::Uuid kOne = uuidOf(1);
inline const base::Uuid kOther = uuidOf(2);

inline work::Event eventOf(int number, const std::string &type = "scanning.counted.v1",
                           const std::string &topic = "scanning:event:1")
{
    return {.topic = topic, .type = type, .subject = "e", .data = {{"number", number}}};
}

inline int numberOf(const base::Json &event)
{
    return static_cast<int>(event.at("data").at("number").as_int64());
}

/// Servers over one Postgres and one Redis; what each topic was told is heard by `heard`.
class World
{
public:
    World(Postgres &postgres, const RedisProcess &redis, int servers = 1, outbox::RelayOptions relay = {})
        : database(postgres)
    {
        for (int i = 0; i < servers; ++i) {
            PlatformServer &server = m_servers.emplace_back(
                context, PlatformServer::Given{.postgres = database.url(), .redis = redis.url(), .relay = relay});
            server.topics.listen({.prefix = "",
                                  .heard =
                                      [this, i](const topics::Heard &told) {
                                          if (auto event = base::parseJson(told.event); event && i == 0)
                                              heard[told.topic].push_back(numberOf(*event));
                                      },
                                  .lost = [this] { ++stands; }});
            server.topics.start();
        }
        const int expected = servers;
        runUntil(context, [&] { return stands >= expected; });
    }

    PlatformServer &server(std::size_t number = 0) { return *std::next(m_servers.begin(), std::ptrdiff_t(number)); }

    void emit(int number, const base::Uuid &organization = kOne, std::size_t at = 0,
              const std::string &topic = "scanning:event:1")
    {
        const auto done = server(at).change(
            organization, [&](work::UnitOfWork &unit) { unit.emit(eventOf(number, "scanning.counted.v1", topic)); });
        base::ensure(bool(done), done ? "" : done.error().message.c_str());
    }

    template <class Condition>
    void until(Condition condition)
    {
        runUntil(context, std::move(condition));
    }

    boost::asio::io_context context;
    WorkDatabase database;
    std::map<std::string, std::vector<int>> heard; ///< by topic
    int stands = 0;

private:
    std::list<PlatformServer> m_servers;
};

inline std::vector<int> fromTo(int first, int last)
{
    std::vector<int> numbers;
    for (int number = first; number <= last; ++number)
        numbers.push_back(number);
    return numbers;
}

} // namespace voelgoed::test
