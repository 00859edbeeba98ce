#include "tests/integration/server_process.h"
#include "tests/support/places.h"

#include <set>

using namespace voelgoed;
using integration::ServerProcess;
using support::PlainHttp;

namespace {

constexpr const char *kPassword = "Sterk3Wagwoord";
const std::string kUnknown = "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01";

std::string text(const base::Json &json, const char *name)
{
    return std::string(json.at(name).as_string());
}

/// The example of the specification, without its tickets and scans.
base::Json example()
{
    QFile file(QString(test::sourceFolder()) + "/tests/scenarios/specification_example.json");
    base::ensure(file.open(QIODevice::ReadOnly), "the example is not there");
    base::Json json = *base::parseJson(file.readAll().toStdString());
    boost::json::object scenario = json.is_array() ? json.at(0).as_object() : json.as_object();
    for (const char *part : {"name", "tickets", "scans"})
        scenario.erase(part);
    return scenario;
}

} // namespace

/// Events as an organizer's program meets them: over HTTP, on a server with all its slices.
class EventsTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<ServerProcess> m_server;
    std::string m_one, m_two; ///< logins of two organizations' owners

private slots:
    void initTestCase()
    {
        m_server = std::make_unique<ServerProcess>();
        QVERIFY(m_server->start());
        for (const char *slug : {"one", "two"}) {
            const std::string email = std::string("owner@") + slug + ".example.org";
            const base::Json organization{
                {"name", slug}, {"slug", slug}, {"owner_email", email}, {"owner_password", kPassword}};
            QCOMPARE(m_server->admin().post("/v1/orgs", organization).status, 201);
            const auto login = m_server->http().post("/v1/sessions", {{"email", email}, {"password", kPassword}});
            (std::string(slug) == "one" ? m_one : m_two) = text(login.json(), "token");
        }
    }

    void cleanupTestCase()
    {
        QVERIFY(m_server->endsInOrder());
        m_server.reset();
    }

    void anEventIsMadeOfAScenariosPartsChangedAndPublished()
    {
        const auto made = ask("POST", "/v1/events", example());
        QVERIFY2(made.status == 201, made.body.c_str());
        const std::string event = "/v1/events/" + text(made.json(), "id");
        const auto shown = ask("GET", event + "?format=definition");
        QCOMPARE(text(shown.json().at("event"), "name"), text(example().at("event"), "name"));

        base::Json changed = shown.json();
        changed.as_object()["event"].as_object()["name"] = "Fest II";
        QCOMPARE(ask("PUT", event + "/definition", changed, "\"7\"").status, 412);
        const auto updated = ask("PUT", event + "/definition", changed, "\"1\"");
        QVERIFY2(updated.status == 200, updated.body.c_str());
        QCOMPARE(text(updated.json(), "name"), std::string("Fest II"));
        QCOMPARE(ask("GET", event + "/versions").json().at("data").as_array().size(), 2U);
        QCOMPARE(text(ask("GET", event + "/versions/1").json().at("definition").at("event"), "name"),
                 text(example().at("event"), "name"));

        QCOMPARE(ask("POST", event + "/end").code(), std::string("illegal_move"));
        QCOMPARE(ask("POST", event + "/publish").status, 200);
        QCOMPARE(ask("POST", event + "/cancel", {{"reason", "Storm"}}).status, 200);
        QCOMPARE(text(ask("GET", event).json(), "status"), std::string("cancelled"));
    }

    void aBadDefinitionIsAnsweredWithThePlace()
    {
        base::Json bad = example();
        bad.as_object()["ticket_types"].as_array().at(0).as_object()["validity"] = "for ever";
        const auto answer = ask("POST", "/v1/events", bad);
        QCOMPARE(answer.status, 400);
        QCOMPARE(text(answer.json().at("errors").at(0), "pointer"), std::string("/ticket_types/0/validity"));
    }

    void anotherOrganizationsEventIsNotThere()
    {
        base::Json definition = example();
        definition.as_object()["event"].as_object()["id"] = "ours";
        const std::string id = text(ask("POST", "/v1/events", definition).json(), "id");
        const PlainHttp http = m_server->http();
        for (const char *rest : {"", "/versions", "/versions/1"}) {
            const auto foreign = http.get("/v1/events/" + id + rest, m_two);
            const auto none = http.get("/v1/events/" + kUnknown + rest, m_two);
            QCOMPARE(foreign.status, 404);
            QCOMPARE(none.status, 404);
            QCOMPARE(foreign.code(), none.code());
            QCOMPARE(http.get("/v1/events/" + id + rest, m_one).status, 200);
        }
        QCOMPARE(http.post("/v1/events/" + id + "/publish", boost::json::object{}, m_two).status, 404);
    }

    void aKeyReadsEventsAndIsDeadOnceRevoked()
    {
        const auto made = ask("POST", "/v1/api-keys", {{"name", "Shop"}, {"scopes", {"read_events"}}});
        QVERIFY2(made.status == 201, made.body.c_str());
        const std::string secret = text(made.json(), "secret");
        const PlainHttp http = m_server->http();
        const auto list = http.get("/v1/events", secret);
        QCOMPARE(list.status, 200);
        QVERIFY(QByteArray::fromStdString(list.head).contains("RateLimit-Policy: "));
        QCOMPARE(http.post("/v1/events", example(), secret).status, 403);
        QCOMPARE(ask("POST", "/v1/api-keys/" + text(made.json(), "id") + "/revoke", {{"reason", "done"}}).status, 200);
        QCOMPARE(http.get("/v1/events", secret).code(), std::string("key_revoked"));
    }

    void theRoutesAreInTheDescription()
    {
        const base::Json api = m_server->http().get("/v1/openapi.json").json();
        const auto &paths = api.at("paths").as_object();
        for (const char *path : {"/v1/events", "/v1/events/{event}", "/v1/events/{event_id}/definition",
                                 "/v1/events/{event}/publish", "/v1/events/{event}/versions", "/v1/venues",
                                 "/v1/badges", "/v1/orgs/{organization}/settings", "/v1/api-keys", "/v1/usage"})
            QVERIFY2(paths.contains(path), path);
    }

private:
    support::PlainAnswer ask(const char *method, const std::string &path, const base::Json &body = {},
                             const std::string &ifMatch = {})
    {
        std::vector<std::pair<std::string, std::string>> fields{{"Authorization", "Bearer " + m_one}};
        if (!body.is_null())
            fields.emplace_back("Content-Type", "application/json");
        if (!ifMatch.empty())
            fields.emplace_back("If-Match", ifMatch);
        return m_server->http().ask({.method = method,
                                     .path = path,
                                     .body = body.is_null() ? std::string() : base::toText(body),
                                     .fields = std::move(fields)});
    }
};

QTEST_GUILESS_MAIN(EventsTest)
#include "events_test.moc"
