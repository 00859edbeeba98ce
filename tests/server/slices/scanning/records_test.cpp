#include "server/slices/audit/module.h"
#include "server/slices/scanning/module.h"
#include "tests/server/slices/scanning/rows.h"
#include "tests/support/scanning_needs.h"
#include "tests/support/server_bench.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using test::Reply;

namespace {

const base::Uuid kOrg = test::tenant(1);
const access::Actor kOwner = test::member(kOrg, access::Role::Owner);
const std::string kEvent = "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01";
const std::string kIncident = "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c02";

} // namespace

/// What gates recorded and what came of it, as people read it.
class RecordsTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::ServerBench> m_bench;
    test::ScanningNeeds m_needs;

    Reply get(const std::string &rest, const access::Actor &actor = kOwner)
    {
        return m_bench->call({actor, http::Method::Get, "/v1/events/" + kEvent + rest});
    }
    static std::string numbers(const Reply &reply)
    {
        base::ensure(reply.status == 200, reply.body.c_str());
        std::string text;
        for (const auto &row : reply.json.at("data").as_array())
            text += std::to_string(row.at("seq").to_number<int>()) + " ";
        return text;
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<test::ServerBench>(
            *m_postgres, std::vector<test::ServerBench::MakeSlice>{
                             audit::make, [this](platform::Kernel &kernel) {
                                 return std::move(scanning::make(kernel, m_needs.needs()).slice);
                             }});
        const std::string org = base::toText(kOrg);
        m_bench->execute("INSERT INTO scanning.feeds (organization_id, event_id) VALUES ('" + org + "', '" + kEvent +
                         "')");
        // Seven scans, of which two have the same time, and the last one is a double.
        m_bench->execute(
            "INSERT INTO scanning.scans (organization_id, event_id, device, epoch, seq, session, operator, "
            "gate, checkpoint, is_exit, ordinal, generation, count, code_hash, source, at, at_device, clock, "
            "received_at, outcome, reason, override_by, is_test, unverified, hash, row) SELECT '" +
            org + "', '" + kEvent +
            "', CASE WHEN n < 5 THEN 'north' ELSE 'south' END, 1, n, 's', '', 'g' || n % 2, 'main', false, "
            "n, 0, 1, '', 'live', timestamptz '2026-12-05 12:00Z' + least(n, 6) * interval '1 s', now(), 0, "
            "now(), CASE WHEN n = 3 THEN 'refuse' ELSE 'admit' END, 'ok', '', false, false, '', '' "
            "FROM generate_series(1, 7) n; INSERT INTO scanning.doubles (organization_id, event_id, device, "
            "epoch, seq, checkpoint, ordinal, earlier_device, earlier_epoch, earlier_seq, found_at) VALUES ('" +
            org + "', '" + kEvent + "', 'south', 1, 7, 'main', 7, 'north', 1, 1, now())");
        m_bench->execute(
            "INSERT INTO scanning.incidents (organization_id, event_id, id, kind, severity, subject, facts) "
            "VALUES ('" +
            org + "', '" + kEvent + "', '" + kIncident + "', 'double', 'warning', '7@main', '{\"ordinal\": 7}')");
    }
    void cleanupTestCase()
    {
        m_bench.reset();
        m_postgres.reset();
    }

    void scansComeLatestFirstAndPageByPage()
    {
        QCOMPARE(numbers(get("/scans")), std::string("7 6 5 4 3 2 1 "));
        std::string all, next;
        for (int page = 0; page < 4; ++page) {
            const Reply reply = get("/scans?limit=2" + (next.empty() ? "" : "&after=" + next));
            all += numbers(reply);
            if (!reply.json.at("has_more").as_bool())
                break;
            next = reply.text("next");
        }
        QCOMPARE(all, std::string("7 6 5 4 3 2 1 "));
        QCOMPARE(get("/scans?after=yesterday").status, 400);
    }

    void scansAreFoundByWhatTheyAre()
    {
        QCOMPARE(numbers(get("/scans?device=south")), std::string("7 6 5 "));
        QCOMPARE(numbers(get("/scans?outcome=refuse")), std::string("3 "));
        QCOMPARE(numbers(get("/scans?ordinal=4")), std::string("4 "));
        QCOMPARE(numbers(get("/scans?gate=g0&checkpoint=main")), std::string("6 4 2 "));
        QVERIFY(get("/scans?limit=1").json.at("data").at(0).at("is_double").as_bool());
        QVERIFY(!get("/scans?device=north&limit=1").json.at("data").at(0).at("is_double").as_bool());
    }

    void whatOneSessionScannedIsFoundWithoutLookingAtAllOthers()
    {
        const std::string event = "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c09", org = base::toText(kOrg);
        const std::string both = "'" + org + "', '" + event + "'";
        m_bench->execute("INSERT INTO scanning.feeds (organization_id, event_id) VALUES (" + both +
                         "); INSERT INTO scanning.sessions (organization_id, event_id, id, device, gate, operator, "
                         "opened_at) VALUES (" +
                         both + ", 's7', 'north', 'g', '', now())");
        m_bench->execute(
            "INSERT INTO scanning.scans (organization_id, event_id, device, epoch, seq, session, operator, "
            "gate, checkpoint, is_exit, ordinal, generation, count, code_hash, source, at, at_device, clock, "
            "received_at, outcome, reason, override_by, is_test, unverified, hash, row) SELECT " +
            both +
            ", 'north', 1, n, 's' || n % 500, '', 'g', 'main', false, n, 0, 1, '', 'live', now(), now(), 0, now(), "
            "'admit', 'ok', '', false, false, '', '' FROM generate_series(1, 20000) n; ANALYZE scanning.scans");
        // What the server counts of its use it tells PostgreSQL a little later.
        const auto uses = [&] {
            return std::stoi(
                m_bench->execute("SELECT coalesce(sum(idx_scan), 0) FROM pg_stat_user_indexes WHERE schemaname = "
                                 "'scanning' AND indexrelname LIKE 'scans_%_session_idx'"));
        };
        for (const char *rest : {"/sessions/s7", "/scans?session=s7"}) {
            const int before = uses();
            const auto ask = [&] { return m_bench->call({kOwner, http::Method::Get, "/v1/events/" + event + rest}); };
            QVERIFY2(ask().status == 200, rest);
            QTRY_VERIFY2(ask().status == 200 && uses() > before, rest);
        }
        QCOMPARE(m_bench->call({kOwner, http::Method::Get, "/v1/events/" + event + "/sessions/s7"})
                     .json.at("summary")
                     .at("admitted")
                     .to_number<int>(),
                 40);
    }

    void anIncidentIsClosedOnceAndAnsweredFor()
    {
        const Reply open = get("/incidents?state=open");
        QCOMPARE(open.json.at("data").at(0).at("facts").at("ordinal").to_number<int>(), 7);
        const test::Ask close{kOwner,
                              http::Method::Post,
                              "/v1/events/" + kEvent + "/incidents/" + kIncident + "/close",
                              {{"note", "a copied ticket"}}};
        QCOMPARE(m_bench->call(close).text("state"), std::string("closed"));
        QCOMPARE(m_bench->call(close).code(), std::string("already_closed"));
        QCOMPARE(get("/incidents?state=open").json.at("data").as_array().size(), 0U);
        QCOMPARE(get("/incidents?state=closed").json.at("data").as_array().size(), 1U);
        const auto audits = m_bench->audits(kOrg);
        QCOMPARE(std::string(audits.back().at("reason").as_string()), std::string("a copied ticket"));
    }

    void whatCouldNotBeTakenIsShownAndDismissedOnce()
    {
        const std::string ids[] = {"018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c11", "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c12"};
        const domain::Row row = support::rowOf({.device = "who\x1b"
                                                          "ever",
                                                .checkpoint = "main",
                                                .outcome = "refuse"});
        const std::vector<std::string> bytes{base::toHex(protocol::encode(row)), "ffff"};
        for (std::size_t i = 0; i < 2; ++i)
            m_bench->execute(
                "INSERT INTO scanning.quarantine (organization_id, event_id, id, device, epoch, seq, hash, "
                "reason, row, brought_by) VALUES ('" +
                base::toText(kOrg) + "', '" + kEvent + "', '" + ids[i] + "', 'whoever', 1, 7, '\\x" + bytes[i] +
                "', 'unreadable', '\\x" + bytes[i] + "', 'north')");
        const Reply all = get("/quarantine");
        QCOMPARE(all.status, 200);
        const auto &rows = all.json.at("data").as_array();
        QCOMPARE(rows.size(), 2U);
        QVERIFY(rows[0].at("says").is_null());
        QCOMPARE(std::string(rows[0].at("bytes").as_string()), std::string("//8="));
        QCOMPARE(std::string(rows[1].at("says").at("outcome").as_string()), std::string("refuse"));
        QCOMPARE(std::string(rows[1].at("brought_by").as_string()), std::string("north"));
        QCOMPARE(get("/quarantine?brought_by=south").json.at("data").as_array().size(), 0U);
        const Reply first = get("/quarantine?limit=1");
        QVERIFY(first.json.at("has_more").as_bool());
        const Reply second = get("/quarantine?limit=1&after=" + first.text("next"));
        QCOMPARE(std::string(second.json.at("data").at(0).at("id").as_string()), ids[0]);
        const test::Ask dismiss{kOwner,
                                http::Method::Post,
                                "/v1/events/" + kEvent + "/quarantine/" + ids[0] + "/dismiss",
                                {{"note", "a broken scanner"}}};
        QCOMPARE(m_bench->call(dismiss).text("state"), std::string("dismissed"));
        QCOMPARE(m_bench->call(dismiss).code(), std::string("already_dismissed"));
        QCOMPARE(std::string(m_bench->audits(kOrg).back().at("reason").as_string()), std::string("a broken scanner"));
        QCOMPARE(get("/quarantine?state=open").json.at("data").as_array().size(), 1U);
        QCOMPARE(get("/quarantine", test::member(test::tenant(2), access::Role::Owner)).status, 404);
    }

    void aDeviceSeesItsOwnScansAndNoIncidents()
    {
        access::Actor device = test::deviceAt(kOrg, kEvent, "g1");
        m_bench->execute("INSERT INTO scanning.scans SELECT organization_id, event_id, '" + base::toText(device.id) +
                         "', epoch, 8, session, operator, gate, checkpoint, is_exit, ordinal, generation, count, "
                         "code_hash, source, at, at_device, clock, received_at, outcome, reason, override_by, is_test, "
                         "unverified, feed_seq, passage, hash, row FROM scanning.scans WHERE seq = 1");
        QCOMPARE(numbers(get("/scans", device)), std::string("8 "));
        QCOMPARE(numbers(get("/scans?device=south", device)), std::string("8 "));
        access::Actor elsewhere = test::deviceAt(kOrg, kIncident, "g1");
        QCOMPARE(get("/scans", elsewhere).status, 404);
        QCOMPARE(get("/incidents", device).status, 404);
        QCOMPARE(get("/scans", test::member(test::tenant(2), access::Role::Owner)).status, 404);
    }
};

QTEST_GUILESS_MAIN(RecordsTest)
#include "records_test.moc"
