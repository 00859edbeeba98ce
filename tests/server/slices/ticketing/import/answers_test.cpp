#include "server/slices/ticketing/import/read.h"

#include "tests/server/slices/ticketing/import/list_files.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::ticketing::import;

namespace {

Outcome outcomeOf(const std::string &text)
{
    ImportRequest request;
    request.guests.questions = {{.id = {"diet"}, .text = "What do you eat?"}, {.id = {"shirt"}, .text = "Shirt"}};
    auto outcome = readGuestList(text, request);
    base::ensure(bool(outcome), outcome ? "" : outcome.error().message.c_str());
    return *std::move(outcome);
}

} // namespace

/// Columns without a role: what guests answer to an event's questions.
class AnswersTest : public QObject
{
    Q_OBJECT

private slots:
    void columnsAreFoundByTheQuestionsIdsAndTexts()
    {
        const auto outcome = outcomeOf("Code,Name,SHIRT,diet\nVG-1001,Guest 1,M,fish\nVG-1002,Guest 2,,fish\n");
        const auto &guests = outcome.list.guests;
        QVERIFY(guests.at(0).answers == (std::vector<Answer>{{0, "fish"}, {1, "M"}}));
        QVERIFY(guests.at(1).answers == (std::vector<Answer>{{0, "fish"}}));
    }

    // A header was kept with each of its cells: one of 60 KB and 300,000 guests took 18 GB.
    void whatNobodyAskedForIsNotKept()
    {
        const std::string header(60'000, 'h');
        const auto outcome = outcomeOf("Code,Name," + header + "\nVG-1001,Guest 1,yes\nVG-1002,Guest 2,yes\n");
        for (const Guest &guest : outcome.list.guests)
            QVERIFY(guest.answers.empty());
    }

    void ofSeveralColumnsForOneQuestionTheLastThatSaysSomethingCounts()
    {
        const auto outcome = outcomeOf("Code,diet,Name,Diet,What do you eat?\nVG-1001,fish,Guest 1,,meat\n"
                                       "VG-1002,fish,Guest 2,,\n");
        QVERIFY(outcome.list.guests.at(0).answers == (std::vector<Answer>{{0, "meat"}}));
        QVERIFY(outcome.list.guests.at(1).answers == (std::vector<Answer>{{0, "fish"}}));
    }

    // Whoever forgot a quote has many rows in one cell, in whatever column.
    void rowsThatAMissingQuoteSwallowedAreFoundInEachColumn()
    {
        const auto outcome =
            outcomeOf("Code,Name,Notes\nVG-1001,Guest 1,\"" + std::string(5'000, 'x') + "\"\nVG-1002,Guest 2,none\n");
        QCOMPARE(textsOf(outcome.list.findings), QStringList({"line 2, column 3: text_too_long"}));
        QCOMPARE(outcome.list.guests.size(), std::size_t{1});
    }
};

QTEST_APPLESS_MAIN(AnswersTest)
#include "answers_test.moc"
