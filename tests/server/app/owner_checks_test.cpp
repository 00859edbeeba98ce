#include "tests/server/app/all_slices.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using http::Method;
using test::Reply;

namespace {

const base::Uuid kOrg = test::tenant(1);
const access::Actor kOwner = test::member(kOrg, access::Role::Owner);

std::string text(const base::Json &json, const char *name)
{
    return std::string(json.at(name).as_string());
}

} // namespace

/// What the platform's owner has asked for, check by check, on the server with all its slices. The others of the
/// twenty-five are where what they are about is tested; each says so ("The owner's check N").
class OwnerChecksTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::ServerBench> m_bench;
    std::string m_event;
    std::vector<std::string> m_codes; ///< of tickets 1, 2 and so on; the third is for the south gate alone
    int m_number = 0;

    Reply post(const std::string &target, const base::Json &body, const access::Actor &actor = kOwner)
    {
        return m_bench->call(
            {actor, Method::Post, target, body, {{"Idempotency-Key", "k" + std::to_string(++m_number)}}});
    }
    /// A scan of another maker's scanner: its outcome's word, as the rules have it.
    Reply scan(std::size_t ticket, const std::string &at, const std::string &gate, boost::json::object more = {})
    {
        more["code"] = m_codes.at(ticket - 1);
        more["checkpoint"] = "main";
        more["gate"] = gate;
        more["at"] = at;
        return post("/v1/events/" + m_event + "/scans", more, access::Actor::system(kOrg, "a scanner"));
    }
    std::string cell(const std::string &sql) const { return m_bench->execute(sql); }
    int rows() const
    {
        return std::stoi(cell("SELECT count(*) FROM scanning.scans WHERE event_id = '" + m_event + "'"));
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<test::ServerBench>(*m_postgres, test::AllSlices::make());
        const std::string organization = base::toText(kOrg);
        m_bench->execute("INSERT INTO tenancy.organizations (organization_id, name, slug) VALUES ('" + organization +
                         "', 'O', 'o'); INSERT INTO tenancy.organization_settings (organization_id) VALUES ('" +
                         organization + "')");
    }
    void cleanupTestCase()
    {
        m_bench.reset();
        m_postgres.reset();
    }
    void init()
    {
        base::Json definition = *base::parseJson(
            R"({"event": {"id": "fest", "name": "Fest", "starts_at": "2026-12-05T10:00:00Z", "ends_at": "2026-12-05T22:00:00Z"},
                "ticket_types": [{"id": "adult", "name": "Adult"}],
                "gates": [{"id": "north", "name": "North", "checkpoints": ["main"]},
                          {"id": "south", "name": "South", "checkpoints": ["main"]},
                          {"id": "small", "name": "Small", "checkpoints": ["main"], "capacity": 1, "capacity_mode": "stop"}],
                "checkpoints": [{"id": "main", "name": "Main", "types": "all", "reentry": "never"}]})");
        definition.as_object()["event"].as_object()["id"] = boost::json::string("fest-" + std::to_string(++m_number));
        const Reply made = post("/v1/events", definition);
        QVERIFY2(made.status == 201, made.body.c_str());
        m_event = made.text("id");
        QCOMPARE(post("/v1/events/" + m_event + "/publish", boost::json::object()).status, 200);
        const boost::json::object any{{"type", "adult"}},
            south{{"type", "adult"}, {"gates", boost::json::array{"south"}}};
        const Reply issued =
            post("/v1/events/" + m_event + "/tickets", {{"tickets", boost::json::array{any, any, south, any}}});
        QVERIFY2(issued.status == 201, issued.body.c_str());
        m_codes.clear();
        for (const auto &each : issued.json.at("data").as_array())
            m_codes.push_back(text(each, "code"));
    }

    void check01_aUsedTicketNeverBecomesGoodByWaiting()
    {
        QCOMPARE(scan(1, "2026-12-05T10:30:00Z", "north").text("reason"), std::string("ok"));
        QCOMPARE(scan(1, "2026-12-05T10:35:01Z", "north").text("reason"), std::string("already_used"));
        QCOMPARE(scan(1, "2026-12-05T11:30:00Z", "north").text("reason"), std::string("already_used"));
        QCOMPARE(scan(1, "2026-12-05T11:30:10Z", "south").text("reason"), std::string("already_used"));
    }

    void check02_eachAttemptIsARowThatNobodyChanges()
    {
        const Reply shift = post("/v1/events/" + m_event + "/sessions",
                                 {{"gate", "north"}, {"device", "lane4"}, {"operated_by", "thandi"}},
                                 access::Actor::system(kOrg, "a scanner"));
        QVERIFY2(shift.status == 201, shift.body.c_str());
        const boost::json::object by{{"session", shift.text("id")}, {"operated_by", "thandi"}, {"device", "lane4"}};
        boost::json::object out = by;
        out["direction"] = "exit";
        const Reply first = scan(1, "2026-12-05T11:00:00Z", "north", by);
        QVERIFY2(first.status == 200, first.body.c_str());
        scan(1, "2026-12-05T11:00:05Z", "north", by);
        m_codes.push_back("NOBODY");
        scan(m_codes.size(), "2026-12-05T11:00:10Z", "south", out);
        QCOMPARE(rows(), 3);
        QCOMPARE(
            cell("SELECT string_agg(outcome || ' ' || reason || ' ' || gate || ' ' || checkpoint, ', ' ORDER BY at) "
                 "FROM scanning.scans WHERE event_id = '" +
                 m_event + "'"),
            std::string("admit ok north main, refuse already_used north main, refuse unknown south main"));
        // Whose, at which place, in which session, which way, when by the device, and when it came.
        QCOMPARE(QString::fromStdString(cell("SELECT string_agg(concat_ws(' ', split_part(device, '/', 2), operator, "
                                             "CASE WHEN is_exit THEN 'out' ELSE 'in' END, "
                                             "session = '" +
                                             shift.text("id") +
                                             "', to_char(at AT TIME ZONE 'UTC', 'HH24:MI:SS'), received_at > at), "
                                             "', ' ORDER BY at) FROM scanning.scans WHERE event_id = '" +
                                             m_event + "'")),
                 QString("lane4 thandi in t 11:00:00 t, lane4 thandi in t 11:00:05 t, "
                         "lane4 thandi out t 11:00:10 t"));
        for (const char *right : {"UPDATE", "DELETE", "TRUNCATE"})
            QCOMPARE(cell(std::string("SELECT has_table_privilege('vg_app', 'scanning.scans', '") + right + "')"),
                     std::string("f"));
    }

    void check03_anEventThatIsNotOpenAdmitsNobody()
    {
        QCOMPARE(scan(1, "2026-12-05T11:00:00Z", "north").text("reason"), std::string("ok"));
        QCOMPARE(post("/v1/events/" + m_event + "/cancel", {{"reason", "storm"}}).status, 200);
        QCOMPARE(scan(2, "2026-12-05T11:00:00Z", "north").text("reason"), std::string("event_cancelled"));
    }

    void check05_aTestScanChangesNothing()
    {
        QCOMPARE(scan(1, "2026-12-05T11:00:00Z", "north", {{"test", true}}).text("reason"), std::string("ok"));
        const Reply occupancy = m_bench->call({kOwner, Method::Get, "/v1/events/" + m_event + "/occupancy"});
        QCOMPARE(occupancy.json.at("inside").to_number<int>(), 0);
        QCOMPARE(scan(1, "2026-12-05T11:01:00Z", "north").text("reason"), std::string("ok"));
        QCOMPARE(rows(), 2);
    }

    void check06_closedFullAndAnotherGateAreThreeReasons()
    {
        QCOMPARE(scan(1, "2026-12-05T11:00:00Z", "small").text("reason"), std::string("ok"));
        QCOMPARE(scan(2, "2026-12-05T11:00:01Z", "small").text("reason"), std::string("gate_full"));
        const Reply other = scan(3, "2026-12-05T11:00:02Z", "north");
        QCOMPARE(other.text("reason"), std::string("wrong_gate"));
        QVERIFY2(other.text("explanation").find("South") != std::string::npos, other.body.c_str());
        QCOMPARE(post("/v1/events/" + m_event + "/gates/north/state", {{"state", "closed"}}).status, 200);
        QCOMPARE(scan(4, "2026-12-05T11:00:03Z", "north").text("reason"), std::string("gate_closed"));
    }

    // What gates begin and end out of reach: tests/server/slices/scanning/sessions_test.cpp.
    void check07_aDeviceHasOneOpenSessionAndItCountsItsScans()
    {
        const std::string target = "/v1/events/" + m_event + "/sessions";
        const access::Actor system = access::Actor::system(kOrg, "a scanner");
        const std::vector<test::Ask> twenty(20, {system, Method::Post, target, {{"gate", "north"}}});
        int opened = 0;
        std::string session;
        for (const Reply &reply : m_bench->callAll(twenty)) {
            QVERIFY2(reply.status == 201 || reply.code() == "session_open", reply.body.c_str());
            opened += reply.status == 201 ? 1 : 0;
            session = reply.status == 201 ? reply.text("id") : session;
        }
        QCOMPARE(opened, 1);
        for (std::size_t ticket = 1; ticket <= 3; ++ticket)
            QCOMPARE(scan(ticket, "2026-12-05T11:00:00Z", "north", {{"session", session}}).status, 200);
        const Reply ended = post(target + "/" + session + "/end", {}, system);
        QVERIFY2(ended.status == 200, ended.body.c_str());
        QCOMPARE(ended.text("state"), std::string("ended"));
        QCOMPARE(ended.json.at("scan_count").to_number<int>(), 3);
        const Reply shown = m_bench->call({kOwner, Method::Get, target + "/" + session});
        const base::Json expected = *base::parseJson(
            R"({"admitted": 2, "denied": 1, "undecided": 0, "tests": 0, "persons_in": 2, "persons_out": 0, "doubles": 0,
                "reasons": {"wrong_gate": 1}})");
        QVERIFY2(shown.json.at("summary") == expected, shown.body.c_str());
        QCOMPARE(post(target + "/" + session + "/end", {}, system).code(), std::string("already_ended"));
        QCOMPARE(post(target, {{"gate", "north"}}, system).status, 201);
        QCOMPARE(cell("SELECT count(*) FILTER (WHERE closed_at IS NULL) || ' of ' || count(*) FROM scanning.sessions "
                      "WHERE event_id = '" +
                      m_event + "'"),
                 std::string("1 of 2"));
        m_bench->execute("UPDATE scanning.sessions SET closed_at = now() WHERE closed_at IS NULL");
    }

    void whatIsAStewardsOwnIsTheEventOfTheBadgeAndTheSessionsBegun()
    {
        const access::Actor steward = test::member(kOrg, access::Role::ScannerOnly);
        const std::string target = "/v1/events/" + m_event + "/sessions";
        const auto joins = [&](const std::string &topic) {
            return bool(m_bench->run(m_bench->kernel().topics.families().admit(steward, topic)));
        };
        QCOMPARE(post(target, boost::json::object(), steward).status, 404);
        QVERIFY(!joins("scanning:event:" + m_event));
        m_bench->execute("INSERT INTO tenancy.badges (organization_id, id, event_id, user_id, name, grants) VALUES ('" +
                         base::toText(kOrg) + "', '" + m_event + "', '" + m_event + "', '" + base::toText(steward.id) +
                         "', 'Thandi', '{steward}')");
        const Reply own = post(target, {{"gate", "north"}}, steward);
        QVERIFY2(own.status == 201, own.body.c_str());
        const Reply owners = post(target, {{"gate", "south"}});
        QVERIFY2(owners.status == 201, owners.body.c_str());
        QVERIFY(joins("scanning:event:" + m_event));
        QVERIFY(joins("scanning:session:" + own.text("id")));
        QVERIFY(!joins("scanning:session:" + owners.text("id")));
        QVERIFY(!joins("scanning:event:*"));
        QCOMPARE(m_bench->call({steward, Method::Get, target}).json.at("data").as_array().size(), 1U);
        QCOMPARE(m_bench->call({kOwner, Method::Get, target}).json.at("data").as_array().size(), 2U);
        QCOMPARE(post(target + "/" + owners.text("id") + "/end", {}, steward).status, 404);
        QCOMPARE(post(target + "/" + own.text("id") + "/end", {}, steward).status, 200);
        m_bench->execute("UPDATE tenancy.badges SET revoked_at = now()");
        QVERIFY(!joins("scanning:event:" + m_event));
        m_bench->execute("UPDATE scanning.sessions SET closed_at = now() WHERE closed_at IS NULL");
    }

    void aDeviceRunsSessionsOfItsOwnGateAndNoOther()
    {
        access::Actor device = test::deviceAt(kOrg, m_event, "north");
        const std::string target = "/v1/events/" + m_event + "/sessions";
        QCOMPARE(post(target, {{"gate", "south"}}, device).status, 404);
        QCOMPARE(post(target, {{"device", base::toText(kOwner.id)}}, device).status, 404);
        const Reply own = post(target, boost::json::object(), device);
        QVERIFY2(own.status == 201, own.body.c_str());
        QCOMPARE(own.text("gate"), std::string("north"));
        QCOMPARE(own.text("device"), base::toText(device.id));
        QCOMPARE(post(target + "/" + own.text("id") + "/end", {}, device).status, 200);
    }

    // Both or neither: the trail, and what it tells of.
    void check25_whatCannotBeWrittenIntoTheTrailDoesNotHappen()
    {
        const std::string before = cell("SELECT count(*) FROM ticketing.tickets WHERE event_id = '" + m_event + "'");
        m_bench->execute("REVOKE INSERT ON audit.log FROM vg_app");
        const Reply issued = post("/v1/events/" + m_event + "/tickets",
                                  {{"tickets", boost::json::array{boost::json::object{{"type", "adult"}}}}});
        const Reply moved = post("/v1/events/" + m_event + "/cancel", {{"reason", "storm"}});
        m_bench->execute("GRANT INSERT ON audit.log TO vg_app");
        QVERIFY2(issued.status >= 500 && moved.status >= 500, (issued.body + moved.body).c_str());
        QCOMPARE(cell("SELECT count(*) FROM ticketing.tickets WHERE event_id = '" + m_event + "'"), before);
        QCOMPARE(cell("SELECT status FROM events.events WHERE id = '" + m_event + "'"), std::string("published"));
        QCOMPARE(post("/v1/events/" + m_event + "/cancel", {{"reason", "storm"}}).status, 200);
        const auto audits = m_bench->audits(kOrg);
        const base::Json &last = audits.back();
        QCOMPARE(text(last, "action"), std::string("events.cancel"));
        QCOMPARE(text(last, "reason"), std::string("storm"));
        QCOMPARE(text(last, "actor_role"), std::string("owner"));
        QVERIFY2(base::toText(last.at("before")).find("published") != std::string::npos, base::toText(last).c_str());
        QVERIFY2(base::toText(last.at("after")).find("cancelled") != std::string::npos, base::toText(last).c_str());
        for (const access::Role role : {access::Role::Staff, access::Role::Viewer, access::Role::ScannerOnly})
            QCOMPARE(m_bench->call({test::member(kOrg, role), Method::Get, "/v1/audit"}).status, 403);
    }
};

QTEST_GUILESS_MAIN(OwnerChecksTest)
#include "owner_checks_test.moc"
