#include "server/slices/tenancy/device_presence.h"

#include "server/platform/clock/system_clock.h"
#include "server/platform/topics/event_rules.h"
#include "server/slices/tenancy/migrations.h"
#include "shared/base/crypto/system_random.h"
#include "tests/support/work_database.h"

#include <QTest>

using namespace voelgoed;
using test::runTask;
using test::uuidOf;

namespace {

const std::string kEvent = "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01";

/// One organization with one device at a gate.
struct World
{
    explicit World(test::Postgres &postgres)
        : database(postgres),
          pool(context.get_executor(), {.url = database.url(), .connections = 4, .provedEvery = 1}),
          work({.pool = pool, .clock = clock, .random = random, .wakeRelay = {}, .wakeJobs = {}})
    {
        const auto done = runTask(context, migrate(postgres));
        base::ensure(bool(done), done ? "" : done.error().message.c_str());
        // The first owner is a matter of other tests.
        database.execute(
            "SET session_replication_role = replica; "
            "INSERT INTO tenancy.organizations (organization_id, name, slug) VALUES ('" +
            base::toText(uuidOf(1)) +
            "', 'One', 'one'); "
            "INSERT INTO tenancy.devices (organization_id, id, name, public_key, status, event_id, gate_id) "
            "VALUES ('" +
            base::toText(uuidOf(1)) + "', '" + base::toText(uuidOf(7)) +
            "', 'North 1', decode(repeat('00', 32), 'hex'), 'active', '" + kEvent + "', 'north')");
    }

    async::Task<base::Result<void>> migrate(test::Postgres &postgres)
    {
        std::vector<pg::Migration> all = work::migrations();
        for (pg::Migration &migration : tenancy::migrations())
            all.push_back(std::move(migration));
        const auto done = co_await pg::migrate(postgres.url("vg_owner", database.name()), std::move(all));
        co_return done ? base::Result<void>() : done.error();
    }

    async::Task<base::Result<void>> sighting()
    {
        std::vector<contracts::DeviceSighting> seen{{.organization = uuidOf(1),
                                                     .device = uuidOf(7),
                                                     .at = clock.now().wall,
                                                     .battery = std::int16_t{80},
                                                     .software = "1.0",
                                                     .health = "{}"}};
        co_return co_await tenancy::writeSightings(work, uuidOf(1), std::move(seen));
    }
    void see()
    {
        const auto done = runTask(context, sighting());
        QVERIFY2(bool(done), done ? "" : done.error().message.c_str());
    }
    void lookForSilent()
    {
        const auto done = runTask(context, tenancy::tellSilent(work));
        QVERIFY2(bool(done), done ? "" : done.error().message.c_str());
    }
    void passMinutes(int minutes)
    {
        database.execute("UPDATE tenancy.devices SET last_seen_at = last_seen_at - make_interval(mins => " +
                         std::to_string(minutes) + ")");
    }
    /// Types and topics of all that was told, in order.
    std::string told() const
    {
        return database.execute(
            "SELECT coalesce(string_agg(split_part(topic, ':', 2) || ' ' || (event::jsonb->>'type'), "
            "', ' ORDER BY id), '') FROM platform.outbox");
    }

    boost::asio::io_context context;
    test::WorkDatabase database;
    platform::SystemClock clock;
    base::SystemRandom random;
    pg::Pool pool;
    work::Database work;
};

constexpr const char *kOnline = "org scanning.device_online.v1, event scanning.device_online.v1";
constexpr const char *kOffline = "org scanning.device_offline.v1, event scanning.device_offline.v1";

} // namespace

/// Which devices are there, and who is told.
class DevicePresenceTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;

private slots:
    void initTestCase() { m_postgres = std::make_unique<test::Postgres>(); }

    void whoIsSeenAgainAndAgainCameOnce()
    {
        World world(*m_postgres);
        world.see();
        world.see();
        QCOMPARE(world.told(), std::string(kOnline));
    }

    void whoIsHeardOfByTwoServersAtOnceCameOnce()
    {
        World world(*m_postgres);
        struct Two
        {
            static async::Task<void> see(World &world, int *left)
            {
                const auto done = co_await world.sighting();
                base::ensure(bool(done), "a sighting was not written");
                --*left;
            }
            // Somebody else holds the device until both wait for it.
            static async::Task<void> atOnce(World &world, int *left)
            {
                constexpr pg::Sql kHold{"SELECT 1 FROM tenancy.devices WHERE organization_id = app.org() FOR UPDATE"};
                auto unit = co_await world.work.begin({access::Actor::system(uuidOf(1), "holds"), {}});
                base::ensure(bool(unit), "nothing was begun");
                base::ensure(bool(co_await unit->tx().run(kHold)), "nothing is held");
                for (int i = 0; i < 2; ++i)
                    async::start(world.context.get_executor(), "a server", see(world, left));
                while (
                    world.database.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND "
                                           "datname = current_database()") != "2")
                    co_await async::sleepFor(std::chrono::milliseconds(5));
                base::ensure(bool(co_await world.work.commit(*unit)), "not committed");
            }
        };
        int left = 2;
        async::start(world.context.get_executor(), "both", Two::atOnce(world, &left));
        world.context.restart();
        while (left > 0)
            world.context.run_one();
        QCOMPARE(world.told(), std::string(kOnline));
    }

    void whoIsSilentForFiveMinutesHasGoneOnce()
    {
        World world(*m_postgres);
        world.see();
        world.passMinutes(4);
        world.lookForSilent();
        QCOMPARE(world.told(), std::string(kOnline));
        world.passMinutes(2);
        world.lookForSilent();
        world.lookForSilent();
        QCOMPARE(world.told(), std::string(kOnline) + ", " + kOffline);
        world.see();
        QCOMPARE(world.told(), std::string(kOnline) + ", " + kOffline + ", " + kOnline);
    }

    void aRevokedDevicesComingAndGoingIsNobodysBusiness()
    {
        World world(*m_postgres);
        world.database.execute("UPDATE tenancy.devices SET status = 'revoked'");
        world.see();
        world.passMinutes(6);
        world.lookForSilent();
        QCOMPARE(world.told(), std::string());
    }

    void eventsKeepTheRules()
    {
        World world(*m_postgres);
        world.database.execute("UPDATE tenancy.devices SET name = repeat('ü', 100), gate_id = repeat('g', 200)");
        world.see();
        world.passMinutes(6);
        world.lookForSilent();
        QCOMPARE(world.database.execute("SELECT count(*) FROM platform.outbox"), std::string("4"));
        for (int i = 0; i < 4; ++i) {
            const std::string event =
                world.database.execute("SELECT event FROM platform.outbox ORDER BY id OFFSET " + std::to_string(i));
            QCOMPARE(topics::complaintAbout(event).value_or(""), std::string());
        }
    }
};

QTEST_GUILESS_MAIN(DevicePresenceTest)
#include "device_presence_test.moc"
