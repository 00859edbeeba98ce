#include "shared/protocol/definition.h"
#include "tests/server/slices/scanning/live_world.h"
#include "tests/support/run_task.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using support::at;
using support::rowOf;
using support::RowSpec;

namespace {

domain::Row scanAt(const char *gate, RowSpec spec)
{
    domain::Row row = rowOf(spec);
    std::get<domain::ScanRecord>(row.what).gate = {gate};
    return row;
}

domain::Row refused(const char *gate, std::uint64_t sequence, base::Instant when, std::uint32_t ordinal = 7)
{
    return scanAt(gate, {.device = gate,
                         .sequence = sequence,
                         .ordinal = ordinal,
                         .when = when,
                         .outcome = "refuse",
                         .reason = "already_used"});
}

domain::Row admitted(const char *gate, std::uint64_t sequence, base::Instant when, std::uint32_t ordinal = 7)
{
    return scanAt(gate, {.device = gate, .sequence = sequence, .ordinal = ordinal, .when = when});
}

std::string definition()
{
    protocol::Definition made;
    made.event.event = {.id = {base::toText(support::kEvent)}, .name = "Fees"};
    made.event.types = {{.id = {"adult"}, .name = "Adult"}};
    made.event.gates = {{.id = {"north"}, .code = "N", .name = "North", .capacity = 20},
                        {.id = {"south"}, .code = "S", .name = "South"}};
    made.event.checkpoints = {{.id = {"main"}, .name = "Main", .zone = domain::ZoneId{"hall"}, .capacity = 10},
                              {.id = {"vip"}, .name = "VIP", .closeAt = std::chrono::hours(20), .capacity = 5}};
    return base::toHex(protocol::encode(made));
}

} // namespace

/// What somebody should look at, of each kind: one incident for one situation, in the scans' own transaction.
class IncidentsTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::RedisProcess> m_redis;
    std::unique_ptr<support::LiveWorld> m_world;

    void bring(std::vector<domain::Row> rows)
    {
        test::runTask(m_world->context, m_world->bring(m_world->server(0), std::move(rows)));
    }
    void bringWith(std::vector<domain::Row> rows, const std::function<void(scanning::Delivery &)> &change)
    {
        auto delivery = support::LiveWorld::deliveryOf(m_world->server(0), rows);
        change(delivery);
        test::runTask(m_world->context, support::LiveWorld::bringAll(m_world->server(0), std::move(delivery)));
    }
    std::string cell(const std::string &sql) const { return m_world->database.execute(sql); }
    /// "kind severity subject", in the order of their names.
    std::string open() const
    {
        return cell(
            "SELECT coalesce(string_agg(kind || ' ' || severity || ' ' || subject, ', ' ORDER BY kind, subject), "
            "'') FROM scanning.incidents WHERE state = 'open'");
    }
    /// What was told at the event: "kind" of incidents, and what may be fraud as "!alert".
    std::string told() const
    {
        return cell("SELECT coalesce(string_agg(CASE WHEN event::jsonb->>'type' LIKE '%fraud%' "
                    "THEN '!' || (event::jsonb->'data'->>'alert_type') ELSE event::jsonb->'data'->>'kind' END, ', ' "
                    "ORDER BY id), '') FROM platform.outbox WHERE topic LIKE 'scanning:event:%'");
    }
    void closeAll() const
    {
        m_world->database.execute("UPDATE scanning.incidents SET state = 'closed', closed_at = '2026-12-31Z'");
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_redis = std::make_unique<test::RedisProcess>();
    }
    void init()
    {
        m_redis->command({"FLUSHALL"});
        m_world = std::make_unique<support::LiveWorld>(*m_postgres, *m_redis, 1);
        m_world->database.execute("UPDATE scanning.feeds SET definition_seq = 1, definition = decode('" + definition() +
                                  "', 'hex')");
    }
    void cleanup() { m_world.reset(); }
    void cleanupTestCase()
    {
        m_redis.reset();
        m_postgres.reset();
    }

    // The owner's check 9 has one incident, and not two.
    void aDoubleIsOneIncidentWhateverComesAgain()
    {
        const std::vector<domain::Row> both{admitted("north", 1, at("19:30:00")), admitted("south", 1, at("19:30:01"))};
        bring({both[1]});
        bring({both[0]});
        bring(both);
        QCOMPARE(open(), std::string("double warning main/7/south/1"));
        QCOMPARE(told(), std::string("double"));
        closeAll();
        bring(both);
        bring({admitted("north", 2, at("19:45:00"))});
        QCOMPARE(open(), std::string("double warning main/7/north/2"));
        QCOMPARE(told(), std::string("double, double"));
    }

    void whoWentInHereAndStandsThereMadeAnImpossibleJourney_data()
    {
        QTest::addColumn<bool>("refusedFirst");
        QTest::newRow("in order") << false;
        QTest::newRow("the gate that refused was in reach first") << true;
    }

    void whoWentInHereAndStandsThereMadeAnImpossibleJourney()
    {
        QFETCH(bool, refusedFirst);
        std::vector<domain::Row> rows{admitted("north", 1, at("19:30:00")), refused("south", 1, at("19:34:00"))};
        if (refusedFirst)
            std::swap(rows[0], rows[1]);
        bring({rows[0]});
        QCOMPARE(open(), std::string());
        bring({rows[1]});
        bring(rows);
        QCOMPARE(open(), std::string("impossible_travel warning 7"));
        QCOMPARE(told(), std::string("impossible_travel, !impossible_travel"));
        QCOMPARE(cell("SELECT facts->>'seconds' FROM scanning.incidents"), std::string("240"));
        closeAll();
        bring(rows);
        QCOMPARE(open(), std::string());
    }

    void aGuestWhoIsRefusedWhereHeWentInOrMuchLaterOrAfterAnExitMadeNone()
    {
        domain::Row exit = admitted("north", 3, at("20:01:00"), 9);
        std::get<domain::ScanRecord>(exit.what).direction = domain::Direction::Exit;
        bring({admitted("north", 1, at("19:30:00")), refused("north", 2, at("19:30:10")),
               refused("south", 1, at("19:35:01")), admitted("north", 4, at("20:00:00"), 9), exit,
               refused("south", 2, at("20:01:30"), 9)});
        QCOMPARE(open(), std::string());
    }

    void theSixthRepeatWithinAnHourIsOneTooMany()
    {
        bring({admitted("north", 1, at("19:00:00"))});
        std::vector<domain::Row> repeats;
        for (std::uint64_t n = 0; n < 6; ++n)
            repeats.push_back(refused("north", 10 + n, at("19:10:00") + std::chrono::minutes(12 * n)));
        bring({repeats[5], repeats[1], repeats[2]});
        bring({repeats[3], repeats[4]});
        QCOMPARE(open(), std::string());
        bring({repeats[0]});
        QCOMPARE(open(), std::string("repeated_attempts warning 7"));
        bring(repeats);
        bring({refused("north", 20, at("20:10:30"))});
        QCOMPARE(open(), std::string("repeated_attempts warning 7"));
        QCOMPARE(told(), std::string("repeated_attempts, !duplicate_spam"));
        QCOMPARE(cell("SELECT facts->>'repeats' FROM scanning.incidents"), std::string("6"));
    }

    void aGateThatIsTooBusyIsToldOnce()
    {
        std::vector<domain::Row> rows;
        for (std::uint32_t n = 1; n <= 61; ++n)
            rows.push_back(scanAt("south", {.device = "south",
                                            .sequence = n,
                                            .ordinal = n,
                                            .when = at("19:30:00") + std::chrono::milliseconds(900 * n),
                                            .outcome = "refuse",
                                            .reason = "not_yet_valid"}));
        const domain::Row last = rows.back();
        rows.pop_back();
        bring(rows);
        QCOMPARE(open(), std::string());
        bring(rows);
        bring({last});
        bring({last});
        QCOMPARE(open(), std::string("gate_rate info south"));
        QCOMPARE(told(), std::string("gate_rate, !high_velocity"));
        QCOMPARE(cell("SELECT total FROM scanning.tallies WHERE kind = 'gate_minute'"), std::string("61"));
    }

    void whatIsTooMuchIsForTheOrganizationToSay()
    {
        m_world->server(0).neighbours.organizations.thresholds.gateScansPerMinute = 1;
        bring({admitted("south", 1, at("19:30:00"), 1), admitted("south", 2, at("19:30:01"), 2)});
        QCOMPARE(open(), std::string("gate_rate info south"));
    }

    void aDeviceThatCannotDecideIsToldFromAShareOnAndNotOfAHandful()
    {
        std::vector<domain::Row> rows;
        for (std::uint32_t n = 1; n <= 40; ++n)
            rows.push_back(scanAt("south", {.device = "south",
                                            .sequence = n,
                                            .ordinal = n,
                                            .when = at("19:00:00") + std::chrono::minutes(n),
                                            .outcome = n % 8 == 0 ? "undecided" : "refuse",
                                            .reason = n % 8 == 0 ? "fault" : "expired"}));
        bring({rows.begin() + 7, rows.begin() + 16});
        QCOMPARE(open(), std::string());
        bring(rows);
        QCOMPARE(open(), std::string("device_errors warning south"));
        QCOMPARE(cell("SELECT facts->>'undecided' FROM scanning.incidents"), std::string("5"));
    }

    void tenConflictsAMinuteAreCriticalOnceThereAreMore()
    {
        std::vector<domain::Row> rows;
        for (std::uint32_t n = 1; n <= 11; ++n) {
            rows.push_back(admitted("south", n, at("19:29:00") + std::chrono::seconds(n), n));
            rows.push_back(admitted("back", n, at("19:30:00") + std::chrono::seconds(n), n));
        }
        bring({rows.begin(), rows.end() - 1});
        QCOMPARE(cell("SELECT count(*) FROM scanning.incidents WHERE kind = 'conflict_rate'"), std::string("0"));
        bring(rows);
        QCOMPARE(
            cell("SELECT severity || count(*) FROM scanning.incidents WHERE kind = 'conflict_rate' GROUP BY severity"),
            std::string("critical1"));
        QCOMPARE(cell("SELECT count(*) FROM scanning.incidents WHERE kind = 'double'"), std::string("11"));
    }

    void whatComesLateIsOneIncidentOfItsDevice()
    {
        const auto late = [](scanning::Delivery &delivery) {
            delivery.receivedAt = at("19:30:00") + std::chrono::hours(9);
        };
        const std::vector<domain::Row> rows{admitted("south", 1, at("19:30:00"), 1),
                                            admitted("south", 2, at("19:31:00"), 2)};
        bringWith({rows[0]}, late);
        bringWith(rows, late);
        QCOMPARE(open(), std::string("late_upload info south"));
        QCOMPARE(told(), std::string("late_upload"));
        closeAll();
        bringWith(rows, late);
        QCOMPARE(open(), std::string());
    }

    void aRevokedDevicesScansAreLookedAt()
    {
        bringWith({admitted("south", 1, at("19:30:00"))},
                  [](scanning::Delivery &delivery) { delivery.rows[0].unverified = true; });
        QCOMPARE(open(), std::string("revoked_device warning south"));
    }

    void scansOfAnEventAtWhichADeviceNeverStoodAreAWarning()
    {
        bringWith({admitted("south", 1, at("19:30:00"))}, [](scanning::Delivery &delivery) {
            delivery.rows[0].unverified = delivery.rows[0].neverPosted = true;
        });
        QCOMPARE(open(), std::string("device_not_assigned warning south"));
    }

    void aDeviceThatCouldNotReachTheServerForAWhileIsToldOf()
    {
        bringWith({}, [](scanning::Delivery &delivery) { delivery.failures = 4; });
        QCOMPARE(open(), std::string());
        bringWith({}, [](scanning::Delivery &delivery) { delivery.failures = 5; });
        QCOMPARE(open(), std::string("failed_syncs info gate-a"));
    }

    void whatIsSetAsideIsToldOnceAndCriticalWhenItIsMost()
    {
        const auto bad = [](int howMany) {
            return [howMany](scanning::Delivery &delivery) {
                delivery.broughtBy = "south";
                for (int n = 0; n < howMany; ++n)
                    delivery.unusable.push_back({.bytes = {std::byte(n)},
                                                 .key = {{"whoever"}, {1}, {static_cast<std::uint64_t>(100 + n)}},
                                                 .reason = "unreadable"});
            };
        };
        bringWith({admitted("south", 1, at("19:30:00"))}, bad(1));
        QCOMPARE(open(), std::string("quarantine warning south"));
        closeAll();
        bringWith({admitted("south", 1, at("19:30:00"))}, bad(1));
        QCOMPARE(open(), std::string());
        m_world->database.execute("UPDATE scanning.incidents SET closed_at = '2026-01-01Z'");
        bringWith({}, bad(12));
        QCOMPARE(open(), std::string("quarantine critical south"));
    }

    void aLongQueueIsToldOfItsDevice()
    {
        bringWith({admitted("south", 1, at("19:30:00"), 1)},
                  [](scanning::Delivery &delivery) { delivery.queued = 999; });
        QCOMPARE(open(), std::string());
        bringWith({admitted("south", 2, at("19:31:00"), 2)},
                  [](scanning::Delivery &delivery) { delivery.queued = 1'000; });
        QCOMPARE(open(), std::string("queue_length info gate-a"));
        bringWith({admitted("south", 3, at("19:32:00"), 3)},
                  [](scanning::Delivery &delivery) { delivery.queued = 10'000; });
        QCOMPARE(open(), std::string("queue_length warning gate-a"));
        QCOMPARE(told(), std::string("queue_length"));
    }

    void aZoneAndAGateThatFillUpAreToldAtNineTenthsAndWhenFull()
    {
        std::vector<domain::Row> rows;
        for (std::uint32_t n = 1; n <= 10; ++n)
            rows.push_back(admitted("north", n, at("19:30:00") + std::chrono::seconds(2 * n), n));
        bring({rows.begin(), rows.begin() + 8});
        QCOMPARE(open(), std::string());
        bring({rows[8]});
        QCOMPARE(open(), std::string("nearly_full warning zone/hall"));
        bring({rows[9]});
        QCOMPARE(open(), std::string("nearly_full critical zone/hall"));
        QCOMPARE(told(), std::string("nearly_full"));
        for (std::uint32_t n = 11; n <= 18; ++n)
            bring({scanAt("north", {.device = "north",
                                    .sequence = n,
                                    .ordinal = n,
                                    .when = at("19:40:00") + std::chrono::seconds(2 * n),
                                    .checkpoint = "vip"})});
        QVERIFY2(open().find("nearly_full warning gate/north") != std::string::npos, open().c_str());
    }

    void anEventThatFillsUpIsToldOnce()
    {
        struct Events final : contracts::EventDefinitions
        {
            using Known = std::shared_ptr<const contracts::KnownEvent>;
            async::Task<base::Result<Known>> find(base::Uuid, base::Uuid) override
            {
                const contracts::KnownEvent known{.definition = {}, .capacity = 4};
                co_return std::make_shared<const contracts::KnownEvent>(known);
            }
            async::Task<base::Result<Known>> findIn(pg::Tx &, base::Uuid) override { co_return Known(); }
            async::Task<base::Result<Known>> hold(pg::Tx &, base::Uuid) override { co_return Known(); }
            async::Task<base::Result<void>> publish(pg::Tx &, base::Uuid) override { co_return base::Result<void>(); }
        } events;
        m_world->server(0).lanes.useEvents(events);
        for (std::uint32_t n = 1; n <= 4; ++n)
            bring({admitted("south", n, at("19:30:00") + std::chrono::minutes(n), n)});
        QCOMPARE(open(), std::string("nearly_full critical event"));
        QCOMPARE(told(), std::string("nearly_full"));
    }

    // admission.md, section 2: at close_at inside becomes 0.
    void whoWasCountedInBeforeTheClosingIsNotInside()
    {
        const auto vip = [](std::uint32_t n, base::Instant when) {
            return scanAt("south", {.device = "south", .sequence = n, .ordinal = n, .when = when, .checkpoint = "vip"});
        };
        const auto sums = [this] {
            return cell("SELECT entries || ' in, ' || since_entries || ' since ' || to_char(since AT TIME ZONE 'UTC', "
                        "'DD HH24:MI') FROM scanning.occupancy WHERE checkpoint = 'vip'");
        };
        bring({vip(1, at("19:30:00")), vip(2, at("19:31:00"))});
        QCOMPARE(sums(), std::string("2 in, 2 since 04 20:00"));
        bring({vip(3, at("20:00:00")), vip(4, at("19:59:59"))});
        QCOMPARE(sums(), std::string("4 in, 1 since 05 20:00"));
        bring({vip(5, at("19:32:00"))});
        QCOMPARE(sums(), std::string("5 in, 1 since 05 20:00"));
        const auto figures =
            m_world->figuresOnce([](const auto &now) { return !now.gates.empty() && now.gates[0].sum.entries == 5; });
        QCOMPARE(figures->gates.size(), 1U);
        QCOMPARE(figures->gates[0].sum.entries, 5);
        QCOMPARE(figures->gates[0].sum.sinceEntries, 1);
        QCOMPARE(base::formatInstant(figures->gates[0].sum.since).substr(0, 16), std::string("2026-12-05T20:00"));
    }

    void aTestScanRaisesNothing()
    {
        m_world->server(0).neighbours.organizations.thresholds.gateScansPerMinute = 1;
        for (std::uint64_t n = 1; n <= 4; ++n)
            bring({scanAt("south", {.device = "south",
                                    .sequence = n,
                                    .when = at("19:30:00") + std::chrono::seconds(n),
                                    .outcome = n == 1 ? "admit" : "refuse",
                                    .reason = n == 1 ? "ok" : "already_used",
                                    .test = true})});
        QCOMPARE(open(), std::string());
        QCOMPARE(cell("SELECT count(*) FROM scanning.tallies"), std::string("0"));
    }
};

QTEST_GUILESS_MAIN(IncidentsTest)
#include "incidents_test.moc"
