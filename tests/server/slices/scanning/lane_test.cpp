#include "tests/server/slices/scanning/evening.h"
#include "tests/server/slices/scanning/live_world.h"

#include <QTest>

#include <algorithm>

using namespace voelgoed;
using namespace voelgoed::scanning;
using namespace voelgoed::support;
using test::RedisProcess;
using test::runTask;

/// The way of scans into a real Postgres.
class LaneTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<RedisProcess> m_redis;

    static std::string count(LiveWorld &world, const base::Uuid &organization)
    {
        return world.database.execute("SELECT count(*) FROM scanning.scans WHERE organization_id = '" +
                                      base::toText(organization) + "'");
    }

    /// All that is worth comparing: what does not tell in which order it came.
    static std::string state(LiveWorld &world)
    {
        return world.database.execute(
            "SELECT concat_ws(E'\\n', "
            "(SELECT string_agg(concat_ws('|', device, epoch, seq, encode(hash, 'hex'), outcome, at, source, is_test), "
            "E'\\n' ORDER BY device, epoch, seq) FROM scanning.scans), "
            "(SELECT string_agg(concat_ws('|', 'double', device, epoch, seq, earlier_device, earlier_seq), "
            "E'\\n' ORDER BY device, epoch, seq) FROM scanning.doubles), "
            "(SELECT string_agg(concat_ws('|', 'sum', checkpoint, gate, entries, exits, refused), "
            "E'\\n' ORDER BY checkpoint, gate) FROM scanning.occupancy), "
            "(SELECT string_agg(concat_ws('|', 'session', id, scans), E'\\n' ORDER BY id) FROM scanning.sessions))");
    }

    /// What devices compare theirs with is of all passages in the feed. These are others when what is taken back comes
    /// late, so it is no part of the state above.
    static bool isHistoryOfItsRows(LiveWorld &world)
    {
        bitmap::RollingChecksum history;
        const QStringList passages =
            QString::fromStdString(world.database.execute("SELECT string_agg(encode(passage, 'hex'), ' ') FROM "
                                                          "scanning.scans WHERE feed_seq IS NOT NULL"))
                .split(' ');
        for (const QString &passage : passages)
            protocol::togglePassage(history, *base::fromHex(passage.toStdString()));
        return world.database.execute("SELECT encode(history_checksum, 'hex') FROM scanning.feeds") ==
               base::toHex(history.value());
    }

    /// The lines that only one of two states has.
    static std::string difference(const std::string &one, const std::string &other)
    {
        const auto lines = [](const std::string &text) {
            const QStringList all = QString::fromStdString(text).split('\n');
            return QSet<QString>(all.begin(), all.end());
        };
        std::string said;
        for (const QString &line : lines(one) - lines(other))
            said += "\n- " + line.toStdString();
        for (const QString &line : lines(other) - lines(one))
            said += "\n+ " + line.toStdString();
        return said;
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_redis = std::make_unique<RedisProcess>();
    }

    void rowsOfTwoOrganizationsNeverGoInTogether_data()
    {
        QTest::addColumn<bool>("strangerFirst");
        QTest::newRow("the stranger first") << true;
        QTest::newRow("the stranger second") << false;
    }
    void rowsOfTwoOrganizationsNeverGoInTogether()
    {
        QFETCH(bool, strangerFirst);
        m_redis->flush();
        LiveWorld world(*m_postgres, *m_redis, 1);
        ScanServer &server = world.server(0);
        const base::Uuid stranger = test::uuidOf(2);
        // A device of another organization names this one's event, at the same moment as its own gates.
        Delivery own = LiveWorld::deliveryOf(server, {rowOf({.sequence = 1, .ordinal = 1})});
        Delivery foreign = LiveWorld::deliveryOf(server, {rowOf({.device = "stranger", .sequence = 1, .ordinal = 2})});
        foreign.organization = stranger;
        foreign.broughtBy = "stranger";
        std::vector<Delivery> both{own, foreign};
        if (strangerFirst)
            std::swap(both[0], both[1]);
        std::map<base::Uuid, base::Result<Taken>> answers;
        for (Delivery &delivery : both) {
            async::start(world.context.get_executor(), "delivery", [&, delivery]() -> async::Task<void> {
                const base::Uuid of = delivery.organization;
                auto taken = co_await server.lanes.take(delivery);
                answers.emplace(of, std::move(taken));
            });
        }
        test::runUntil(world.context, [&] { return answers.size() == 2; });
        const auto &taken = answers.at(kOrganization);
        QVERIFY2(bool(taken), taken ? "" : taken.error().message.c_str());
        QVERIFY(taken->settled.front().outcome == protocol::RowOutcome::Accepted);
        QVERIFY(!answers.at(stranger));
        QVERIFY(answers.at(stranger).error().code == base::ErrorCode::NotFound);
        QCOMPARE(count(world, kOrganization), std::string("1"));
        QCOMPARE(count(world, stranger), std::string("0"));
    }

    // Whatever collides in the database says nothing against the rows: they are written, and none is set aside.
    void rowsWhoseTransactionsCollideAreTakenAllTheSame()
    {
        m_redis->flush();
        LiveWorld world(*m_postgres, *m_redis, 1);
        world.database.execute(
            "CREATE SEQUENCE public.tries; CREATE FUNCTION public.collide() RETURNS trigger LANGUAGE plpgsql SECURITY "
            "DEFINER AS $$ BEGIN IF nextval('public.tries') <= 3 THEN RAISE EXCEPTION 'collided' USING ERRCODE = "
            "'40P01'; END IF; RETURN NULL; END $$; CREATE TRIGGER collide AFTER INSERT ON scanning.scans FOR EACH "
            "STATEMENT EXECUTE FUNCTION public.collide()");
        ScanServer &server = world.server(0);
        const auto taken = runTask(
            world.context, server.lanes.take(LiveWorld::deliveryOf(
                               server, {rowOf({.sequence = 1, .ordinal = 1}), rowOf({.sequence = 2, .ordinal = 2})})));
        QVERIFY2(bool(taken), taken ? "" : taken.error().message.c_str());
        for (const Settled &settled : taken->settled)
            QVERIFY(settled.outcome == protocol::RowOutcome::Accepted);
        QCOMPARE(world.database.execute("SELECT last_value FROM public.tries"), std::string("4"));
        QCOMPARE(count(world, kOrganization), std::string("2"));
        QCOMPARE(world.database.execute("SELECT count(*) FROM scanning.quarantine"), std::string("0"));
        // One that goes on and on is put off, and not held against the rows either.
        world.database.execute("ALTER SEQUENCE public.tries RESTART; ALTER SEQUENCE public.tries INCREMENT BY -1 "
                               "MINVALUE -1000000 RESTART 0");
        const auto putOff = runTask(
            world.context, server.lanes.take(LiveWorld::deliveryOf(server, {rowOf({.sequence = 3, .ordinal = 3})})));
        QVERIFY(!putOff && putOff.error().code == base::ErrorCode::Unavailable);
        QCOMPARE(count(world, kOrganization), std::string("2"));
        QCOMPARE(world.database.execute("SELECT count(*) FROM scanning.quarantine"), std::string("0"));
    }

    // The owner's check 8.
    void tenThousandScansWithSevenBadOnesBroughtTwentyTimes()
    {
        m_redis->flush();
        LiveWorld world(*m_postgres, *m_redis, 1);
        ScanServer &server = world.server(0);
        std::vector<domain::Row> rows;
        std::set<std::uint64_t> bad;
        for (std::uint32_t i = 1; i <= 10'000; ++i) {
            rows.push_back(rowOf({.device = "gate-a", .sequence = i, .ordinal = i}));
            if (i % 1'400 == 0)
                bad.insert(i);
        }
        QCOMPARE(bad.size(), 7U);
        base::SeededRandom random(8);
        std::map<domain::RowKey, std::pair<protocol::RowOutcome, std::string>> answers;
        for (int again = 0; again < 20; ++again) {
            for (std::size_t at = 0; at < rows.size();) {
                const std::size_t size =
                    std::min<std::size_t>(again == 0 ? 500 : 1 + random.below(3'000), rows.size() - at);
                Delivery delivery = LiveWorld::deliveryOf(server, {});
                delivery.receivedAt = support::at("20:00:00");
                for (std::size_t i = at; i < at + size; ++i) {
                    const base::Bytes bytes = protocol::encode(rows[i]);
                    if (bad.contains(rows[i].key.sequence.value))
                        delivery.unusable.push_back({bytes, rows[i].key, "unreadable"});
                    else
                        delivery.rows.push_back(broughtOf(rows[i]));
                }
                at += size;
                const auto taken = runTask(world.context, server.lanes.take(std::move(delivery)));
                QVERIFY2(taken, taken ? "" : taken.error().message.c_str());
                QCOMPARE(taken->settled.size(), size);
                for (const Settled &settled : taken->settled) {
                    auto outcome = settled.outcome;
                    if (outcome == protocol::RowOutcome::Repeat && again > 0)
                        outcome = protocol::RowOutcome::Accepted; // which was said the first time
                    const auto [place, isFirst] = answers.emplace(settled.row, std::pair(outcome, settled.reason));
                    QVERIFY(isFirst == (again == 0));
                    QVERIFY(place->second == std::pair(outcome, settled.reason));
                }
            }
            QCOMPARE(count(world, kOrganization), std::string("9993"));
            QCOMPARE(world.database.execute("SELECT count(*) FROM scanning.quarantine"), std::string("7"));
            QCOMPARE(world.database.execute("SELECT sum(entries) FROM scanning.occupancy"), std::string("9993"));
            QCOMPARE(world.database.execute("SELECT scans FROM scanning.sessions"), std::string("9993"));
        }
        for (const auto &[row, answer] : answers)
            QVERIFY((answer.first == protocol::RowOutcome::Quarantined) == bad.contains(row.sequence.value));
    }

    // The owner's check 5, of what gates bring.
    void aTestScanThatWasSyncedChangesNothing()
    {
        m_redis->flush();
        LiveWorld world(*m_postgres, *m_redis, 1);
        const auto figures = [&] {
            return world.database.execute(
                "SELECT concat_ws('|', (SELECT coalesce(sum(entries + exits + refused), 0) FROM scanning.occupancy), "
                "(SELECT count(*) FROM scanning.doubles), (SELECT count(*) FROM scanning.incidents), "
                "(SELECT head || encode(history_checksum, 'hex') FROM scanning.feeds), "
                "(SELECT count(*) FROM scanning.repeats), (SELECT count(*) FROM scanning.tallies), "
                "(SELECT count(*) FROM scanning.scans WHERE feed_seq IS NOT NULL))");
        };
        runTask(world.context, world.bring(world.server(0), {rowOf({.sequence = 1, .ordinal = 1})}));
        const std::string before = figures();
        std::vector<domain::Row> tests;
        for (std::uint64_t i = 2; i <= 30; ++i) {
            const bool isRefused = i % 3 == 0;
            tests.push_back(rowOf({.sequence = i,
                                   .ordinal = 1,
                                   .outcome = isRefused ? "refuse" : "admit",
                                   .reason = isRefused ? "already_used" : "ok",
                                   .test = true}));
        }
        runTask(world.context, world.bring(world.server(0), tests));
        QCOMPARE(count(world, kOrganization), std::string("30"));
        QCOMPARE(figures(), before);
        // And the ticket is as good as it was: used once.
        runTask(world.context, world.bring(world.server(0), {rowOf({.device = "gate-b", .ordinal = 1})}));
        QCOMPARE(world.database.execute("SELECT device FROM scanning.doubles"), std::string("gate-b"));
    }

    void anyOrderGroupingAndRepetitionGivesTheSameState()
    {
        Evening evening(20261205);
        const std::vector<domain::Row> all = evening.some(300);
        std::string first;
        for (std::uint64_t seed = 1; seed <= 8; ++seed) {
            m_redis->flush();
            LiveWorld world(*m_postgres, *m_redis, 2);
            base::SeededRandom random(seed);
            std::vector<domain::Row> rows = all;
            for (std::size_t i = rows.size(); i > 1; --i)
                std::swap(rows[i - 1], rows[random.below(i)]);
            // Some of them are brought twice.
            for (int i = 0; i < 60; ++i)
                rows.push_back(all[random.below(all.size())]);
            std::size_t open = 0;
            for (std::size_t at = 0; at < rows.size();) {
                const std::size_t size = std::min<std::size_t>(1 + random.below(seed == 1 ? 1 : 40), rows.size() - at);
                const std::vector<domain::Row> part(rows.begin() + static_cast<std::ptrdiff_t>(at),
                                                    rows.begin() + static_cast<std::ptrdiff_t>(at + size));
                ScanServer &server = world.server(random.below(2));
                ++open;
                async::start(world.context.get_executor(), "delivery",
                             [&world, &server, &open, part]() -> async::Task<void> {
                                 co_await world.bring(server, part);
                                 --open;
                             });
                at += size;
                // Some at the same time, at either server.
                if (random.below(3) == 0)
                    test::runUntil(world.context, [&] { return open == 0; });
            }
            test::runUntil(world.context, [&] { return open == 0; });
            const std::string now = state(world);
            QCOMPARE(count(world, kOrganization), std::string("300"));
            QVERIFY(now.find("double|") != std::string::npos);
            if (seed == 1)
                first = now;
            QVERIFY(isHistoryOfItsRows(world));
            QVERIFY2(now == first, ("seed " + std::to_string(seed) + difference(first, now)).c_str());
        }
    }
};

QTEST_APPLESS_MAIN(LaneTest)
#include "lane_test.moc"
