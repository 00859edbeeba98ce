#include "tests/server/slices/scanning/live_world.h"
#include "tests/support/run_task.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using support::at;
using support::rowOf;

namespace {

protocol::ShiftNote note(const char *session, const char *opened, const char *closed = nullptr)
{
    protocol::ShiftNote note{.session = {session},
                             .event = {base::toText(support::kEvent)},
                             .gate = {"north"},
                             .operatedBy = {"thandi"},
                             .openedAt = at(opened),
                             .closedAt = {}};
    if (closed)
        note.closedAt = at(closed);
    return note;
}

domain::Row rowIn(const char *session, std::uint64_t sequence, const char *when)
{
    domain::Row row = rowOf({.sequence = sequence, .ordinal = static_cast<std::uint32_t>(sequence), .when = at(when)});
    std::get<domain::ScanRecord>(row.what).session = {session};
    return row;
}

} // namespace

/// Shifts as gates begin and end them alone, and bring them: on a real Postgres.
class SessionsTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::RedisProcess> m_redis;
    std::unique_ptr<support::LiveWorld> m_world;

    void bring(std::size_t server, std::vector<domain::Row> rows, std::vector<protocol::ShiftNote> notes = {},
               const char *by = "gate-a")
    {
        test::runTask(m_world->context, m_world->bring(m_world->server(server), std::move(rows), std::move(notes), by));
    }
    /// "a thandi 2 device, b …": each shift, its operator, its scans, and why it ended.
    std::string shifts() const
    {
        return m_world->database.execute(
            "SELECT string_agg(id || ' ' || operator || ' ' || scans || ' ' || CASE WHEN closed_at IS NULL THEN 'open' "
            "ELSE closed_because END, ', ' ORDER BY id) FROM scanning.sessions");
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_redis = std::make_unique<test::RedisProcess>();
    }
    void init() { m_world = std::make_unique<support::LiveWorld>(*m_postgres, *m_redis, 2); }
    void cleanup() { m_world.reset(); }
    void cleanupTestCase()
    {
        m_redis.reset();
        m_postgres.reset();
    }

    // The owner's check 7: what was begun and ended out of reach has as many scans as rows, however it comes.
    void aShiftOfAGateThatWasAwayHasAsManyScansAsRows()
    {
        const std::vector<domain::Row> rows{rowIn("a", 1, "19:00:00"), rowIn("a", 2, "19:00:10"),
                                            rowIn("a", 3, "19:00:20"), rowIn("b", 4, "20:00:10")};
        const auto a = note("a", "18:00:00", "19:30:00"), b = note("b", "20:00:00", "21:00:00");
        bring(0, {rows[3]});
        bring(1, {rows[1], rows[2]}, {b});
        bring(0, {rows[0], rows[1]}, {a});
        bring(1, rows, {a, b});
        QCOMPARE(shifts(), std::string("a thandi 3 device, b thandi 1 device"));
        QCOMPARE(m_world->database.execute(
                     "SELECT bool_and(s.scans = (SELECT count(*) FROM scanning.scans r WHERE r.session = s.id)) "
                     "FROM scanning.sessions s"),
                 std::string("t"));
    }

    void theNextShiftOfADeviceEndsTheOneBefore()
    {
        bring(0, {rowIn("a", 1, "19:00:00")}, {note("a", "18:00:00")});
        QCOMPARE(shifts(), std::string("a thandi 1 open"));
        bring(0, {rowIn("b", 2, "20:00:10")});
        QCOMPARE(shifts(), std::string("a thandi 1 superseded, b  1 open"));
        bring(0, {}, {note("a", "18:00:00", "19:30:00"), note("b", "20:00:00")});
        QCOMPARE(shifts(), std::string("a thandi 1 device, b thandi 1 open"));
    }

    void oneThatComesLateIsNotTheOpenOne()
    {
        bring(0, {}, {note("b", "20:00:00")});
        bring(0, {rowIn("a", 1, "19:00:00")}, {note("a", "18:00:00")});
        QCOMPARE(shifts(), std::string("a thandi 1 superseded, b thandi 0 open"));
    }

    void aLateRowJoinsItsShiftAndOpensNothing()
    {
        bring(0, {rowIn("a", 1, "19:00:00")}, {note("a", "18:00:00", "19:30:00"), note("b", "19:00:00")});
        bring(0, {rowIn("a", 2, "19:29:00")});
        bring(0, {}, {note("a", "18:00:00")});
        QCOMPARE(shifts(), std::string("a thandi 2 device, b thandi 0 open"));
    }

    void anothersShiftIsNotEndedByADevice()
    {
        bring(0, {}, {note("a", "18:00:00")});
        bring(0, {}, {note("a", "18:00:00", "18:30:00")}, "gate-b");
        QCOMPARE(shifts(), std::string("a thandi 0 open"));
    }

    void whateverComesAtOnceOneIsOpen()
    {
        struct Side
        {
            static async::Task<void> bring(support::LiveWorld &world, std::size_t server, int *left)
            {
                for (std::uint64_t n = 1; n <= 10; ++n) {
                    const std::string name = (server == 0 ? "a" : "b") + std::to_string(n);
                    auto row = rowIn(name.c_str(), server * 100 + n, "19:00:00");
                    row.at += std::chrono::seconds(n);
                    co_await world.bring(world.server(server), {row});
                }
                --*left;
            }
        };
        int left = 2;
        for (std::size_t server = 0; server < 2; ++server)
            async::start(m_world->context.get_executor(), "side", Side::bring(*m_world, server, &left));
        m_world->context.restart();
        while (left > 0)
            m_world->context.run_one();
        QCOMPARE(m_world->database.execute("SELECT count(*) FILTER (WHERE closed_at IS NULL) || ' of ' || count(*) || "
                                           "', ' || sum(scans) FROM scanning.sessions"),
                 std::string("1 of 20, 20"));
        QCOMPARE(m_world->database.execute("SELECT count(*) FROM scanning.quarantine"), std::string("0"));
    }
};

QTEST_GUILESS_MAIN(SessionsTest)
#include "sessions_test.moc"
