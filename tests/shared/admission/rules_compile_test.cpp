#include "shared/admission/rules.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using admission::Rules;

namespace {

/// `inner` below so many "and"s.
std::string nested(std::size_t depth, const std::string &inner)
{
    std::string before, after;
    for (std::size_t i = 0; i < depth; ++i) {
        before += R"({"and":[)";
        after += "]}";
    }
    return before + inner + after;
}

/// An "or" of so many comparisons, three nodes each.
std::string wide(std::size_t comparisons)
{
    std::string text = R"({"or":[)";
    for (std::size_t i = 0; i < comparisons; ++i)
        text += std::string(i == 0 ? "" : ",") + R"({"<":[{"var":"entries_number"},1]})";
    return text + "]}";
}

constexpr const char *kLeaf = R"({"==":[{"var":"product"},"1"]})";

} // namespace

class RulesCompileTest : public QObject
{
    Q_OBJECT

private slots:
    void refusesWithThePlaceNamed_data()
    {
        QTest::addColumn<QString>("rules");
        QTest::addColumn<QString>("message");
        const auto row = [](const char *name, const char *rules, const char *message) {
            QTest::newRow(name) << rules << message;
        };
        row("no JSON", "{", "rules: ");
        row("two keys", R"({"and":[],"or":[]})", "rules: an object with 2 keys instead of one");
        row("two keys below", R"({"and":[{"or":[]},{"<":[1,2],">":[1,2]}]})", "rules.and[1]: an object with 2 keys");
        row("no key below", R"({"and":[{}]})", "rules.and[0]: an object with 0 keys");
        row("unknown operator", R"({"xor":[]})", "rules.xor: unknown operator");
        row("unknown operator below", R"({"and":[{"or":[{"if":[]}]}]})", "rules.and[0].or[0].if: unknown operator");
        row("unknown variable", R"({"<":[{"var":"age"},18]})", "rules.<[0].var: unknown variable \"age\"");
        row("a variable without a name", R"({"<":[{"var":7},18]})", "rules.<[0].var: the name of a variable");
        row("and below a comparison", R"({"and":[{"==":[{"and":[]},1]}]})",
            "rules.and[0].==[0]: a condition below a comparison");
        row("or below a comparison", R"({"<":[1,{"or":[]}]})", "rules.<[1]: a condition below a comparison");
        row("or below inList", R"({"inList":[{"or":[]},{"objectList":[]}]})", "rules.inList[0]: a condition below");
        row("and below isAfter", R"({"isAfter":[{"and":[]},{"var":"now"}]})", "rules.isAfter[0]: a condition below");
        row("and below entries_since", R"({"<":[{"entries_since":[{"and":[]}]},1]})",
            "rules.<[0].entries_since[0]: a condition below");
        row("top: a number", "7", "rules: the top level must be a condition");
        row("top: a variable", R"({"var":"product"})", "rules: the top level must be a condition");
        row("top: a list of objects", R"({"objectList":[]})", "rules: the top level must be a condition");
        row("top: a time", R"({"buildTime":["date_from"]})", "rules: the top level must be a condition");
        row("top: a list", "[]", "rules: a rule is an object");
        row("and without a list", R"({"and":{}})", "rules.and: its arguments must be a list");
        row("null below", R"({"and":[null]})", "rules.and[0]: a rule is an object");
        row("one operand", R"({"<":[1]})", "rules.<: two operands");
        row("three operands", R"({"<":[1,2,3]})", "rules.<: two operands");
        row("isBefore of one", R"({"isBefore":[{"var":"now"}]})", "rules.isBefore: two times");
        row("isBefore of four", R"({"isBefore":[{"var":"now"},{"var":"now"},1,1]})", "rules.isBefore: two times");
        row("a tolerance in words", R"({"isBefore":[{"var":"now"},{"var":"now"},"five"]})",
            "rules.isBefore[2]: a tolerance is a number");
        row("entries_before of none", R"({"<":[{"entries_before":[]},1]})", "rules.<[0].entries_before: one time");
        row("unknown time", R"({"isAfter":[{"var":"now"},{"buildTime":["sunset"]}]})",
            "rules.isAfter[1].buildTime: unknown time");
        row("no offset", R"({"isAfter":[{"var":"now"},{"buildTime":["custom","2026-12-05T12:00:00"]}]})",
            "rules.isAfter[1].buildTime[1]: ");
        row("no time of day", R"({"isAfter":[{"var":"now"},{"buildTime":["customtime","25:00"]}]})",
            "rules.isAfter[1].buildTime[1]: a time of day");
        row("no lookup", R"({"inList":[{"var":"product"},{"objectList":["1"]}]})",
            "rules.inList[1].objectList[0]: {\"lookup\"");
        row("a lookup without an id", R"({"inList":[{"var":"product"},{"objectList":[{"lookup":["product"]}]}]})",
            "rules.inList[1].objectList[0]: {\"lookup\"");
        row("a lookup of an object", R"({"inList":[{"var":"product"},{"objectList":[{"lookup":["product",{},""]}]}]})",
            "rules.inList[1].objectList[0].lookup[1]: an id is needed");
    }
    void refusesWithThePlaceNamed()
    {
        QFETCH(QString, rules);
        QFETCH(QString, message);
        const auto compiled = Rules::compile(rules.toStdString());
        QVERIFY(!compiled);
        const QString got = QString::fromStdString(compiled.error().message);
        QVERIFY2(got.startsWith(message), qPrintable(got));
        QCOMPARE(compiled.error().code, base::ErrorCode::Invalid);
    }

    void answersWhateverItHasCompiled_data()
    {
        QTest::addColumn<QString>("rules");
        QTest::addColumn<QString>("answer");
        const auto row = [](const char *name, const char *rules, const char *answer) {
            QTest::newRow(name) << rules << answer;
        };
        row("a condition: true", "true", "yes");
        row("a condition: false", "false", "no");
        row("and of conditions", R"({"and":[false,true]})", "no");
        row("or of conditions", R"({"or":[false,true]})", "yes");
        row("a variable in a list", R"({"==":[{"var":["product"]},"1"]})", "yes");
        row("a variable with a substitute", R"({"==":[{"var":["product","2"]},"1"]})", "yes");
        row("a text and a number", R"({"==":[{"var":"product"},1]})", "yes");
        row("a count and a text", R"({"==":[{"var":"entries_number"},"2"]})", "yes");
        row("a count and another text", R"({"!=":[{"var":"entries_number"},"2.0"]})", "yes");
        row("a count and a word", R"({"==":[{"var":"entries_number"},"many"]})", "no");
        row("texts that are numbers", R"({"<":[{"var":"product"},"10"]})", "yes");
        row("a text that is a number, and a number", R"({">=":[{"var":"product"},1.5]})", "no");
        row("texts have no order", R"({"<":[{"var":"product"},"vip"]})", "-");
        row("a count has none beside a word", R"({"<":[{"var":"entries_number"},"many"]})", "-");
        row("times are compared by isBefore", R"({"<":[{"var":"now"},{"buildTime":["customtime","18:00"]}]})", "-");
        row("times are not equal", R"({"==":[{"var":"now"},{"var":"now"}]})", "-");
        row("a time and a number", R"({"<":[{"var":"now"},1]})", "-");
        row("comparisons are conditions", R"({"==":[{"<":[1,2]},true]})", "yes");
        row("conditions have no order", R"({"<":[false,true]})", "-");
        row("a number in a list", R"({"inList":[{"var":"entries_number"},{"objectList":[{"lookup":["n",2,""]}]}]})",
            "yes");
        row("a number in none", R"({"inList":[{"var":"entries_number"},{"objectList":[{"lookup":["n","3",""]}]}]})",
            "no");
        row("a time in a list", R"({"inList":[{"var":"now"},{"objectList":[]}]})", "-");
        row("a text in a text", R"({"inList":[{"var":"product"},"1"]})", "-");
        row("isBefore of a number", R"({"isBefore":[{"var":"now"},7]})", "-");
        row("entries since a number", R"({"<":[{"entries_since":[7]},1]})", "-");
        row("and of what is no condition", R"({"and":[7]})", "-");
        row("false beside what cannot be told", R"({"and":[{"<":["a","b"]},false]})", "no");
        row("true beside what cannot be told", R"({"or":[{"<":["a","b"]},{"var":"now"},true]})", "yes");
        row("false or what cannot be told", R"({"or":[false,{"<":["a","b"]}]})", "-");
        row("a tolerance in a text",
            R"({"isBefore":[{"var":"now"},{"buildTime":["custom","2026-12-05T11:55:00Z"]},"5.5"]})", "yes");
        row("a tolerance that narrows",
            R"({"isBefore":[{"var":"now"},{"buildTime":["custom","2026-12-05T12:05:00Z"]},-5]})", "no");
        row("a tolerance without end",
            R"({"isBefore":[{"var":"now"},{"buildTime":["custom","1900-01-01T00:00:00Z"]},1e300]})", "yes");
    }
    void answersWhateverItHasCompiled()
    {
        QFETCH(QString, rules);
        QFETCH(QString, answer);
        const auto compiled = Rules::compile(rules.toStdString());
        QVERIFY2(compiled, compiled ? "" : compiled.error().message.c_str());
        const domain::ZoneTable zone;
        const domain::Passage entries[]{{.at = *base::parseInstant("2026-12-05T10:00:00Z"), .device = "d"},
                                        {.at = *base::parseInstant("2026-12-05T11:00:00Z"), .device = "d"}};
        const admission::RuleFacts facts{.now = *base::parseInstant("2026-12-05T12:00:00Z"),
                                         .zone = zone,
                                         .product = "1",
                                         .variation = {},
                                         .gate = {},
                                         .history = entries,
                                         .dateFrom = {},
                                         .dateTo = {},
                                         .dateAdmission = {},
                                         .closed = {}};
        const auto got = compiled->evaluate(facts);
        QCOMPARE(QString(got == admission::RuleAnswer::True    ? "yes"
                         : got == admission::RuleAnswer::False ? "no"
                                                               : "-"),
                 answer);
        const auto lines = compiled->lines(facts);
        QVERIFY(!lines.empty() && lines.front().answer == got);
    }

    void takesNothingAsNoRules()
    {
        for (const char *text : {"null", "{}"}) {
            const auto compiled = Rules::compile(text);
            QVERIFY(compiled);
            QVERIFY(compiled->empty());
        }
    }

    void depthIsLimitedExactly()
    {
        // The comparison is one deeper than the "and"s, its variable one deeper again.
        QVERIFY(Rules::compile(nested(Rules::kDepthMax - 2, kLeaf)));
        const auto deeper = Rules::compile(nested(Rules::kDepthMax - 1, kLeaf));
        QVERIFY(!deeper);
        QVERIFY(deeper.error().message.find("nested deeper than 32") != std::string::npos);
        QVERIFY(Rules::compile(nested(Rules::kDepthMax - 1, R"({"or":[]})")));
        QVERIFY(!Rules::compile(nested(Rules::kDepthMax, R"({"or":[]})")));
        QVERIFY(!Rules::compile(nested(400, kLeaf)));
        QVERIFY(!Rules::compile(nested(100'000, kLeaf))); // refused before anything walks it
    }

    void nodesAreLimitedExactly()
    {
        QVERIFY(Rules::compile(wide(333))); // 1 + 3 * 333 = 1000
        const auto more = Rules::compile(wide(334));
        QVERIFY(!more);
        QVERIFY(more.error().message.find("more than 1000 nodes") != std::string::npos);
    }

    void showsTheWholeTreeWithTheValuesItSaw()
    {
        const auto rules = Rules::compile(R"({"and":[{"<":[{"var":"entries_number"},3]},
            {"isAfter":[{"var":"now"},{"buildTime":["customtime","18:00"]},10]},
            {"inList":[{"var":"product"},{"objectList":[{"lookup":["product","2","VIP"]}]}]}]})");
        QVERIFY(rules);
        const domain::ZoneTable zone;
        const domain::Passage entry{.at = *base::parseInstant("2026-12-05T11:00:00Z"), .device = "d"};
        const admission::RuleFacts facts{.now = *base::parseInstant("2026-12-05T17:55:00Z"),
                                         .zone = zone,
                                         .product = "1",
                                         .variation = {},
                                         .gate = {},
                                         .history = {&entry, 1},
                                         .dateFrom = {},
                                         .dateTo = {},
                                         .dateAdmission = {},
                                         .closed = {}};
        QStringList shown;
        for (const auto &line : rules->lines(facts)) {
            QString text = QString(line.depth * 2, ' ') + QString::fromStdString(line.text);
            if (!line.value.empty())
                text += " = " + QString::fromStdString(line.value);
            if (line.answer)
                text += *line.answer == admission::RuleAnswer::True ? ": yes" : ": no";
            shown << text;
        }
        QCOMPARE(shown, QStringList({"and: no", "  <: yes", "    entries_number = 1", "    3",
                                     "  isAfter (tolerance 10 min): yes", "    now = 2026-12-05 17:55:00",
                                     "    2026-12-05 18:00:00", "  inList: no", "    product = \"1\"", "    [2]"}));
    }
};

QTEST_APPLESS_MAIN(RulesCompileTest)
#include "rules_compile_test.moc"
