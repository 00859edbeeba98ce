#include "tests/server/slices/events/events_bench.h"

#include <QtTest/QtTest>

#include <algorithm>

using namespace voelgoed;
using http::Method;
using test::fest;

namespace {

const base::Uuid kOurs = test::tenant(1), kTheirs = test::tenant(2);
const access::Actor kOwner = test::member(kOurs, access::Role::Owner);
const access::Actor kOther = test::member(kTheirs, access::Role::Owner);
const std::string kNobody = "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01";

/// A body that an action takes, so that nothing but whose it is decides.
base::Json bodyFor(std::string_view action)
{
    if (action == "events.create" || action == "events.update")
        return fest();
    if (action == "events.cancel" || action == "events.postpone")
        return {{"reason", "x"}};
    if (action == "events.reschedule")
        return {{"starts_at", "2026-12-12T12:00:00Z"}};
    if (action == "events.set_gate_state")
        return {{"state", "closed"}};
    if (action == "events.create_venue" || action == "events.update_venue")
        return {{"name", "Hall"}, {"timezone", "Africa/Johannesburg"}};
    if (action.ends_with("venue_gate") && action != "events.delete_venue_gate")
        return {{"code", "Z"}, {"name", "Z"}};
    return nullptr;
}

std::string replaced(std::string text, const std::string &what, const std::string &with)
{
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return text;
}

} // namespace

class TenantsTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<test::EventsBench>(*m_postgres);
        m_event = m_bench->create(kOwner, "ours");
        const auto venue = m_bench->post(kOwner, "/v1/venues", bodyFor("events.create_venue"));
        m_venue = venue.text("id");
        m_gate =
            m_bench->post(kOwner, "/v1/venues/" + m_venue + "/gates", {{"code", "N"}, {"name", "North"}}).text("id");
    }
    void cleanupTestCase()
    {
        m_bench.reset();
        m_postgres.reset();
    }

    /// Every route of the slice, from the registry: another organization's ids answer as ids that do not exist.
    void idsOfAnotherOrganizationAnswerAsIdsThatDoNotExist()
    {
        const std::string before = everything();
        int asked = 0;
        for (const actions::Action &action : m_bench->server.kernel().actions.all()) {
            const auto &declaration = action.declaration;
            const std::string route(declaration.route);
            if (!declaration.name.starts_with("events.") || route.find('{') == std::string::npos)
                continue;
            const auto ask = [&](const std::string &event, const std::string &venue, const std::string &gate) {
                std::string path = replaced(replaced(route, "{event}", event), "{event_id}", event);
                path = replaced(replaced(path, "{venue}", venue), "{number}", "1");
                path = replaced(path, "{gate}", route.starts_with("/v1/venues") ? gate : "g1");
                auto reply = m_bench->server.call({kOther, declaration.method, path, bodyFor(declaration.name)});
                reply.json.as_object().erase("request_id");
                reply.json.as_object().erase("instance");
                return std::to_string(reply.status) + " " + base::toText(reply.json);
            };
            const std::string theirs = ask(m_event, m_venue, m_gate), none = ask(kNobody, kNobody, kNobody);
            QVERIFY2(theirs == none, (std::string(declaration.name) + ": " + theirs + " and not " + none).c_str());
            QVERIFY2(declaration.name == "events.list_venue_gates" || theirs.starts_with("404"), theirs.c_str());
            ++asked;
        }
        QVERIFY(asked >= 16);
        QCOMPARE(everything(), before);
        QVERIFY(m_bench->get(kOther, "/v1/events").json.at("data").as_array().empty());
        QVERIFY(m_bench->get(kOther, "/v1/venues").json.at("data").as_array().empty());
        QVERIFY(m_bench->server.events(kTheirs).empty());
        QVERIFY(m_bench->server.audits(kTheirs).empty());
    }

    void whatIsTakenByAnotherOrganizationIsFree()
    {
        QCOMPARE(m_bench->create(kOther, "ours").size(), std::size_t{36});
        QCOMPARE(m_bench->get(kOther, "/v1/events?slug=ours").json.at("data").as_array().size(), std::size_t{1});
    }

    void nothingLeadsIntoAnotherOrganization()
    {
        const std::string id = m_bench->create(kOther, "lead");
        const auto details = m_bench->put(kOther, "/v1/events/" + id + "/details", {{"venue", m_venue}});
        QCOMPARE(details.code(), std::string("no_such_venue"));
        QCOMPARE(m_bench->post(kOther, "/v1/events/" + id + "/publish").status, 200);
        QCOMPARE(
            m_bench->post(kOther, "/v1/events/" + id + "/cancel", {{"reason", "x"}, {"replaced_by", m_event}}).code(),
            std::string("no_such_event"));
        // A key that names another organization is refused by the row's own policy.
        QVERIFY(m_bench->server
                    .attempt(kTheirs, "INSERT INTO events.venues (organization_id, id, slug, name, timezone) "
                                      "VALUES ('" +
                                          base::toText(kOurs) + "', gen_random_uuid(), 'x', 'x', 'UTC')")
                    .find("row-level security") != std::string::npos);
    }

    void withoutAnOrganizationNothingIsSeenAndNothingIsDone()
    {
        auto stray = kOwner;
        stray.organization.reset();
        QCOMPARE(m_bench->get(stray, "/v1/events").code(), std::string("no_organization"));
        QCOMPARE(m_bench->post(stray, "/v1/events", fest()).status, 403);
        test::Ask named{stray, Method::Get, "/v1/events"};
        named.fields = {{"Voelgoed-Organization", base::toText(kOurs)}};
        QCOMPARE(m_bench->server.call(named).status, 403);
        QCOMPARE(m_bench->get(kOwner, "/v1/events?organization_id=" + base::toText(kTheirs)).status, 400);
        for (const char *table : {"events", "venues", "gates", "event_versions", "dates", "ticket_types", "zones",
                                  "checkpoints", "event_gates", "questions"}) {
            const std::string count = m_bench->server.execute(
                std::string("SET ROLE vg_app; SET app.org_id = ''; SELECT count(*) FROM events.") + table);
            QCOMPARE(count, std::string("0"));
        }
    }

    void rowSecurityIsForcedOnEveryTenantTable()
    {
        QCOMPARE(
            m_bench->server.execute(
                "SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_class c JOIN pg_attribute a ON "
                "a.attrelid = c.oid AND a.attname = 'organization_id' WHERE c.relnamespace = 'events'::regnamespace "
                "AND c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"),
            std::string());
        QCOMPARE(m_bench->server.execute("SELECT string_agg(relname, ' ') FROM pg_class c WHERE relnamespace = "
                                         "'events'::regnamespace AND relkind = 'r' AND NOT EXISTS (SELECT FROM "
                                         "pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'organization_id')"),
                 std::string("event_transitions"));
    }

    void aDeviceSeesItsOwnEventAndNoOther()
    {
        const std::string other = m_bench->create(kOwner, "another");
        const auto device = test::deviceAt(kOurs, m_event, "g1");
        QCOMPARE(m_bench->get(device, "/v1/events/" + m_event).status, 200);
        QCOMPARE(m_bench->get(device, "/v1/events/" + other).status, 404);
        const auto list = m_bench->get(device, "/v1/events").json.at("data").as_array();
        QCOMPARE(list.size(), std::size_t{1});
        QCOMPARE(list.at(0).at("id").as_string(), std::string_view(m_event));
        QVERIFY(m_bench->get(test::deviceAt(kOurs, "", ""), "/v1/events").json.at("data").as_array().empty());
        const auto steward = test::member(kOurs, access::Role::ScannerOnly);
        QCOMPARE(m_bench->get(steward, "/v1/events/" + m_event).status, 404);
        QCOMPARE(m_bench->get(device, "/v1/events/" + m_event + "/versions").status, 403);
    }

    void anEventsTopicIsHeardInItsOrganizationAlone()
    {
        auto &topics = m_bench->server.kernel().topics;
        const auto hears = [&](const access::Actor &actor, const std::string &topic) {
            return bool(m_bench->server.run(topics.families().admit(actor, topic)));
        };
        const std::string topic = "events:event:" + m_event;
        QVERIFY(hears(kOwner, topic));
        QVERIFY(!hears(kOther, topic));
        QVERIFY(!hears(kOwner, "events:event:" + kNobody));
        QVERIFY(hears(test::deviceAt(kOurs, m_event, "g1"), topic));
        QVERIFY(!hears(test::deviceAt(kOurs, kNobody, "g1"), topic));
        QVERIFY(!hears(test::deviceAt(kOurs, m_event, "g1"), "events:event:*"));
        QVERIFY(hears(kOwner, "events:org:" + base::toText(kOurs)));
        QVERIFY(!hears(kOther, "events:org:" + base::toText(kOurs)));
    }

    void listsComeInPagesAndByStatus()
    {
        const auto org = test::tenant(5);
        const auto owner = test::member(org, access::Role::Owner);
        std::vector<std::string> ids;
        for (int i = 0; i < 5; ++i) {
            m_bench->server.clock().pass(std::chrono::seconds(1));
            ids.insert(ids.begin(), m_bench->create(owner, "p-" + std::to_string(i)));
        }
        QCOMPARE(m_bench->post(owner, "/v1/events/" + ids[2] + "/publish").status, 200);
        std::vector<std::string> seen;
        std::string after;
        for (int pages = 0; pages < 5; ++pages) {
            const auto page = m_bench->get(owner, "/v1/events?limit=2" + after);
            for (const auto &event : page.json.at("data").as_array())
                seen.emplace_back(event.at("id").as_string());
            if (!page.json.at("has_more").as_bool())
                break;
            after = "&after=" + page.text("next");
        }
        QCOMPARE(seen, ids);
        const auto some = m_bench->get(owner, "/v1/events?status=published&status=live").json.at("data").as_array();
        QCOMPARE(some.size(), std::size_t{1});
        QCOMPARE(some.at(0).at("on_sale").as_bool(), true);
        QCOMPARE(m_bench->get(owner, "/v1/events?status=sold").pointer(), std::string("/status/0"));
    }

    void venuesAndTheirGatesAreKept()
    {
        const auto owner = test::member(test::tenant(6), access::Role::Owner);
        const auto made = m_bench->post(
            owner, "/v1/venues", {{"name", "Groot Saal"}, {"timezone", "Africa/Johannesburg"}, {"city", "Paarl"}});
        QVERIFY2(made.status == 201, made.body.c_str());
        QCOMPARE(made.text("slug"), std::string("groot-saal"));
        const std::string path = "/v1/venues/" + made.text("id");
        QCOMPARE(m_bench->post(owner, "/v1/venues", bodyFor("events.create_venue")).status, 201);
        QCOMPARE(m_bench->put(owner, path, {{"name", "Saal"}, {"slug", "hall"}, {"timezone", "UTC"}}).code(),
                 std::string("slug_taken"));
        QCOMPARE(m_bench->put(owner, path, {{"name", "Saal"}, {"timezone", "Mars/Olympus"}}).pointer(),
                 std::string("/timezone"));
        const auto changed = m_bench->put(owner, path, {{"name", "Saal"}, {"timezone", "UTC"}, {"status", "archived"}});
        QCOMPARE(changed.text("status"), std::string("archived"));
        QCOMPARE(m_bench->server.audits(test::tenant(6)).back().at("before").at("city").as_string(), "Paarl");
        QCOMPARE(
            m_bench
                ->post(test::member(test::tenant(6), access::Role::Staff), "/v1/venues", bodyFor("events.create_venue"))
                .status,
            403);

        const auto gate = m_bench->post(
            owner, path + "/gates", {{"code", "N"}, {"name", "North"}, {"capacity", 300}, {"capacity_mode", "stop"}});
        QVERIFY2(gate.status == 201, gate.body.c_str());
        QCOMPARE(m_bench->post(owner, path + "/gates", {{"code", "N"}, {"name", "Again"}}).code(),
                 std::string("code_taken"));
        // An event at the venue: its gate N is this one, and follows the code.
        const std::string event = m_bench->create(owner, "linked");
        QCOMPARE(m_bench->put(owner, "/v1/events/" + event + "/details", {{"venue", made.text("id")}}).status, 200);
        const auto linked = [&] {
            return m_bench->server.execute("SELECT count(venue_gate_id) FROM events.event_gates WHERE event_id = '" +
                                           event + "'");
        };
        QCOMPARE(linked(), std::string("1"));
        const std::string gatePath = path + "/gates/" + gate.text("id");
        QCOMPARE(m_bench->put(owner, gatePath, {{"code", "W"}, {"name", "West"}}).text("code"), std::string("W"));
        QCOMPARE(linked(), std::string("0"));
        QCOMPARE(m_bench->put(owner, gatePath, {{"code", "N"}, {"name", "North"}}).status, 200);
        QCOMPARE(linked(), std::string("1"));
        QCOMPARE(m_bench->get(owner, path + "/gates").json.at("data").as_array().size(), std::size_t{1});
        QCOMPARE(m_bench->server.call({owner, Method::Delete, gatePath}).status, 200);
        QCOMPARE(linked(), std::string("0"));
        QCOMPARE(m_bench->server.call({owner, Method::Delete, gatePath}).status, 404);
    }

private:
    std::string everything() const
    {
        return m_bench->server.execute(
            "SELECT md5(string_agg(t::text, '|')) FROM (SELECT e::text FROM events.events e UNION "
            "ALL SELECT v::text FROM events.venues v UNION ALL SELECT g::text FROM events.gates "
            "g) t");
    }

    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::EventsBench> m_bench;
    std::string m_event, m_venue, m_gate;
};

QTEST_APPLESS_MAIN(TenantsTest)
#include "tenants_test.moc"
