#include "tests/integration/server_process.h"

#include <atomic>
#include <set>
#include <thread>

using namespace voelgoed;
using integration::ServerProcess;
using support::PlainHttp;

namespace {

constexpr const char *kPassword = "Sterk3Wagwoord";

base::Json organization(const std::string &slug)
{
    return {{"name", "Organization " + slug},
            {"slug", slug},
            {"owner_email", "owner@" + slug + ".example.org"},
            {"owner_password", kPassword}};
}

std::string text(const base::Json &json, const char *name)
{
    return std::string(json.at(name).as_string());
}

struct Login
{
    std::string token, organization;
};

Login signIn(const PlainHttp &http, const std::string &email)
{
    const auto answer = http.post("/v1/sessions", {{"email", email}, {"password", kPassword}});
    base::ensure(answer.status == 201, ("nobody could sign in: " + answer.body).c_str());
    const base::Json json = answer.json();
    return {text(json, "token"), text(json, "organization")};
}

/// What `ask` answered, so often at once.
template <class Ask>
std::multiset<int> together(int times, Ask ask)
{
    std::vector<int> statuses(static_cast<std::size_t>(times));
    std::vector<std::thread> threads;
    for (int i = 0; i < times; ++i)
        threads.emplace_back([&, i] { statuses[static_cast<std::size_t>(i)] = ask(i); });
    for (std::thread &thread : threads)
        thread.join();
    return {statuses.begin(), statuses.end()};
}

} // namespace

/// A server as an administrator runs it: one program, one folder.
class ServerTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<ServerProcess> m_server;

private slots:
    void initTestCase()
    {
        m_server = std::make_unique<ServerProcess>();
        QVERIFY(m_server->start());
        for (const char *slug : {"one", "two"})
            QCOMPARE(m_server->admin().post("/v1/orgs", organization(slug)).status, 201);
    }

    void cleanupTestCase()
    {
        QVERIFY(m_server->endsInOrder());
        m_server.reset();
    }

    void itSaysThatItIsReady()
    {
        QCOMPARE(m_server->http().get("/livez").status, 200);
        QCOMPARE(m_server->http().get("/readyz").status, 200);
        QCOMPARE(text(m_server->http().get("/v1/openapi.json").json(), "openapi"), std::string("3.1.0"));
    }

    void anOrganizationsOwnerSignsInAndIsKnown()
    {
        const PlainHttp http = m_server->http();
        const Login login = signIn(http, "owner@one.example.org");
        const base::Json me = http.get("/v1/me", login.token).json();
        QCOMPARE(text(me, "role"), std::string("owner"));
        QCOMPARE(text(me, "organization"), login.organization);
    }

    void aWrongPasswordAndAnAddressOfNobodyGiveTheSameAnswer()
    {
        const PlainHttp http = m_server->http();
        const auto wrong =
            http.post("/v1/sessions", {{"email", "owner@one.example.org"}, {"password", "Sterk3Wagwoorx"}});
        const auto nobody = http.post("/v1/sessions", {{"email", "nobody@one.example.org"}, {"password", kPassword}});
        QCOMPARE(wrong.status, 401);
        QCOMPARE(nobody.status, 401);
        QCOMPARE(wrong.code(), nobody.code());
    }

    void withoutALoginAndWithAnEndedOneNothingIsSaid()
    {
        const PlainHttp http = m_server->http();
        QCOMPARE(http.get("/v1/audit").status, 401);
        QCOMPARE(http.get("/v1/audit", "vgs_" + std::string(43, 'A')).status, 401);
        const Login login = signIn(http, "owner@one.example.org");
        QCOMPARE(http.get("/v1/audit", login.token).status, 200);
        QCOMPARE(http.remove("/v1/sessions/current", login.token).status, 200);
        // Another server may believe in it for half a second more.
        const int patienceMs = integration::worldOfTests() == integration::World::Pair ? 10'000 : 0;
        const auto isNobody = [&] { return http.get("/v1/audit", login.token).status == 401; };
        QTRY_VERIFY_WITH_TIMEOUT(isNobody() && isNobody(), patienceMs);
    }

    void anotherOrganizationsIdAnswersLikeOneThatDoesNotExist()
    {
        const PlainHttp http = m_server->http();
        const Login one = signIn(http, "owner@one.example.org"), two = signIn(http, "owner@two.example.org");
        const std::string unknown = "018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01";
        for (const char *path : {"", "/members"}) {
            const auto foreign = http.get("/v1/orgs/" + two.organization + path, one.token);
            const auto none = http.get("/v1/orgs/" + unknown + path, one.token);
            QCOMPARE(foreign.status, 404);
            QCOMPARE(none.status, 404);
            QCOMPARE(foreign.code(), none.code());
            QCOMPARE(http.get("/v1/orgs/" + one.organization + path, one.token).status, 200);
        }
    }

    void theFieldThatNamesAnOrganizationIsTheLocalSocketsAlone()
    {
        const PlainHttp http = m_server->http();
        const Login one = signIn(http, "owner@one.example.org"), two = signIn(http, "owner@two.example.org");
        const auto answer = http.ask(
            {.method = "GET",
             .path = "/v1/me",
             .fields = {{"Authorization", "Bearer " + one.token}, {"Voelgoed-Organization", two.organization}}});
        QCOMPARE(text(answer.json(), "organization"), one.organization);
        QCOMPARE(
            http.ask({.method = "GET", .path = "/v1/audit", .fields = {{"Voelgoed-Organization", two.organization}}})
                .status,
            401);
    }

    void anInvitationIsAcceptedOnceAndByItsOwnAddress()
    {
        const PlainHttp http = m_server->http();
        const Login owner = signIn(http, "owner@one.example.org");
        const auto invited = http.post("/v1/orgs/" + owner.organization + "/invitations",
                                       {{"email", "Guest@One.example.org"}, {"role", "staff"}}, owner.token);
        QCOMPARE(invited.status, 201);
        const std::string token = text(invited.json(), "token");
        const auto accept = [&](const char *email) {
            return http.post("/v1/invitations/accept", {{"token", token}, {"email", email}, {"password", kPassword}});
        };
        QCOMPARE(accept("other@one.example.org").status, 404);
        QCOMPARE(accept("guest@one.example.org").status, 200);
        QCOMPARE(accept("guest@one.example.org").status, 404);
        const Login guest = signIn(http, "guest@one.example.org");
        QCOMPARE(http.get("/v1/audit", guest.token).status, 403);
        QCOMPARE(http.post("/v1/devices/codes", {{"name", "North"}}, guest.token).status, 403);
    }

    // The owner's check 21.
    void theLastOwnerStaysAlsoUnderTwoRequestsAtOnce()
    {
        QCOMPARE(m_server->admin().post("/v1/orgs", organization("pair")).status, 201);
        const PlainHttp http = m_server->http();
        const Login first = signIn(http, "owner@pair.example.org");
        const auto invited = http.post("/v1/orgs/" + first.organization + "/invitations",
                                       {{"email", "second@pair.example.org"}, {"role", "owner"}}, first.token);
        QCOMPARE(http.post("/v1/invitations/accept", {{"token", text(invited.json(), "token")},
                                                      {"email", "second@pair.example.org"},
                                                      {"password", kPassword}})
                     .status,
                 200);
        const Login second = signIn(http, "second@pair.example.org");
        const std::string members = "/v1/orgs/" + first.organization + "/members/";
        const std::string ids[] = {text(http.get("/v1/me", first.token).json(), "id"),
                                   text(http.get("/v1/me", second.token).json(), "id")};
        const std::string tokens[] = {first.token, second.token};
        const auto statuses = together(2, [&](int i) { return http.remove(members + ids[i], tokens[i]).status; });
        QCOMPARE(statuses.count(200), 1U);
        QCOMPARE(statuses.count(409), 1U);
    }

    void twentyRepeatsOfOneKeyMakeOneOrganization()
    {
        const PlainHttp admin = m_server->admin();
        const auto statuses = together(
            20, [&](int) { return admin.post("/v1/orgs", organization("twenty"), {}, "key-of-twenty").status; });
        QCOMPARE(statuses.count(201), 20U);
        QCOMPARE(admin.post("/v1/orgs", organization("other"), {}, "key-of-twenty").status, 422);
        QCOMPARE(admin.post("/v1/orgs", organization("twenty")).status, 409);
    }

    void everyChangeIsInTheTrailWithItsActor()
    {
        const PlainHttp http = m_server->http();
        const Login owner = signIn(http, "owner@two.example.org");
        QCOMPARE(http.post("/v1/devices/codes", {{"name", "North"}}, owner.token).status, 201);
        const base::Json trail = http.get("/v1/audit?action=tenancy.invite_device", owner.token).json();
        QCOMPARE(trail.at("data").as_array().size(), 1U);
        QCOMPARE(text(trail.at("data").at(0), "actor_role"), std::string("owner"));
        QCOMPARE(text(trail.at("data").at(0), "origin"), std::string("user"));
        QVERIFY(http.get("/v1/audit/verify", owner.token).json().at("holds").as_bool());
    }

    void whatWasSaidSurvivesAServerThatIsKilled()
    {
        QCOMPARE(m_server->admin().post("/v1/orgs", organization("kept")).status, 201);
        m_server->kill();
        QVERIFY(m_server->start());
        const Login owner = signIn(m_server->http(), "owner@kept.example.org");
        QVERIFY(!owner.token.empty());
    }
};

QTEST_GUILESS_MAIN(ServerTest)
#include "server_test.moc"
