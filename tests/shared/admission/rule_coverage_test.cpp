#include "shared/base/json.h"
#include "tests/support/places.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <QtTest/QtTest>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

using namespace voelgoed;
using base::Json;

namespace {

/// What a scenario with this word in its rules expects of its scans, over all files.
struct Seen
{
    bool lets = false;
    bool refuses = false;
};
using Words = std::map<std::string, Seen>;

std::string textOf(const Json &json)
{
    return json.is_string() ? std::string(json.get_string()) : base::toText(json);
}

/// All operators, variables ("var product") and times ("buildTime custom") of a tree.
void collect(const Json &json, std::set<std::string> &words)
{
    if (const auto *array = json.if_array()) {
        for (const Json &item : *array)
            collect(item, words);
    }
    const auto *object = json.if_object();
    if (!object)
        return;
    for (const auto &field : *object) {
        const std::string op(field.key());
        words.insert(op);
        const auto *arguments = field.value().if_array();
        if (op == "var")
            words.insert("var " + textOf(field.value()));
        else if (op == "buildTime" && arguments && !arguments->empty())
            words.insert("buildTime " + textOf(arguments->front()));
        else if ((op == "isAfter" || op == "isBefore") && arguments && arguments->size() == 3)
            words.insert(op + ((*arguments)[2].is_null() ? " null" : " tolerance"));
        collect(field.value(), words);
    }
}

void addScenario(const boost::json::object &scenario, Words &seen)
{
    std::set<std::string> words;
    for (const Json &checkpoint : scenario.at("checkpoints").as_array()) {
        if (const Json *rules = checkpoint.as_object().if_contains("rules"))
            collect(*rules, words);
    }
    for (const Json &scan : scenario.at("scans").as_array()) {
        const auto &expected = scan.at("expect").as_object();
        for (const std::string &word : words) {
            seen[word].lets |= textOf(expected.at("outcome")) == "admit";
            seen[word].refuses |= textOf(expected.at("reason")) == "rules";
        }
    }
}

Words wordsOfAllScenarios()
{
    Words seen;
    for (const auto &entry :
         std::filesystem::directory_iterator(std::string(test::sourceFolder()) + "/tests/scenarios")) {
        std::ifstream file(entry.path());
        std::ostringstream text;
        text << file.rdbuf();
        const auto json = base::parseJson(text.str());
        base::ensure(static_cast<bool>(json), "a scenario file that is no JSON");
        if (const auto *object = json->if_object()) {
            addScenario(*object, seen);
            continue;
        }
        for (const Json &scenario : json->as_array())
            addScenario(scenario.as_object(), seen);
    }
    return seen;
}

} // namespace

class RuleCoverageTest : public QObject
{
    Q_OBJECT

private slots:
    void everyWordOfTheRulesLetsSomebodyInAndRefusesSomebody_data()
    {
        QTest::addColumn<QString>("word");
        for (const char *word : {"and",
                                 "or",
                                 "<",
                                 "<=",
                                 ">",
                                 ">=",
                                 "==",
                                 "!=",
                                 "inList",
                                 "objectList",
                                 "lookup",
                                 "isBefore",
                                 "isAfter",
                                 "isBefore tolerance",
                                 "isAfter tolerance",
                                 "isAfter null",
                                 "var product",
                                 "var variation",
                                 "var gate",
                                 "var now",
                                 "var now_isoweekday",
                                 "var entries_number",
                                 "var entries_today",
                                 "var entries_days",
                                 "var minutes_since_last_entry",
                                 "var minutes_since_first_entry",
                                 "var entry_status",
                                 "buildTime custom",
                                 "buildTime customtime",
                                 "buildTime date_from",
                                 "buildTime date_to",
                                 "buildTime date_admission",
                                 "entries_since",
                                 "entries_before",
                                 "entries_days_since",
                                 "entries_days_before"})
            QTest::newRow(word) << word;
    }
    void everyWordOfTheRulesLetsSomebodyInAndRefusesSomebody()
    {
        QFETCH(QString, word);
        static const Words seen = wordsOfAllScenarios();
        const auto found = seen.find(word.toStdString());
        QVERIFY2(found != seen.end(), "no scenario has it");
        QVERIFY2(found->second.lets, "nobody is let in with it");
        QVERIFY2(found->second.refuses, "nobody is refused with it");
    }
};

QTEST_APPLESS_MAIN(RuleCoverageTest)
#include "rule_coverage_test.moc"
