#include "server/slices/scanning/sums.h"

#include "shared/protocol/definition.h"
#include "tests/server/slices/scanning/live_world.h"

#include <QTest>

using namespace voelgoed;
using namespace voelgoed::scanning;
using namespace voelgoed::support;
using namespace std::chrono_literals;
using test::runTask;

/// Who is inside when a definition changes its closing times while they are.
class ClosingsTest : public QObject
{
    Q_OBJECT

private:
    static protocol::Definition definition(std::optional<std::chrono::seconds> closeAt)
    {
        protocol::Definition whole;
        whole.event.event = {.id = {base::toText(kEvent)}, .name = "Fees"};
        whole.event.checkpoints = {{.id = {"main"}, .name = "Main", .closeAt = closeAt},
                                   {.id = {"vip"}, .name = "VIP"}};
        return whole;
    }

    /// The time of the day, in the event's zone (UTC), of a moment.
    static std::chrono::seconds timeOfDay(base::Instant moment)
    {
        const auto seconds = std::chrono::floor<std::chrono::seconds>(moment);
        return seconds - std::chrono::floor<std::chrono::days>(seconds);
    }

    static void put(LiveWorld &world, std::optional<std::chrono::seconds> closeAt)
    {
        ScanServer &server = world.server(0);
        Feed feed(server.waiting);
        const base::Bytes bytes = protocol::encode(definition(closeAt));
        const auto change = [&]() -> async::Task<base::Result<void>> {
            auto unit = co_await server.database.begin({access::Actor::system(kOrganization, "a test"), {}});
            if (!unit)
                co_return unit.error();
            if (const auto done = co_await feed.putDefinition(unit->tx(), kEvent, bytes); !done)
                co_return done.error();
            const auto committed = co_await server.database.commit(*unit);
            co_return committed ? base::Result<void>() : committed.error();
        };
        const auto done = runTask(world.context, change());
        QVERIFY2(bool(done), done ? "" : done.error().message.c_str());
    }

    /// Persons inside at the checkpoint, by the copies in Redis, which are looked after first.
    static std::int64_t inside(LiveWorld &world, std::optional<std::chrono::seconds> closeAt,
                               const std::string &checkpoint)
    {
        ScanServer &server = world.server(0);
        const auto healed = runTask(world.context, server.mirror.healAll());
        base::ensure(bool(healed), healed ? "" : healed.error().message.c_str());
        const auto figures = runTask(world.context, server.mirror.figures({kOrganization, kEvent}));
        base::ensure(bool(figures), "figures");
        base::ensure(figures->from == Mirror::Figures::From::Redis, "figures of Redis");
        const auto rulebook = admission::Rulebook::compile(definition(closeAt).event);
        base::ensure(bool(rulebook), "a test's rulebook");
        std::int64_t persons = 0;
        for (const GateCount &gate : figures->gates) {
            if (gate.of.checkpoint == checkpoint)
                persons += insideOf(gate, &*rulebook, server.clock.now().wall);
        }
        return persons;
    }

private slots:
    void whoIsInsideIsCountedAnewWhenClosingTimesChange()
    {
        test::Postgres postgres;
        test::RedisProcess redis;
        LiveWorld world(postgres, redis, 1);
        const base::Instant now = world.server(0).clock.now().wall;
        const auto closing = [&](std::chrono::minutes ago) { return std::optional(timeOfDay(now - ago)); };
        put(world, closing(2h));
        const auto entry = [&](std::uint64_t sequence, std::chrono::minutes ago, std::uint16_t count,
                               std::string where) {
            domain::Row row = rowOf({.sequence = sequence,
                                     .ordinal = static_cast<std::uint32_t>(sequence),
                                     .when = now - ago,
                                     .checkpoint = std::move(where)});
            std::get<domain::ScanRecord>(row.what).count = count;
            return row;
        };
        const domain::Row mistaken = entry(3, 1h, 9, "main");
        runTask(world.context, world.bring(world.server(0), {entry(1, 3h, 2, "main"), entry(2, 1h, 3, "main"), mistaken,
                                                             entry(4, 5h, 4, "vip")}));
        runTask(world.context, world.bring(world.server(0),
                                           {undoOf({.sequence = 5, .ordinal = 3, .when = now - 30min}, mistaken.key)}));
        QCOMPARE(inside(world, closing(2h), "main"), 3);
        QCOMPARE(inside(world, closing(2h), "vip"), 4);
        const std::vector<std::pair<std::optional<std::chrono::seconds>, std::int64_t>> changes{
            {closing(4h), 5}, {closing(2h), 3}, {std::nullopt, 5}, {closing(30min), 0}, {closing(4h), 5}};
        for (const auto &[closeAt, expected] : changes) {
            put(world, closeAt);
            QCOMPARE(inside(world, closeAt, "main"), expected);
            QCOMPARE(inside(world, closeAt, "vip"), 4);
        }
        // Sums of all time are not touched by any of it.
        QCOMPARE(world.database.execute("SELECT sum(entries) FROM scanning.occupancy"), std::string("9"));
        // And it goes on from there.
        runTask(world.context, world.bring(world.server(0), {entry(6, 10min, 1, "main")}));
        QCOMPARE(inside(world, closing(4h), "main"), 6);
    }

    void aPassageOfAFastClockOpensNoSpanThatHasNotBegun()
    {
        auto rulebook = admission::Rulebook::compile(definition(3h).event);
        QVERIFY(bool(rulebook));
        const protocol::PassageRecord passage{.row = {},
                                              .ordinal = {1},
                                              .checkpoint = {"main"},
                                              .gate = {"g"},
                                              .direction = domain::Direction::Entry,
                                              .count = 2,
                                              .overridden = false,
                                              .at = at("19:00:00") + 24h,
                                              .rotatingStep = {},
                                              .withdrawn = false};
        QVERIFY(deltaOf(passage, 2, &*rulebook, at("19:05:00")).since == at("03:00:00"));
        QVERIFY(deltaOf(passage, 2, &*rulebook, at("19:05:00") + 48h).since == at("03:00:00") + 24h);
        QVERIFY(deltaOf(passage, 2, nullptr, at("19:05:00")).since == base::Instant{});
    }
};

QTEST_APPLESS_MAIN(ClosingsTest)
#include "closings_test.moc"
