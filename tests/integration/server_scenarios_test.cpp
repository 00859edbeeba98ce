// The server judges every scenario as gates do.
#include "device/core/zone/system_zone.h"
#include "device/gate/judge.h"
#include "shared/admission/scenario.h"
#include "tests/integration/backstage.h"
#include "tests/support/places.h"

#include <QtTest/QtTest>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

using namespace voelgoed;
using integration::Backstage;

namespace {

std::string contentsOf(const std::string &path)
{
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

std::vector<std::string> scenarioFiles()
{
    std::vector<std::string> files;
    for (const auto &entry :
         std::filesystem::directory_iterator(std::string(test::sourceFolder()) + "/tests/scenarios")) {
        if (entry.path().extension() == ".json")
            files.push_back(entry.path().string());
    }
    std::sort(files.begin(), files.end());
    return files;
}

const admission::ScenarioTools kTools{
    .zone = [](const std::string &name) { return zone::loadZone(name); },
    .clean = [](std::string_view read) { return ticket::cleanForeign(read, ticket::AimMarker::NotSent); },
    .resolve = {}};

/// What the gate says to each scan of a file, in their order.
std::vector<base::Json> saidByTheGate(const std::string &file)
{
    std::ostringstream out, err;
    gate::judge({file}, out, err);
    std::vector<base::Json> lines;
    std::istringstream in(out.str());
    for (std::string line; std::getline(in, line);)
        lines.push_back(*base::parseJson(line));
    return lines;
}

/// Scenarios count from 0; on a list that number is no ticket's.
domain::Ordinal onAList(domain::Ordinal ordinal)
{
    constexpr domain::Ordinal kInItsPlace{9'999'999};
    return ordinal.value == 0 ? kInItsPlace : ordinal;
}

protocol::ListedTicket listed(const domain::Ticket &ticket)
{
    protocol::ListedTicket out{.ticket = ticket, .codes = {}};
    out.ticket.ordinal = onAList(ticket.ordinal);
    if (ticket.addonOf)
        out.ticket.addonOf = onAList(*ticket.addonOf);
    out.ticket.code.clear();
    out.ticket.holder.clear();
    if (!ticket.code.empty())
        out.codes.push_back({ticket::foreignHash(ticket.code), ticket.generation, protocol::CodeKind::Foreign, false});
    return out;
}

base::Json requestOf(const domain::Scan &scan)
{
    boost::json::object json{{"code", scan.code},
                             {"checkpoint", scan.checkpoint.text},
                             {"direction", scan.direction == domain::Direction::Exit ? "exit" : "entry"},
                             {"count", scan.count},
                             {"at", base::formatInstant(scan.at)},
                             {"confirm_pending", scan.confirmPending},
                             {"test", scan.test}};
    const auto put = [&](const char *name, const std::string &text) {
        if (!text.empty())
            json[name] = text;
    };
    put("gate", scan.gate.text);
    put("device", scan.device.text);
    put("nonce", scan.nonce);
    put("operated_by", scan.operatedBy.text);
    boost::json::object answers;
    for (const auto &[question, answer] : scan.answers)
        answers[question.text] = answer;
    json["answers"] = answers;
    if (scan.override)
        json["override"] = boost::json::object{{"by", scan.override->by.text}, {"why", scan.override->why}};
    return json;
}

/// What of a verdict both sides say, in one spelling.
std::string spelt(const base::Json &said)
{
    boost::json::object json;
    for (const char *name : {"outcome", "reason", "explanation", "remaining", "overridden"}) {
        if (const auto *value = said.as_object().if_contains(name); value && !value->is_null())
            json[name] = *value;
    }
    const auto *questions = said.as_object().if_contains("questions");
    if (questions && !questions->as_array().empty())
        json["questions"] = *questions;
    const auto *flagged = said.as_object().if_contains("flagged");
    if (flagged && flagged->as_bool())
        json["flagged"] = true;
    return base::toText(json);
}

} // namespace

class ServerScenariosTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<Backstage> m_backstage;

    /// As the machine's administrator, who alone may scan at any moment.
    support::PlainAnswer scan(const base::Uuid &event, const domain::Scan &scan) const
    {
        return m_backstage->server.admin().ask(
            {.method = "POST",
             .path = "/v1/events/" + base::toText(event) + "/scans",
             .body = base::toText(requestOf(scan)),
             .fields = {{"Content-Type", "application/json"}, {"Voelgoed-Organization", m_backstage->organization}}});
    }
    base::Uuid eventOf(const admission::Scenario &scenario)
    {
        const base::Uuid event = m_backstage->makeEvent(0);
        m_backstage->desk->put(
            event, {.event = scenario.rulebook.definition(), .keys = scenario.keys.value_or(domain::EventKeys{})});
        std::vector<protocol::ListedTicket> tickets;
        for (const domain::Ticket &ticket : scenario.tickets)
            tickets.push_back(listed(ticket));
        if (!tickets.empty())
            m_backstage->desk->put(event, tickets);
        return event;
    }

private slots:
    void initTestCase()
    {
        m_backstage = std::make_unique<Backstage>();
        QVERIFY(m_backstage->start());
    }
    void cleanupTestCase() { QVERIFY(m_backstage->server.endsInOrder()); }

    void theServersVerdictIsTheGates_data()
    {
        QTest::addColumn<QString>("file");
        for (const std::string &file : scenarioFiles())
            QTest::newRow(std::filesystem::path(file).filename().c_str()) << QString::fromStdString(file);
    }
    void theServersVerdictIsTheGates()
    {
        QFETCH(QString, file);
        const auto read = admission::readScenarios(contentsOf(file.toStdString()), kTools);
        QVERIFY(read && read->mistakes.empty());
        const std::vector<base::Json> expected = saidByTheGate(file.toStdString());
        QString different;
        std::size_t line = 0;
        for (const admission::Scenario &scenario : read->scenarios) {
            const base::Uuid event = eventOf(scenario);
            for (const admission::ScenarioScan &item : scenario.scans) {
                QVERIFY(line < expected.size());
                const auto answer = scan(event, item.scan);
                const std::string said = answer.status == 200 ? spelt(answer.json()) : answer.body;
                const std::string wanted = spelt(expected[line++]);
                // Scenarios know times that are none to the platform.
                if (item.scan.at < base::kEarliest && answer.status == 400)
                    continue;
                if (said != wanted)
                    different += QString("\n%1: %2\n  instead of %3")
                                     .arg(QString::fromStdString(scenario.name), QString::fromStdString(said),
                                          QString::fromStdString(wanted));
            }
        }
        QCOMPARE(line, expected.size());
        QVERIFY2(different.isEmpty(), qPrintable(different));
    }

    void whatIsJudgedHereIsWrittenDownAsTheScansOfGatesAre()
    {
        const base::Uuid event = m_backstage->makeEvent(3);
        domain::Scan first{.at = std::chrono::floor<base::Milliseconds>(std::chrono::system_clock::now()),
                           .checkpoint = {"main"},
                           .gate = {"north"},
                           .device = {"hall-1"},
                           .code = "CODE-1",
                           .nonce = "a"};
        QCOMPARE(Backstage::textOf(scan(event, first).json(), "reason"), std::string("ok"));
        QCOMPARE(Backstage::textOf(scan(event, first).json(), "reason"), std::string("ok_repeat"));
        first.nonce = "b";
        QCOMPARE(Backstage::textOf(scan(event, first).json(), "reason"), std::string("already_used"));
        first.code = "NOBODY";
        QCOMPARE(Backstage::textOf(scan(event, first).json(), "reason"), std::string("unknown"));
        QCOMPARE(m_backstage->rows(event), 3);
        QCOMPARE(m_backstage->rows(event, "source = 'json' AND seq BETWEEN 1 AND 3"), 3);
        QCOMPARE(m_backstage->rows(event, "feed_seq IS NOT NULL"), 1);
        QCOMPARE(
            m_backstage->desk->execute("SELECT entries || ' ' || refused FROM scanning.occupancy WHERE event_id = '" +
                                       base::toText(event) + "'"),
            std::string("1 2"));
    }

    void whoMayNotScanIsNotJudged()
    {
        const base::Uuid event = m_backstage->makeEvent(3);
        const std::string path = "/v1/events/" + base::toText(event) + "/scans";
        const base::Json request{{"code", "CODE-1"}, {"checkpoint", "main"}};
        QCOMPARE(m_backstage->http().post(path, request).status, 401);
        QCOMPARE(m_backstage->http().post(path, request, m_backstage->token).status, 403); // an owner scans nobody
        QCOMPARE(m_backstage->rows(event), 0);
    }

    void manyScannersWithOneTicketLetOneIn()
    {
        const base::Uuid event = m_backstage->makeEvent(1);
        constexpr int kScanners = 12;
        std::vector<std::string> reasons(kScanners);
        std::vector<std::thread> threads;
        for (int i = 0; i < kScanners; ++i) {
            threads.emplace_back([&, i] {
                const domain::Scan one{.at = std::chrono::floor<base::Milliseconds>(std::chrono::system_clock::now()),
                                       .checkpoint = {"main"},
                                       .gate = {"north"},
                                       .device = {"hall-" + std::to_string(i)},
                                       .code = "CODE-1"};
                reasons[static_cast<std::size_t>(i)] = Backstage::textOf(scan(event, one).json(), "reason");
            });
        }
        for (std::thread &thread : threads)
            thread.join();
        QCOMPARE(std::count(reasons.begin(), reasons.end(), "ok"), 1);
        QCOMPARE(std::count(reasons.begin(), reasons.end(), "already_used"), kScanners - 1);
        QCOMPARE(m_backstage->rows(event), kScanners);
    }
};

QTEST_GUILESS_MAIN(ServerScenariosTest)
#include "server_scenarios_test.moc"
