#include "tests/server/slices/events/events_bench.h"

#include <QtTest/QtTest>

#include <set>

using namespace voelgoed;
using http::Method;
using test::fest;

namespace {

const base::Uuid kOrg = test::tenant(1);
const access::Actor kOwner = test::member(kOrg, access::Role::Owner);
const access::Actor kStaff = test::member(kOrg, access::Role::Staff);

access::Actor apiKey()
{
    access::Actor key = test::member(kOrg, access::Role::Owner);
    key.kind = access::ActorKind::ApiKey;
    key.role.reset();
    key.scopes = {access::Permission::EditEvents, access::Permission::MoveEvents};
    return key;
}

base::Json because(base::Json body, const char *reason)
{
    body.as_object()["reason"] = reason;
    return body;
}

} // namespace

/// What saving may do to an event that is out, and what it may not.
class ChangingTest : public QObject
{
    Q_OBJECT

private:
    std::string eventThat(const std::string &status)
    {
        return m_bench->createAs(kOwner, "e-" + std::to_string(++m_number), status);
    }
    test::Reply save(const access::Actor &actor, const std::string &event, base::Json definition)
    {
        return m_bench->put(actor, "/v1/events/" + event + "/definition", std::move(definition));
    }
    base::Json definitionOf(const std::string &event)
    {
        return m_bench->get(kOwner, "/v1/events/" + event + "?format=definition").json;
    }
    base::Json with(const std::string &event, const char *field, const char *value)
    {
        base::Json definition = definitionOf(event);
        definition.as_object()["event"].as_object()[field] = value;
        return definition;
    }

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<test::EventsBench>(*m_postgres);
        m_bench->server.clock().reading.wall = *base::parseInstant("2026-12-05T15:00:00Z");
    }
    void cleanupTestCase()
    {
        m_bench.reset();
        m_postgres.reset();
    }

    void timesOfWhatIsNoDraftMoveByWhoMayMoveEvents_data()
    {
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("value");
        QTest::newRow("starts_at") << "starts_at"
                                   << "2026-12-05T13:00:00Z";
        QTest::newRow("ends_at") << "ends_at"
                                 << "2026-12-05T23:00:00Z";
        QTest::newRow("doors_at") << "doors_at"
                                  << "2026-12-05T10:00:00Z";
        QTest::newRow("scan_from") << "scan_from"
                                   << "2026-12-05T06:00:00Z";
        QTest::newRow("scan_until") << "scan_until"
                                    << "2026-12-06T03:00:00Z";
    }
    void timesOfWhatIsNoDraftMoveByWhoMayMoveEvents()
    {
        QFETCH(QString, field);
        QFETCH(QString, value);
        const std::string draft = eventThat("draft");
        const auto moved = [&](const std::string &event) {
            return with(event, field.toUtf8().constData(), value.toUtf8().constData());
        };
        QCOMPARE(save(kStaff, draft, moved(draft)).status, 200);
        for (const char *status : {"published", "live", "postponed"}) {
            const std::string event = eventThat(status);
            for (const access::Actor &actor : {kStaff, apiKey()}) {
                const auto refused = save(actor, event, because(moved(event), "so"));
                QCOMPARE(refused.status, 409);
                QCOMPARE(refused.code(), std::string("use_reschedule"));
                QVERIFY(refused.text("detail").find("event." + field.toStdString()) != std::string::npos);
                QCOMPARE(save(actor, event, definitionOf(event)).status, 200); // what was shown
            }
            QCOMPARE(save(kOwner, event, moved(event)).code(), std::string("use_reschedule"));
            const auto done = save(kOwner, event, because(moved(event), "as the band wants it"));
            QVERIFY2(done.status == 200, done.body.c_str());
            QCOMPARE(m_bench->server.audits(kOrg).back().at("reason").as_string(), "as the band wants it");
        }
    }

    void datesMoveAsTheEventDoes()
    {
        const std::string event = eventThat("published");
        base::Json later = definitionOf(event);
        later.as_object()["dates"].as_array()[0].as_object()["ends_at"] = "2026-12-05T23:00:00Z";
        const auto refused = save(kStaff, event, later);
        QCOMPARE(refused.code(), std::string("use_reschedule"));
        QVERIFY(refused.text("detail").find("dates[0].ends_at") != std::string::npos);
        QCOMPARE(save(kOwner, event, because(later, "one more band")).status, 200);
        // One that is added moves nothing.
        base::Json more = definitionOf(event);
        more.as_object()["dates"].as_array().push_back(
            boost::json::object{{"id", "extra"}, {"starts_at", "2026-12-05T14:00:00Z"}});
        QCOMPARE(save(kStaff, event, more).status, 200);
    }

    void noLiveEventEndsBySavingIt()
    {
        const std::string event = eventThat("live");
        for (const auto &[field, value] : {std::pair("ends_at", "2026-12-05T13:00:00Z"),
                                           {"scan_until", "2026-12-05T14:00:00Z"},
                                           {"scan_from", "2026-12-05T16:00:00Z"}}) {
            const auto refused = save(kOwner, event, because(with(event, field, value), "so"));
            QVERIFY2(refused.code() == "use_end", refused.body.c_str());
        }
        const auto details =
            m_bench->put(kOwner, "/v1/events/" + event + "/details", {{"closes_after_minutes", 0}, {"reason", "so"}});
        QCOMPARE(details.code(), std::string("use_end"));
        QCOMPARE(m_bench->statusOf(event), std::string("live"));
    }

    void aLiveEventKeepsAnEnd()
    {
        const std::string event = eventThat("live");
        base::Json endless = definitionOf(event);
        for (const char *field : {"ends_at", "scan_until"})
            endless.as_object()["event"].as_object().erase(field);
        endless.as_object()["dates"].as_array()[0].as_object().erase("ends_at");
        const auto refused = save(kOwner, event, because(endless, "so"));
        QVERIFY2(refused.code() == "no_window", refused.body.c_str());
        QCOMPARE(m_bench->statusOf(event), std::string("live"));
    }

    void graceThatMovesTheWindowIsAMoveToo()
    {
        const std::string path = "/v1/events/" + eventThat("published") + "/details";
        const boost::json::object longer{{"opens_before_minutes", 300}, {"closes_after_minutes", 180}};
        QCOMPARE(m_bench->put(kStaff, path, longer).code(), std::string("use_reschedule"));
        QCOMPARE(m_bench->put(kOwner, path, longer).code(), std::string("use_reschedule"));
        QCOMPARE(m_bench->put(kOwner, path, because(longer, "a long queue")).status, 200);
        QCOMPARE(m_bench->server.audits(kOrg).back().at("reason").as_string(), "a long queue");
        boost::json::object same = longer;
        same["capacity"] = 900;
        QCOMPARE(m_bench->put(kStaff, path, same).status, 200);
        QCOMPARE(m_bench->put(kStaff, path, {{"capacity", 800}}).code(), std::string("use_reschedule")); // cleared
        QCOMPARE(m_bench->put(kStaff, "/v1/events/" + eventThat("draft") + "/details", longer).status, 200);
    }

    void savingADefinitionOpensNoGateThatWasClosed()
    {
        const std::string event = eventThat("live");
        const base::Json before = definitionOf(event);
        const std::string gate = "/v1/events/" + event + "/gates/g1/state";
        QCOMPARE(m_bench->post(kOwner, gate, {{"state", "closed"}, {"reason", "crush"}}).status, 200);
        base::Json late = before;
        late.as_object()["event"].as_object()["name"] = "Fest II";
        late.as_object()["gates"].as_array().push_back(boost::json::object{{"id", "g3"}, {"state", "closed"}});
        late.as_object()["gates"].as_array()[1].as_object()["state"] = "closed";
        QCOMPARE(save(kStaff, event, late).status, 200);
        const auto gates = m_bench->published(event).event.gates;
        QCOMPARE(gates.size(), std::size_t{3});
        QVERIFY(gates.at(0).state == domain::GateState::Closed);
        QVERIFY(gates.at(1).state == domain::GateState::Open); // nor closes one
        QVERIFY(gates.at(2).state == domain::GateState::Closed);
        QCOMPARE(m_bench->server.execute("SELECT string_agg(state, ' ' ORDER BY id) FROM events.event_gates "
                                         "WHERE event_id = '" +
                                         event + "'"),
                 std::string("closed open closed"));
        // A draft's are as the file says.
        const std::string draft = eventThat("draft");
        base::Json closed = definitionOf(draft);
        closed.as_object()["gates"].as_array()[0].as_object()["state"] = "closed";
        QCOMPARE(save(kStaff, draft, closed).status, 200);
        QVERIFY(m_bench->published(draft).event.gates.at(0).state == domain::GateState::Closed);
    }

    void whatIsOverStaysAsItWas()
    {
        for (const char *status : {"ended", "cancelled", "archived"}) {
            const std::string event = eventThat(status), path = "/v1/events/" + event;
            const auto version = m_bench->get(kOwner, path).json.at("version");
            QCOMPARE(save(kOwner, event, with(event, "name", "Other")).code(), std::string("event_over"));
            QCOMPARE(m_bench->put(kOwner, path + "/details", {{"capacity", 5}}).code(), std::string("event_over"));
            QCOMPARE(m_bench->post(kOwner, path + "/gates/g1/state", {{"state", "closed"}}).code(),
                     std::string("event_over"));
            QVERIFY(m_bench->get(kOwner, path).json.at("version") == version);
        }
    }

    void nothingMovesBeyondTheLastYear()
    {
        base::Json definition = fest();
        definition.as_object()["event"].as_object()["id"] = "far";
        definition.as_object()["event"].as_object()["scan_until"] = "2026-12-06T04:00:00Z";
        const std::string event = m_bench->create(kOwner, "far", definition), path = "/v1/events/" + event;
        QCOMPARE(m_bench->post(kOwner, path + "/publish").status, 200);
        const auto refused = m_bench->post(
            kOwner, path + "/reschedule", {{"starts_at", "9999-12-31T20:00:00Z"}, {"ends_at", "9999-12-31T21:00:00Z"}});
        QVERIFY2(refused.status == 400 && refused.pointer() == "/event/scan_until", refused.body.c_str());
        const auto postponed =
            m_bench->post(kOwner, path + "/postpone", {{"starts_at", "9999-12-31T23:00:00Z"}, {"reason", "for long"}});
        QCOMPARE(postponed.status, 400);
        QCOMPARE(m_bench->get(kOwner, path).text("starts_at"), std::string("2026-12-05T12:00:00Z"));
    }

    void aListGoesOnWithoutAnEventThatCannotBeRead()
    {
        const auto owner = test::member(test::tenant(4), access::Role::Owner);
        std::vector<std::string> made;
        for (const char *name : {"one", "two", "three", "four"}) {
            m_bench->server.clock().pass(std::chrono::milliseconds(1)); // ids are in the order of time
            made.push_back(m_bench->create(owner, name));
        }
        m_bench->server.execute("UPDATE events.events SET definition = jsonb_set(definition, '{event,rescheduled_at}', "
                                "'\":000-01-01T00:00:00Z\"') WHERE id = '" +
                                made.at(1) + "'");
        const auto idsAt = [&](const std::string &query) {
            const auto list = m_bench->get(owner, "/v1/events" + query);
            base::ensure(list.status == 200, list.body.c_str());
            std::string ids;
            for (const auto &event : list.json.at("data").as_array())
                ids += std::string(event.at("slug").as_string()) + " ";
            return ids + (list.json.at("has_more").as_bool() ? list.text("next") : "");
        };
        QCOMPARE(idsAt(""), std::string("four three one "));
        QCOMPARE(idsAt("?limit=3"), "four three " + made.at(1));
        QCOMPARE(idsAt("?limit=1&after=" + made.at(2)), made.at(1));
        QCOMPARE(idsAt("?limit=1&after=" + made.at(1)), std::string("one "));
    }

    void shortNamesThatNobodyGaveGiveWayAlsoToThoseOfTheSameMoment()
    {
        std::vector<test::Ask> asks;
        for (int i = 0; i < 8; ++i) {
            base::Json definition = fest();
            definition.as_object()["event"].as_object()["id"] = "No Slug!";
            definition.as_object()["event"].as_object()["name"] = "日本";
            asks.push_back({kStaff, Method::Post, "/v1/events", std::move(definition)});
            asks.push_back(
                {kOwner, Method::Post, "/v1/venues", {{"name", "日本"}, {"timezone", "Africa/Johannesburg"}}});
        }
        std::set<std::string> slugs;
        for (const auto &reply : m_bench->server.callAll(asks)) {
            QVERIFY2(reply.status == 201, reply.body.c_str());
            slugs.insert(reply.text("slug"));
        }
        QCOMPARE(slugs.size(), std::size_t{16});
        for (const char *slug : {"event", "event-2", "event-8", "venue", "venue-2", "venue-8"})
            QVERIFY2(slugs.contains(slug), slug);
        // One that was given is that or none.
        const auto taken = m_bench->post(kOwner, "/v1/venues",
                                         {{"name", "Hall"}, {"slug", "venue"}, {"timezone", "Africa/Johannesburg"}});
        QCOMPARE(taken.status, 409);
        QCOMPARE(taken.code(), std::string("slug_taken"));
    }

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::EventsBench> m_bench;
    int m_number = 0;
};

QTEST_APPLESS_MAIN(ChangingTest)
#include "changing_test.moc"
