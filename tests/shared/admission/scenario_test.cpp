#include "shared/admission/scenario.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::admission;

namespace {

QString errorOf(const QString &text)
{
    const auto read = readScenarios(text.toStdString(), {});
    return read ? QString() : QString::fromStdString(read.error().message);
}

/// One scenario with fields of its own behind the ones that all have.
QString with(const QString &fields)
{
    return R"({"event": {}, "ticket_types": [{"id": "1"}], "dates": [{"id": "d"}], "gates": [{"id": "g"}],
               "questions": [{"id": "q", "kind": "text"}], )" +
           fields + "}";
}

QString tickets(const QString &list)
{
    return with(R"("checkpoints": [{"id": "main"}], "tickets": [)" + list + "]");
}

Scenario read(const QString &text, const ScenarioTools &tools = {})
{
    auto scenarios = readScenarios(text.toStdString(), tools);
    if (!scenarios)
        qFatal("%s", scenarios.error().message.c_str());
    return std::move(scenarios->front());
}

QStringList reasons(const std::vector<ScanResult> &results)
{
    QStringList words;
    for (const ScanResult &result : results)
        words << QString::fromUtf8(domain::word(result.reason).data());
    return words;
}

} // namespace

class ScenarioTest : public QObject
{
    Q_OBJECT

private slots:
    void mistakesAreNamedWithTheirPlace_data()
    {
        QTest::addColumn<QString>("json");
        QTest::addColumn<QString>("error");
        const auto row = [](const char *name, const QString &json, const char *error) {
            QTest::newRow(name) << json << error;
        };
        row("unknown ticket type", tickets(R"({"ordinal": 1, "type": 1}, {"ordinal": 2, "type": "9"})"),
            "tickets[1].type: no ticket type \"9\"");
        row("unknown date", tickets(R"({"ordinal": 1, "type": 1, "date": "e"})"), "tickets[0].date: no date \"e\"");
        row("unknown gate", tickets(R"({"ordinal": 1, "type": 1, "gates": ["g", "h"]})"),
            "tickets[0].gates[1]: no gate \"h\"");
        row("unknown base ticket", tickets(R"({"ordinal": 1, "type": 1, "addon_of": 2})"),
            "tickets[0].addon_of: no ticket 2");
        row("unknown question", tickets(R"({"ordinal": 1, "type": 1, "answers": {"r": "x"}})"),
            "tickets[0].answers.r: no such question");
        row("one ordinal twice", tickets(R"({"ordinal": 1, "type": 1}, {"ordinal": 1, "type": 1})"),
            "tickets[1].ordinal: 1 is there twice");
        row("one code twice",
            tickets(R"({"ordinal": 1, "type": 1, "code": "A"}, {"ordinal": 2, "type": 1, "code": "A"})"),
            "tickets[1].code: is there twice");
        row("one ticket type twice", R"({"event": {}, "ticket_types": [{"id": "1"}, {"id": 1}]})",
            "ticket_types[1].id: \"1\" is there twice");
        row("unknown type of a checkpoint", with(R"("checkpoints": [{"id": "main", "types": ["1", "2"]}])"),
            "checkpoints[0].types[1]: no ticket type \"2\"");
        row("unknown checkpoint of a gate", R"({"event": {}, "gates": [{"id": "g", "checkpoints": ["main"]}]})",
            "gates[0].checkpoints[0]: no checkpoint \"main\"");
        row("unknown question of a scan", with(R"("checkpoints": [{"id": "main"}],
                    "scans": [{"at": "2026-12-05T12:00:00Z", "checkpoint": "main", "answers": {"r": ""}}])"),
            "scans[0].answers.r: no such question");
        row("unknown word in what is expected",
            with(R"("scans": [{"at": "2026-12-05T12:00:00Z", "checkpoint": "main", "expect": {"reason": "used"}}])"),
            "scans[0].expect.reason: \"used\" is none that there is");
        row("unknown field in what is expected",
            with(R"("scans": [{"at": "2026-12-05T12:00:00Z", "checkpoint": "main", "expect": {"result": "ok"}}])"),
            "scans[0].expect.result: unknown field");
        row("unknown time zone", R"({"event": {"timezone": "Europe/Atlantis"}})",
            "event.timezone: no time zone \"Europe/Atlantis\"");
        row("malformed rules", with(R"("checkpoints": [{"id": "main"}, {"id": "in", "rules": {"and": [{"<": [1]}]}}])"),
            "checkpoints[1].rules.and[0].<: two operands are needed");
        row("in a list", "[" + with(R"("scans": [])") + ", " + tickets(R"({"ordinal": 1, "type": "9"})") + "]",
            "[1].tickets[0].type: no ticket type \"9\"");
    }
    void mistakesAreNamedWithTheirPlace()
    {
        QFETCH(QString, json);
        QFETCH(QString, error);
        QCOMPARE(errorOf(json), error);
    }

    void rulesThatAreNestedTooDeeplyAreRefusedAsSuch()
    {
        QString rules = "{\"and\": []}";
        for (int i = 1; i < 32; ++i)
            rules = "{\"or\": [" + rules + "]}";
        const auto scenario = [](const QString &text) {
            return with(R"("checkpoints": [{"id": "main", "rules": )" + text + "}]");
        };
        QCOMPARE(errorOf(scenario(rules)), QString());
        QVERIFY(errorOf(scenario("{\"and\": [" + rules + "]}")).endsWith("nested deeper than 32"));
    }

    void whatHasALimitIsRefusedBeyondIt()
    {
        const auto rules = [](int comparisons, const QString &more) {
            QStringList all(comparisons, "{\"<\": [1, 2]}"); // three nodes each
            return with(R"("checkpoints": [{"id": "main", "rules": {"and": [)" + all.join(", ") + more + "]}}]");
        };
        QCOMPARE(errorOf(rules(333, "")), QString());
        QVERIFY(errorOf(rules(333, ", {\"or\": []}")).endsWith("more than 1000 nodes"));
        const auto questions = [](int count) {
            QStringList all;
            for (int i = 0; i < count; ++i)
                all << QString(R"({"id": %1, "kind": "text"})").arg(i);
            return "{\"event\": {}, \"questions\": [" + all.join(", ") + "]}";
        };
        QCOMPARE(errorOf(questions(64)), QString());
        QCOMPARE(errorOf(questions(65)), QString("questions: more than 64"));
    }

    void codesAreCleanedBeforeTheyAreCompared()
    {
        const ScenarioTools tools{.zone = {},
                                  .clean = [](std::string_view code) -> base::Result<std::string> {
                                      if (code.empty())
                                          return base::invalid("code: empty");
                                      return std::string(code.substr(code.find_first_not_of('-')));
                                  },
                                  .resolve = {}};
        const QString json = with(R"("checkpoints": [{"id": "main"}],
          "tickets": [{"ordinal": 1, "type": 1, "code": "-A"}, {"ordinal": 2, "type": 1, "code": "--B"}],
          "scans": [{"at": "2026-12-05T12:00:00Z", "checkpoint": "main", "code": "---A"},
                    {"at": "2026-12-05T12:00:00Z", "checkpoint": "main", "code": "B"},
                    {"at": "2026-12-05T12:00:00Z", "checkpoint": "main", "code": ""}])");
        QCOMPARE(reasons(runScenario(read(json, tools), tools)), QStringList({"ok", "ok", "unknown"}));
        const auto twice = readScenarios(
            tickets(R"({"ordinal": 1, "type": 1, "code": "A"}, {"ordinal": 2, "type": 1, "code": "-A"})").toStdString(),
            tools);
        QVERIFY(!twice);
        QCOMPARE(twice.error().message, std::string("tickets[1].code: is there twice"));
    }

    void signedCodesAreReadByWhoeverKnowsThem()
    {
        const ScenarioTools tools{.zone = {}, .clean = {}, .resolve = [](const CodeQuestion &question) -> Resolved {
                                      const std::string &scanned = question.scan.code;
                                      if (scanned == "old")
                                          return ResolvedTicket{.ordinal = {1}, .generation = 2};
                                      if (scanned == "new")
                                          return ResolvedTicket{.ordinal = {1}, .generation = 3};
                                      if (scanned == "lost")
                                          return ResolvedTicket{.ordinal = {9}};
                                      return domain::Reason::Forged;
                                  }};
        const QString json = with(R"("checkpoints": [{"id": "main"}],
          "tickets": [{"ordinal": 1, "type": 1, "generation": 3}],
          "scans": [{"at": "2026-12-05T12:00:00Z", "checkpoint": "main", "code": "old"},
                    {"at": "2026-12-05T12:00:00Z", "checkpoint": "main", "code": "new"},
                    {"at": "2026-12-05T12:00:00Z", "checkpoint": "main", "code": "lost"},
                    {"at": "2026-12-05T12:00:00Z", "checkpoint": "main", "code": "made up"}])");
        QCOMPARE(reasons(runScenario(read(json, tools), tools)),
                 QStringList({"superseded", "ok", "unknown", "forged"}));
    }

    void theOrderInWhichAdmittedScansArriveChangesNothingForTheLastOne()
    {
        // Three passages that are all admitted whatever their order, and a scan after them.
        const QStringList passages{
            R"({"at": "2026-12-05T12:00:00Z", "device": "a", "checkpoint": "main", "code": "A", "count": 2})",
            R"({"at": "2026-12-05T12:10:00Z", "device": "b", "checkpoint": "main", "code": "A", "direction": "exit"})",
            R"({"at": "2026-12-05T12:20:00Z", "device": "a", "checkpoint": "main", "code": "A"})"};
        const QString last = R"({"at": "2026-12-05T13:00:00Z", "checkpoint": "main", "code": "A", "count": 3})";
        std::vector<int> order{0, 1, 2};
        std::optional<ScanResult> first;
        do {
            QStringList scans;
            for (const int i : order)
                scans << passages.at(i);
            scans << last;
            const Scenario scenario = read(with(R"("checkpoints": [{"id": "main", "reentry": "after_exit"}],
                        "tickets": [{"ordinal": 1, "type": 1, "code": "A", "admits": 4}], "scans": [)" +
                                                scans.join(", ") + "]"));
            const auto results = runScenario(scenario, {});
            for (std::size_t i = 0; i < 3; ++i)
                QCOMPARE(results[i].outcome(), domain::Outcome::Admit);
            if (!first)
                first = results.back();
            QVERIFY(results.back() == *first);
        } while (std::next_permutation(order.begin(), order.end()));
        QCOMPARE(first->reason, domain::Reason::NoEntriesLeft);
        QCOMPARE(first->remaining, 2U);
    }
};

QTEST_APPLESS_MAIN(ScenarioTest)
#include "scenario_test.moc"
