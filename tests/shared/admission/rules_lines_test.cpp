#include "shared/admission/rules.h"

#include <QtTest/QtTest>

#include <array>

using namespace voelgoed;
using namespace voelgoed::admission;

namespace {

base::Instant utc(const char *text)
{
    return *base::parseInstant(text);
}

/// The tree at 11:30 UTC (13:30 there), an hour after an entry, line by line: "depth text = value (answer)".
QStringList tree(const char *rules)
{
    const auto compiled = Rules::compile(rules);
    if (!compiled)
        return {QString::fromStdString(compiled.error().message)};
    const auto zone = *domain::ZoneTable::make("Africa/Johannesburg", std::chrono::hours(2), {});
    const std::array<domain::Passage, 1> history{{{.at = utc("2026-12-05T10:30:00Z")}}};
    const RuleFacts facts{.now = utc("2026-12-05T11:30:00Z"),
                          .zone = zone,
                          .product = "7",
                          .variation = {},
                          .gate = "north",
                          .history = history,
                          .dateFrom = utc("2026-12-05T12:00:00Z"),
                          .dateTo = {},
                          .dateAdmission = {},
                          .closed = {}};
    QStringList lines;
    for (const RuleLine &line : compiled->lines(facts)) {
        QString text = QString::number(line.depth) + ' ' + QString::fromStdString(line.text);
        if (!line.value.empty())
            text += " = " + QString::fromStdString(line.value);
        if (line.answer)
            text += *line.answer == RuleAnswer::True    ? " (true)"
                    : *line.answer == RuleAnswer::False ? " (false)"
                                                        : " (?)";
        lines << text;
    }
    return lines;
}

} // namespace

class RulesLinesTest : public QObject
{
    Q_OBJECT

private slots:
    void noRulesHaveNoLines()
    {
        QCOMPARE(tree("null"), QStringList());
        QCOMPARE(tree("{}"), QStringList());
    }

    void theTreeShowsWhatItSaw()
    {
        QCOMPARE(
            tree(R"({"and": [{"or": [{"inList": [{"var": "product"}, {"objectList": [{"lookup": ["product", "7", "A"]},
                                                                                         {"lookup": ["product", 3, "B"]}]}]},
                                          {"==": [{"var": "gate"}, "south"]}]},
                                  {"<": [{"var": "entries_number"}, 1]}, {">=": [{"var": "minutes_since_last_entry"}, 90.5]}]})"),
            QStringList({"0 and (false)", "1 or (true)", "2 inList (true)", "3 product = \"7\"", "3 [3, 7]",
                         "2 == (false)", "3 gate = \"north\"", "3 \"south\"", "1 < (false)", "2 entries_number = 1",
                         "2 1", "1 >= (false)", "2 minutes_since_last_entry = 60", "2 90.5"}));
    }

    void timesAreShownInTheEventsZone()
    {
        QCOMPARE(tree(R"({"and": [{"isBefore": [{"var": "now"}, {"buildTime": ["customtime", "18:00"]}, 10]},
                                  {"isAfter": [{"var": "now"}, {"buildTime": ["date_admission"]}]},
                                  {"isAfter": [{"buildTime": ["custom", "2026-12-04T23:00:00Z"]}, {"buildTime": ["date_to"]}]}]})"),
                 QStringList({"0 and (false)", "1 isBefore (tolerance 10 min) (true)", "2 now = 2026-12-05 13:30:00",
                              "2 2026-12-05 18:00:00", "1 isAfter (false)", "2 now = 2026-12-05 13:30:00",
                              "2 date_admission = 2026-12-05 14:00:00", "1 isAfter (false)", "2 2026-12-05 01:00:00",
                              "2 date_to = 2026-12-05 14:00:00"}));
    }

    void everyCountIsShown()
    {
        QCOMPARE(tree(R"({"or": [{"<": [{"var": "entries_today"}, 0]}, {"<=": [{"var": "entries_days"}, 0]},
                                 {">": [{"var": "now_isoweekday"}, 7]}, {"!=": [{"var": "entry_status"}, "present"]},
                                 {"==": [{"var": "variation"}, "x"]},
                                 {"==": [{"var": "minutes_since_first_entry"}, -1]},
                                 {"<": [{"entries_since": [{"var": "now"}]}, 0]},
                                 {"<": [{"entries_before": [{"var": "now"}]}, 0]},
                                 {"<": [{"entries_days_since": [{"var": "now"}]}, 0]},
                                 {"<": [{"entries_days_before": [{"buildTime": ["date_from"]}]}, 0]}]})"),
                 QStringList({"0 or (false)",
                              "1 < (false)",
                              "2 entries_today = 1",
                              "2 0",
                              "1 <= (false)",
                              "2 entries_days = 1",
                              "2 0",
                              "1 > (false)",
                              "2 now_isoweekday = 6",
                              "2 7",
                              "1 != (false)",
                              "2 entry_status = \"present\"",
                              "2 \"present\"",
                              "1 == (false)",
                              "2 variation = \"\"",
                              "2 \"x\"",
                              "1 == (false)",
                              "2 minutes_since_first_entry = 60",
                              "2 -1",
                              "1 < (false)",
                              "2 entries_since = 0",
                              "3 now = 2026-12-05 13:30:00",
                              "2 0",
                              "1 < (false)",
                              "2 entries_before = 1",
                              "3 now = 2026-12-05 13:30:00",
                              "2 0",
                              "1 < (false)",
                              "2 entries_days_since = 0",
                              "3 now = 2026-12-05 13:30:00",
                              "2 0",
                              "1 < (false)",
                              "2 entries_days_before = 1",
                              "3 date_from = 2026-12-05 14:00:00",
                              "2 0"}));
    }

    void textsFromOutsideAreMadePrintable()
    {
        QCOMPARE(tree("{\"==\": [{\"var\": \"product\"}, \"\\u001b[2J\\u202e\"]}").at(2),
                 QString("1 \"\\u{1b}[2J\\u{202e}\""));
    }
};

QTEST_APPLESS_MAIN(RulesLinesTest)
#include "rules_lines_test.moc"
