#include "server/slices/audit/module.h"
#include "server/slices/scanning/guesses.h"
#include "server/slices/scanning/module.h"
#include "shared/protocol/definition.h"
#include "shared/ticket/typed.h"
#include "tests/support/scanning_needs.h"
#include "tests/support/server_bench.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using test::Reply;

namespace {

const base::Uuid kOrg = test::tenant(1);
const access::Actor kSteward = test::member(kOrg, access::Role::ScannerOnly);
const std::string kEvent = "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01";

} // namespace

/// The route for scanners of other makers, where it is not about verdicts.
class ScanRouteTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::ServerBench> m_bench;
    test::ScanningNeeds m_needs;
    base::SeededRandom m_random{7};

    Reply scan(const std::string &code, const access::Actor &actor = kSteward)
    {
        return m_bench->call(
            {actor, http::Method::Post, "/v1/events/" + kEvent + "/scans", {{"code", code}, {"checkpoint", "main"}}});
    }
    std::string guess() { return ticket::grouped(ticket::makeTyped(m_random)); }

private slots:
    void initTestCase() { m_postgres = std::make_unique<test::Postgres>(); }
    void init()
    {
        m_bench = std::make_unique<test::ServerBench>(
            *m_postgres, std::vector<test::ServerBench::MakeSlice>{
                             audit::make, [this](platform::Kernel &kernel) {
                                 return std::move(scanning::make(kernel, m_needs.needs()).slice);
                             }});
        protocol::Definition made;
        made.event.event = {.id = {kEvent}, .name = "Fees"};
        made.event.checkpoints = {{.id = {"main"}, .name = "Main"}};
        m_bench->execute(
            "INSERT INTO scanning.feeds (organization_id, event_id, definition_seq, definition) VALUES ('" +
            base::toText(kOrg) + "', '" + kEvent + "', 1, decode('" + base::toHex(protocol::encode(made)) +
            "', 'hex'))");
    }
    void cleanup() { m_bench.reset(); }
    void cleanupTestCase() { m_postgres.reset(); }

    void whoTriesTypedCodesWaitsAfterTwentyWrongOnes()
    {
        for (int n = 0; n < 20; ++n) {
            const Reply wrong = scan(guess());
            QVERIFY2(wrong.status == 200, wrong.body.c_str());
            QCOMPARE(wrong.text("reason"), std::string("unknown"));
        }
        const Reply denied = scan(guess());
        QCOMPARE(denied.status, 429);
        QCOMPARE(denied.code(), std::string("quota_exceeded"));
        QCOMPARE(std::string(denied.fields["Retry-After"]), std::string("60"));
        // However it is written, and wherever it stands.
        const std::string written = guess();
        QCOMPARE(scan(written.substr(0, 4) + "\t" + written.substr(4) + std::string(70, ' ')).status, 429);
        QCOMPARE(m_bench
                     ->call({kSteward,
                             http::Method::Post,
                             "/v1/events/" + kEvent + "/scans?code=" + guess(),
                             {{"checkpoint", "main"}}})
                     .status,
                 429);
        // What is read off a ticket goes on, and so does everybody else.
        QCOMPARE(scan("not a code that anybody types").status, 200);
        QCOMPARE(scan(guess(), test::member(kOrg, access::Role::ScannerOnly)).status, 429);
        access::Actor other = kSteward;
        other.id = kOrg;
        QCOMPARE(scan(guess(), other).status, 200);
        m_bench->clock().pass(std::chrono::seconds(61));
        QCOMPARE(scan(guess()).status, 200);
        QCOMPARE(scan(guess()).status, 429);
        QCOMPARE(m_bench->execute("SELECT count(*) FROM scanning.scans"), std::string("23"));
    }

    void noMoreThanFourTypedCodesAreInHand()
    {
        std::vector<test::Ask> asks;
        for (int n = 0; n < 12; ++n)
            asks.push_back({kSteward,
                            http::Method::Post,
                            "/v1/events/" + kEvent + "/scans",
                            {{"code", guess()}, {"checkpoint", "main"}}});
        int judged = 0;
        for (const Reply &reply : m_bench->callAll(asks)) {
            QVERIFY2(reply.status == 200 || reply.status == 429, reply.body.c_str());
            judged += reply.status == 200 ? 1 : 0;
        }
        QVERIFY2(judged >= 4 && judged < 12, std::to_string(judged).c_str());
        QCOMPARE(scan(guess()).status, 200);
    }

    void aRowThatCollidesIsWrittenAtTheNextTry()
    {
        m_bench->execute(R"(
            CREATE SEQUENCE scanning.tries; GRANT USAGE ON SEQUENCE scanning.tries TO vg_app;
            CREATE FUNCTION scanning.collide() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF nextval('scanning.tries') <= 2 THEN
                    RAISE EXCEPTION USING ERRCODE = (ARRAY['40001', '23505'])[currval('scanning.tries')]; END IF;
                RETURN NEW; END $$;
            CREATE TRIGGER collide BEFORE INSERT ON scanning.scans FOR EACH ROW EXECUTE FUNCTION scanning.collide())");
        const Reply reply = scan("whatever");
        QVERIFY2(reply.status == 200, reply.body.c_str());
        QCOMPARE(m_bench->execute("SELECT count(*) || ' after ' || (SELECT last_value FROM scanning.tries) FROM "
                                  "scanning.scans"),
                 std::string("1 after 3"));
    }

    void sumsThatNobodyAsksAboutGo()
    {
        m_bench->execute("INSERT INTO scanning.tallies (organization_id, event_id, kind, subject, since) SELECT '" +
                         base::toText(kOrg) + "', '" + kEvent +
                         "', 'gate_minute', 'north', now() - n * interval '30 days' FROM generate_series(1, 5) n");
        const auto failed = m_bench->runRoutine("scanning.prune_tallies");
        QVERIFY2(!failed, failed ? failed->message.c_str() : "");
        QCOMPARE(m_bench->execute("SELECT count(*) FROM scanning.tallies"), std::string("2"));
    }

    void howLongItTookIsMeasured()
    {
        QCOMPARE(scan("whatever").status, 200);
        const std::string text = m_bench->kernel().metrics.text();
        QVERIFY2(text.find("vg_scan_validate_seconds_count{way=\"json\"} 1") != std::string::npos, text.c_str());
    }
};

QTEST_GUILESS_MAIN(ScanRouteTest)
#include "scan_route_test.moc"
