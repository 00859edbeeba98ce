#include "tests/server/platform/jobs/world.h"

#include "tests/support/hand_clock.h"

using namespace voelgoed;
using namespace voelgoed::test;
using jobs::CronExpression;
using jobs::Every;
using namespace std::chrono_literals;

namespace {

QString textOf(base::Instant at)
{
    return QString::fromStdString(base::formatInstant(at));
}

} // namespace

class CronTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { m_postgres = std::make_unique<Postgres>(); }
    void cleanupTestCase() { m_postgres.reset(); }

    void theNextMomentIsTheNext_data()
    {
        QTest::addColumn<QString>("expression");
        QTest::addColumn<QString>("after");
        QTest::addColumn<QString>("next");
        const auto row = [](const char *expression, const char *after, const char *next) {
            QTest::addRow("%s after %s", expression, after) << expression << after << next;
        };
        row("* * * * *", "2026-12-05T18:00:00Z", "2026-12-05T18:01:00Z");
        row("* * * * *", "2026-12-05T18:00:59.999Z", "2026-12-05T18:01:00Z");
        row("*/15 * * * *", "2026-12-05T18:46:00Z", "2026-12-05T19:00:00Z");
        row("5/20 * * * *", "2026-12-05T18:26:00Z", "2026-12-05T18:45:00Z");
        row("0 3 * * *", "2026-12-05T03:00:00Z", "2026-12-06T03:00:00Z");
        row("0,30 8-9,17 * * *", "2026-12-05T09:30:00Z", "2026-12-05T17:00:00Z");
        row("0 0 1 * *", "2026-12-05T18:00:00Z", "2027-01-01T00:00:00Z");
        row("0 0 31 * *", "2026-08-31T12:00:00Z", "2026-10-31T00:00:00Z");
        row("0 0 29 2 *", "2026-12-05T18:00:00Z", "2028-02-29T00:00:00Z");
        row("0 0 29 2 *", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z");
        row("0 6 * * MON-FRI", "2026-12-04T06:00:00Z", "2026-12-07T06:00:00Z");
        row("0 6 * * 7", "2026-12-05T18:00:00Z", "2026-12-06T06:00:00Z");
        row("0 6 * * sun", "2026-12-05T18:00:00Z", "2026-12-06T06:00:00Z");
        row("0 0 13 * FRI", "2026-12-05T18:00:00Z", "2026-12-11T00:00:00Z"); // either of them
        row("0 0 13 * FRI", "2026-12-11T18:00:00Z", "2026-12-13T00:00:00Z");
        row("0 0 */10 * MON", "2026-12-05T18:00:00Z", "2026-12-21T00:00:00Z"); // a star with a step is a star: both
        row("30 4 1 jan,JUL *", "2026-12-05T18:00:00Z", "2027-01-01T04:30:00Z");
        row("59 23 31 12 *", "2026-12-31T23:59:00Z", "2027-12-31T23:59:00Z");
        row("0 0 29 2 */7", "2026-12-05T18:00:00Z", "2032-02-29T00:00:00Z"); // a Sunday
    }
    void theNextMomentIsTheNext()
    {
        QFETCH(QString, expression);
        QFETCH(QString, after);
        QFETCH(QString, next);
        const auto parsed = CronExpression::parse(expression.toStdString());
        QVERIFY(parsed);
        QCOMPARE(textOf(parsed->after(*base::parseInstant(after.toStdString()))), next);
    }

    void whatIsNoExpressionIsRefused_data()
    {
        QTest::addColumn<QString>("expression");
        for (const char *none : {"",
                                 "*",
                                 "* * * *",
                                 "* * * * * *",
                                 "60 * * * *",
                                 "* 24 * * *",
                                 "* * 0 * *",
                                 "* * 32 * *",
                                 "* * * 13 *",
                                 "* * * * 8",
                                 "-1 * * * *",
                                 "5-1 * * * *",
                                 "*/0 * * * *",
                                 "*/ * * * *",
                                 "1,,2 * * * *",
                                 "a * * * *",
                                 "* * * MAYBE *",
                                 "* * * * MONDAY",
                                 "0 0 30 2 *",
                                 "0 0 31 4,6,9,11 *",
                                 "1-2-3 * * * *",
                                 "1/2/3 * * * *",
                                 "+5 * * * *",
                                 "0005 * * * *"})
            QTest::addRow("%s", none) << none;
    }
    void whatIsNoExpressionIsRefused()
    {
        QFETCH(QString, expression);
        QVERIFY(!CronExpression::parse(expression.toStdString()));
    }

    void everySoLongMeansTheSameMomentsEverywhere()
    {
        const base::Instant at = *base::parseInstant("2026-12-05T18:07:13Z");
        QCOMPARE(textOf(nextOf(Every{15min}, at)), "2026-12-05T18:15:00Z");
        QCOMPARE(textOf(nextOf(Every{15min}, *base::parseInstant("2026-12-05T18:15:00Z"))), "2026-12-05T18:30:00Z");
        QCOMPARE(textOf(nextOf(Every{24h}, at)), "2026-12-06T00:00:00Z");
    }

    void eachMomentBecomesOneJobWhateverServersThereAre()
    {
        World world(*m_postgres, "redis://127.0.0.1:1", 2);
        support::HandClock clock;
        std::vector<std::unique_ptr<jobs::Cron>> crons;
        for (std::size_t i = 0; i < 2; ++i) {
            world.addDone("count", i);
            crons.push_back(cron(world, clock, i));
            crons.back()->add({.name = "test.hourly", .schedule = Every{1h}, .kind = "count", .args = {{"n", "tick"}}});
        }
        // Both start a little before three moments each, and see them pass.
        for (int hour = 1; hour <= 3; ++hour) {
            clock.pass(1h);
            for (auto &one : crons) {
                one->stop();
                one = nullptr;
            }
            crons.clear();
            for (std::size_t i = 0; i < 2; ++i) {
                crons.push_back(cron(world, clock, i));
                crons.back()->add({.name = "test.hourly",
                                   .schedule = Every{1h},
                                   .kind = "count",
                                   .args = {{"n", "tick"}},
                                   .missed = jobs::CronEntry::Missed::Once});
                crons.back()->start();
            }
            world.until([&] { return world.count() == std::to_string(hour); });
        }
        QCOMPARE(world.database.execute("SELECT count(*) FROM platform.cron"), "3");
        QCOMPARE(world.ask("kind || ' ' || (args->>'n') || ' ' || organization_id"),
                 "count tick 00000000-0000-0000-0000-000000000000");
        for (auto &one : crons)
            one->stop();
    }

    void aMomentThatWasMissedIsMadeUpForOnlyWhereThatIsSaid()
    {
        World world(*m_postgres);
        support::HandClock clock;
        world.addDone();
        auto entries = cron(world, clock, 0);
        entries->add({.name = "test.forgotten",
                      .schedule = *CronExpression::parse("0 3 * * *"),
                      .kind = "count",
                      .args = {{"n", "no"}}});
        entries->add({.name = "test.once",
                      .schedule = *CronExpression::parse("0 3 * * *"),
                      .kind = "count",
                      .args = {{"n", "yes"}},
                      .missed = jobs::CronEntry::Missed::Once});
        entries->start();
        world.until([&] { return world.count() == "1"; });
        QCOMPARE(world.ask("args->>'n'"), "yes");
        QCOMPARE(world.database.execute("SELECT name || ' ' || (tick AT TIME ZONE 'UTC') FROM platform.cron"),
                 "test.once 2026-12-05 03:00:00");
        entries->stop();
    }

    /// By the machine's own clock.
    void momentsArePassedAsTheyCome()
    {
        World world(*m_postgres);
        world.addDone();
        jobs::Cron entries({.executor = world.context.get_executor(),
                            .database = world.server().database,
                            .registry = world.server().jobs,
                            .clock = world.server().clock});
        entries.add({.name = "test.second", .schedule = Every{1s}, .kind = "count", .args = {{"n", "tick"}}});
        entries.start();
        world.server().startRunner();
        world.until([&] { return world.noted.size() == 2; });
        entries.stop();
    }

private:
    static std::unique_ptr<jobs::Cron> cron(World &world, base::Clock &clock, std::size_t at)
    {
        return std::make_unique<jobs::Cron>(jobs::Cron::Parts{.executor = world.context.get_executor(),
                                                              .database = world.server(at).database,
                                                              .registry = world.server(at).jobs,
                                                              .clock = clock,
                                                              .failed = {}});
    }

    std::unique_ptr<Postgres> m_postgres;
};

QTEST_GUILESS_MAIN(CronTest)
#include "cron_test.moc"
