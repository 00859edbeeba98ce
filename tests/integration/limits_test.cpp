#include "tests/integration/server_process.h"

#include <filesystem>
#include <fstream>

using namespace voelgoed;
using integration::ServerProcess;
using support::PlainAnswer;
using support::PlainHttp;

namespace {

PlainAnswer tryToSignIn(const PlainHttp &http, const std::string &email)
{
    return http.post("/v1/sessions", {{"email", email}, {"password", "wrong all the time"}});
}

bool saysWhenToComeBack(const PlainAnswer &answer)
{
    return answer.head.find("\r\nRetry-After: ") != std::string::npos &&
           answer.head.find("\r\nRateLimit-Policy: ") != std::string::npos;
}

} // namespace

/// What a server refuses to those who ask too often, and what it tells of itself to whom.
class LimitsTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<ServerProcess> m_server;

private slots:
    void initTestCase()
    {
        m_server = std::make_unique<ServerProcess>();
        QVERIFY(m_server->start());
    }

    void cleanupTestCase() { QVERIFY(m_server->endsInOrder()); }

    // The owner's check 24.
    void theEleventhLoginForOneAddressFromOnePlaceIsRefused()
    {
        const PlainHttp http = m_server->http().from("127.0.0.2");
        for (int i = 0; i < 30; ++i)
            QCOMPARE(http.post("/v1/no-such-path", {{"email", "one@example.org"}}).status, 404);
        for (int i = 0; i < 10; ++i)
            QCOMPARE(tryToSignIn(http, "one@example.org").code(), std::string("wrong_credentials"));
        const auto refused = tryToSignIn(http, "One@Example.org");
        QCOMPARE(refused.status, 429);
        QCOMPARE(refused.code(), std::string("quota_exceeded"));
        QVERIFY(saysWhenToComeBack(refused));
        // Somebody else from the same place is not held up.
        QCOMPARE(tryToSignIn(http, "two@example.org").status, 401);
        // Nor is the same person elsewhere, until the hour's twenty are over.
        const PlainHttp elsewhere = http.from("127.0.0.3");
        for (int i = 0; i < 10; ++i)
            QCOMPARE(tryToSignIn(elsewhere, "one@example.org").status, 401);
        QCOMPARE(tryToSignIn(http.from("127.0.0.4"), "one@example.org").status, 429);
    }

    // Whichever way the address is said.
    void anAddressIsCountedWhereverItStands()
    {
        const PlainHttp http = m_server->http().from("127.0.0.7");
        const auto signIn = [&](int i) {
            const std::string secret = R"("password": "wrong password")", address = R"("email": "three@example.org")";
            const std::vector<std::pair<std::string, std::string>> json{{"Content-Type", "application/json"}};
            if (i % 2 == 0)
                return http.ask({"POST", "/v1/sessions?email=three%40example.org", "{" + secret + "}", json});
            return http.ask(
                {"POST", "/v1/sessions", "{" + std::string(4'000, ' ') + address + ", " + secret + "}", json});
        };
        for (int i = 0; i < 10; ++i) {
            const auto refused = signIn(i);
            QVERIFY2(refused.code() == "wrong_credentials", refused.body.c_str());
        }
        for (int i = 0; i < 4; ++i)
            QCOMPARE(signIn(i).status, 429);
    }

    void theSixtyFirstLoginOfAMinuteFromOnePlaceIsRefused()
    {
        const PlainHttp http = m_server->http().from("127.0.0.5");
        for (int i = 0; i < 60; ++i)
            QCOMPARE(tryToSignIn(http, "person" + std::to_string(i) + "@example.org").status, 401);
        const auto refused = tryToSignIn(http, "another@example.org");
        QCOMPARE(refused.status, 429);
        QVERIFY(saysWhenToComeBack(refused));
        // The machine's own administrator is nobody's guest.
        QCOMPARE(tryToSignIn(m_server->admin(), "another@example.org").status, 401);
    }

    // 5 an hour for one address, and 30 from one place.
    void newPasswordsAreNotTriedWithoutEnd()
    {
        const auto tryToReset = [&](const PlainHttp &http, const std::string &email) {
            return http.post(
                "/v1/password/reset",
                {{"token", "vgp_" + std::string(43, 'A')}, {"email", email}, {"new_password", "Nuwe4Wagwoord"}});
        };
        const PlainHttp http = m_server->http().from("127.0.0.8");
        for (int i = 0; i < 5; ++i)
            QCOMPARE(tryToReset(http, "four@example.org").status, 404);
        const auto refused = tryToReset(http.from("127.0.0.9"), "Four@Example.org");
        QCOMPARE(refused.status, 429);
        QVERIFY(saysWhenToComeBack(refused));
        for (int i = 5; i < 30; ++i)
            QCOMPARE(tryToReset(http, "person" + std::to_string(i) + "@example.org").status, 404);
        QCOMPARE(tryToReset(http, "another@example.org").status, 429);
    }

    // An account joins by its password: an invitation is no other way to try one.
    void whoAcceptsAnInvitationIsCountedAsWhoSignsIn()
    {
        const auto accept = [&](int place) {
            return m_server->http()
                .from("127.0.1." + std::to_string(place))
                .post("/v1/invitations/accept", {{"token", "vgi_" + std::string(43, 'A')},
                                                 {"email", "five@example.org"},
                                                 {"password", "Nuwe4Wagwoord"}});
        };
        for (int i = 0; i < 20; ++i)
            QCOMPARE(accept(1 + i / 4).status, 404);
        QCOMPARE(accept(9).status, 429);
        QCOMPARE(tryToSignIn(m_server->http().from("127.0.1.10"), "five@example.org").status, 429);
    }

    void wrongTokensAreNotTriedWithoutEnd()
    {
        const PlainHttp http = m_server->http().from("127.0.0.6");
        int refused = 0, first = 0;
        for (int i = 0; i < 200; ++i) {
            const int status = http.get("/v1/me", "vgs_" + std::string(40, 'x') + std::to_string(100 + i)).status;
            QVERIFY(status == 401 || status == 429);
            refused += status == 429 ? 1 : 0;
            first = status == 429 && first == 0 ? i : first;
        }
        QVERIFY2(refused > 100 && first >= 50, qPrintable(QStringLiteral("%1 from %2").arg(refused).arg(first)));
    }

    void itsFiguresAreForItsAdministratorAndItsScraper()
    {
        const PlainHttp http = m_server->http();
        QCOMPARE(http.get("/v1/me").status, 401);
        QCOMPARE(http.get("/metrics").status, 404);
        QCOMPARE(http.get("/metrics", "no such token").status, 404);
        std::ifstream file(m_server->folder() + "/metrics-token");
        std::string token;
        QVERIFY(std::getline(file, token));
        QCOMPARE(std::filesystem::status(m_server->folder() + "/metrics-token").permissions(),
                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
        for (const auto &answer : {http.get("/metrics", token), m_server->admin().get("/metrics")}) {
            QCOMPARE(answer.status, 200);
            QVERIFY(
                answer.body.find("http_server_request_duration_seconds_count{http_route=\"/v1/me\",status=\"4xx\"}") !=
                std::string::npos);
            for (const char *line :
                 {"vg_pg_connections{state=\"open\"} ", "vg_cache_requests_total{cache=\"tenancy.sessions\",result=",
                  "db_client_operation_duration_seconds_count{db_system_name=\"postgresql\",operation=\"SELECT\"} ",
                  "db_client_operation_duration_seconds_count{db_system_name=\"redis\",operation=\"limits.take\"} "})
                QVERIFY2(answer.body.find("\n" + std::string(line)) != std::string::npos, answer.body.c_str());
        }
    }
};

QTEST_GUILESS_MAIN(LimitsTest)
#include "limits_test.moc"
