#include "tests/server/app/example_asks.h"

#include <QtTest/QtTest>

#include <future>

using namespace voelgoed;
using test::Ask, test::Reply;

namespace {

Ask withKey(Ask ask, std::string key)
{
    ask.fields.emplace_back("Idempotency-Key", std::move(key));
    return ask;
}

} // namespace

/// How long a request waits for another one's transaction: for a key that is being worked on a moment, so that nobody
/// who asks again takes a connection for as long as that takes.
class WaitingTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Stage> m_stage;

    Ask venue() { return test::exampleAsks().at("events.create_venue")(m_stage->shop); }
    /// A transaction of somebody else's, which goes on until there is a table of that name.
    std::future<void> holding(const std::string &what, const std::string &relation)
    {
        auto held = std::async(std::launch::async, [this, what] {
            m_stage->bench.execute("DO $$ BEGIN " + what +
                                   "; WHILE NOT EXISTS (SELECT FROM pg_class WHERE relname = 'go_on') LOOP "
                                   "PERFORM pg_sleep(0.02); END LOOP; END $$");
        });
        const std::string look = "SELECT count(*) > 0 FROM pg_locks WHERE granted AND relation = '" + relation +
                                 "'::regclass AND mode IN ('RowExclusiveLock', 'AccessExclusiveLock')";
        while (m_stage->bench.execute(look) != "t")
            QTest::qSleep(10);
        return held;
    }

private slots:
    void initTestCase() { m_stage = std::make_unique<test::Stage>(); }
    void cleanupTestCase() { m_stage.reset(); }

    void aKeyThatIsBeingWorkedOnIsWaitedForForAMoment()
    {
        const Ask ask = venue();
        QVERIFY(m_stage->bench.call(withKey(ask, "the first")).status < 300);
        // The very same claim, which is not over: it is told so, and does not wait until the database has enough.
        auto held = holding("INSERT INTO platform.idempotency SELECT (i).* FROM (SELECT jsonb_populate_record(i, "
                            "'{\"key\": \"held\", \"status\": null}') AS i FROM platform.idempotency i "
                            "WHERE key = 'the first') AS copy",
                            "platform.idempotency");
        const Reply told = m_stage->bench.call(withKey(ask, "held"));
        QCOMPARE(told.status, 409);
        QCOMPARE(told.code(), std::string("idempotency_key_in_use"));
        m_stage->bench.execute("CREATE TABLE go_on ()");
        held.get();
        m_stage->bench.execute("DROP TABLE go_on");
    }

    void whatWaitsForSomethingElseWaitsAsLongAsEver()
    {
        auto held = holding("LOCK TABLE events.venues IN ACCESS EXCLUSIVE MODE", "events.venues");
        auto later = std::async(std::launch::async, [this] {
            QTest::qSleep(1'500); // longer than a key is waited for
            m_stage->bench.execute("CREATE TABLE go_on ()");
        });
        const Reply made = m_stage->bench.call(withKey(venue(), "patient"));
        QVERIFY2(made.status < 300, made.body.c_str());
        held.get();
        later.get();
        m_stage->bench.execute("DROP TABLE go_on");
    }
};

QTEST_GUILESS_MAIN(WaitingTest)
#include "waiting_test.moc"
