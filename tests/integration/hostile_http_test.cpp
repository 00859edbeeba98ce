// Bad inputs over HTTP (reliability.md, section 3: 16 to 19, 22, 23, 26, 29, 30, 37, 41), at a real server and for each
// action that it has: refused with a problem that names the place, or taken for what they are. What the HTTP layer
// alone refuses is in tests/server/platform/http.
#include "tests/integration/api_routes.h"
#include "tests/integration/server_process.h"
#include "tests/server/platform/http/raw_client.h"

#include <QtTest/QtTest>

#include <set>

using namespace voelgoed;
using integration::ApiRoute, integration::ServerProcess;
using support::PlainAnswer, support::PlainRequest;

namespace {

constexpr const char *kPassword = "Sterk3Wagwoord";
constexpr std::size_t kGrowthMaxKb = 96 * 1024;

/// Values of a field, as JSON text: wrong of type, out of range, and what is hidden in texts.
std::vector<std::string> hostileValues()
{
    std::string marks;
    for (int i = 0; i < 1'000; ++i)
        marks += "\xcc\x81"; // upon each other
    return {"null",
            "true",
            "[]",
            "{}",
            "[[[[]]]]",
            "0",
            "-0",
            "-1",
            "1.5",
            "1e400",
            "1e-400",
            "9007199254740993",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775809",
            "99999999999999999999999999",
            "\"\"",
            "\" \"",
            R"("a\u0000b")",
            R"("\ud800")",
            R"("\udc00\ud800")",
            R"("\u202egro.elpmaxe\u202c")",
            R"("a\u200bb\u200d\ufeff")",
            R"("\u001b[2J\u0003\u000f")",
            R"("\r\nSet-Cookie: a=b")",
            R"("'); DROP TABLE tenancy.users; --")",
            R"("../../../etc/passwd")",
            R"("..;/")",
            R"("javascript:alert`1`")",
            R"("${jndi:ldap://127.0.0.1/a}")",
            R"("%s%n%x")",
            R"("=cmd|' /C calc'!A0")",
            R"("00000000-0000-0000-0000-000000000000")",
            R"("FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF")",
            R"("0000-13-45T99:99:99Z")",
            R"("9999-12-31T23:59:59.999Z")",
            R"("1969-12-31T23:59:59Z")",
            R"("2026-06-30T23:59:60Z")",
            "\"" + std::string(5'000, 'x') + "\"",
            "\"" + marks + "\"",
            "NaN",
            "Infinity",
            "\"\xff\xfe\"",
            "\"\xed\xa0\x80\""};
}

std::vector<std::string> hostileBodies()
{
    std::string manyKeys = "{";
    for (int i = 0; i < 5'000; ++i)
        manyKeys += "\"k" + std::to_string(i) + "\":1,";
    manyKeys += "\"k\":1}";
    std::string deepObjects;
    for (int i = 0; i < 5'000; ++i)
        deepObjects += "{\"a\":";
    return {"[]",
            "null",
            "1",
            "\"text\"",
            "{",
            "}",
            "{}{}",
            "{} trailing",
            "{\"a\":1,}",
            "{'a':1}",
            "{\"a\":1,\"a\":2}",
            "\xef\xbb\xbf{\"zz\":1}",
            std::string("\xff\xfe{\0}\0", 6),
            std::string("{\"a\":\"\0\"}", 9),
            std::string(60'000, '['),
            deepObjects,
            manyKeys,
            "{\"no_such_field\":1}",
            std::string(100'000, ' ')};
}

std::vector<std::string> hostileSegments()
{
    return {"0",
            "-1",
            "1e9",
            "x",
            "..;",
            "%2e%2e%3b",
            "%252e%252e",
            "%00",
            "a%00b",
            "%0d%0aSet-Cookie:%20a=b",
            "%27%29%3b%20DROP%20TABLE%20x",
            "%e2%80%ae",
            "%c0%ae%c0%ae",
            "%ed%a0%80",
            "00000000-0000-0000-0000-000000000000",
            "00000000-0000-1000-8000-000000000001", // as UUID version 1 counts on
            "018F3C52-7B1E-7CC0-9D3A-2F1F5B7A9C01",
            "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01-",
            "{018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01}",
            std::string(3'000, 'a')};
}

} // namespace

class HostileHttpTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<ServerProcess> m_server;
    std::vector<ApiRoute> m_routes;
    std::map<std::string, std::string> m_ids;
    std::string m_token, m_organization;
    int m_key = 0;
    std::map<int, int> m_statuses; ///< how often each was answered

    /// As the machine's administrator, whom no rate holds up.
    PlainAnswer ask(const std::string &method, const std::string &path, const std::string &body = {})
    {
        PlainRequest request{.method = method, .path = path, .body = body};
        request.fields = {{"Voelgoed-Organization", m_organization},
                          {"Voelgoed-Reason", "test"},
                          {"Content-Type", "application/json"},
                          {"Idempotency-Key", "key " + std::to_string(++m_key)}};
        PlainAnswer answer = m_server->admin().ask(request);
        ++m_statuses[answer.status];
        return answer;
    }
    /// Nothing, or what is wrong with an answer to something bad.
    static QString complaint(const PlainAnswer &answer, const std::string &to)
    {
        const QString what = QString::fromStdString(to.substr(0, 300) + " -> " + std::to_string(answer.status) + " " +
                                                    answer.body.substr(0, 300));
        if (answer.status >= 500 || answer.status < 200)
            return "stumbled: " + what;
        if (answer.head.find("\r\nSet-Cookie") != std::string::npos)
            return "a field was smuggled in: " + what;
        if (answer.status < 400)
            return {};
        if (answer.head.find("application/problem+json") == std::string::npos || answer.code().empty())
            return "no problem: " + what;
        if (answer.code() == "invalid_input" && answer.json().as_object().contains("errors") &&
            answer.json().at("errors").as_array().empty())
            return "no place: " + what;
        for (const char *leak : {"SELECT", "ERROR:", "tenancy.", "pg_", "Traceback", "server/"}) {
            if (to.find(leak) == std::string::npos && answer.body.find(leak) != std::string::npos)
                return "says too much: " + what;
        }
        return {};
    }
    void verify(const QStringList &complaints, int asked, int atLeast)
    {
        QVERIFY2(complaints.isEmpty(), qPrintable(complaints.mid(0, 30).join("\n")));
        QVERIFY2(asked >= atLeast, qPrintable(QString::number(asked)));
        QString figures;
        for (const auto &[status, times] : std::exchange(m_statuses, {}))
            figures += QString(" %1: %2").arg(status).arg(times);
        qInfo("%d asked;%s", asked, qPrintable(figures));
        // Most are not turned away before they are read.
        QVERIFY(figures.contains(" 400:") && !figures.contains(" 429:"));
        QCOMPARE(m_server->http().get("/readyz").status, 200);
    }

private slots:
    void initTestCase()
    {
        m_server = std::make_unique<ServerProcess>();
        QVERIFY(m_server->start());
        const base::Json organization{
            {"name", "One"}, {"slug", "one"}, {"owner_email", "owner@example.org"}, {"owner_password", kPassword}};
        const auto made = m_server->admin().post("/v1/orgs", organization);
        QCOMPARE(made.status, 201);
        const auto login =
            m_server->http().post("/v1/sessions", {{"email", "owner@example.org"}, {"password", kPassword}});
        m_token = std::string(login.json().at("token").as_string());
        m_organization = std::string(login.json().at("organization").as_string());
        m_ids["organization"] = m_organization;
        m_routes = integration::routesOf(m_server->http().get("/v1/openapi.json").json());
        QVERIFY(m_routes.size() > 60);
        const auto idOf = [&](const char *path, const char *body) {
            const auto answer = ask("POST", path, body);
            base::ensure(answer.status == 201, answer.body.c_str());
            return std::string(answer.json().at("id").as_string());
        };
        m_ids["event"] = m_ids["event_id"] =
            idOf("/v1/events", R"({"event": {"id": "fest", "name": "Fest"}, "ticket_types": [{"id": "adult", "name":
            "Adult"}], "gates": [{"id": "g1", "name": "North", "checkpoints": ["main"]}],
            "checkpoints": [{"id": "main", "name": "Main", "types": "all"}]})");
        m_ids["venue"] = idOf("/v1/venues", R"({"name": "Hall", "timezone": "Africa/Johannesburg"})");
        m_ids["checkpoint"] = "main";
        m_ids["ticket"] = m_ids["number"] = "1";
        m_ids["slot"] = "0";
        m_ids["public_key"] = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        QCOMPARE(ask("POST", "/v1/events/" + m_ids["event"] + "/tickets", R"({"tickets": [{"type": "adult"}]})").status,
                 201);
        m_server->noteSize();
    }
    void cleanupTestCase()
    {
        QVERIFY(m_server->grownKb() < kGrowthMaxKb);
        QVERIFY(m_server->endsInOrder());
    }

    void noValueOfAnyFieldMakesItStumble()
    {
        QStringList complaints;
        int asked = 0;
        for (const ApiRoute &route : m_routes) {
            for (const auto &property : route.properties) {
                for (const std::string &value : hostileValues()) {
                    const std::string body = route.body(m_ids, {{std::string(property.key()), value}});
                    const QString wrong =
                        complaint(ask(route.method, route.at(m_ids, m_ids["event"]), body), route.name() + " " + body);
                    if (!wrong.isEmpty())
                        complaints << wrong;
                    ++asked;
                }
            }
        }
        verify(complaints, asked, 3'000);
    }

    void noBodyOfAnyActionMakesItStumble()
    {
        QStringList complaints;
        int asked = 0;
        for (const ApiRoute &route : m_routes) {
            if (!route.takesJson)
                continue;
            for (const std::string &body : hostileBodies()) {
                const auto answer = ask(route.method, route.at(m_ids, m_ids["event"]), body);
                QString wrong = complaint(answer, route.name() + " " + body);
                if (wrong.isEmpty() && answer.status < 400)
                    wrong = "taken: " + QString::fromStdString(route.name() + " " + body.substr(0, 50));
                if (!wrong.isEmpty())
                    complaints << wrong;
                ++asked;
            }
        }
        verify(complaints, asked, 500);
    }

    void noIdInAnyPathMakesItStumble()
    {
        QStringList complaints;
        int asked = 0;
        for (const ApiRoute &route : m_routes) {
            for (const std::string &name : route.ofPath) {
                for (const std::string &segment : hostileSegments()) {
                    auto ids = m_ids;
                    ids[name] = segment;
                    const std::string path = route.at(ids, m_ids["event"]);
                    const auto answer = ask(route.method, path, route.takesJson ? route.body(ids) : "");
                    const QString wrong = complaint(answer, route.method + " " + path);
                    if (!wrong.isEmpty())
                        complaints << wrong;
                    ++asked;
                }
            }
        }
        verify(complaints, asked, 500);
    }

    void noQueryMakesItStumble()
    {
        QStringList complaints;
        int asked = 0;
        for (const ApiRoute &route : m_routes) {
            if (route.method != "GET")
                continue;
            std::vector<std::string> queries{"?no_such_field=1", "?", "?=", "?&&&",
                                             "?organization_id=" + m_organization};
            for (const std::string &name : route.ofQuery) {
                for (const char *value : {"", "-1", "0", "1e9", "99999999999999999999", "NaN", "%00", "a%00b", "%ff",
                                          "%27", "%e2%80%ae", "x", "true", "[]", "9999-12-31T23:59:59Z"}) {
                    queries.push_back("?" + name + "=" + value);
                }
                queries.push_back("?" + name + "=1&" + name + "=2");
                queries.push_back("?" + name + "=" + std::string(6'000, 'y'));
            }
            for (const std::string &query : queries) {
                const QString wrong =
                    complaint(ask("GET", route.at(m_ids, m_ids["event"]) + query), route.name() + query);
                if (!wrong.isEmpty())
                    complaints << wrong;
                ++asked;
            }
        }
        verify(complaints, asked, 500);
    }

    void whoSaysThatHeIsElsewhereIsNotBelieved()
    {
        const auto tries = [&](int n) {
            return m_server->http()
                .from("127.0.0.9")
                .ask({.method = "POST",
                      .path = "/v1/sessions",
                      .body = R"({"email": "spoof@example.org", "password": "wrong all the time"})",
                      .fields = {{"Content-Type", "application/json"},
                                 {"X-Forwarded-For", "203.0.113." + std::to_string(n)},
                                 {"X-Real-IP", "203.0.113." + std::to_string(n)},
                                 {"Forwarded", "for=203.0.113." + std::to_string(n)},
                                 {"X-Forwarded-Host", "evil.example"}}});
        };
        for (int n = 0; n < 10; ++n)
            QCOMPARE(tries(n).status, 401);
        QCOMPARE(tries(11).status, 429);
        // Nor does another host's name get into what is answered.
        http::RawClient client(m_server->port());
        const auto answer = client.ask("GET /v1/openapi.json HTTP/1.1\r\nHost: evil.example\r\n\r\n");
        QCOMPARE(answer.body.find("evil.example"), std::string::npos);
    }

    void whatNamesARequestIsNotReflected()
    {
        for (const char *id : {"<script>", "a b", "a\tb", "\xc3\xa9"}) {
            const auto answer =
                m_server->http().ask({.method = "GET", .path = "/v1/me", .fields = {{"X-Request-Id", id}}});
            QCOMPARE(answer.status, 401);
            QVERIFY(answer.head.find(id) == std::string::npos && answer.body.find(id) == std::string::npos);
        }
    }

    void whoSignsInNowhereSendsNoGuestList()
    {
        http::RawClient client(m_server->port());
        client.send("POST /v1/events/" + m_ids["event"] +
                    "/tickets/import HTTP/1.1\r\nHost: test\r\nContent-Length: 60000000\r\n\r\n");
        // Not a byte of it was sent.
        QVERIFY(client.rest().starts_with("HTTP/1.1 401"));
    }

    void aKeyOfAMegabyteIsRefusedUnread()
    {
        http::RawClient client(m_server->port());
        client.send("POST /v1/events HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer " + m_token +
                    "\r\nIdempotency-Key: ");
        client.send(std::string(1 << 20, 'k') + "\r\nContent-Length: 2\r\n\r\n{}");
        const std::string answer = client.rest();
        QVERIFY2(answer.empty() || answer.starts_with("HTTP/1.1 431"), answer.substr(0, 200).c_str());
        QCOMPARE(m_server->http().get("/readyz").status, 200);
    }

    void bodiesWithoutEndAreCutOff_data()
    {
        QTest::addColumn<QByteArray>("head");
        QTest::addColumn<bool>("goesOn");
        const QByteArray begin = "POST /v1/events/" + QByteArray::fromStdString(m_ids["event"]) +
                                 "/tickets/import HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer " +
                                 QByteArray::fromStdString(m_token) + "\r\n";
        QTest::newRow("10 GB that are announced") << begin + "Content-Length: 10000000000\r\n\r\n" << false;
        QTest::newRow("chunks without end") << begin + "Transfer-Encoding: chunked\r\n\r\n" << true;
        QTest::newRow("both lengths") << begin + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                                      << false;
    }
    void bodiesWithoutEndAreCutOff()
    {
        QFETCH(QByteArray, head);
        QFETCH(bool, goesOn);
        http::RawClient client(m_server->port());
        QVERIFY(client.send({head.constData(), static_cast<std::size_t>(head.size())}));
        const std::string chunk = "100000\r\n" + std::string(1 << 20, 'x') + "\r\n";
        std::size_t sent = 0;
        while (goesOn && sent < (std::size_t{2} << 30) && client.send(chunk))
            sent += chunk.size();
        const std::string answer = client.rest();
        QVERIFY2(sent < (std::size_t{1} << 30), "it never had enough");
        QVERIFY2(answer.empty() ? goesOn : answer.starts_with("HTTP/1.1 4"), answer.substr(0, 200).c_str());
        QCOMPARE(m_server->http().get("/readyz").status, 200);
    }
};

QTEST_GUILESS_MAIN(HostileHttpTest)
#include "hostile_http_test.moc"
