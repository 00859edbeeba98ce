#include "server/slices/scanning/feed.h"
#include "server/slices/scanning/reading.h"
#include "shared/protocol/definition.h"
#include "shared/protocol/ticket.h"
#include "tests/server/slices/scanning/live_world.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::scanning;
using namespace voelgoed::support;
using test::runTask;

/// Names go to devices as the event's definition says now, whatever it said when the tickets were made.
class NamesTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::RedisProcess> m_redis;
    std::unique_ptr<LiveWorld> m_world;

    void change(const std::function<async::Task<base::Result<void>>(Feed &, pg::Tx &)> &change)
    {
        ScanServer &server = m_world->server(0);
        const auto work = [&]() -> async::Task<base::Result<void>> {
            Feed feed(server.waiting);
            auto unit = co_await server.database.begin({access::Actor::system(kOrganization, "a test"), {}});
            if (!unit)
                co_return unit.error();
            if (auto done = co_await change(feed, unit->tx()); !done)
                co_return done;
            const auto committed = co_await server.database.commit(*unit);
            co_return committed ? base::Result<void>() : committed.error();
        };
        const auto done = runTask(m_world->context, work());
        base::ensure(bool(done), done ? "" : done.error().message.c_str());
    }
    void say(bool namesOnDevices)
    {
        protocol::Definition definition;
        definition.event.event = {.id = {base::toText(kEvent)}, .name = "Fees"};
        definition.event.policy.namesOnDevices = namesOnDevices;
        const base::Bytes bytes = protocol::encode(definition);
        change([bytes](Feed &feed, pg::Tx &tx) { return feed.putDefinition(tx, kEvent, bytes); });
    }
    void put(std::uint32_t ordinal, const std::string &holder)
    {
        const contracts::FeedTicket ticket{
            {ordinal}, protocol::encode(protocol::ListedTicket{.ticket = {.ordinal = {ordinal}}, .codes = {}}), holder};
        change([ticket](Feed &feed, pg::Tx &tx) { return feed.putTickets(tx, kEvent, {ticket}); });
    }
    std::int32_t epoch() const { return std::stoi(m_world->database.execute("SELECT epoch FROM scanning.feeds")); }
    /// By a device that begins at zero in the feed's present epoch.
    QStringList names()
    {
        const auto read = runTask(m_world->context,
                                  readFeed(m_world->server(0).database, kOrganization, kEvent,
                                           {.epoch = epoch(), .after = 0, .list = {}, .history = {}}, base::Digest{}));
        base::ensure(read && read->slice, "a slice of the feed");
        QStringList names;
        for (const protocol::Change &each : read->slice->changes) {
            if (const auto *listed = std::get_if<protocol::TicketChange>(&each.what))
                names << QString::fromStdString(listed->holder);
        }
        return names;
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_redis = std::make_unique<test::RedisProcess>();
    }
    void init() { m_world = std::make_unique<LiveWorld>(*m_postgres, *m_redis, 1); }
    void cleanup() { m_world.reset(); }
    void cleanupTestCase()
    {
        m_redis.reset();
        m_postgres.reset();
    }

    void theyComeAndGoWithThePolicy()
    {
        say(false);
        put(1, "Sarie Botha");
        QCOMPARE(names(), QStringList{""});
        const std::int32_t before = epoch();
        say(true);
        put(2, "Piet Nel");
        QCOMPARE(names(), (QStringList{"Sarie Botha", "Piet Nel"}));
        QVERIFY2(epoch() > before, "a list of before has no names, and is loaded anew");
        const std::int32_t with = epoch();
        say(true);
        QCOMPARE(epoch(), with);
        say(false);
        QCOMPARE(names(), (QStringList{"", ""}));
        QVERIFY(epoch() > with);
    }
};

QTEST_APPLESS_MAIN(NamesTest)
#include "names_test.moc"
