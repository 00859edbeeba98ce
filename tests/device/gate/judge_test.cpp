#include "device/gate/judge.h"

#include <QtTest/QtTest>

#include <fstream>
#include <sstream>

using namespace voelgoed;

namespace {

constexpr const char *kScenario = R"({
  "name": "%1", "event": {"id": "fest", "timezone": "Africa/Johannesburg"}, "ticket_types": [{"id": "1"}],
  "questions": [{"id": "q", "kind": "string", "at_door": true, "types": []}],
  "gates": [{"id": "n", "name": "North 2"}], "checkpoints": [{"id": "main"}],
  "tickets": [{"ordinal": 1, "code": "A", "type": "1"}],
  "scans": [{"at": "2026-12-05T17:04:00Z", "checkpoint": "main", "gate": "n", "code": "A"%2},
            {"at": "2026-12-05T17:05:00Z", "checkpoint": "main", "code": "A"%3}]})";

struct Said
{
    int exitCode = 0;
    QString out;
    QString err;
};

Said judge(const std::vector<std::string> &files)
{
    std::ostringstream out, err;
    const int exitCode = gate::judge(files, out, err);
    return {exitCode, QString::fromStdString(out.str()), QString::fromStdString(err.str())};
}

} // namespace

class JudgeTest : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;

    std::string file(const QString &name, const QByteArray &contents)
    {
        const QString path = m_folder.filePath(name);
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(contents) != contents.size())
            qFatal("cannot write a test's file");
        return path.toStdString();
    }

    std::string scenario(const QString &name, const QString &first = {}, const QString &second = {})
    {
        return file(name + ".json", QString(kScenario).arg(name, first, second).toUtf8());
    }

private slots:
    void printsOneLineAScan()
    {
        const Said said = judge({scenario("plain")});
        QCOMPARE(said.err, QString());
        QCOMPARE(said.out,
                 QString("{\"scenario\":\"plain\",\"scan\":0,\"outcome\":\"admit\",\"reason\":\"ok\","
                         "\"explanation\":\"Welcome\"}\n"
                         "{\"scenario\":\"plain\",\"scan\":1,\"outcome\":\"refuse\",\"reason\":\"already_used\","
                         "\"explanation\":\"Entered 19:04 at North 2\"}\n"));
        QCOMPARE(said.exitCode, 0);
    }

    void agreesWithWhatIsExpected()
    {
        const Said said = judge({scenario("agrees", R"(, "expect": {"outcome": "admit", "reason": "ok"})",
                                          R"(, "expect": {"explanation": "Entered 19:04 at North 2"})")});
        QCOMPARE(said.exitCode, 0);
        QVERIFY(!said.out.contains("differs"));
    }

    void saysWhatDiffersFromWhatIsExpected()
    {
        const Said said = judge({scenario("differs", R"(, "expect": {"outcome": "refuse", "reason": "unknown"})",
                                          R"(, "expect": {"remaining": 2, "explanation": "Hello"})")});
        QCOMPARE(said.exitCode, 1);
        const QStringList lines = said.out.split('\n');
        QVERIFY(
            lines.at(0).endsWith(R"("differs":["outcome: admit instead of refuse","reason: ok instead of unknown"]})"));
        QVERIFY(lines.at(1).endsWith(
            R"("differs":["explanation: Entered 19:04 at North 2 instead of Hello","remaining: 0 instead of 2"]})"));
    }

    void comparesWhatIsAskedAndWhatWasOverridden()
    {
        const QString event = R"({"event": {}, "ticket_types": [{"id": 1}], "checkpoints": [{"id": "main"}],
          "questions": [{"id": "a", "kind": "text", "at_door": true}, {"id": "b", "kind": "text", "at_door": true}],
          "tickets": [{"ordinal": 1, "code": "A", "type": 1}], "scans": [
            {"at": "2026-12-05T12:00:00Z", "checkpoint": "main", "code": "A", "expect": {"questions": [%1]}},
            {"at": "2026-12-05T12:00:00Z", "checkpoint": "main", "code": "A", "override": {"by": 1, "why": "x"},
             "expect": {"overridden": "%2"}}]})";
        QCOMPARE(judge({file("asks.json", event.arg(R"("a", "b")", "questions").toUtf8())}).exitCode, 0);
        const Said said = judge({file("asks.json", event.arg(R"("b")", "unpaid").toUtf8())});
        QCOMPARE(said.exitCode, 1);
        QVERIFY(said.out.contains(R"("differs":["questions: [a, b] instead of [b]"])"));
        QVERIFY(said.out.contains(R"("differs":["overridden: questions instead of unpaid"])"));
    }

    void runsAListOfScenarios()
    {
        const QString one = QString(kScenario).arg("one", "", ""), two = QString(kScenario).arg("two", "", "");
        const Said said = judge({file("list.json", QString("[%1, %2]").arg(one, two).toUtf8())});
        QCOMPARE(said.exitCode, 0);
        QCOMPARE(said.out.count('\n'), 4);
        QCOMPARE(said.out.count("\"scenario\":\"two\",\"scan\":0,\"outcome\":\"admit\""), 1);
        QCOMPARE(judge({file("empty.json", "[]")}).exitCode, 0);
    }

    void wrongFilesAreNamedAndTheOthersRun_data()
    {
        QTest::addColumn<QByteArray>("contents");
        QTest::addColumn<QString>("message");
        QTest::newRow("no JSON") << QByteArray("{\n  nothing") << "JSON, line 2, column 3: syntax error";
        QTest::newRow("empty") << QByteArray() << "JSON, line 1, column 1: incomplete JSON";
        QTest::newRow("a number") << QByteArray("7") << "the document: an object is needed here";
        QTest::newRow("an unknown field") << QByteArray(R"({"event": {}, "scan": []})") << "scan: unknown field";
        QTest::newRow("an unknown field of a listed scenario")
            << QByteArray(R"([{"event": {}}, {"event": {}, "gates": [{"id": 1, "open": true}]}, {"event": {}}])")
            << "[1].gates[0].open: unknown field";
        QTest::newRow("nested without end") << QByteArray(100'000, '[') << "JSON, line 1, column 513: too deep";
        QTest::newRow("not UTF-8") << QByteArray("{\"name\": \"\xff\"}") << "JSON, line 1, column 11: syntax error";
        QTest::newRow("control characters in a key")
            << QByteArray("{\"event\": {}, \"a\\u001b[2J\": 1}") << "a\\u{1b}[2J: unknown field";
    }
    void wrongFilesAreNamedAndTheOthersRun()
    {
        QFETCH(QByteArray, contents);
        QFETCH(QString, message);
        const std::string wrong = file("wrong.json", contents);
        const Said said = judge({wrong, scenario("right")});
        QCOMPARE(said.exitCode, 2);
        QCOMPARE(said.err, QString::fromStdString(wrong) + ": " + message + '\n');
        QCOMPARE(said.out.count('\n'), 2);
    }

    void theGoodScenariosOfAFileRunBesideTheBadOnes()
    {
        const QString one = QString(kScenario).arg("one", "", ""), two = QString(kScenario).arg("two", "", "");
        const std::string mixed =
            file("mixed.json", QString(R"([%1, {"event": {"x": 1}}, %2, {"evens": {}}])").arg(one, two).toUtf8());
        const Said said = judge({mixed});
        QCOMPARE(said.exitCode, 2);
        QCOMPARE(said.out.count('\n'), 4);
        QCOMPARE(said.out.count("\"scenario\":\"two\""), 2);
        const QString path = QString::fromStdString(mixed);
        QCOMPARE(said.err, path + ": [1].event.x: unknown field\n" + path + ": [3].event: is missing\n");
    }

    void filesThatCannotBeReadAreNamed()
    {
        const std::string absent = m_folder.filePath("absent.json").toStdString();
        const std::string folder = m_folder.path().toStdString();
        const Said said = judge({absent, folder, scenario("right")});
        QCOMPARE(said.exitCode, 2);
        QCOMPARE(said.err, QString::fromStdString(absent + ": cannot be opened\n" + folder + ": cannot be read\n"));
        QCOMPARE(said.out.count('\n'), 2);
    }

    void aWrongFileWeighsMoreThanADifference()
    {
        const std::string differs = scenario("differs", R"(, "expect": {"reason": "unknown"})");
        QCOMPARE(judge({differs}).exitCode, 1);
        QCOMPARE(judge({file("wrong.json", "{"), differs}).exitCode, 2);
        QCOMPARE(judge({differs, file("wrong.json", "{")}).exitCode, 2);
        QCOMPARE(judge({differs, scenario("right")}).exitCode, 1);
    }

    void aFileThatNeverEndsIsGivenUp()
    {
        const Said said = judge({"/dev/zero"});
        QCOMPARE(said.exitCode, 2);
        QCOMPARE(said.err, QString("/dev/zero: longer than 67108864 bytes\n"));
    }

    void whatTheVerdictCarriesIsInTheLine()
    {
        const Said said = judge({file("carries.json", R"({"name": "carries", "event": {},
          "ticket_types": [{"id": "1", "admits": 3}], "checkpoints": [{"id": "main"}],
          "questions": [{"id": "q", "kind": "boolean", "required": true, "at_door": true}],
          "tickets": [{"ordinal": 1, "code": "A", "type": "1"}],
          "scans": [
            {"at": "2026-12-05T12:00:00Z", "checkpoint": "main", "code": "A"},
            {"at": "2026-12-05T12:00:00Z", "checkpoint": "main", "code": "A", "answers": {"q": true}},
            {"at": "2026-12-05T12:00:00Z", "checkpoint": "main", "code": "A", "answers": {"q": true}, "count": 3},
            {"at": "2026-12-05T12:00:00Z", "checkpoint": "main", "code": "A",
             "override": {"by": "sup", "why": "knows them"}}]})")});
        QCOMPARE(said.exitCode, 0);
        const QStringList lines = said.out.split('\n');
        QVERIFY(lines.at(0).endsWith(R"("explanation":"Answer first: q","questions":["q"]})"));
        QVERIFY(lines.at(1).endsWith(
            R"("reason":"ok_group","explanation":"Welcome: 2 more still to come","remaining":2})"));
        QVERIFY(lines.at(2).contains(R"("reason":"no_entries_left")") && lines.at(2).endsWith(R"("remaining":2})"));
        QVERIFY(lines.at(3).endsWith(
            R"("reason":"ok_override","explanation":"Allowed in by sup","overridden":"questions"})"));
    }

    void timeZonesAreThoseOfTheDatabase()
    {
        const Said said = judge({file("zone.json", R"({"event": {"timezone": "Europe/Atlantis"}})")});
        QCOMPARE(said.exitCode, 2);
        QVERIFY(said.err.endsWith("event.timezone: no time zone \"Europe/Atlantis\"\n"));
    }
};

QTEST_APPLESS_MAIN(JudgeTest)
#include "judge_test.moc"
