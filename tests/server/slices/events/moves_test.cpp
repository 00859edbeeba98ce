#include "shared/admission/scenario.h"
#include "shared/domain/words.h"
#include "tests/server/slices/events/events_bench.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using http::Method;
using test::fest;

namespace {

const base::Uuid kOrg = test::tenant(1);
const access::Actor kOwner = test::member(kOrg, access::Role::Owner);

} // namespace

class MovesTest : public QObject
{
    Q_OBJECT

private:
    std::string eventThat(const std::string &status)
    {
        return m_bench->createAs(kOwner, "e-" + std::to_string(++m_number), status);
    }

    /// What a gate with the definition that was sent says to a valid ticket.
    domain::Reason verdictOf(const std::string &event, const char *at)
    {
        auto book = admission::Rulebook::compile(m_bench->published(event).event);
        base::ensure(bool(book), "what was sent does not compile");
        admission::Scenario scenario{"", *std::move(book), std::nullopt, {}, {}};
        scenario.tickets.push_back({.ordinal = {1}, .code = "A", .type = {"1"}});
        scenario.scans.push_back(
            {.scan = {.at = *base::parseInstant(at), .checkpoint = {"main"}, .gate = {"g1"}, .code = "A"},
             .expected = {}});
        return admission::runScenario(scenario, {}).at(0).reason;
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<test::EventsBench>(*m_postgres);
        m_bench->server.clock().reading.wall = *base::parseInstant("2026-11-01T12:00:00Z");
    }
    void cleanupTestCase()
    {
        m_bench.reset();
        m_postgres.reset();
    }

    void theDatabaseRefusesMovesThatThereAreNot()
    {
        const std::string id = eventThat("draft");
        const auto attack = [&](const std::string &sql) { return m_bench->server.attempt(kOrg, sql); };
        const std::string set = "UPDATE events.events SET status = '", where = "' WHERE id = '" + id + "'";
        QVERIFY(attack(set + "live" + where).find("an event that is draft cannot become live") != std::string::npos);
        QVERIFY(attack(set + "sold" + where).find("cannot become sold") != std::string::npos);
        QVERIFY(attack("INSERT INTO events.event_transitions VALUES ('draft', 'live')").find("denied") !=
                std::string::npos);
        QVERIFY(attack("DELETE FROM events.events WHERE id = '" + id + "'").find("denied") != std::string::npos);
        QVERIFY(
            attack("INSERT INTO events.events (organization_id, id, slug, name, status, timezone, definition) SELECT "
                   "organization_id, gen_random_uuid(), 'x', 'x', 'live', 'UTC', definition FROM events.events "
                   "WHERE id = '" +
                   id + "'")
                .find("begins as a draft") != std::string::npos);
        const std::string postponed = eventThat("postponed");
        QVERIFY(attack(set + "live' WHERE id = '" + postponed + "'").find("cannot become live") != std::string::npos);
        QCOMPARE(m_bench->statusOf(id), std::string("draft"));
    }

    void eachMoveNeedsItsPermission_data()
    {
        QTest::addColumn<QString>("verb");
        QTest::addColumn<QString>("from");
        QTest::addColumn<bool>("staffByGrant");
        for (const auto &[verb, from, byGrant] : {std::tuple("publish", "draft", true),
                                                  {"open", "published", true},
                                                  {"end", "live", false},
                                                  {"cancel", "published", false},
                                                  {"postpone", "published", false},
                                                  {"archive", "draft", false},
                                                  {"reschedule", "published", false}})
            QTest::newRow(verb) << verb << from << byGrant;
    }
    void eachMoveNeedsItsPermission()
    {
        QFETCH(QString, verb);
        QFETCH(QString, from);
        QFETCH(bool, staffByGrant);
        const std::string path = "/v1/events/" + eventThat(from.toStdString()) + "/" + verb.toStdString();
        base::Json body = test::reasonFor(verb.toStdString());
        if (verb == "reschedule")
            body = {{"starts_at", "2026-12-06T12:00:00Z"}};
        for (const auto role : {access::Role::Staff, access::Role::Viewer, access::Role::ScannerOnly})
            QCOMPARE(m_bench->post(test::member(kOrg, role), path, body).status, 403);
        QCOMPARE(m_bench->post(test::deviceAt(kOrg, "", ""), path, body).status, 403);
        QCOMPARE(m_bench->post(access::Actor::nobody(), path, body).status, 401);
        if (!staffByGrant) {
            QCOMPARE(m_bench->post(test::superAdmin(kOrg, ""), path, body).code(), std::string("reason_required"));
            QCOMPARE(m_bench->post(test::superAdmin(kOrg, "asked to"), path, body).status, 200);
            QCOMPARE(m_bench->server.audits(kOrg).back().at("origin").as_string(), "super_admin_override");
            return;
        }
        auto staff = test::member(kOrg, access::Role::Staff);
        staff.grants.insert(access::Permission::PublishEvents);
        QCOMPARE(m_bench->post(staff, path, body).status, 200);
    }

    void aMoveIsAuditedAndToldInItsTransaction()
    {
        const std::string other = eventThat("published");
        const std::string id = eventThat("published");
        const auto reply = m_bench->post(kOwner, "/v1/events/" + id + "/cancel",
                                         {{"reason", "The hall is flooded"}, {"replaced_by", other}});
        QVERIFY2(reply.status == 200, reply.body.c_str());
        const auto audit = m_bench->server.audits(kOrg).back();
        QCOMPARE(audit.at("action").as_string(), "events.cancel");
        QCOMPARE(audit.at("actor_type").as_string(), "user");
        QCOMPARE(audit.at("actor_role").as_string(), "owner");
        QCOMPARE(audit.at("before").at("status").as_string(), "published");
        QCOMPARE(audit.at("after").at("status").as_string(), "cancelled");
        QCOMPARE(audit.at("reason").as_string(), "The hall is flooded");
        const std::vector<std::string> types{"events.created.v1", "events.status_changed.v1", "events.published.v1",
                                             "events.status_changed.v1", "events.cancelled.v1"};
        QCOMPARE(m_bench->told(kOrg, "events:event:" + id), types);
        const auto events = m_bench->server.events(kOrg);
        const auto &changed = events.at(events.size() - 4);
        QCOMPARE(changed.at("topic").as_string(), std::string_view("events:event:" + id));
        const auto &data = changed.at("event").at("data");
        QCOMPARE(data.at("old_status").as_string(), "published");
        QCOMPARE(data.at("new_status").as_string(), "cancelled");
        QCOMPARE(data.at("replaced_by_event_id").as_string(), std::string_view(other));
        QCOMPARE(events.back().at("topic").as_string(), std::string_view("events:org:" + base::toText(kOrg)));
        QCOMPARE(events.back().at("event").at("data").at("reason").as_string(), "The hall is flooded");
        QCOMPARE(m_bench->feed.woken.back(), *base::uuidFrom(id));
        const auto itself = eventThat("published");
        QCOMPARE(m_bench->post(kOwner, "/v1/events/" + itself + "/cancel", {{"reason", "x"}, {"replaced_by", itself}})
                     .status,
                 400);
        QCOMPARE(m_bench
                     ->post(kOwner, "/v1/events/" + itself + "/cancel",
                            {{"reason", "x"}, {"replaced_by", base::toText(test::tenant(9))}})
                     .code(),
                 std::string("no_such_event"));
        QCOMPARE(m_bench->post(kOwner, "/v1/events/" + itself + "/cancel").pointer(), std::string("/reason"));
    }

    void supportCancelsWithTheOrganizationsConsentOnly()
    {
        const std::string id = eventThat("published");
        access::Actor support = test::member(kOrg, access::Role::Admin);
        support.platformStaff = true;
        const auto refused =
            m_bench->post(support, "/v1/events/" + id + "/cancel", {{"reason", "The hall is flooded"}});
        QCOMPARE(refused.status, 403);
        QCOMPARE(refused.code(), std::string("consent_required"));
        support.approval = "mail of 3 March";
        QCOMPARE(m_bench->post(support, "/v1/events/" + id + "/cancel", {{"reason", "The hall is flooded"}}).status,
                 200);
        const auto audit = m_bench->server.audits(kOrg).back();
        QCOMPARE(audit.at("tenant_approval_reference").as_string(), "mail of 3 March");
        QCOMPARE(audit.at("origin").as_string(), "platform_support");
    }

    void supportEndsWithTheOrganizationsConsentOnly()
    {
        const std::string id = eventThat("live");
        access::Actor support = test::member(kOrg, access::Role::Admin);
        support.platformStaff = true;
        QCOMPARE(m_bench->post(support, "/v1/events/" + id + "/end").code(), std::string("consent_required"));
        support.approval = "mail of 3 March";
        QCOMPARE(m_bench->post(support, "/v1/events/" + id + "/end").status, 200);
        QCOMPARE(m_bench->server.audits(kOrg).back().at("tenant_approval_reference").as_string(), "mail of 3 March");
    }

    void withoutItsAuditRowAMoveHasNoEffect()
    {
        const std::string id = eventThat("draft");
        const auto told = m_bench->server.events(kOrg).size();
        const int published = m_bench->timesPublished(id);
        m_bench->server.execute("REVOKE INSERT ON audit.log FROM vg_app");
        const auto refused = m_bench->post(kOwner, "/v1/events/" + id + "/publish");
        m_bench->server.execute("GRANT INSERT ON audit.log TO vg_app");
        QVERIFY(refused.status >= 400);
        QCOMPARE(m_bench->statusOf(id), std::string("draft"));
        QCOMPARE(m_bench->server.events(kOrg).size(), told);
        QCOMPARE(m_bench->timesPublished(id), published);
        QCOMPARE(m_bench->post(kOwner, "/v1/events/" + id + "/publish").status, 200);
    }

    void anEventWithoutTimesCannotBePublished()
    {
        base::Json bare = *base::parseJson(R"({"event": {"name": "Some day"}})");
        const std::string path = "/v1/events/" + m_bench->create(kOwner, "some-day", bare);
        QVERIFY(m_bench->get(kOwner, path).json.at("scan_from").is_null());
        QCOMPARE(m_bench->post(kOwner, path + "/publish").code(), std::string("no_window"));
        bare.as_object()["dates"] = *base::parseJson(R"([
            {"id": "b", "starts_at": "2026-12-06T12:00:00Z", "ends_at": "2026-12-06T20:00:00Z"},
            {"id": "a", "starts_at": "2026-12-05T12:00:00Z", "ends_at": "2026-12-05T20:00:00Z"}])");
        const auto dated = m_bench->put(kOwner, path + "/definition", bare);
        QCOMPARE(dated.text("scan_from"), std::string("2026-12-05T08:00:00Z"));
        QCOMPARE(dated.text("scan_until"), std::string("2026-12-06T22:00:00Z"));
        QCOMPARE(m_bench->post(kOwner, path + "/publish").status, 200);
    }

    /// The owner's checks 3 and 4, as a gate sees them with nothing but the definition.
    void gatesAdmitInsideTheWindowOfAnEventThatIsOnAndAtNoOtherTime()
    {
        const char *before = "2026-12-05T06:59:59Z", *inside = "2026-12-05T11:00:00Z", *after = "2026-12-06T00:00:01Z";
        for (const auto &[status, reason] : {std::pair("draft", domain::Reason::EventNotOpen),
                                             {"published", domain::Reason::Ok},
                                             {"live", domain::Reason::Ok},
                                             {"ended", domain::Reason::EventNotOpen},
                                             {"archived", domain::Reason::EventNotOpen},
                                             {"cancelled", domain::Reason::EventCancelled},
                                             {"postponed", domain::Reason::EventNotOpen}}) {
            const std::string id = eventThat(status);
            QVERIFY2(verdictOf(id, inside) == reason, status);
            QVERIFY2(verdictOf(id, before) != domain::Reason::Ok, status);
            QVERIFY2(verdictOf(id, after) != domain::Reason::Ok, status);
        }
        const std::string id = eventThat("postponed");
        QCOMPARE(
            m_bench->post(kOwner, "/v1/events/" + id + "/reschedule", {{"starts_at", "2027-01-10T12:00:00Z"}}).status,
            200);
        QCOMPARE(verdictOf(id, "2027-01-10T11:00:00Z"), domain::Reason::Ok);
        QCOMPARE(verdictOf(id, inside), domain::Reason::EventNotOpen);
    }

    void reschedulingMovesAllTimesAlong()
    {
        const std::string id = eventThat("published");
        const std::string path = "/v1/events/" + id;
        const auto moved = m_bench->post(kOwner, path + "/reschedule",
                                         {{"starts_at", "2026-12-12T14:00:00Z"},
                                          {"ends_at", "2026-12-12T23:00:00Z"},
                                          {"reason", "The band is ill"}});
        QVERIFY2(moved.status == 200, moved.body.c_str());
        QCOMPARE(moved.text("status"), std::string("published"));
        QCOMPARE(moved.text("doors_at"), std::string("2026-12-12T13:00:00Z"));
        QCOMPARE(moved.text("ends_at"), std::string("2026-12-12T23:00:00Z"));
        QCOMPARE(moved.text("rescheduled_at"), std::string("2026-12-12T14:00:00Z"));
        QCOMPARE(moved.text("scan_from"), std::string("2026-12-12T09:00:00Z"));
        const auto sent = m_bench->published(id).event;
        QCOMPARE(sent.dates.at(0).startsAt, base::instantFrom("2026-12-12T14:00:00Z"));
        QCOMPARE(sent.event.rescheduledAt, base::instantFrom("2026-12-12T14:00:00Z"));
        const auto audit = m_bench->server.audits(kOrg).back();
        QCOMPARE(audit.at("before").at("starts_at").as_string(), "2026-12-05T12:00:00Z");
        QCOMPARE(audit.at("after").at("starts_at").as_string(), "2026-12-12T14:00:00Z");
        QCOMPARE(m_bench->told(kOrg, "events:event:" + id).back(), std::string("events.rescheduled.v1"));
        QCOMPARE(m_bench->get(kOwner, path + "/versions").json.at("data").at(0).at("change").as_string(),
                 "rescheduled");
        const auto wrong = m_bench->post(kOwner, path + "/reschedule",
                                         {{"starts_at", "2026-12-12T14:00:00Z"}, {"ends_at", "2026-12-12T14:00:00Z"}});
        QCOMPARE(wrong.pointer(), std::string("/event/ends_at"));
        // Postponed anew, without a date: the earlier one does not count any more.
        QVERIFY(
            m_bench->post(kOwner, path + "/postpone", {{"reason", "ill again"}}).json.at("rescheduled_at").is_null());
        QCOMPARE(m_bench->post(kOwner, path + "/open").code(), std::string("illegal_move"));
        for (const char *status : {"draft", "live", "ended"})
            QCOMPARE(m_bench
                         ->post(kOwner, "/v1/events/" + eventThat(status) + "/reschedule",
                                {{"starts_at", "2026-12-12T14:00:00Z"}})
                         .code(),
                     std::string("illegal_move"));
    }

    void postponingToAKnownDateDoesBothAtOnce()
    {
        const std::string id = eventThat("live");
        const auto moved = m_bench->post(kOwner, "/v1/events/" + id + "/postpone",
                                         {{"reason", "lightning"}, {"starts_at", "2026-12-06T12:00:00Z"}});
        QCOMPARE(moved.text("status"), std::string("postponed"));
        QCOMPARE(moved.text("postponement_reason"), std::string("lightning"));
        QCOMPARE(moved.json.at("on_sale").as_bool(), true);
        QCOMPARE(verdictOf(id, "2026-12-06T11:00:00Z"), domain::Reason::Ok);
        const auto half = m_bench->post(kOwner, "/v1/events/" + eventThat("live") + "/postpone",
                                        {{"reason", "x"}, {"ends_at", "2026-12-06T12:00:00Z"}});
        QCOMPARE(half.pointer(), std::string("/starts_at"));
    }

    void aGateOpensAndClosesWithoutAVersionOfTheDefinition()
    {
        const std::string id = eventThat("live");
        const std::string path = "/v1/events/" + id + "/gates/g1/state";
        const auto closed = m_bench->post(kOwner, path, {{"state", "closed"}, {"reason", "crush"}});
        QVERIFY2(closed.status == 200, closed.body.c_str());
        QCOMPARE(verdictOf(id, "2026-12-05T11:00:00Z"), domain::Reason::GateClosed);
        QCOMPARE(
            m_bench->server.execute("SELECT state FROM events.event_gates WHERE id = 'g1' AND event_id = '" + id + "'"),
            std::string("closed"));
        QCOMPARE(m_bench->get(kOwner, "/v1/events/" + id + "/versions").json.at("data").as_array().size(),
                 std::size_t{1});
        QCOMPARE(m_bench->told(kOrg, "events:event:" + id).back(), std::string("events.gate_state_changed.v1"));
        QCOMPARE(m_bench->server.audits(kOrg).back().at("reason").as_string(), "crush");
        const int published = m_bench->timesPublished(id);
        QCOMPARE(m_bench->post(kOwner, path, {{"state", "closed"}}).status, 200); // it is
        QCOMPARE(m_bench->timesPublished(id), published);
        QCOMPARE(m_bench->post(kOwner, path, {{"state", "ajar"}}).pointer(), std::string("/state"));
        QCOMPARE(m_bench->post(kOwner, "/v1/events/" + id + "/gates/g9/state", {{"state", "open"}}).status, 404);
        QCOMPARE(m_bench->post(test::member(kOrg, access::Role::Staff), path, {{"state", "open"}}).status, 403);
        QCOMPARE(m_bench->post(kOwner, path, {{"state", "open"}}).text("state"), std::string("open"));
        QCOMPARE(verdictOf(id, "2026-12-05T11:00:00Z"), domain::Reason::Ok);
    }

    void whatIsToldStaysBelowItsLimitWhateverNamesAndReasonsAre()
    {
        for (const char *part : {"a", "\x01", "\"", "\xC3\xAB"}) {
            std::string name, reason;
            while (name.size() < 4'000)
                name += part;
            while (reason.size() < 499)
                reason += part;
            reason.resize(reason.size() - reason.size() % std::string_view(part).size());
            base::Json json = fest();
            json.as_object()["event"].as_object()["name"] = name;
            const std::string id = m_bench->create(kOwner, "long-" + std::to_string(++m_number), json);
            for (const char *verb : {"publish", "postpone", "cancel"}) {
                test::Ask ask{
                    kOwner, Method::Post, "/v1/events/" + id + "/" + verb, {{"reason", reason.substr(0, 498)}}};
                ask.fields = {{"X-Request-Id", std::string(64, 'r')}};
                const auto reply = m_bench->server.call(ask);
                QVERIFY2(reply.status == 200, reply.body.c_str());
            }
        }
        const auto told = m_bench->server.events(kOrg);
        QVERIFY(told.size() >= 18);
        for (const auto &row : told)
            QVERIFY(base::toText(row.at("event")).size() <= work::kEventMax);
    }

    void parallelMovesHappenOnce()
    {
        const std::string id = eventThat("published");
        std::vector<test::Ask> asks;
        for (int i = 0; i < 10; ++i)
            asks.push_back({kOwner, Method::Post, "/v1/events/" + id + "/cancel", {{"reason", "x"}}});
        int done = 0;
        for (const auto &reply : m_bench->server.callAll(asks))
            done += reply.status == 200 ? 1 : 0;
        QCOMPARE(done, 1);
        QCOMPARE(m_bench->statusOf(id), std::string("cancelled"));
        const auto told = m_bench->told(kOrg, "events:event:" + id);
        QCOMPARE(std::count(told.begin(), told.end(), "events.cancelled.v1"), 1);
    }

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::EventsBench> m_bench;
    int m_number = 0;
};

QTEST_APPLESS_MAIN(MovesTest)
#include "moves_test.moc"
