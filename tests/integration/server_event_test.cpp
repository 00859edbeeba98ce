// An event as its organizer made it, at a gate: the slices that keep events, tickets and keys, and no stand-ins.
#include "tests/integration/backstage.h"

#include <QRegularExpression>
#include <QtTest/QtTest>

using namespace voelgoed;
using integration::Backstage, integration::becomes, integration::jsonOf, integration::RunningGate;

class ServerEventTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<Backstage> m_backstage;
    int m_posts = 0;

    base::Json post(const std::string &path, const base::Json &body, int status)
    {
        const auto answer =
            m_backstage->http().post(path, body, m_backstage->token, std::to_string(++m_posts) + " " + path);
        base::ensure(answer.status == status, (path + ": " + answer.body).c_str());
        return answer.json();
    }
    static std::string at(std::chrono::hours fromNow)
    {
        return base::formatInstant(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) +
                                   fromNow);
    }
    /// Doors have been open for an hour; two types of tickets, of which the second admits three.
    std::string makeEvent(const char *slug)
    {
        base::Json definition = *base::parseJson(R"({
            "event": {"id": "fest", "name": "Fees", "timezone": "Africa/Johannesburg"},
            "ticket_types": [{"id": "adult", "name": "Adult"}, {"id": "table", "name": "Table", "admits": 3}],
            "gates": [{"id": "north", "name": "North", "checkpoints": ["main"]}],
            "checkpoints": [{"id": "main", "name": "Main", "types": "all"}]})");
        auto &times = definition.as_object()["event"].as_object();
        times["id"] = slug;
        times["doors_at"] = at(std::chrono::hours(-1));
        times["starts_at"] = at(std::chrono::hours(1));
        times["ends_at"] = at(std::chrono::hours(6));
        const std::string event = Backstage::textOf(post("/v1/events", definition, 201), "id");
        post("/v1/events/" + event + "/publish", boost::json::object{}, 200);
        return event;
    }
    static int sequenceOf(const QString &data)
    {
        const auto status = jsonOf(integration::gate({"status", "--data", data, "--json"}).out);
        return status["cursor"].toObject()["sequence"].toInt();
    }

private slots:
    void initTestCase()
    {
        m_backstage = std::make_unique<Backstage>();
        QVERIFY(m_backstage->start());
    }
    void cleanupTestCase() { QVERIFY(m_backstage->server.endsInOrder()); }

    void ticketsAreIssuedShownCancelledAndReissued()
    {
        const std::string event = makeEvent("fest");
        const std::string path = "/v1/events/" + event + "/tickets";
        const base::Json wanted = *base::parseJson(R"({"tickets": [
            {"type": "adult", "holder": "Anna"}, {"type": "adult"}, {"type": "table"}, {"type": "adult"}]})");
        const base::Json issued = post(path, wanted, 201).at("data");
        const auto code = [&](std::size_t i) {
            return QByteArray::fromStdString(Backstage::textOf(issued.at(i), "code"));
        };
        const auto ordinal = [&](std::size_t i) { return base::toText(issued.at(i).at("ticket").at("ordinal")); };
        QTemporaryDir folder;
        const QString data = folder.filePath("device");
        QVERIFY(!m_backstage->pair(data, *base::uuidFrom(event)).empty());
        RunningGate gate(data);
        QVERIFY2(gate.isUp(), gate.errors());
        QCOMPARE(gate.scan(code(0))["reason"].toString(), QString("ok"));
        QCOMPARE(gate.scan(code(0))["reason"].toString(), QString("already_used"));
        QCOMPARE(gate.scan(code(2))["reason"].toString(), QString("ok_group"));
        QCOMPARE(gate.scan(QByteArray::fromStdString(Backstage::textOf(issued.at(3), "typed")))["reason"].toString(),
                 QString("ok"));
        QVERIFY(becomes([&] { return m_backstage->rows(*base::uuidFrom(event), "feed_seq IS NOT NULL") == 3; }));
        int before = sequenceOf(data);
        QVERIFY(becomes([&] { // also its own admissions have come back
            const int now = sequenceOf(data);
            return std::exchange(before, now) == now;
        }));
        post(path + "/" + ordinal(1) + "/cancel", {{"reason", "refunded"}}, 200);
        QVERIFY(becomes([&] { return sequenceOf(data) > before; }));
        QCOMPARE(gate.scan(code(1))["reason"].toString(), QString("cancelled"));
        // The table's old code is good for nobody, the new one for the two who are still to come.
        before = sequenceOf(data);
        const base::Json again = post(path + "/" + ordinal(2) + "/reissue", {{"reason", "lost"}}, 200);
        QVERIFY(becomes([&] { return sequenceOf(data) > before; }));
        const QByteArray renewed = QByteArray::fromStdString(Backstage::textOf(again, "code"));
        QCOMPARE(gate.scan(code(2))["reason"].toString(), QString("superseded"));
        QCOMPARE(gate.scan(renewed)["reason"].toString(), QString("ok_group"));
        QCOMPARE(gate.scan(renewed)["reason"].toString(), QString("ok"));
        QCOMPARE(gate.scan(renewed)["reason"].toString(), QString("no_entries_left"));
        gate.closeInput();
        QCOMPARE(gate.end(), 0);
        const auto status = jsonOf(integration::gate({"status", "--data", data, "--json"}).out);
        QVERIFY(status["checksum_agrees"].toBool());
        QCOMPARE(m_backstage->rows(*base::uuidFrom(event)), status["journal_rows"].toInt());
        const base::Json occupancy =
            m_backstage->http().get("/v1/events/" + event + "/occupancy", m_backstage->token).json();
        QCOMPARE(occupancy.at("entries").to_number<int>(), 5);
    }

    // Before anything else is known of it, an operator sees these.
    void figuresAreCountedByTypeAndNeverByWhoseTheyAre()
    {
        const std::string event = makeEvent("figures");
        const auto wrong = m_backstage->http().post(
            "/v1/sessions", {{"email", "owner@fees.example.org"}, {"password", "Another1OfThem"}});
        QCOMPARE(wrong.status, 401);
        const auto admin = m_backstage->server.admin();
        std::string text;
        const auto has = [&](const std::string &line) { return text.find("\n" + line) != std::string::npos; };
        QVERIFY(becomes([&] {
            text = "\n" + admin.get("/metrics").body + admin.get("/metrics").body; // of two servers one tells events
            return has("vg_events_total{type=\"events.published.v1\"} ");
        }));
        for (const char *line :
             {"vg_events_total{type=\"events.created.v1\"} ", "vg_topic_propagation_seconds_count ",
              "vg_logins_total{result=\"ok\"} ", "vg_logins_total{result=\"wrong\"} 1", "vg_scan_doubles_total ",
              "vg_device_lag_seconds_count ", "vg_scan_validate_seconds_count{way=\"exchange\"} ",
              "http_server_request_duration_seconds_count{http_route=\"/v1/events\",status=\"2xx\"} "})
            QVERIFY2(has(line), (std::string(line) + "\n" + text).c_str());
        QVERIFY(!has("vg_events_total{type=\"\"}"));
        static const QRegularExpression id("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}");
        QVERIFY2(!QString::fromStdString(text).contains(id), text.c_str());
        QVERIFY(text.find(event) == std::string::npos);
    }

    void whatEventsHoldIsDescribedWhereTheySayIt()
    {
        const auto schema = m_backstage->http().get("/v1/schemas/events.published.v1.json");
        QCOMPARE(schema.status, 200);
        QVERIFY(schema.head.find("application/schema+json") != std::string::npos);
        QCOMPARE(Backstage::textOf(schema.json(), "title"), std::string("events.published.v1"));
        QVERIFY(schema.json().at("properties").as_object().contains("starts_at"));
        QCOMPARE(m_backstage->http().get("/v1/schemas/nothing.v1.json").status, 404);
        const base::Json api = m_backstage->http().get("/v1/openapi.json").json();
        QVERIFY(api.at("webhooks").as_object().contains("events.published.v1"));
    }
};

QTEST_GUILESS_MAIN(ServerEventTest)
#include "server_event_test.moc"
