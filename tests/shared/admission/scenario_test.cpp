#include "shared/admission/scenario.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::admission;

namespace {

QString errorOf(const QString &text)
{
    const auto read = readScenarios(text.toStdString(), {});
    if (!read)
        return QString::fromStdString(read.error().message);
    return read->mistakes.empty() ? QString() : QString::fromStdString(read->mistakes.front().message);
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
    if (!scenarios || !scenarios->mistakes.empty())
        qFatal("%s", (scenarios ? scenarios->mistakes.front() : scenarios.error()).message.c_str());
    return std::move(scenarios->scenarios.front());
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
        row("one ordinal twice", tickets(R"({"ordinal": 1, "type": 1}, {"ordinal": 1, "type": 1})"),
            "tickets[1].ordinal: 1 is there twice");
        row("one code twice",
            tickets(R"({"ordinal": 1, "type": 1, "code": "A"}, {"ordinal": 2, "type": 1, "code": "A"})"),
            "tickets[1].code: is there twice");
        row("one ticket type twice", R"({"event": {}, "ticket_types": [{"id": "1"}, {"id": 1}]})",
            "ticket_types[1].id: \"1\" is there twice");
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
        row("in a list", "[" + with(R"("scans": [])") + ", " + tickets(R"({"ordinal": -1, "type": 1})") + "]",
            "[1].tickets[0].ordinal: a whole number from 0 to 16777215 is needed here");
    }
    void mistakesAreNamedWithTheirPlace()
    {
        QFETCH(QString, json);
        QFETCH(QString, error);
        QCOMPARE(errorOf(json), error);
    }

    void aMistakeInOneScenarioLeavesTheOthers()
    {
        const QString wrong = R"({"name": "wrong", "event": {"begins": 1}})";
        const QString file = R"([{"name": "first", "event": {}}, %1, {"name": "last", "event": {}}, 7])";
        const auto read = readScenarios(file.arg(wrong).toStdString(), {});
        QVERIFY(read);
        QCOMPARE(read->scenarios.size(), std::size_t{2});
        QCOMPARE(read->scenarios[0].name, std::string("first"));
        QCOMPARE(read->scenarios[1].name, std::string("last"));
        QCOMPARE(read->mistakes.size(), std::size_t{2});
        QCOMPARE(read->mistakes[0].message, std::string("[1].event.begins: unknown field"));
        QCOMPARE(read->mistakes[1].message, std::string("[3]: an object is needed here"));
    }

    void aFileMayBeginWithTheMarkOfAnEditor()
    {
        QCOMPARE(errorOf(QString(QChar(0xFEFF)) + R"({"event": {}})"), QString());
        QVERIFY(!errorOf(R"({"event": {}})" + QString(QChar(0xFEFF))).isEmpty());
    }

    void whatIsNotThereIsAValue_data()
    {
        QTest::addColumn<QString>("fields");
        QTest::addColumn<QString>("reason");
        QTest::addColumn<QString>("explanation");
        const auto row = [](const char *name, const char *fields, const char *reason, const char *explanation) {
            QTest::newRow(name) << QString(fields) << reason << explanation;
        };
        row("a ticket's type",
            R"("checkpoints": [{"id": "main"}], "tickets": [{"ordinal": 1, "code": "A", "type": 9}])", "ok", "Welcome");
        row("a type that is called by its id",
            R"("checkpoints": [{"id": "main", "types": ["8"]}], "tickets": [{"ordinal": 1, "code": "A", "type": "9"}])",
            "wrong_type", "9 tickets are not taken here, but 8");
        row("a type that a checkpoint takes",
            R"("checkpoints": [{"id": "main", "types": [9]}], "tickets": [{"ordinal": 1, "code": "A", "type": 9}])",
            "ok", "Welcome");
        row("a date",
            R"("checkpoints": [{"id": "main", "date": "e"}], "tickets": [{"ordinal": 1, "code": "A", "type": 1, "date": "e"}])",
            "ok", "Welcome");
        row("another date",
            R"("checkpoints": [{"id": "main", "date": "e"}], "tickets": [{"ordinal": 1, "code": "A", "type": 1, "date": "f"}])",
            "wrong_date", "Ticket for another date: f");
        row("a ticket's gate",
            R"("checkpoints": [{"id": "main"}], "tickets": [{"ordinal": 1, "code": "A", "type": 1, "gates": ["x"]}])",
            "wrong_gate", "Go to x");
        row("answers to nothing",
            R"("checkpoints": [{"id": "main"}], "tickets": [{"ordinal": 1, "code": "A", "type": 1, "answers": {"r": 1}}])",
            "ok", "Welcome");
        row("an add-on of nobody",
            R"("checkpoints": [{"id": "main"}], "tickets": [{"ordinal": 1, "code": "A", "type": 1, "addon_of": 5}])",
            "ok", "Welcome");
        row("an add-on of itself",
            R"("checkpoints": [{"id": "main", "match_addons": true}],
               "tickets": [{"ordinal": 1, "code": "A", "type": 1, "addon_of": 1}])",
            "ok", "Welcome");
        row("ordinal 0", R"("checkpoints": [{"id": "main"}], "tickets": [{"ordinal": 0, "code": "A", "type": 1}])",
            "ok", "Welcome");
        row("a code of digits",
            R"("checkpoints": [{"id": "main"}], "tickets": [{"ordinal": 1.0, "code": "A", "type": 1},
                                   {"ordinal": 2, "code": 17, "type": 1}])",
            "ok", "Welcome");
    }
    void whatIsNotThereIsAValue()
    {
        QFETCH(QString, fields);
        QFETCH(QString, reason);
        QFETCH(QString, explanation);
        const Scenario scenario = read(with(fields + R"(, "scans": [{"at": "0001-12-05T12:00:00Z", "checkpoint": "main",
            "gate": "g", "code": "A", "answers": {"s": ""}}])"));
        const auto results = runScenario(scenario, {});
        QCOMPARE(reasons(results), QStringList{reason});
        QCOMPARE(QString::fromStdString(results[0].explanation), explanation);
    }

    void aTicketWithOrdinal0HasAHistoryAndAddOnsLikeAnother()
    {
        const Scenario scenario = read(with(R"("checkpoints": [{"id": "main", "types": ["p"], "match_addons": true}],
          "tickets": [{"ordinal": 0, "code": "A", "type": 1}, {"ordinal": 1, "type": "p", "addon_of": 0}],
          "scans": [{"at": "2026-12-05T12:00:00Z", "checkpoint": "main", "code": "A"},
                    {"at": "2026-12-05T12:01:00Z", "checkpoint": "main", "code": "A"},
                    {"at": "2026-12-05T12:01:00Z", "checkpoint": "main", "code": 5}])"));
        QCOMPARE(reasons(runScenario(scenario, {})), QStringList({"ok", "already_used", "unknown"}));
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
        QVERIFY(twice);
        QCOMPARE(twice->mistakes.at(0).message, std::string("tickets[1].code: is there twice"));
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
                                      if (scanned == "the first")
                                          return ResolvedTicket{.ordinal = {0}};
                                      return domain::Reason::Forged;
                                  }};
        const QString json = with(R"("checkpoints": [{"id": "main"}],
          "tickets": [{"ordinal": 1, "type": 1, "generation": 3}, {"ordinal": 0, "type": 1}],
          "scans": [{"at": "2026-12-05T12:00:00Z", "checkpoint": "main", "code": "the first"},
                    {"at": "2026-12-05T12:01:00Z", "checkpoint": "main", "code": "the first"},
                    {"at": "2026-12-05T12:00:00Z", "checkpoint": "main", "code": "old"},
                    {"at": "2026-12-05T12:00:00Z", "checkpoint": "main", "code": "new"},
                    {"at": "2026-12-05T12:00:00Z", "checkpoint": "main", "code": "lost"},
                    {"at": "2026-12-05T12:00:00Z", "checkpoint": "main", "code": "made up"}])");
        QCOMPARE(reasons(runScenario(read(json, tools), tools)),
                 QStringList({"ok", "already_used", "superseded", "ok", "unknown", "forged"}));
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
