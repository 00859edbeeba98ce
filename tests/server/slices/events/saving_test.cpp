#include "server/slices/events/checking.h"
#include "shared/admission/rulebook.h"
#include "tests/server/slices/events/events_bench.h"
#include "tests/support/places.h"

#include <QtTest/QtTest>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace voelgoed;
using http::Method;
using test::fest;

namespace {

const base::Uuid kOrg = test::tenant(1);
const access::Actor kStaff = test::member(kOrg, access::Role::Staff);

std::string contentsOf(const std::filesystem::path &path)
{
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

/// The parts of a scenario that make a definition.
boost::json::object definitionWithin(const base::Json &scenario)
{
    boost::json::object object;
    for (const char *part : {"event", "dates", "ticket_types", "questions", "gates", "checkpoints", "policy"}) {
        if (const auto *found = scenario.as_object().if_contains(part))
            object[part] = *found;
    }
    return object;
}

base::Json json(const char *text)
{
    return *base::parseJson(text);
}

base::Json with(base::Json definition, const char *part, const char *field, base::Json value)
{
    definition.as_object()[part].as_object()[field] = std::move(value);
    return definition;
}

} // namespace

class SavingTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        m_postgres = std::make_unique<test::Postgres>();
        m_bench = std::make_unique<test::EventsBench>(*m_postgres);
    }
    void cleanupTestCase()
    {
        m_bench.reset();
        m_postgres.reset();
    }

    void anEventBeginsAsADraftWithItsWindowItsRowsAndItsFeed()
    {
        const auto made = m_bench->post(kStaff, "/v1/events", with(fest(), "event", "id", "first"));
        QVERIFY2(made.status == 201, made.body.c_str());
        const std::string id = made.text("id");
        QCOMPARE(made.text("slug"), std::string("first"));
        QCOMPARE(made.text("status"), std::string("draft"));
        QCOMPARE(made.text("scan_from"), std::string("2026-12-05T07:00:00Z"));
        QCOMPARE(made.text("scan_until"), std::string("2026-12-06T00:00:00Z"));
        QCOMPARE(std::string(made.fields["Location"]), "/v1/events/" + id);
        QCOMPARE(std::string(made.fields["ETag"]), std::string("\"1\""));
        const auto sent = m_bench->published(id);
        QCOMPARE(sent.event.event.id.text, id);
        QCOMPARE(sent.event.event.status, domain::EventStatus::Draft);
        QCOMPARE(sent.event.event.scanFrom, base::instantFrom("2026-12-05T07:00:00Z"));
        QCOMPARE(sent.event.zone.name(), std::string("Africa/Johannesburg"));
        QCOMPARE(sent.event.zone.offsetAt(*sent.event.event.startsAt), std::chrono::seconds(7200));
        QCOMPARE(sent.keys.types.size(), std::size_t{2});
        QCOMPARE(sent.keys.zones.at(0).text, std::string("field"));
        QCOMPARE(m_bench->feed.woken.back(), *base::uuidFrom(id));
        const auto count = [&](const char *table) {
            return m_bench->server.execute(std::string("SELECT count(*) FROM events.") + table + " WHERE event_id = '" +
                                           id + "'");
        };
        for (const auto &[table, rows] : {std::pair("dates", "1"),
                                          {"ticket_types", "2"},
                                          {"questions", "1"},
                                          {"event_gates", "2"},
                                          {"checkpoints", "2"},
                                          {"zones", "1"},
                                          {"event_versions", "1"}})
            QCOMPARE(count(table), std::string(rows));
        QCOMPARE(m_bench->server.execute("SELECT close_at || ' ' || zone_id || ' ' || (types IS NULL) FROM "
                                         "events.checkpoints WHERE id = 'main' AND event_id = '" +
                                         id + "'"),
                 std::string("03:30:00 field true"));
        QCOMPARE(m_bench->told(kOrg, "events:event:" + id), std::vector<std::string>{"events.created.v1"});
        const auto audit = m_bench->server.audits(kOrg).back();
        QCOMPARE(audit.at("action").as_string(), "events.create");
        QCOMPARE(audit.at("actor_role").as_string(), "staff");
    }

    /// What refers to what is not there is a value in a scenario, and a mistake on the server.
    void theDefinitionsOfAllScenarioFilesComeBackEqual()
    {
        int number = 0, refused = 0;
        for (const auto &entry :
             std::filesystem::directory_iterator(std::string(test::sourceFolder()) + "/tests/scenarios")) {
            const auto file = base::parseJson(contentsOf(entry.path()), {.depth = 512});
            QVERIFY(file);
            const auto list = file->is_array() ? file->as_array() : boost::json::array{*file};
            for (const base::Json &scenario : list) {
                boost::json::object sent = definitionWithin(scenario);
                sent["event"].as_object()["id"] = "scenario-" + std::to_string(++number);
                const auto expected = events::readDefinition(sent);
                QVERIFY2(expected, expected ? "" : expected.error().message.c_str());
                const auto made = m_bench->post(kStaff, "/v1/events", sent);
                const std::string where = entry.path().filename().string() + ": " + made.body;
                if (!admission::Rulebook::compile(*expected)) {
                    ++refused;
                    QVERIFY2(made.status == 400 && made.pointer().size() > 1, where.c_str());
                    continue;
                }
                QVERIFY2(made.status == 201, where.c_str());
                const auto shown = m_bench->get(kStaff, "/v1/events/" + made.text("id") + "?format=definition");
                auto back = events::readDefinition(shown.json);
                QVERIFY2(back, shown.body.c_str());
                QCOMPARE(back->event.status, domain::EventStatus::Draft);
                back->event.status = expected->event.status; // moves by actions
                back->event.rescheduledAt = expected->event.rescheduledAt;
                QVERIFY2(*back == *expected, (where + "\n" + shown.body).c_str());
                // What was shown may be sent back, and changes nothing.
                const auto again = m_bench->put(kStaff, "/v1/events/" + made.text("id") + "/definition", shown.json);
                QVERIFY2(again.status == 200, again.body.c_str());
                QCOMPARE(m_bench->get(kStaff, "/v1/events/" + made.text("id") + "?format=definition").body, shown.body);
            }
        }
        QVERIFY(number > 100);
        QVERIFY(refused < number / 4);
    }

    void anIdThatIsNoShortNameGivesWayToOneMadeOfTheName()
    {
        const auto slugOf = [&](base::Json id, const char *name) {
            const auto named = with(with(fest(), "event", "id", std::move(id)), "event", "name", name);
            return m_bench->post(kStaff, "/v1/events", named).text("slug");
        };
        QCOMPARE(slugOf("Ons Fees!", "Voëlgoed & Vriende"), std::string("voelgoed-vriende"));
        QCOMPARE(slugOf("Ons Fees!", "Voëlgoed & Vriende"), std::string("voelgoed-vriende-2"));
        QCOMPARE(slugOf("018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01", "Copy"), std::string("copy"));
        QCOMPARE(slugOf(2026, "Any"), std::string("2026"));
        QCOMPARE(slugOf("日本", "日本"), std::string("event"));
        const auto taken = m_bench->post(kStaff, "/v1/events", with(fest(), "event", "id", "voelgoed-vriende"));
        QCOMPARE(taken.status, 409);
        QCOMPARE(taken.code(), std::string("slug_taken"));
    }

    void whatIsWrongIsNamedByItsPointer_data()
    {
        QTest::addColumn<QString>("definition");
        QTest::addColumn<QString>("pointer");
        const auto row = [](const char *name, const base::Json &definition, const char *pointer) {
            QTest::newRow(name) << QString::fromStdString(base::toText(definition)) << pointer;
        };
        const auto top = [](const char *field, base::Json value) {
            base::Json definition = fest();
            definition.as_object()[field] = std::move(value);
            return definition;
        };
        row("no event", json(R"({"dates": []})"), "/event");
        row("unknown field", top("tickets", boost::json::array{}), "/tickets");
        row("another organization", top("organization_id", boost::json::string(base::toText(test::tenant(2)))),
            "/organization_id");
        row("unknown field of the event", with(fest(), "event", "start", 1), "/event/start");
        row("unknown time zone", with(fest(), "event", "timezone", "Europe/Atlantis"), "/event/timezone");
        row("a path as time zone", with(fest(), "event", "timezone", "../../etc/passwd"), "/event/timezone");
        row("the end before the start", with(fest(), "event", "ends_at", "2026-12-05T12:00:00Z"), "/event/ends_at");
        row("a window that is none",
            with(with(fest(), "event", "scan_from", "2026-12-05T12:00:00Z"), "event", "scan_until",
                 "2026-12-05T11:00:00Z"),
            "/event/scan_until");
        row("before 1970", with(fest(), "event", "doors_at", "1969-12-05T12:00:00Z"), "/event/doors_at");
        row("a type that is not there", top("checkpoints", json(R"([{"id": "main", "types": ["1", "9"]}])")),
            "/checkpoints/0/types/1");
        row("a type twice", top("ticket_types", json(R"([{"id": "1"}, {"id": "1"}])")), "/ticket_types/1/id");
        row("two gates of one code", top("gates", json(R"([{"id": "a", "code": "N"}, {"id": "b", "code": "N"}])")),
            "/gates/1/code");
        row("rules that do not compile",
            top("checkpoints", json(R"([{"id": "main", "rules": {"and": [{"var": "x"}]}}])")),
            "/checkpoints/0/rules/and/0/var");
        row("a NUL", with(fest(), "event", "name", boost::json::string("a\0b", 3)), "/event/name");
        row("a grace of a month", top("details", {{"opens_before_minutes", 43'200}}), "/details/opens_before_minutes");
    }
    void whatIsWrongIsNamedByItsPointer()
    {
        QFETCH(QString, definition);
        QFETCH(QString, pointer);
        const auto reply = m_bench->post(kStaff, "/v1/events", *base::parseJson(definition.toStdString()));
        QVERIFY2(reply.status == 400, reply.body.c_str());
        QVERIFY2(reply.pointer() == pointer.toStdString(), reply.body.c_str());
    }

    /// Bad inputs that are no definition at all: refused, and nothing is made of them.
    void documentsThatAreNoneAreRefused_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("status");
        const QByteArray event = R"({"id":"x","name":"X","timezone":"UTC"})";
        QTest::newRow("nothing") << QByteArray("{}") << 400;
        QTest::newRow("a list") << QByteArray("[]") << 400;
        QTest::newRow("behind the end") << "{\"event\":" + event + "} {}" << 400;
        QTest::newRow("cut off") << "{\"event\":" + event << 400;
        QTest::newRow("a field twice") << "{\"event\":" + event + ",\"event\":" + event + "}" << 400;
        QTest::newRow("100,000 deep") << QByteArray(100'000, '[') << 400;
        QTest::newRow("beyond all numbers") << "{\"event\":" + event + ",\"details\":{\"capacity\":1e400}}" << 400;
        QTest::newRow("no number") << "{\"event\":" + event + ",\"details\":{\"capacity\":NaN}}" << 400;
        QTest::newRow("fewer than none") << "{\"event\":" + event + ",\"details\":{\"capacity\":-1}}" << 400;
        QTest::newRow("no UTF-8") << QByteArray("{\"event\":{\"name\":\"\xC3\x28\"}}") << 400;
        QTest::newRow("half a surrogate") << QByteArray("{\"event\":{\"name\":\"\\ud800\"}}") << 400;
        QTest::newRow("a year behind all")
            << QByteArray(R"({"event":{"id":"x","name":"X","timezone":"UTC","starts_at":"99999-01-01T00:00:00Z"}})")
            << 400;
        QTest::newRow("markup, which is a text")
            << QByteArray(R"({"event":{"id":"m","name":"<script>; DROP TABLE events;--","timezone":"UTC"}})") << 201;
    }
    void documentsThatAreNoneAreRefused()
    {
        QFETCH(QByteArray, body);
        QFETCH(int, status);
        const auto count = [&] { return m_bench->server.execute("SELECT count(*) FROM events.events"); };
        const std::string before = count();
        const auto reply = m_bench->post(kStaff, "/v1/events", boost::json::string(body.toStdString()));
        QVERIFY2(reply.status == status, reply.body.c_str());
        QCOMPARE(count() == before, status != 201);
    }

    void rulesMayBeAsDeepAsTheSpecificationAllows()
    {
        const auto nested = [](int depth) {
            std::string rules = R"({"<":[{"var":"entries_number"},3]})";
            for (int i = 0; i < depth; ++i)
                rules = R"({"and":[)" + rules + "]}";
            base::Json deep = with(fest(), "event", "id", "deep");
            deep.as_object()["checkpoints"] =
                *base::parseJson(R"([{"id": "main", "rules": )" + rules + "}]", {.depth = 200});
            return deep;
        };
        QCOMPARE(m_bench->post(kStaff, "/v1/events", nested(40)).status, 400);
        const auto made = m_bench->post(kStaff, "/v1/events", nested(29));
        QVERIFY2(made.status == 201, made.body.c_str());
    }

    void theWindowFollowsGraceUnlessTheDefinitionSaysIt()
    {
        const std::string id = m_bench->create(kStaff, "grace");
        const std::string path = "/v1/events/" + id;
        auto changed = m_bench->put(kStaff, path + "/details",
                                    {{"opens_before_minutes", 60}, {"closes_after_minutes", 30}, {"capacity", 900}});
        QCOMPARE(changed.text("scan_from"), std::string("2026-12-05T10:00:00Z"));
        QCOMPARE(changed.text("scan_until"), std::string("2026-12-05T22:30:00Z"));
        QCOMPARE(m_bench->published(id).event.event.scanUntil, base::instantFrom("2026-12-05T22:30:00Z"));
        changed =
            m_bench->put(kStaff, path + "/definition",
                         with(with(fest(), "event", "scan_from", "2026-12-05T09:00:00Z"), "event", "id", "grace"));
        QCOMPARE(changed.text("scan_from"), std::string("2026-12-05T09:00:00Z"));
        QCOMPARE(changed.text("scan_until"), std::string("2026-12-05T22:30:00Z"));
        const auto audit = m_bench->server.audits(kOrg);
        QCOMPARE(audit.at(audit.size() - 2).at("after").at("capacity").as_int64(), 900);
        // Cleared again.
        QVERIFY(m_bench->put(kStaff, path + "/details", boost::json::object{}).json.at("capacity").is_null());
    }

    void aChangeMadeOnAnOldVersionIsRefused()
    {
        const std::string path = "/v1/events/" + m_bench->create(kStaff, "versions") + "/definition";
        const auto change = [&](const char *version) {
            test::Ask ask{kStaff, Method::Put, path, with(fest(), "event", "id", "versions")};
            ask.fields = {{"If-Match", version}};
            return m_bench->server.call(ask);
        };
        QCOMPARE(change("\"1\"").status, 200);
        const auto late = change("\"1\"");
        QCOMPARE(late.status, 412);
        QCOMPARE(std::string(change("\"2\"").fields["ETag"]), std::string("\"3\""));
        QCOMPARE(change("\"x\"").status, 412);
    }

    void everySavedDefinitionIsKeptWithWhoAndWhen()
    {
        const std::string id = m_bench->create(kStaff, "kept");
        const std::string path = "/v1/events/" + id;
        m_bench->server.clock().pass(std::chrono::minutes(5));
        base::Json second = with(with(fest(), "event", "id", "kept"), "event", "name", "Second");
        second.as_object()["reason"] = "a better name";
        const auto admin = test::member(kOrg, access::Role::Admin);
        QCOMPARE(m_bench->put(admin, path + "/definition", second).text("name"), std::string("Second"));
        const auto list = m_bench->get(kStaff, path + "/versions?limit=1");
        QCOMPARE(list.json.at("has_more").as_bool(), true);
        const auto &newest = list.json.at("data").at(0);
        QCOMPARE(newest.at("number").as_int64(), 2);
        QCOMPARE(newest.at("reason").as_string(), "a better name");
        QCOMPARE(newest.at("saved_by").as_string(), std::string_view(base::toText(admin.id)));
        const auto rest = m_bench->get(kStaff, path + "/versions?after=2");
        QCOMPARE(rest.json.at("data").as_array().size(), std::size_t{1});
        const auto first = m_bench->get(kStaff, path + "/versions/1");
        QCOMPARE(first.json.at("definition").at("event").at("name").as_string(), "Fest");
        QCOMPARE(m_bench->get(kStaff, path + "/versions/3").status, 404);
        QVERIFY(m_bench->server.attempt(kOrg, "UPDATE events.event_versions SET reason = 'x'").find("denied") !=
                std::string::npos);
        const auto audit = m_bench->server.audits(kOrg).back();
        QCOMPARE(base::toText(audit.at("after").at("changed")), std::string("[\"event\"]"));
        QCOMPARE(audit.at("reason").as_string(), "a better name");
    }

    void whatTicketsMayHoldGoesByForceAndWithAReason()
    {
        const std::string id = m_bench->create(kStaff, "types");
        const std::string path = "/v1/events/" + id;
        base::Json fewer = with(fest(), "event", "id", "types");
        fewer.as_object()["ticket_types"] = json(R"([{"id": "1", "name": "Adult"}])");
        fewer.as_object()["checkpoints"] = json(R"([{"id": "main"}])");
        QCOMPARE(m_bench->put(kStaff, path + "/definition", fewer).status, 200); // a draft
        QCOMPARE(m_bench->put(kStaff, path + "/definition", with(fest(), "event", "id", "types")).status, 200);
        QCOMPARE(m_bench->post(test::member(kOrg, access::Role::Owner), path + "/publish").status, 200);
        const auto refused = m_bench->put(kStaff, path + "/definition", fewer);
        QCOMPARE(refused.code(), std::string("in_use"));
        QVERIFY(refused.text("detail").find("ticket type 2, checkpoint vip") != std::string::npos);
        fewer.as_object()["force"] = true;
        QCOMPARE(m_bench->put(kStaff, path + "/definition", fewer).code(), std::string("in_use"));
        fewer.as_object()["reason"] = "never sold";
        QCOMPARE(m_bench->put(kStaff, path + "/definition", fewer).status, 200);
        QCOMPARE(m_bench->server.execute("SELECT count(*) FROM events.ticket_types WHERE event_id = '" + id + "'"),
                 std::string("1"));
        QCOMPARE(m_bench->server.audits(kOrg).back().at("after").at("gone").as_string(),
                 "ticket type 2, checkpoint vip");
    }

    void codesMayGoFromOneGateToAnother()
    {
        const std::string path = "/v1/events/" + m_bench->create(kStaff, "codes") + "/definition";
        base::Json swapped = with(fest(), "event", "id", "codes");
        swapped.as_object()["gates"] = json(R"([{"id": "g1", "code": "S"}, {"id": "g2", "code": "N"}])");
        const auto reply = m_bench->put(kStaff, path, swapped);
        QVERIFY2(reply.status == 200, reply.body.c_str());
    }

    void aSuspendedOrganizationGetsNothingNew()
    {
        const base::Uuid org = test::tenant(3);
        const auto owner = test::member(org, access::Role::Owner);
        const std::string path = "/v1/events/" + m_bench->create(owner, "old");
        const std::string going = "/v1/events/" + m_bench->createAs(owner, "going", "published");
        m_bench->organizations.statuses[org] = contracts::OrganizationStatus::Suspended;
        const auto refused = m_bench->post(owner, "/v1/events", with(fest(), "event", "id", "new"));
        QCOMPARE(refused.status, 403);
        QCOMPARE(refused.code(), std::string("organization_suspended"));
        base::Json more = with(fest(), "event", "id", "old");
        more.as_object()["ticket_types"].as_array().push_back({{"id", "3"}});
        QCOMPARE(m_bench->put(owner, path + "/definition", more).code(), std::string("organization_suspended"));
        QCOMPARE(m_bench->put(owner, path + "/definition", with(fest(), "event", "id", "old")).status, 200);
        QCOMPARE(m_bench->post(owner, path + "/publish").code(), std::string("organization_suspended"));
        QCOMPARE(m_bench->post(owner, going + "/open").status, 200); // its gates go on
    }

    void oneIdempotencyKeyMakesOneEvent()
    {
        std::vector<test::Ask> asks;
        for (int i = 0; i < 20; ++i) {
            asks.push_back({kStaff, Method::Post, "/v1/events", with(fest(), "event", "id", "No Slug")});
            asks.back().fields = {{"Idempotency-Key", "one"}};
        }
        const auto replies = m_bench->server.callAll(asks);
        for (const auto &reply : replies) {
            QCOMPARE(reply.status, 201);
            QCOMPARE(reply.text("id"), replies.front().text("id"));
        }
        QCOMPARE(m_bench->timesPublished(replies.front().text("id")), 1);
    }

private:
    std::unique_ptr<test::Postgres> m_postgres;
    std::unique_ptr<test::EventsBench> m_bench;
};

QTEST_APPLESS_MAIN(SavingTest)
#include "saving_test.moc"
