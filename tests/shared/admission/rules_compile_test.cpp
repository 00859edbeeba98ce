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
        row("a comparison below a comparison", R"({"==":[{"<":[1,2]},{"<":[1,2]}]})",
            "rules.==[0]: a condition below a comparison");
        row("or below inList", R"({"inList":[{"or":[]},{"objectList":[]}]})", "rules.inList[0]: a condition below");
        row("and below isAfter", R"({"isAfter":[{"and":[]},{"var":"now"}]})", "rules.isAfter[0]: a condition below");
        row("and below entries_since", R"({"<":[{"entries_since":[{"and":[]}]},1]})",
            "rules.<[0].entries_since[0]: a condition below");
        row("top: a number", "7", "rules: the top level must be a condition");
        row("top: a variable", R"({"var":"product"})", "rules: the top level must be a condition");
        row("top: a list of objects", R"({"objectList":[]})", "rules: the top level must be a condition");
        row("top: a time", R"({"buildTime":["date_from"]})", "rules: the top level must be a condition");
        row("top: a list", "[]", "rules: a rule is an object");
        row("top: true", "true", "rules: a rule is an object");
        row("and of a number", R"({"and":[7]})", "rules.and[0]: a condition is needed here, not a number");
        row("or of a variable", R"({"or":[{"var":"now"}]})", "rules.or[0]: a condition is needed here, not a time");
        row("and without a list", R"({"and":{}})", "rules.and: its arguments must be a list");
        row("null below", R"({"and":[null]})", "rules.and[0]: a rule is an object");
        row("one operand", R"({"<":[1]})", "rules.<: two operands");
        row("three operands", R"({"<":[1,2,3]})", "rules.<: two operands");
        row("a number beside a time", R"({"<":[{"var":"now"},1]})", "rules.<: a time cannot be compared with a number");
        row("a number beside a text", R"({"<":[{"var":"entries_number"},"many"]})",
            "rules.<: a number cannot be compared with a text");
        row("texts have no order", R"({"<":[{"var":"product"},"1"]})",
            "rules.<: a text cannot be compared in this way");
        row("times are not equal", R"({"==":[{"var":"now"},{"buildTime":["date_from"]}]})",
            "rules.==: a time cannot be compared in this way");
        row("inList of a number", R"({"inList":[{"var":"entries_number"},{"objectList":[]}]})",
            "rules.inList[0]: a number is never in a list");
        row("inList without a list", R"({"inList":[{"var":"product"},"1"]})",
            "rules.inList[1]: an objectList is needed");
        row("isBefore of a number", R"({"isBefore":[{"var":"now"},7]})", "rules.isBefore[1]: a time is needed here");
        row("isBefore of one", R"({"isBefore":[{"var":"now"}]})", "rules.isBefore: two times");
        row("isBefore of four", R"({"isBefore":[{"var":"now"},{"var":"now"},1,1]})", "rules.isBefore: two times");
        row("a negative tolerance", R"({"isBefore":[{"var":"now"},{"var":"now"},-1]})",
            "rules.isBefore[2]: a tolerance is a number");
        row("a tolerance in words", R"({"isBefore":[{"var":"now"},{"var":"now"},"5"]})",
            "rules.isBefore[2]: a tolerance is a number");
        row("entries_since of a number", R"({"<":[{"entries_since":[7]},1]})",
            "rules.<[0].entries_since[0]: a time is needed here");
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
