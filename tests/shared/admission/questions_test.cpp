#include "shared/admission/questions.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::domain;

class QuestionsTest : public QObject
{
    Q_OBJECT

private slots:
    void answersMustFitTheirKind_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("good");
        QTest::addColumn<QString>("bad");
        const auto row = [](const char *name, QuestionKind kind, const char *good, const char *bad) {
            QTest::newRow(name) << static_cast<int>(kind) << good << bad;
        };
        // Separated by bars.
        row("number", QuestionKind::Number, "0|18|-3|+4|1.5|1,5", "x|1.2.3|-|.|1e3|1 2|١");
        row("string", QuestionKind::String, "x| x ", " |\t");
        row("text", QuestionKind::Text, "two words|0", "  ");
        row("boolean", QuestionKind::Boolean, "true", "false|True|1|yes");
        row("choice", QuestionKind::Choice, "s|m", "S|Small|s,m|x");
        row("multiple_choice", QuestionKind::MultipleChoice, "s|m|s,m|m,s", "s,|,s|s, m|x|s,x");
        row("date", QuestionKind::Date, "2008-02-29|1900-01-01",
            "2007-02-29|2008-13-01|2008-00-10|08-02-29|2008/02/29");
        row("time", QuestionKind::Time, "00:00|23:59|23:59:59", "24:00|12:60|12:30:60|8:30|12.30");
        row("datetime", QuestionKind::DateTime,
            "2026-12-05T10:00|2026-12-05 10:00:30|2026-12-05T10:00:00Z|2026-12-05T10:00:00.5+02:00",
            "2026-12-05|10:00|2026-12-05T25:00|2026-02-30T10:00|2026-12-05T10:00:00+99:00");
        row("email", QuestionKind::Email, "a@b.cd|guest+1@mail.example.org",
            "a|@b.cd|a@b|a@b.|a@@b.cd|a b@c.de|a@b.cd,e@f.gh");
    }
    void answersMustFitTheirKind()
    {
        QFETCH(int, kind);
        QFETCH(QString, good);
        QFETCH(QString, bad);
        Question question{.id = {"q"}, .kind = static_cast<QuestionKind>(kind), .required = true};
        question.options = {{"s", "Small"}, {"m", "Medium"}};
        for (const QString &answer : good.split('|'))
            QVERIFY2(admission::isAcceptable(question, answer.toStdString()), qPrintable(answer));
        for (const QString &answer : bad.split('|'))
            QVERIFY2(!admission::isAcceptable(question, answer.toStdString()), qPrintable(answer));
        QVERIFY(!admission::isAcceptable(question, ""));
        question.required = false;
        QVERIFY(admission::isAcceptable(question, ""));
        QVERIFY(admission::isAcceptable(question, good.split('|').first().toStdString()));
    }

    void anOptionalBooleanMayBeFalse()
    {
        const Question question{.id = {"q"}, .kind = QuestionKind::Boolean, .required = false};
        QVERIFY(admission::isAcceptable(question, "false"));
        QVERIFY(!admission::isAcceptable(question, "no"));
    }

    void oneBitForEachOpenQuestion()
    {
        std::vector<Question> questions(64);
        for (std::size_t i = 0; i < questions.size(); ++i)
            questions[i] = {.id = {std::to_string(i)}, .kind = QuestionKind::Text, .required = true, .atDoor = true};
        questions[1].atDoor = false;
        questions[2].types = {{{"other"}}};
        questions[3].types = {{{"adult"}}};
        Ticket ticket{.ordinal = {1}, .type = {"adult"}};
        ticket.answers = {{{"4"}, "on the ticket"}, {{"5"}, "on the ticket"}};
        const std::map<QuestionId, std::string> now{{{"5"}, ""}, {{"63"}, "given now"}};
        std::uint64_t expected = ~std::uint64_t{0};
        for (const int closed : {1, 2, 4, 63})
            expected &= ~(std::uint64_t{1} << closed);
        QCOMPARE(admission::openQuestions(questions, ticket, now), expected);
    }
};

QTEST_APPLESS_MAIN(QuestionsTest)
#include "questions_test.moc"
