// What people and gates see while Postgres, Redis or both are away for a while: the rows of platform.md, section 1.14,
// and the owner's check 16.
#include "tests/integration/backstage.h"

#include <QElapsedTimer>
#include <QtTest/QtTest>

using namespace voelgoed;
using integration::Backstage, integration::becomes, integration::RunningGate;
using support::PlainAnswer;

namespace {

constexpr int kAwayMs = 10'000;

} // namespace

class OutageTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<Backstage> m_backstage;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<RunningGate> m_gate;
    base::Uuid m_atGates{};      ///< the event that the gate is at
    std::string m_shown, m_key;  ///< an event of the API, published; an API key
    int m_code = 0, m_names = 0; ///< of codes shown, of things made

    QString data() const { return m_folder->filePath("device"); }
    QJsonObject status() const
    {
        return integration::jsonOf(integration::gate({"status", "--data", data(), "--json"}).out);
    }
    PlainAnswer get(const std::string &path) const { return m_backstage->http().get(path, m_backstage->token); }
    PlainAnswer post(const std::string &path, const base::Json &body)
    {
        return m_backstage->http().post(path, body, m_backstage->token, "key-" + std::to_string(++m_names));
    }
    PlainAnswer login(const std::string &password = "Sterk3Wagwoord") const
    {
        return m_backstage->http().post("/v1/sessions", {{"email", "owner@fees.example.org"}, {"password", password}});
    }
    PlainAnswer shown() const { return m_backstage->http().get("/v1/public/events/" + m_shown); }
    PlainAnswer byKey() const { return m_backstage->http().get("/v1/events/" + m_shown, m_key); }
    PlainAnswer edit()
    {
        return post("/v1/venues", {{"name", "Hall " + std::to_string(++m_names)}, {"timezone", "Africa/Johannesburg"}});
    }
    PlainAnswer issue()
    {
        return post("/v1/events/" + m_shown + "/tickets",
                    {{"tickets", boost::json::array{boost::json::object{{"type", "adult"}}}}});
    }
    std::string nextCode() { return "CODE-" + std::to_string(++m_code); }
    PlainAnswer scan(const std::string &code)
    {
        return m_backstage->http().post("/v1/events/" + base::toText(m_atGates) + "/scans",
                                        {{"code", code}, {"checkpoint", "main"}, {"gate", "north"}}, m_key,
                                        "key-" + std::to_string(++m_names));
    }

    static QString reasonOf(const PlainAnswer &answer)
    {
        const base::Json said = answer.json();
        const auto *reason = said.as_object().if_contains("reason");
        return reason ? QString::fromStdString(std::string(reason->as_string())) : QString::fromStdString(answer.body);
    }

    /// What everybody does once, so that it is known.
    void warm() const
    {
        for (const PlainAnswer &answer : {get("/v1/me"), shown(), byKey()})
            QVERIFY2(answer.status == 200, answer.body.c_str());
    }
    static void isPutOff(const PlainAnswer &answer)
    {
        QVERIFY2(answer.status == 503, (std::to_string(answer.status) + " " + answer.body).c_str());
        QVERIFY2(answer.head.find("Retry-After: ") != std::string::npos, answer.head.c_str());
    }
    void nothingIsWritten()
    {
        for (const PlainAnswer &answer : {login(), edit(), issue(), scan(nextCode())})
            isPutOff(answer);
    }
    /// The gate's own work goes on, and nothing of it is acknowledged.
    void gateDecidesAlone(int scans)
    {
        const int before = status()["unacknowledged"].toInt();
        for (int n = 0; n < scans; ++n)
            QCOMPARE(m_gate->scan(QByteArray::fromStdString(nextCode()))["reason"].toString(), QString("ok"));
        const QByteArray last = "CODE-" + QByteArray::number(m_code);
        QCOMPARE(m_gate->scan(last)["reason"].toString(), QString("already_used"));
        QCOMPARE(status()["unacknowledged"].toInt(), before + scans + 1);
    }
    bool agrees() const
    {
        const QJsonObject now = status();
        return now["unacknowledged"].toInt() == 0 &&
               m_backstage->rows(m_atGates, "source <> 'json'") == now["journal_rows"].toInt();
    }
    /// Counters and occupancy are what the rows say.
    void sumsHold() const
    {
        const std::string id = base::toText(m_atGates);
        const std::string admitted = m_backstage->desk->execute(
            "SELECT count(*) FROM scanning.scans WHERE event_id = '" + id + "' AND outcome = 'admit'");
        QCOMPARE(
            m_backstage->desk->execute("SELECT sum(entries) FROM scanning.occupancy WHERE event_id = '" + id + "'"),
            admitted);
        const auto occupancy = get("/v1/events/" + id + "/occupancy");
        QVERIFY2(occupancy.status == 200, occupancy.body.c_str());
        QCOMPARE(std::to_string(occupancy.json().at("inside").to_number<int>()), admitted);
    }

private slots:
    void initTestCase()
    {
        m_backstage = std::make_unique<Backstage>(integration::World::External);
        QVERIFY(m_backstage->start());
        m_atGates = m_backstage->makeEvent(500);
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(!m_backstage->pair(data(), m_atGates).empty());
        m_gate = std::make_unique<RunningGate>(data());
        QVERIFY2(m_gate->isUp(), m_gate->errors());
        const base::Json definition = *base::parseJson(R"({"event": {"id": "fest", "name": "Fest",
            "starts_at": "2036-12-05T10:00:00Z", "ends_at": "2036-12-05T22:00:00Z"},
            "ticket_types": [{"id": "adult", "name": "Adult"}],
            "gates": [{"id": "g1", "name": "North", "checkpoints": ["main"]}],
            "checkpoints": [{"id": "main", "name": "Main", "types": "all"}]})");
        const auto made = post("/v1/events", definition);
        QVERIFY2(made.status == 201, made.body.c_str());
        m_shown = Backstage::textOf(made.json(), "id");
        QCOMPARE(post("/v1/events/" + m_shown + "/publish", boost::json::object()).status, 200);
        const auto key =
            post("/v1/api-keys", {{"name", "Shop"}, {"scopes", boost::json::array{"read_events", "scan"}}});
        QVERIFY2(key.status == 201, key.body.c_str());
        m_key = Backstage::textOf(key.json(), "secret");
    }
    void init() { warm(); }
    void cleanupTestCase()
    {
        m_gate->closeInput();
        QCOMPARE(m_gate->end(), 0);
        QVERIFY(m_backstage->server.endsInOrder());
    }

    void whileRedisIsAwayEverythingIsDone()
    {
        const std::string first = nextCode();
        m_backstage->server.redis().kill();
        QElapsedTimer away;
        away.start();
        QCOMPARE(login().status, 201);
        QCOMPARE(login("Wr0ngWrongWrong").status, 401);
        QCOMPARE(get("/v1/me").status, 200);
        QCOMPARE(shown().status, 200);
        QCOMPARE(byKey().status, 200);
        QCOMPARE(edit().status, 201);
        QCOMPARE(issue().status, 201);
        QCOMPARE(reasonOf(scan(first)), QString("ok"));
        QCOMPARE(reasonOf(scan(first)), QString("already_used"));
        const std::string second = nextCode();
        QCOMPARE(m_gate->scan(QByteArray::fromStdString(second))["reason"].toString(), QString("ok"));
        QVERIFY(becomes([&] { return agrees(); }, 30'000));
        // The server knows of it, without Redis, before anybody asks there.
        QCOMPARE(reasonOf(scan(second)), QString("already_used"));
        QTest::qSleep(std::max(0, kAwayMs - static_cast<int>(away.elapsed())));
        m_backstage->server.redis().start();
        QCOMPARE(reasonOf(scan(first)), QString("already_used"));
        QVERIFY(becomes([&] { return agrees(); }, 30'000));
        sumsHold();
    }

    void whilePostgresIsAwayGatesDecideAndNothingIsWritten()
    {
        QVERIFY(becomes([&] { return agrees(); }, 30'000));
        m_backstage->server.postgres().kill();
        QElapsedTimer away;
        away.start();
        gateDecidesAlone(20);
        QCOMPARE(m_backstage->http().get("/livez").status, 200);
        QVERIFY(becomes([&] { return m_backstage->http().get("/readyz").status == 503; }));
        // Who is known is known, and only reads.
        QCOMPARE(get("/v1/me").status, 200);
        QCOMPARE(shown().status, 200);
        nothingIsWritten();
        isPutOff(m_backstage->http().get("/v1/me", "vgs_" + std::string(43, 'A')));
        gateDecidesAlone(20);
        QTest::qSleep(std::max(0, kAwayMs - static_cast<int>(away.elapsed())));
        gateDecidesAlone(1);
        m_backstage->server.postgres().start();
        QVERIFY(becomes([&] { return agrees(); }, 60'000));
        QVERIFY(becomes([&] { return m_backstage->http().get("/readyz").status == 200; }));
        QCOMPARE(get("/v1/me").status, 200);
        QCOMPARE(login().status, 201);
        QCOMPARE(edit().status, 201);
        sumsHold();
    }

    void whileBothAreAwayGatesDecideAndPagesAreShown()
    {
        QVERIFY(becomes([&] { return agrees(); }, 30'000));
        m_backstage->server.redis().kill();
        m_backstage->server.postgres().kill();
        QElapsedTimer away;
        away.start();
        gateDecidesAlone(20);
        QCOMPARE(get("/v1/me").status, 200);
        QCOMPARE(shown().status, 200);
        nothingIsWritten();
        QTest::qSleep(std::max(0, kAwayMs - static_cast<int>(away.elapsed())));
        gateDecidesAlone(20);
        m_backstage->server.postgres().start();
        m_backstage->server.redis().start();
        QVERIFY(becomes([&] { return agrees(); }, 60'000));
        QVERIFY(becomes([&] { return m_backstage->http().get("/readyz").status == 200; }));
        QCOMPARE(edit().status, 201);
        sumsHold();
    }

    // A login that ended while nobody could be asked is believed no longer than until somebody can.
    void aLoginThatEndedMeanwhileIsOutWhenPostgresIsBack()
    {
        const std::string other = Backstage::textOf(login().json(), "token");
        QCOMPARE(m_backstage->http().get("/v1/me", other).status, 200);
        m_backstage->server.postgres().kill();
        QCOMPARE(m_backstage->http().get("/v1/me", other).status, 200);
        m_backstage->server.postgres().start();
        m_backstage->desk->execute("DELETE FROM tenancy.sessions WHERE created_at > (SELECT min(created_at) FROM "
                                   "tenancy.sessions)");
        QVERIFY(becomes([&] { return m_backstage->http().get("/v1/me", other).status == 401; }, 30'000));
        QCOMPARE(get("/v1/me").status, 200);
    }
};

QTEST_GUILESS_MAIN(OutageTest)
#include "outage_test.moc"
