#pragma once

#include "server/platform/topics/keys.h"
#include "tests/support/platform_server.h"
#include "tests/support/redis_process.h"

#include <QtTest/QtTest>

#undef emit // Qt's word for nothing, and a function of ours

/// Servers over one Redis, and people with sockets at them. There is no Postgres behind these: topics need none.
namespace voelgoed::test {

inline const base::Uuid kOne = uuidOf(1);
inline const base::Uuid kOther = uuidOf(2);

inline access::Actor person(const base::Uuid &organization, unsigned char number = 7,
                            access::Role role = access::Role::Owner)
{
    access::Actor actor;
    actor.kind = access::ActorKind::User;
    actor.id = uuidOf(number);
    actor.organization = organization;
    actor.role = role;
    actor.session = uuidOf(number);
    return actor;
}

/// Event 1 is organization one's, event 2 the other's; events that end in "x" are of both.
inline async::Task<base::Result<bool>> isTheirs(topics::Joining joining)
{
    const std::string own = joining.actor.organization == kOne ? "event-1" : "event-2";
    co_return joining.id == own || joining.id == "*" || joining.id.ends_with('x');
}

inline void addFamilies(topics::Topics &topics)
{
    using access::Permission;
    using access::Policy;
    using topics::Family;
    topics.family({.pattern = topics::kScanningOfEvent,
                   .policy = Policy::may(Permission::ReadScans),
                   .wildcard = Family::Wildcard::Yes,
                   .check = isTheirs});
    topics.family({.pattern = topics::kTicketingOfEvent,
                   .policy = Policy::may(Permission::ManageTickets),
                   .wildcard = Family::Wildcard::Yes,
                   .check = isTheirs});
    topics.family({.pattern = topics::kAuditOfOrganization,
                   .policy = Policy::may(Permission::ReadAudit),
                   .whose = Family::Whose::Organization});
    topics.family({.pattern = topics::kTenancyOfUser, .policy = Policy::signedIn(), .whose = Family::Whose::User});
    topics.family({.pattern = topics::kIncomingOfPsp, .policy = Policy::signedIn(), .whose = Family::Whose::Platform});
}

inline std::string envelope(int number)
{
    return R"({"specversion":"1.0","data":{"number":)" + std::to_string(number) + "}}";
}

/// The numbers in the events of a socket.
inline std::vector<int> numbersOf(const MemorySocket &socket)
{
    std::vector<int> numbers;
    for (const base::Json &frame : socket.got("event"))
        numbers.push_back(static_cast<int>(frame.at("event").at("data").at("number").as_int64()));
    return numbers;
}

inline std::vector<int> fromTo(int first, int last)
{
    std::vector<int> numbers;
    for (int number = first; number <= last; ++number)
        numbers.push_back(number);
    return numbers;
}

class World
{
public:
    explicit World(const RedisProcess &redis, int servers = 1, topics::PresenceTimes presence = {})
    {
        for (int i = 0; i < servers; ++i) {
            PlatformServer &server = m_servers.emplace_back(
                context,
                PlatformServer::Given{.postgres = "host=/nowhere", .redis = redis.url(), .presence = presence});
            addFamilies(server.topics);
        }
    }

    /// To be called before anybody comes.
    void start()
    {
        for (PlatformServer &server : m_servers) {
            const int before = m_stands;
            server.topics.listen({.prefix = "", .heard = [](const auto &) {}, .lost = [this] { ++m_stands; }});
            server.topics.start();
            runUntil(context, [&] { return m_stands > before; });
        }
    }

    PlatformServer &server(std::size_t number = 0) { return *std::next(m_servers.begin(), std::ptrdiff_t(number)); }
    topics::Topics &topics(std::size_t number = 0) { return server(number).topics; }

    template <class Condition>
    void until(Condition condition)
    {
        runUntil(context, std::move(condition));
    }

    /// A socket that hears a topic, once it was told so.
    MemorySocket &listener(const std::string &topic, access::Actor actor = person(kOne), std::size_t at = 0)
    {
        MemorySocket &socket = server(at).connect(std::move(actor));
        socket.say(base::Json{{"op", "sub"}, {"topic", topic}});
        until([&] { return !socket.got("snap").empty(); });
        return socket;
    }

    base::Result<topics::Cursor> publish(const std::string &topic, int number, const base::Uuid &organization = kOne,
                                         std::size_t at = 0)
    {
        return runTask(context, topics(at).publish(organization, topic, envelope(number)));
    }
    void publishAll(const std::string &topic, int first, int last)
    {
        for (int number = first; number <= last; ++number)
            base::ensure(bool(publish(topic, number)), "not published");
    }

    boost::asio::io_context context;

private:
    int m_stands = 0; ///< subscriptions that stood, or broke
    std::list<PlatformServer> m_servers;
};

} // namespace voelgoed::test
